"""The library: what worked, and where. Every search is an address, and leaves as a file or a feed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest
from koinon.practices.listing import LISTING, Library, asked
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
        "may_write": may_write_here(request.visitor),
        "may_review": reviews_somewhere(request.visitor),
        "is_first_page": page.number == 1,
    }
    response = render(request, "practices/library.html", context)
    return response if request.GET or request.visitor.is_signed_in else shared(response)
