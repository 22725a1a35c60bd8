"""The library: what worked, and where. Every search is an address, and leaves as a file or a feed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest
from koinon.practices.listing import LISTING, Asked, Library, asked
from koinon.practices.views.common import may_write_here
from koinon.practices.views.reviewing import reviews_somewhere

A_PAGE = 20


@governed("D4")
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """What is published, by what was typed and ticked. The list leaves by `?format=`."""
    wanted = asked(request)
    found = Library(wanted)
    if answer := LISTING.answer(request, found.found):
        return answer
    page = page_of(request, found.found, A_PAGE)
    context = {
        "asked": wanted,
        "page": page,
        "count": len(found.found),
        "all_count": len(found.all),
        "facets": found.facets(),
        "exits": [(name.upper(), wanted.address(format=name)) for name in LISTING.formats],
        "follow": _followed(wanted),
        "may_write": may_write_here(request.visitor),
        "may_review": reviews_somewhere(request.visitor),
        "is_first_page": page.number == 1,
    }
    response = render(request, "practices/library.html", context)
    return response if request.GET or request.visitor.is_signed_in else shared(response)


def _followed(wanted: Asked) -> tuple[str, str] | None:
    """What somebody follows who follows this list: a topic or an objective alone, else the search; None for all of it."""
    set_filters = {name: values for name, values in wanted.ticked.items() if values}
    if not wanted.q and not wanted.evidence and len(set_filters) == 1:
        name, values = next(iter(set_filters.items()))
        if name in {"topic", "objective"} and len(values) == 1:
            return name, values[0]
    if "type" in set_filters or wanted.evidence or not wanted.is_filtered:
        # Kinds of practices and "at least so much evidence" are no filters of the search.
        return None
    return "search", wanted.address(sort="", type="practice")
