"""The list of what bodies offer and need: what an address asks for, what fits, how many each filter would show."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest as DjangoRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koinon.base.exits import Column, Listing
from koinon.base.languages import DEFAULT, ENDONYMS, country_name, language_name
from koinon.base.text import fold
from koinon.journal import versions
from koinon.network.views import asked as typed
from koinon.peers.models import Entry
from koinon.peers.words import Format, Kind
from koinon.places.models import Place
from koinon.practices import concepts


@dataclass(frozen=True)
class Row:
    """An offer or need of a body, as lists and shelves need it. Nothing of a person is in it."""

    code: str
    kind: str
    language: str
    title: str
    text: str
    body: str
    body_slug: str
    topics: tuple[str, ...]
    formats: tuple[str, ...]
    languages: tuple[str, ...]
    place: Place | None
    country: str
    until: date | None
    expires_on: date
    call_title: str
    changed_at: datetime
    is_demo: bool
    folded: str = field(repr=False, default="")

    @property
    def url(self) -> str:
        return reverse("peers:entry", args=[self.code])

    @property
    def body_url(self) -> str:
        return reverse("network:organisation", args=[self.body_slug])

    @property
    def kind_words(self) -> str:
        return capfirst(str(Kind(self.kind).label))

    @property
    def language_names(self) -> str:
        spoken = get_language() or DEFAULT
        return ", ".join(capfirst(language_name(code, spoken)) for code in self.languages)

    @property
    def format_names(self) -> str:
        return ", ".join(str(Format(value).label) for value in self.formats if value in Format.values)


def rows(day: date | None = None) -> tuple[Row, ...]:
    """All that stands today, the newest first. No query once the version of the data is known."""
    return _rows(versions.known(), day or timezone.localdate())


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _rows.cache_clear()
    for also in forgetting:
        also()


forgetting: list[Callable[[], None]] = []
"""What is made of the rows and forgotten with them."""


@lru_cache(maxsize=2)
def _rows(version: int, day: date) -> tuple[Row, ...]:
    found = Entry.objects.public().with_owners().newest_first()
    return tuple(_row(entry) for entry in found)


def _row(entry: Entry) -> Row:
    body = entry.organisation
    assert body is not None
    words = [entry.title, entry.text, body.name, entry.call_title, entry.place.latin if entry.place else ""]
    return Row(
        code=entry.code,
        kind=entry.kind,
        language=entry.language,
        title=entry.title,
        text=entry.text,
        body=body.name,
        body_slug=body.slug,
        topics=tuple(entry.topics),
        formats=tuple(entry.formats),
        languages=tuple(entry.languages),
        place=entry.place,
        country=entry.country,
        until=entry.until,
        expires_on=entry.expires_on,
        call_title=entry.call_title,
        changed_at=entry.changed_at,
        is_demo=entry.is_demo,
        folded=fold(" ".join(words)),
    )


LISTING: Listing[Row] = Listing(
    name="peers",
    title=gettext_lazy("Offers and needs"),
    columns=(
        Column("code", lambda row: row.code),
        Column("kind", lambda row: row.kind),
        Column("title", lambda row: row.title),
        Column("text", lambda row: row.text),
        Column("language", lambda row: row.language),
        Column("body", lambda row: row.body),
        Column("body_slug", lambda row: row.body_slug),
        Column("topics", lambda row: list(row.topics)),
        Column("formats", lambda row: list(row.formats)),
        Column("languages", lambda row: list(row.languages)),
        Column("place", lambda row: row.place.key if row.place else None),
        Column("country", lambda row: row.country),
        Column("until", lambda row: row.until),
        Column("last_day", lambda row: row.expires_on),
        Column("call", lambda row: row.call_title),
        Column("changed_on", lambda row: timezone.localdate(row.changed_at)),
        Column("invented", lambda row: row.is_demo),
        Column("url", lambda row: row.url),
    ),
    entry_title=lambda row: row.title,
    entry_url=lambda row: row.url,
    entry_updated=lambda row: row.changed_at,
)


@dataclass(frozen=True)
class Choice:
    """One box of a filter: its value, its words, how many there are, whether it is ticked."""

    value: str
    label: str
    count: int
    ticked: bool


@dataclass(frozen=True)
class Facet:
    name: str
    heading: str
    is_open: bool
    choices: list[Choice]


NAMES = ("kind", "topic", "country", "form", "language")
"""Filters; `format` is taken: it is how the list leaves."""
_VALUES: dict[str, Callable[[Row], Iterable[str]]] = {
    "kind": lambda row: (row.kind,),
    "topic": lambda row: row.topics,
    "country": lambda row: (row.country,) if row.country else (),
    "form": lambda row: row.formats,
    "language": lambda row: row.languages,
}
_KNOWN: dict[str, set[str]] = {
    "kind": set(Kind.values),
    "form": set(Format.values),
    "language": set(ENDONYMS),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    q: str
    ticked: dict[str, tuple[str, ...]]

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or any(self.ticked.values()))

    @property
    def filters_set(self) -> int:
        return sum(map(bool, self.ticked.values()))

    def address(self, **more: str) -> str:
        """The same question as an address, with something else in it."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name in NAMES for value in self.ticked[name]]
        kept = [pair for pair in pairs if pair[0] not in more]
        return "?" + urlencode(kept + [(name, value) for name, value in more.items() if value])


def asked(request: DjangoRequest) -> Asked:
    """What an address asks for; 400 for what is not offered."""
    ticked = {
        name: tuple(typed.among(request, name, _KNOWN[name]))
        if name in _KNOWN
        else tuple(value[:80].replace("\x00", "") for value in request.GET.getlist(name)[:30] if value)
        for name in NAMES
    }
    return Asked(typed.text(request).strip(), ticked)


class Board:
    """All that stands, and what of it fits what is asked."""

    def __init__(self, wanted: Asked) -> None:
        self.wanted = wanted
        self.all = rows()
        self.found = self._found()

    def _found(self, *, without: str = "") -> list[Row]:
        words = fold(self.wanted.q).split()
        ticked = {
            name: set(values) for name, values in self.wanted.ticked.items() if values and name != without
        }
        return [
            row
            for row in self.all
            if all(values.intersection(_VALUES[name](row)) for name, values in ticked.items())
            and all(word in row.folded for word in words)
        ]

    def facets(self) -> list[Facet]:
        """Each filter with its boxes, and how many each would show beside the other filters."""
        language = get_language() or DEFAULT
        headings = {
            "kind": (_("Kind"), True),
            "topic": (_("Topic"), False),
            "country": (_("Country"), False),
            "form": (_("Form"), False),
            "language": (_("Language to work in"), False),
        }
        found = []
        for name, (heading, is_open) in headings.items():
            counts = Counter(value for row in self._found(without=name) for value in _VALUES[name](row))
            ticked = self.wanted.ticked[name]
            labels = _labels(name, {*counts, *ticked}, language)
            values = sorted(labels, key=lambda value: (-counts[value], labels[value]))
            choices = [Choice(value, labels[value], counts[value], value in ticked) for value in values]
            found.append(Facet(name, heading, is_open or bool(ticked), choices[:60]))
        return [facet for facet in found if facet.choices]


def _labels(name: str, values: set[str], language: str) -> dict[str, str]:
    if name == "country":
        return {code: country_name(code, language) for code in values}
    if name == "language":
        return {code: capfirst(language_name(code, language)) for code in values}
    if name == "topic":
        return {key: concepts.label(key, language) for key in values}
    choices: dict[str, Any] = {"kind": Kind, "form": Format}
    return {value: capfirst(str(choices[name](value).label)) for value in values}
