"""What is new, as a list: news items for ever, everything else for ninety days; by kind, country, topic, objective and place."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from urllib.parse import urlencode

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest as DjangoRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koinon.base.exits import Column, Listing
from koinon.base.languages import DEFAULT, country_name, in_language
from koinon.journal import fresh, versions
from koinon.network.views import asked as typed
from koinon.news import subjects
from koinon.news.models import Item
from koinon.news.recent import recent
from koinon.places.models import Place
from koinon.practices import concepts

MOST = 1000


@dataclass(frozen=True)
class Row:
    """One new thing, in the language of the page where it is told in it. `within`: its places and all that they lie in."""

    kind: str
    heading: str
    title: str
    url: str
    language: str
    about: str
    what: str
    when: datetime
    places: tuple[str, ...]
    countries: frozenset[str]
    topics: tuple[str, ...]
    objectives: tuple[str, ...]
    on: date | datetime | None = None
    organisations: tuple[str, ...] = ()
    practices: tuple[str, ...] = ()
    within: frozenset[str] = frozenset()


def rows() -> tuple[Row, ...]:
    """Everything new, the newest first. Asked once for each version of the data, day and language."""
    return _rows(versions.known(), timezone.localdate(), get_language() or DEFAULT)


@lru_cache(maxsize=24)
def _rows(version: int, day: date, language: str) -> tuple[Row, ...]:
    window = recent()
    lines = window.all_lines()
    chains = window.where.chains
    found = [row_of(line.source, line.item, line.what, line.when, chains) for line in lines]
    told = {line.item.key for line in lines if line.source.name == "news"}
    older = Item.objects.public().exclude(pk__in=told).select_related("organisation").newest_first()
    older = older.prefetch_related("places", "texts")
    found += [_item(row, language) for row in older[:MOST]]
    return tuple(sorted(found, key=lambda row: row.when, reverse=True))


def row_of(
    source: fresh.Source, item: fresh.Fresh, what: str, when: datetime, chains: Mapping[str, tuple[str, ...]]
) -> Row:
    """One new thing as lists and the API tell it. `chains`: what its places lie in (`subjects.where`)."""
    within = frozenset(code for one in item.places for code in chains.get(one, (one,)))
    return Row(
        kind=source.name,
        heading=str(source.heading),
        title=item.title,
        url=in_language(item.address, get_language() or DEFAULT),
        language=item.language,
        about=item.about,
        what=what,
        when=when,
        places=item.places,
        countries=_countries(within),
        topics=item.topics,
        objectives=item.objectives,
        on=item.on,
        organisations=item.organisations,
        practices=item.practices,
        within=within,
    )


def _countries(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(code for code in codes if len(code) == 2 and code != "EU")


def _item(row: Item, language: str) -> Row:
    reading = row.read()
    places = list(row.places.all())
    assert row.published_at is not None
    is_over = row.has_expired(timezone.localdate())
    return Row(
        kind="news",
        heading=_("News"),
        title=reading.title,
        url=in_language(f"/news/{row.slug}/", language),
        language=reading.language,
        about=reading.lead,
        what=_("Over") if is_over else _("News"),
        when=row.published_at,
        places=tuple(place.code for place in places),
        countries=frozenset(place.country for place in places if place.country),
        topics=tuple(row.topics),
        objectives=tuple(row.objectives),
        organisations=(row.organisation.slug,),
        within=frozenset(code for place in places for code in (place.code, *place.ancestor_codes())),
    )


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _rows.cache_clear()


LISTING: Listing[Row] = Listing(
    name="news",
    title=gettext_lazy("What is new"),
    columns=(
        Column("kind", lambda row: row.kind),
        Column("title", lambda row: row.title),
        Column("language", lambda row: row.language),
        Column("about", lambda row: row.about),
        Column("happened", lambda row: row.what),
        Column("when", lambda row: row.when),
        Column("places", lambda row: list(row.places)),
        Column("countries", lambda row: sorted(row.countries)),
        Column("topics", lambda row: list(row.topics)),
        Column("objectives", lambda row: list(row.objectives)),
        Column("url", lambda row: row.url),
    ),
    entry_title=lambda row: row.title,
    entry_url=lambda row: row.url,
    entry_updated=lambda row: row.when,
)


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    count: int
    ticked: bool


@dataclass(frozen=True)
class Facet:
    name: str
    heading: str
    choices: list[Choice]


_VALUES: dict[str, Callable[[Row], Iterable[str]]] = {
    "kind": lambda row: (row.kind,),
    "country": lambda row: row.countries,
    "topic": lambda row: row.topics,
    "objective": lambda row: row.objectives,
    "organisation": lambda row: row.organisations,
    "practice": lambda row: row.practices,
}
# What has no boxes of its own: it comes with a link, and stays while the others are ticked.
_KEPT = ("organisation", "practice")


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    ticked: dict[str, tuple[str, ...]]
    place: Place | None

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form of the filters takes along: name and value."""
        pairs = [(name, value) for name in _KEPT for value in self.ticked[name]]
        return pairs + ([("place", self.place.key)] if self.place is not None else [])

    @property
    def is_filtered(self) -> bool:
        return self.place is not None or any(self.ticked.values())

    def address(self, **more: str) -> str:
        pairs = [(name, value) for name in _VALUES for value in self.ticked[name]]
        pairs += [("place", self.place.key)] if self.place is not None else []
        kept = [pair for pair in pairs if pair[0] not in more]
        return "?" + urlencode(kept + [(name, value) for name, value in more.items() if value])


def asked(request: DjangoRequest) -> Asked:
    """What an address asks for; 400 for what is not offered."""
    kinds = {source.name for source in fresh.sources}
    ticked = {
        name: tuple(typed.among(request, name, kinds))
        if name == "kind"
        else tuple(value[:80].replace("\x00", "") for value in request.GET.getlist(name)[:30] if value)
        for name in _VALUES
    }
    key = request.GET.get("place", "")[:200]
    place = Place.objects.find(key) if key else None
    if key and place is None:
        raise SuspiciousOperation("place is the key of a place")
    return Asked(ticked, place)


class News:
    """All that is new, and what of it fits."""

    def __init__(self, wanted: Asked) -> None:
        self.wanted, self.all = wanted, rows()
        self.chain = (
            {wanted.place.code, *wanted.place.ancestor_codes()} if wanted.place is not None else set()
        )
        self.found = self._found()

    def _found(self, *, without: str = "") -> list[Row]:
        found = [row for row in self.all if self._concerns(row)]
        for name, values in self.wanted.ticked.items():
            if values and name != without:
                found = [row for row in found if set(values).intersection(_VALUES[name](row))]
        return found

    def _concerns(self, row: Row) -> bool:
        """Whether it is for the place, for what that lies in, or for what lies in it."""
        place = self.wanted.place
        if place is None or not row.places:
            return True
        return bool(self.chain & set(row.places)) or place.code in row.within

    def facets(self) -> list[Facet]:
        """Each filter with its boxes, and how many each would show beside the others."""
        facets = []
        for name, heading in _headings().items():
            if name in _KEPT:
                continue
            counts = Counter(value for row in self._found(without=name) for value in _VALUES[name](row))
            ticked = self.wanted.ticked[name]
            values = sorted({*counts, *ticked}, key=lambda value: (-counts[value], value))[:40]
            labels = _labels(name, values)
            choices = [Choice(value, labels[value], counts[value], value in ticked) for value in values]
            if choices:
                facets.append(Facet(name, heading, choices))
        return facets

    def only(self) -> list[tuple[str, list[str]]]:
        """What the list is held to beside the place, in words: of each filter one of these."""
        ticked = self.wanted.ticked
        return [
            (heading, list(_labels(name, ticked[name]).values()))
            for name, heading in _headings().items()
            if ticked[name]
        ]


def _headings() -> dict[str, str]:
    return {
        "kind": _("Kind"),
        "country": _("Country"),
        "topic": _("Topic"),
        "objective": _("Objective of the ESF+"),
        "organisation": _("Body"),
        "practice": _("Practice"),
    }


def _labels(name: str, values: Sequence[str]) -> dict[str, str]:
    """What the values of a filter are called; the bare key where there is nothing under it."""
    if name in _KEPT:
        found = subjects.find_all((name, value) for value in values)
        return {value: found[name, value].label if (name, value) in found else value for value in values}
    language = get_language() or DEFAULT
    headings = {source.name: str(source.heading) for source in fresh.sources}
    labels: dict[str, Callable[[str], str]] = {
        "kind": lambda value: headings.get(value, value),
        "country": lambda value: country_name(value, language),
        "topic": lambda value: concepts.label(value, language),
        "objective": lambda value: f"({value})",
    }
    return {value: labels[name](value) for value in values}
