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
from koinon.places import tree
from koinon.places.models import Place
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
    """`name` finds a thing by its key (None: there is none, or not for everybody); `fits` makes the question for a thing."""

    word: str | Promise
    name: Callable[[str], Named | None]
    fits: Callable[[str, Sequence[str]], Fits]


def find(kind: str, key: str) -> Named | None:
    """What a kind and a key mean, for everybody; None for what is unknown, not public or withdrawn."""
    known = kinds.get(kind)
    if known is None or not key or len(key) > LONGEST or not is_plain(key):
        return None
    return known.name(key)


def where(items: Iterable[Fresh]) -> Where:
    """What the places of these things lie in; one query, for localities."""
    codes = {code for item in items for code in item.places}
    places = [*(tree.regions()[code] for code in codes if code in tree.regions())]
    others = [code for code in codes if code not in tree.regions()]
    places += list(Place.objects.filter(pk__in=others)) if others else []
    return Where({place.code: (place.code, *place.ancestor_codes()) for place in places})


# A place.


def _place(key: str) -> Named | None:
    place = Place.objects.find(key)
    if place is None:
        return None
    return Named(PLACE, place.code, place.display_name(), without_language(place.get_absolute_url()))


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


def _topic(key: str) -> Named | None:
    if not concepts.is_key(key) or concepts.key_of(key, DEFAULT) != key:
        return None
    label = concepts.label(key, get_language() or DEFAULT)
    return Named(TOPIC, key, label, "/practices/?" + urlencode({"topic": key}))


def _fits_topic(key: str, levels: Sequence[str]) -> Fits:
    def fits(item: Fresh, there: Where) -> str:
        if key not in item.topics:
            return ""
        return _("It is about %(topic)s.") % {"topic": concepts.label(key, get_language() or DEFAULT)}

    return fits


def _objective(key: str) -> Named | None:
    row = Objective.objects.filter(pk=key).first() if len(key) == 1 else None
    return Named(OBJECTIVE, key, str(row), "/practices/?" + urlencode({"objective": key})) if row else None


def _fits_objective(key: str, levels: Sequence[str]) -> Fits:
    return lambda item, there: (
        _("It is under objective (%(letter)s).") % {"letter": key} if key in item.objectives else ""
    )


# A body, a practice.


def _organisation(key: str) -> Named | None:
    row = Organisation.objects.public().filter(slug=key).first()
    return Named(ORGANISATION, row.slug, row.name, without_language(row.get_absolute_url())) if row else None


def _fits_organisation(key: str, levels: Sequence[str]) -> Fits:
    return lambda item, there: _("It is from this body, or about it.") if key in item.organisations else ""


def _practice(key: str) -> Named | None:
    row = Practice.objects.public().filter(slug=key, shown__isnull=False).select_related("shown").first()
    if row is None or row.shown is None:
        return None
    return Named(PRACTICE, row.slug, row.shown.title, without_language(row.get_absolute_url()))


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


def _search(key: str) -> Named | None:
    pairs = parse_qsl(key)
    if not pairs or search_key(pairs) != key:
        return None
    said = dict(pairs)
    words = said.get("q", "")
    rest = [value for name, value in pairs if name != "q"]
    label = _("“%(words)s”") % {"words": words} if words else ", ".join(rest)
    if words and rest:
        label += f" ({', '.join(rest)})"
    return Named(SEARCH, key, label[:200], "/search/?" + key)


def _fits_search(key: str, levels: Sequence[str]) -> Fits:
    from koinon.news.seeking import Seeker

    seeker = Seeker(parse_qsl(key))
    return lambda item, there: _("It fits this search.") if seeker.fits(item) else ""


# A newsletter: nothing of it stands in digests.


def _letter(key: str) -> Named | None:
    found = _organisation(key)
    if found is None:
        return None
    label = _("Newsletter of %(body)s") % {"body": found.label}
    return Named(LETTER, found.key, label, "/news/letters/")


kinds: dict[str, Kind] = {
    PLACE: Kind(lazy("place"), _place, _fits_place),
    TOPIC: Kind(lazy("topic"), _topic, _fits_topic),
    OBJECTIVE: Kind(lazy("objective of the ESF+"), _objective, _fits_objective),
    ORGANISATION: Kind(lazy("body of the network"), _organisation, _fits_organisation),
    PRACTICE: Kind(lazy("practice"), _practice, _fits_practice),
    SEARCH: Kind(lazy("search"), _search, _fits_search),
    LETTER: Kind(lazy("newsletter"), _letter, lambda key, levels: lambda item, there: ""),
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
