"""What practices add to the page of a body: what it did, what it took over, what it looks after."""

from koinon.base.visitor import HttpRequest
from koinon.network.models import Organisation
from koinon.network.panels import Panel, panels
from koinon.practices.listing import rows

_SHOWN = 5
_ORDER = ("did", "took", "cares")


def practices_of(request: HttpRequest, organisation: Organisation) -> Panel | None:
    """Its public practices, first what it did; nothing where there is none. No query."""
    found = [(row, body.part) for row in rows() for body in row.bodies if body.slug == organisation.slug]
    if not found:
        return None
    first = sorted(found, key=lambda pair: _ORDER.index(pair[1]))[:_SHOWN]
    return Panel(
        "practices/_panel.html", {"practices": first, "count": len(found), "slug": organisation.slug}
    )


def join_in() -> None:
    """Called once, when practices are ready."""
    panels.append(practices_of)
