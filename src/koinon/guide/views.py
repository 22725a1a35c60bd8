"""The page of a place: what is there for it, nearest first."""

from datetime import date
from functools import lru_cache

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from koinon.base.exits import FORMATS
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.headers import framed_by_anybody
from koinon.base.languages import DEFAULT
from koinon.base.paging import page_of
from koinon.base.qr import qr
from koinon.base.visitor import HttpRequest
from koinon.guide import shelves
from koinon.guide.embedding import heads, snippet
from koinon.guide.inside import LISTING, inside
from koinon.guide.locator import locator
from koinon.guide.stencils import Stencil, anyplace, anywhere, cut_of, mark, new, stencil
from koinon.journal import versions
from koinon.places import tree
from koinon.places.models import Place
from koinon.questions import routing


@require_safe
@governed("A5", GET="R")
def place(request: HttpRequest, key: str) -> HttpResponse:
    """The answer for a place, on one printable page; `?on=2022-06-01` shows who was responsible on that day."""
    found = Place.objects.find(key)
    if found is None:
        raise Http404
    if found.key != key:
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(found.get_absolute_url() + (f"?{query}" if query else ""))
    today = timezone.localdate()
    day = _day(request.GET.get("on", ""), today)
    language = get_language() or DEFAULT
    if request.visitor.is_signed_in:
        page = _cut(request, found, day, today)
    else:
        page = stencil(cut_of(found, language, day, today), lambda: _cut(request, found, day, today))
    ancestors = tree.ancestors(found)
    html = page.fill(
        found,
        {
            "name": found.display_name(),
            "crumbs": _crumbs(found),
            "lead": shelves.lead(found, ancestors, lacks_someone=page.lacks_someone),
            "locator": locator(found, language),
            "inside": _inside(found),
            "address": f"{request.get_host()}{found.get_absolute_url()}",
            "snippet": _snippet(request, found),
            "data": request.build_absolute_uri(reverse("api:answer", args=[found.key])),
        },
    )
    response = HttpResponse(html)
    if set(request.GET) - {"on"}:
        return response
    return shared(response, place=found.code, gaps=page.gaps)


def _cut(request: HttpRequest, found: Place, day: date, today: date) -> Stencil:
    """The page of all places like this one, with marks where the place itself stands."""
    stand_in = anyplace(found)
    six = shelves.shelves(stand_in, day, today)
    context = {
        "place": stand_in,
        "shelves": six,
        "way": routing.route(stand_in, today),
        "asked_day": day,
        "today": today,
        "crumbs": mark("crumbs"),
        "lead": mark("lead"),
        "locator": mark("locator"),
        "inside": mark("inside"),
        "address": mark("address"),
        "snippet": mark("snippet"),
        "data": mark("data"),
    }
    html = render_to_string("guide/place.html", context, anywhere(request, get_language() or DEFAULT))
    return new(html, [shelf.id for shelf in six if shelf.gaps], lacks_someone=bool(six[0].gaps))


def _snippet(request: HttpRequest, found: Place) -> str:
    address = request.build_absolute_uri(reverse("place_embed", args=[found.key]))
    return snippet(address, _("%(name)s: what is there") % {"name": found.display_name()})


@require_safe
@governed("A5", GET="R")
@xframe_options_exempt
def embed(request: HttpRequest, key: str) -> HttpResponse:
    """The answer for a place in a few lines, to stand in a frame on anybody's site. The same for whoever looks: no session is read."""
    found = Place.objects.find(key)
    if found is None:
        raise Http404
    if found.key != key:
        # A frame that was set up under an older spelling is led on; some browsers look at the way, too, and not at its end alone.
        return framed_by_anybody(HttpResponsePermanentRedirect(reverse("place_embed", args=[found.key])))
    today = timezone.localdate()
    language = get_language() or DEFAULT
    page = stencil(cut_of(found, language, today, today, "embed"), lambda: _cut_to_embed(found, today))
    lead = shelves.lead(found, tree.ancestors(found), lacks_someone=page.lacks_someone)
    response = framed_by_anybody(HttpResponse(page.fill(found, {"name": found.display_name(), "lead": lead})))
    # Nobody asked for this place: it stands on a page that was opened for something else. So no gap is counted.
    return response if request.GET else shared(response)


def _cut_to_embed(found: Place, today: date) -> Stencil:
    stand_in = anyplace(found)
    six = shelves.shelves(stand_in, today, today)
    context = {
        "place": stand_in,
        "heads": heads(six),
        "way": routing.route(stand_in, today),
        "today": today,
        "lead": mark("lead"),
        "language": get_language() or DEFAULT,
    }
    html = render_to_string("guide/embed.html", context)
    return new(html, [shelf.id for shelf in six if shelf.gaps], lacks_someone=bool(six[0].gaps))


@require_safe
@governed("A5", GET="R")
def parts(request: HttpRequest, key: str) -> HttpResponse:
    """Every place directly inside a place, the largest first; the list leaves the house by `?format=`."""
    found = Place.objects.find(key)
    if found is None or found.kind == Place.Kind.LOCALITY:
        raise Http404
    if found.key != key:
        return HttpResponsePermanentRedirect(reverse("place_inside", args=[found.key]))
    rows = Place.objects.inside(found)
    if answer := LISTING.answer(request, rows):
        return answer
    context = {
        "place": found,
        "crumbs": _crumbs(found),
        "page": page_of(request, rows, 200),
        "formats": FORMATS,
    }
    response = render(request, "guide/inside.html", context)
    return response if set(request.GET) - {"page"} else shared(response)


@require_safe
@governed("A5", GET="R")
def code(request: HttpRequest, key: str) -> HttpResponse:
    """The QR code that leads from the printed sheet back to the living page."""
    found = Place.objects.find(key)
    if found is None or found.key != key:
        raise Http404
    drawn = qr(request.build_absolute_uri(found.get_absolute_url()))
    svg = render_to_string("guide/qr.svg", {"qr": drawn})
    return shared(HttpResponse(svg, content_type="image/svg+xml"))


def _day(text: str, today: date) -> date:
    if not text:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise SuspiciousOperation("on= takes a day such as 2022-06-01") from wrong


def _crumbs(found: Place) -> SafeString:
    """The way down to a place, each name once: a country of one region would say Malta four times."""
    name = found.display_name()
    is_locality = found.kind == Place.Kind.LOCALITY
    way = _way(found.nuts, is_locality, get_language() or DEFAULT, versions.known())
    steps = "".join([step for shown, step in way if shown != name])
    return format_html('{}<li aria-current="page"><bdi>{}</bdi></li>', SafeString(steps), name)


@lru_cache(maxsize=4000)
def _way(code: str, itself: bool, language: str, version: int) -> tuple[tuple[str, SafeString], ...]:
    """The steps above a place, by name: the same for all localities of a region (`itself`: the region is a step too)."""
    regions = tree.regions()
    above = tree.ancestors(regions[code])
    way: dict[str, SafeString] = {}
    for wider in reversed([regions[code], *above] if itself else above):
        name = wider.display_name()
        if name not in way:
            way[name] = format_html('<li><a href="{}"><bdi>{}</bdi></a></li>', wider.get_absolute_url(), name)
    return tuple(way.items())


def _inside(found: Place) -> SafeString:
    """The section with the places inside; nothing for a locality, which has none."""
    if found.kind == Place.Kind.LOCALITY:
        return SafeString("")
    parts = inside(found)
    return (
        render_to_string("guide/_inside.html", {"place": found, "inside": parts})
        if parts.total
        else SafeString("")
    )
