"""What courses add to a body's page: the courses that it gives."""

from koinon.base.visitor import HttpRequest
from koinon.courses.actions import seats
from koinon.courses.listing import rows
from koinon.network.models import Organisation
from koinon.network.panels import Panel, panels

_SHOWN = 5


def courses_of(request: HttpRequest, organisation: Organisation) -> Panel | None:
    """The courses of a body, those that one may begin first; nothing where it gives none. One query where seats are counted."""
    found = [row for row in rows() if row.organiser_slug and row.organiser_slug == organisation.slug]
    if not found:
        return None
    order = {"now": 0, "dates": 1, "over": 2}
    shown = sorted(found, key=lambda row: order[row.when])[:_SHOWN]
    counted = {
        one.pk: one.capacity
        for row in shown
        if (one := row.next_dates) is not None and one.capacity is not None and row.takes_learners
    }
    standings = seats.standings(counted) if counted else {}
    told = [(row, standings.get(row.next_dates.pk) if row.next_dates else None, None) for row in shown]
    return Panel(
        "courses/_panel.html", {"rows": told, "slug": organisation.slug, "more": len(found) > _SHOWN}
    )


def join_in() -> None:
    """Called once, when courses are ready."""
    panels.append(courses_of)
