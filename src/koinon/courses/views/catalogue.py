"""The list of courses. Every choice is an address, and leaves as a file or a feed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from koinon.base.exits import exit_name
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest
from koinon.courses.actions import seats
from koinon.courses.listing import LISTING, Catalogue, Row, asked
from koinon.courses.models import Enrolment
from koinon.courses.permissions import may_learn, may_work_somewhere

A_PAGE = 20


@governed("E3")
@require_safe
def courses(request: HttpRequest) -> HttpResponse:
    """What is published, by what was typed and ticked. The list leaves by `?format=`."""
    wanted = asked(request)
    found = Catalogue(wanted)
    if answer := LISTING.answer(request, found.found):
        return answer
    page = page_of(request, found.found, A_PAGE)
    rows = list(page.object_list)
    standings = _standings(rows)
    counts = {when: sum(row.when == when for row in found.found) for when in ("now", "dates", "over")}
    context = {
        "asked": wanted,
        "page": page,
        "rows": [
            (row, standings.get(row.next_dates.pk) if row.next_dates else None, own)
            for row, own in zip(rows, _own(request, rows), strict=True)
        ],
        "count": len(found.found),
        "counts": counts,
        "facets": found.facets(),
        "exits": [(exit_name(name), wanted.address(format=name)) for name in LISTING.formats],
        "may_write": may_work_somewhere(request.visitor),
        "may_learn": may_learn(request.visitor),
    }
    response = render(request, "courses/list.html", context)
    return response if request.GET or request.visitor.is_signed_in else shared(response)


def _standings(rows: list[Row]) -> dict[int, seats.Standing]:
    """How the seats of the next dates of each row stand; one query for all of them."""
    dates = {
        one.pk: one.capacity
        for row in rows
        if (one := row.next_dates) is not None and one.capacity is not None and row.takes_learners
    }
    if not dates:
        return {}
    return seats.standings(dates)


def _own(request: HttpRequest, rows: list[Row]) -> list[tuple[int, int] | None]:
    """How far one is oneself in each: modules done, of how many. Nothing for who is not signed in."""
    if not request.visitor.is_signed_in:
        return [None] * len(rows)
    mine = Enrolment.objects.seen_by(request.visitor).learning().select_related("course")
    done = {
        one.course.slug: sum(step.done_at is not None for step in one.steps.all())
        for one in mine.filter(course__slug__in=[row.slug for row in rows]).prefetch_related("steps")
    }
    return [(done[row.slug], row.modules) if row.slug in done else None for row in rows]
