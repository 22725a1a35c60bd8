"""The library: what worked, and where. Every search is an address, and leaves as a file or a feed."""

from dataclasses import replace
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from koinon.base.exits import exit_name
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest
from koinon.places import gazetteer, tree
from koinon.places.models import Place
from koinon.practices import nearby
from koinon.practices.listing import LISTING, Asked, asked
from koinon.practices.views.common import may_write_here
from koinon.practices.views.reviewing import reviews_somewhere

A_PAGE = 20


@governed("D4")
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """What is published, by what was typed and ticked, for a place like one's own. The list leaves by `?format=`."""
    wanted = asked(request)
    if "chosen" in request.GET:
        return _at(request, wanted.address(like=_meant(request)))
    if wanted.like is not None and wanted.like.key != request.GET["like"]:
        return _at(request, wanted.address())
    if wanted.like_typed:
        return _which(request, wanted)
    found = nearby.library(wanted)
    if answer := LISTING.answer(request, found.found):
        return answer
    page = page_of(request, found.found, A_PAGE)
    more = {
        "page": page,
        "count": len(found.found),
        "facets": found.facets(),
        "is_first_page": page.number == 1,
    }
    response = _page(request, wanted, more)
    return response if request.GET or request.visitor.is_signed_in else shared(response)


def _at(request: HttpRequest, address: str) -> HttpResponse:
    """On to the one address of a search."""
    return HttpResponseRedirect(address if address != "?" else request.path)


def _meant(request: HttpRequest) -> str:
    """Which place the form means: the one that was chosen from the list, if nobody typed another over it; else the words."""
    words = request.GET.get("like", "").strip()
    return request.GET["chosen"] if words == request.GET.get("shown", "").strip() else words


def _which(request: HttpRequest, wanted: Asked) -> HttpResponse:
    """What was typed is no key: on to the place where it is clear, else which ones it may be, or that there is none (404)."""
    if request.GET.get("format", "html") != "html":
        raise SuspiciousOperation("like is the key of a place")
    answer = gazetteer.find(wanted.like_typed, limit=8)
    if answer.clear:
        place = Place.objects.get(pk=answer.items[0].code)
        return _at(request, replace(wanted, like=place, like_typed="").address())
    maybe = [
        (wanted.address(like=one.key), one, "" if one.kind == "country" else one.region_name)
        for one in answer.items
    ]
    return _page(
        request,
        wanted,
        {"maybe": maybe, "facets": nearby.library(wanted).facets()},
        status=200 if maybe else 404,
    )


def _page(request: HttpRequest, wanted: Asked, more: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context = {
        "asked": wanted,
        "like_shown": tree.in_full(wanted.like) if wanted.like is not None else wanted.like_typed,
        "exits": [(exit_name(name), wanted.address(format=name)) for name in LISTING.formats],
        "follow": _followed(wanted),
        "may_write": may_write_here(request.visitor),
        "may_review": reviews_somewhere(request.visitor),
        **more,
    }
    return render(request, "practices/library.html", context, status=status)


def _followed(wanted: Asked) -> tuple[str, str] | None:
    """What somebody follows who follows this list: a topic or an objective alone, else the search; None for all of it."""
    set_filters = {name: values for name, values in wanted.ticked.items() if values}
    if not wanted.q and not wanted.evidence and len(set_filters) == 1:
        name, values = next(iter(set_filters.items()))
        if name in {"topic", "objective"} and len(values) == 1:
            return name, values[0]
    if "type" in set_filters or wanted.evidence or wanted.like is not None or not wanted.is_filtered:
        # Kinds of practices, places like one's own and "at least so much evidence" are no filters of the search.
        return None
    return "search", wanted.address(sort="", type="practice")
