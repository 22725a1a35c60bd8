"""What can be followed: kinds of things by key, how one is named, and whether something new is for who follows it.

A kind says in plain words why a thing is told. Upper knowledge only: everything here is read from the floors below.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from koinon.base.languages import DEFAULT, without_language
from koinon.base.text import is_plain, visible
from koinon.journal import versions
from koinon.journal.fresh import Fresh
from koinon.network.models import Coverage, Organisation
from koinon.news import searches
from koinon.places import tree
from koinon.places.models import Place, code_of_key
from koinon.practices import concepts
from koinon.practices.models import Practice
from koinon.topics.models import Objective

PLACE, TOPIC, OBJECTIVE = "place", "topic", "objective"
ORGANISATION, PRACTICE, SEARCH, LETTER = "organisation", "practice", "search", "newsletter"
LONGEST = 400
SEARCH_FIELDS = (
    "q",
    "type",
    "country",
    "topic",
    "objective",
    "target",
    "stage",
    "cost",
    "evidence",
    "language",
    "place",
)


@dataclass(frozen=True)
class Named:
    """A thing that can be followed, as pages and mails name it in the language that is spoken."""

    kind: str
    key: str
    label: str
    address: str


@dataclass(frozen=True)
class Where:
    """Where things are that are new: for each code the codes of what it lies in, itself first."""

    chains: Mapping[str, tuple[str, ...]]


Fits = Callable[[Fresh, Where], str]
"""Why something new is for who follows: a sentence; empty where it is not."""


@dataclass(frozen=True)
class Kind:
    """`names` finds things by their keys, as many queries for all as for one (left out: there is none, or not for everybody);
    `fits` makes the question for a thing."""

    word: str | Promise
    names: Callable[[Sequence[str]], dict[str, Named]]
    fits: Callable[[str, Sequence[str]], Fits]


def news_of(named: Named, group: str) -> str:
    """Where all that is new of one group (`Source.name`) about what is followed is listed, without a language.

    A search lists what it finds itself.
    """
    if named.kind not in {PLACE, TOPIC, OBJECTIVE, ORGANISATION, PRACTICE}:
        return named.address
    return "/news/?" + urlencode({"kind": group, named.kind: named.key})


def find(kind: str, key: str) -> Named | None:
    """What a kind and a key mean, for everybody; None for what is unknown, not public or withdrawn."""
    return find_all([(kind, key)]).get((kind, key))


def find_all(wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Named]:
    """The same for many (kind, key): no more queries than there are kinds."""
    by_kind: dict[str, list[str]] = {}
    for kind, key in wanted:
        if kind in kinds and key and len(key) <= LONGEST and is_plain(key):
            by_kind.setdefault(kind, []).append(key)
    return {
        (kind, key): named for kind, keys in by_kind.items() for key, named in kinds[kind].names(keys).items()
    }


def where(items: Iterable[Fresh]) -> Where:
    """What the places of these things lie in; one query, for localities."""
    codes = {code for item in items for code in item.places}
    places = [*(tree.regions()[code] for code in codes if code in tree.regions())]
    others = [code for code in codes if code not in tree.regions()]
    places += list(Place.objects.filter(pk__in=others)) if others else []
    return Where({place.code: (place.code, *place.ancestor_codes()) for place in places})


# A place.


def _places(keys: Sequence[str]) -> dict[str, Named]:
    return {
        key: Named(PLACE, place.code, place.display_name(), without_language(place.get_absolute_url()))
        for key, place in _places_named(keys).items()
    }


def _places_named(keys: Sequence[str]) -> dict[str, Place]:
    """Key → place; one query, for localities. What is not of today is looked for on its own."""
    codes = {key: code_of_key(key) for key in keys}
    regions = tree.regions()
    others = [code for code in codes.values() if code and code not in regions]
    there = {place.code: place for place in Place.objects.filter(pk__in=others)} if others else {}
    found = {}
    for key, code in codes.items():
        place = regions.get(code) or there.get(code) or (Place.objects.find(key) if code else None)
        if place is not None:
            found[key] = place
    return found


@lru_cache(maxsize=20_000)
def _around(code: str, version: int) -> tuple[str, ...]:
    """The place and what it lies in, nearest first."""
    place = tree.regions().get(code) or Place.objects.filter(pk=code).first()
    return (place.code, *place.ancestor_codes()) if place is not None else ()


@lru_cache(maxsize=200)
def _consortia(country: str, version: int) -> frozenset[str]:
    rows = Coverage.objects.today().filter(country=country)
    return frozenset(rows.values_list("consortium__slug", flat=True))


def _level_of(code: str) -> str:
    if code == "EU":
        return "europe"
    return "country" if len(code) == 2 else "region"


def _fits_place(key: str, levels: Sequence[str]) -> Fits:
    chain = _around(key, versions.known())
    wanted = [code for code in chain[1:] if _level_of(code) in levels]
    country = next((code for code in chain if len(code) == 2 and code != "EU"), "")
    consortia = _consortia(country, versions.known()) if "consortium" in levels and country else frozenset()

    def fits(item: Fresh, there: Where) -> str:
        if not item.places or "EU" in item.places:
            if "europe" in levels or key == "EU":
                return _("It is for all of Europe.")
        elif key in item.places:
            return _("It is for %(place)s.") % {"place": _called(key)}
        else:
            # What lies inside the place, where that is a region or a country.
            inside = next((code for code in item.places if key in there.chains.get(code, ())), "")
            if inside:
                return _("It is for %(place)s, which lies there.") % {"place": _called(inside)}
        for code in wanted:
            if code in item.places:
                return _("It is for %(wider)s, in which it lies.") % {"wider": _called(code)}
        if consortia & set(item.organisations):
            return _("It is from the consortium that serves the country.")
        return ""

    return fits


def _called(code: str) -> str:
    place = tree.regions().get(code) or Place.objects.filter(pk=code).first()
    return place.display_name() if place is not None else code


# A topic, an objective.


def _topics(keys: Sequence[str]) -> dict[str, Named]:
    spoken = get_language() or DEFAULT
    return {
        key: Named(TOPIC, key, concepts.label(key, spoken), "/practices/?" + urlencode({"topic": key}))
        for key in keys
        if concepts.is_key(key) and concepts.key_of(key, DEFAULT) == key
    }


def _fits_topic(key: str, levels: Sequence[str]) -> Fits:
    def fits(item: Fresh, there: Where) -> str:
        if key not in item.topics:
            return ""
        return _("It is about %(topic)s.") % {"topic": concepts.label(key, get_language() or DEFAULT)}

    return fits


def _objectives(keys: Sequence[str]) -> dict[str, Named]:
    return {
        row.code: Named(OBJECTIVE, row.code, str(row), "/practices/?" + urlencode({"objective": row.code}))
        for row in Objective.objects.filter(pk__in=keys)
    }


def _fits_objective(key: str, levels: Sequence[str]) -> Fits:
    return lambda item, there: (
        _("It is under objective (%(letter)s).") % {"letter": key} if key in item.objectives else ""
    )


# A body, a practice.


def _organisations(keys: Sequence[str]) -> dict[str, Named]:
    return {
        row.slug: Named(ORGANISATION, row.slug, row.name, without_language(row.get_absolute_url()))
        for row in Organisation.objects.public().filter(slug__in=keys)
    }


def _fits_organisation(key: str, levels: Sequence[str]) -> Fits:
    return lambda item, there: _("It is from this body, or about it.") if key in item.organisations else ""


def _practices(keys: Sequence[str]) -> dict[str, Named]:
    rows = Practice.objects.public().filter(slug__in=keys, shown__isnull=False).select_related("shown")
    return {
        row.slug: Named(PRACTICE, row.slug, row.shown.title, without_language(row.get_absolute_url()))
        for row in rows
        if row.shown is not None
    }


def _fits_practice(key: str, levels: Sequence[str]) -> Fits:
    return lambda item, there: _("It is about this practice.") if key in item.practices else ""


# A search.


def search_key(pairs: Iterable[tuple[str, str]]) -> str:
    """A search in the one way in which it is written here: known fields, in order, each value once; empty where it is none."""
    kept: dict[str, list[str]] = {}
    for name, value in pairs:
        value = " ".join(visible(value).split())[:200]
        if name in SEARCH_FIELDS and value and value not in kept.setdefault(name, []):
            kept[name].append(value)
    written = urlencode([(name, value) for name in SEARCH_FIELDS for value in sorted(kept.get(name, []))])
    return written if len(written) <= LONGEST else ""


def _searches(keys: Sequence[str]) -> dict[str, Named]:
    pairs = {key: parse_qsl(key) for key in keys}
    known = {key: said for key, said in pairs.items() if said and search_key(said) == key}
    places = _places_named([value for said in known.values() for value in searches.places_of(said)])
    objectives = searches.objectives_in(list(known.values()))
    return {
        key: Named(SEARCH, key, searches.label(said, places, objectives)[:200], "/search/?" + key)
        for key, said in known.items()
    }


def _fits_search(key: str, levels: Sequence[str]) -> Fits:
    from koinon.news.seeking import Seeker

    seeker = Seeker(parse_qsl(key))
    return lambda item, there: _("It fits this search.") if seeker.fits(item) else ""


# A newsletter: nothing of it stands in digests.


def _letters(keys: Sequence[str]) -> dict[str, Named]:
    return {
        key: Named(LETTER, key, _("Newsletter of %(body)s") % {"body": found.label}, "/news/letters/")
        for key, found in _organisations(keys).items()
    }


kinds: dict[str, Kind] = {
    PLACE: Kind(lazy("place"), _places, _fits_place),
    TOPIC: Kind(lazy("topic"), _topics, _fits_topic),
    OBJECTIVE: Kind(lazy("objective of the ESF+"), _objectives, _fits_objective),
    ORGANISATION: Kind(lazy("body of the network"), _organisations, _fits_organisation),
    PRACTICE: Kind(lazy("practice"), _practices, _fits_practice),
    SEARCH: Kind(lazy("search"), _searches, _fits_search),
    LETTER: Kind(lazy("newsletter"), _letters, lambda key, levels: lambda item, there: ""),
}


@lru_cache(maxsize=20_000)
def _fits(kind: str, key: str, levels: str, version: int) -> Fits:
    return kinds[kind].fits(key, json.loads(levels))


def question(kind: str, key: str, levels: Sequence[str]) -> Fits:
    """Whether something new is for who follows this; made once for all who follow the same, as long as the data stays."""
    if kind not in kinds:
        return lambda item, there: ""
    return _fits(kind, key, json.dumps(sorted(levels)), versions.known())


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _fits.cache_clear()
    _around.cache_clear()
    _consortia.cache_clear()
