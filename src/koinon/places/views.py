"""How a place is found over the web. A view finds, asks or acts, and answers; no more."""

from dataclasses import dataclass

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_safe

from koinon.base.exits import Column, Listing
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, country_name
from koinon.base.text import fold
from koinon.base.visitor import HttpRequest
from koinon.places import gazetteer, tree
from koinon.places.actions import COMPILED
from koinon.places.gazetteer import Answer, Candidate
from koinon.places.models import Place

SHOWN = 20

listing: Listing[Place] = Listing(
    name="places",
    title="Countries and regions of the European Union (NUTS 2024)",
    columns=[
        Column("code", lambda place: place.code),
        Column("level", lambda place: place.level),
        Column("parent", lambda place: place.parent_id),
        Column("kind", lambda place: place.kind),
        Column("name", lambda place: place.display_name()),
        Column("name_latin", lambda place: place.latin),
        Column("country", lambda place: place.country),
        Column("latitude", lambda place: place.latitude),
        Column("longitude", lambda place: place.longitude),
        Column("url", lambda place: place.get_absolute_url()),
    ],
    entry_title=lambda place: f"{place.code} {place.display_name()}",
    entry_url=lambda place: place.get_absolute_url(),
    entry_updated=lambda place: COMPILED,
)


@dataclass(frozen=True)
class Line:
    """A candidate as the page shows it: what it is, where it lies, and why it is here."""

    place: Candidate
    what: str
    why: str


@dataclass(frozen=True)
class State:
    """A country of the list to begin from, with its regions of NUTS 1 and 2 that are no copies of it."""

    place: Place
    name: str
    regions: list[Place]


@require_safe
@governed("A5", GET="R")
def find(request: HttpRequest) -> HttpResponse:
    """`?q=` or `?lat=&lon=`: on to the page of the place if it is clear, else what may be meant. Without: the countries."""
    typed = request.GET.get("q", "")
    if "lat" in request.GET or "lon" in request.GET:
        answer = _near(request)
    elif len(typed) > gazetteer.LONGEST:
        raise SuspiciousOperation("no place has a name that long")
    elif not typed.strip():
        return _browse(request)
    else:
        answer = gazetteer.find(typed, limit=SHOWN)
    if answer.clear:
        return redirect(answer.items[0].url)
    best = answer.items[0] if answer.items else None
    # Where nothing inside bears the name itself, what is also called so or begins so is a footnote.
    inside = any(item.match in {"name", "code"} for item in answer.items)
    context = {
        "typed": answer.query,
        "is_outside": answer.outside is not None and not inside,
        "answer": answer,
        "lines": [_line(item, best, answer.query) for item in answer.items],
        "outside_country": answer.outside and country_name(answer.outside.country, get_language() or DEFAULT),
        "states": _states(),
    }
    return render(request, "places/find.html", context)


def _near(request: HttpRequest) -> Answer:
    try:
        lat, lon = float(request.GET.get("lat", "")), float(request.GET.get("lon", ""))
    except ValueError:
        raise SuspiciousOperation("lat and lon are numbers") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise SuspiciousOperation("lat and lon are degrees")
    return gazetteer.near(lat, lon, limit=SHOWN)


def _browse(request: HttpRequest) -> HttpResponse:
    regions = tree.regions()
    if exit_ := listing.answer(
        request, sorted(regions.values(), key=lambda place: (place.level, place.code))
    ):
        return exit_
    response = render(
        request, "places/browse.html", {"states": _states(), "localities": _grouped(gazetteer.size())}
    )
    return response if request.GET else shared(response)


def _states() -> list[State]:
    """The 27 countries by their name in the language of the page, each with its larger regions."""
    language = get_language() or DEFAULT
    regions = tree.regions().values()
    children: dict[str, list[Place]] = {}
    for place in regions:
        if place.parent_id:
            children.setdefault(place.parent_id, []).append(place)
    states = []
    for place in regions:
        if place.level == 0:
            within = sorted(children.get(place.code, []), key=lambda region: region.code)
            # Where the only region is the country itself, its parts are what one looks for.
            while len(within) == 1 and children.get(within[0].code):
                within = sorted(children[within[0].code], key=lambda region: region.code)
            states.append(State(place, country_name(place.code, language), within))
    return sorted(states, key=lambda state: state.name)


def _line(item: Candidate, best: Candidate | None, typed: str) -> Line:
    return Line(item, _what(item), _why(item, best, typed))


def _what(item: Candidate) -> str:
    """One whole sentence: what it is and where it lies."""
    country = country_name(item.country, get_language() or DEFAULT)
    if item.kind == "country":
        return (
            gettext("European Union")
            if item.code == "EU"
            else gettext("Country, Member State of the European Union.")
        )
    if item.kind == "region":
        wider = tree.regions().get(item.nuts[:-1])
        if wider is not None and wider.level > 0 and wider.name != item.name:
            return gettext("Region %(code)s in %(wider)s, %(country)s.") % {
                "code": item.code,
                "wider": wider.name,
                "country": country,
            }
        return gettext("Region %(code)s in %(country)s.") % {"code": item.code, "country": country}
    names = {
        "region": item.region_name,
        "code": item.nuts,
        "country": country,
        "number": _grouped(item.population),
    }
    if not item.population:
        return gettext("City or municipality in %(region)s (%(code)s), %(country)s.") % names
    return (
        ngettext(
            "City or municipality in %(region)s (%(code)s), %(country)s; %(number)s inhabitant.",
            "City or municipality in %(region)s (%(code)s), %(country)s; %(number)s inhabitants.",
            item.population,
        )
        % names
    )


def _grouped(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


def _why(item: Candidate, best: Candidate | None, typed: str) -> str:
    if item.match == "code":
        return gettext("by its code")
    if item.match == "near":
        return gettext("nearest") if item is best else gettext("near by")
    if item.match == "name":
        return gettext("best match") if item is best else gettext("same name")
    if item.match == "alias":
        return gettext("best match") if item is best else gettext("also called so")
    if item.match == "fuzzy":
        return gettext("spelt almost so")
    folded = fold(typed)
    if fold(item.name).startswith(folded) or fold(item.latin).startswith(folded):
        return gettext("begins so")
    return gettext("one of its names begins so")
