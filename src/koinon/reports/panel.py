"""On the page of a body: the way to its figures, and for its own people to its log and its reports."""

from koinon.base.visitor import HttpRequest
from koinon.network import panels
from koinon.network.models import Organisation
from koinon.reports.permissions import may_log


def join_in() -> None:
    """Called once, when reports are ready."""
    panels.panels.append(of_body)


def of_body(request: HttpRequest, organisation: Organisation) -> panels.Panel | None:
    """Links alone: what is counted stands on the page of figures."""
    if not organisation.published:
        return None
    return panels.Panel(
        "reports/_of_body.html", {"slug": organisation.slug, "logs": may_log(request.visitor, organisation)}
    )
