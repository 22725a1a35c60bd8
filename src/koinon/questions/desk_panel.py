"""What questions add to the page of a body: whether it has a desk here, what that promises, and how it keeps it."""

from django.utils import timezone

from koinon.base.visitor import HttpRequest
from koinon.network.models import Organisation
from koinon.network.panels import Panel, panels
from koinon.questions import routing
from koinon.questions.register import promise_kept
from koinon.questions.staff import staffed

_WITH_DESKS = {
    Organisation.Kind.CENTRE,
    Organisation.Kind.CONSORTIUM,
    Organisation.Kind.EUROPEAN_CENTRE,
    Organisation.Kind.AUTHORITY,
    Organisation.Kind.MANAGING_AUTHORITY,
}


def desk(request: HttpRequest, organisation: Organisation) -> Panel | None:
    """For bodies that questions are sent to; the rest has no desk and needs none."""
    if organisation.kind not in _WITH_DESKS:
        return None
    has_desk = organisation.pk in staffed([organisation])
    days, _take = routing.promise(organisation)
    kept = promise_kept(organisation.pk, days, timezone.localdate()) if has_desk else None
    context = {"has_desk": has_desk, "days": days, "kept": kept}
    return Panel("questions/_desk_panel.html", context)


def join_in() -> None:
    """Called once, when questions are ready."""
    panels.append(desk)
