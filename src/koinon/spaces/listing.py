"""The list of open spaces: what an address asks for, what fits, how many each filter would show."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, Max, Q
from django.http import HttpRequest as DjangoRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koinon.base.exits import Column, Listing
from koinon.base.languages import DEFAULT, ENDONYMS, country_name, language_name
from koinon.base.text import fold
from koinon.network.views import asked as typed
from koinon.practices import concepts
from koinon.spaces.models import Space


@dataclass(frozen=True)
class Row:
    """An open space as lists need it. Nothing of a person is in it, and nothing of a closed one."""

    code: str
    name: str
    purpose: str
    language: str
    body: str
    body_slug: str
    topics: tuple[str, ...]
    languages: tuple[str, ...]
    country: str
    place: str | None
    state: str
    threads: int
    last_at: datetime
    is_demo: bool
    folded: str = field(repr=False, default="")

    @property
    def url(self) -> str:
        return reverse("spaces:space", args=[self.code])

    @property
    def body_url(self) -> str:
        return reverse("network:organisation", args=[self.body_slug])

    @property
    def language_names(self) -> str:
        spoken = get_language() or DEFAULT
        return ", ".join(capfirst(language_name(code, spoken)) for code in self.languages)


def rows() -> list[Row]:
    """All open spaces, those with the latest words first. One query."""
    found = (
        Space.objects.public()
        .with_owner()
        .annotate(
            many=Count("threads", filter=Q(threads__last_at__isnull=False)), latest=Max("threads__last_at")
        )
        .order_by("pk")
    )
    made = [_row(space) for space in found]
    return sorted(made, key=lambda row: (row.state != Space.State.ENDED, row.last_at, row.code), reverse=True)


def _row(space: Space) -> Row:
    body, place = space.organisation, space.place
    words = [space.name, space.purpose, body.name, place.latin if place else ""]
    return Row(
        code=space.code,
        name=space.name,
        purpose=space.purpose,
        language=space.language,
        body=body.name,
        body_slug=body.slug,
        topics=tuple(space.topics),
        languages=tuple(space.languages) or (space.language,),
        country=place.country if place is not None else body.country,
        place=place.key if place is not None else None,
        state=space.state,
        threads=getattr(space, "many", 0),
        last_at=getattr(space, "latest", None) or space.opened_at or space.made_at,
        is_demo=space.is_demo,
        folded=fold(" ".join(words)),
    )


LISTING: Listing[Row] = Listing(
    name="spaces",
    title=gettext_lazy("Spaces"),
    columns=(
        Column("code", lambda row: row.code),
        Column("name", lambda row: row.name),
        Column("purpose", lambda row: row.purpose),
        Column("language", lambda row: row.language),
        Column("body", lambda row: row.body),
        Column("body_slug", lambda row: row.body_slug),
        Column("topics", lambda row: list(row.topics)),
        Column("languages", lambda row: list(row.languages)),
        Column("country", lambda row: row.country),
        Column("place", lambda row: row.place),
        Column("state", lambda row: row.state),
        Column("threads", lambda row: row.threads),
        Column("last_words_on", lambda row: row.last_at.date()),
        Column("invented", lambda row: row.is_demo),
        Column("url", lambda row: row.url),
    ),
    entry_title=lambda row: row.name,
    entry_url=lambda row: row.url,
    entry_updated=lambda row: row.last_at,
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


NAMES = ("topic", "country", "language", "body")
_VALUES: dict[str, Callable[[Row], Iterable[str]]] = {
    "topic": lambda row: row.topics,
    "country": lambda row: (row.country,) if row.country else (),
    "language": lambda row: row.languages,
    "body": lambda row: (row.body_slug,),
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
    """What an address asks for; 400 for a language that is none of ours."""
    ticked = {
        name: tuple(typed.among(request, name, set(ENDONYMS)))
        if name == "language"
        else tuple(value[:120].replace("\x00", "") for value in request.GET.getlist(name)[:30] if value)
        for name in NAMES
    }
    return Asked(typed.text(request).strip(), ticked)


class Hall:
    """All open spaces, and those that fit what is asked."""

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
        spoken = get_language() or DEFAULT
        headings = {
            "topic": _("Topic"),
            "country": _("Country"),
            "language": _("Language"),
            "body": _("Body"),
        }
        bodies = {row.body_slug: row.body for row in self.all}
        found = []
        for name, heading in headings.items():
            counts = Counter(value for row in self._found(without=name) for value in _VALUES[name](row))
            ticked = self.wanted.ticked[name]
            labels = {value: _label(name, value, spoken, bodies) for value in {*counts, *ticked}}
            values = sorted(labels, key=lambda value: (-counts[value], labels[value]))
            choices = [Choice(value, labels[value], counts[value], value in ticked) for value in values]
            found.append(Facet(name, heading, name == "topic" or bool(ticked), choices[:60]))
        return [facet for facet in found if facet.choices]


def _label(name: str, value: str, spoken: str, bodies: dict[str, str]) -> str:
    if name == "country":
        return country_name(value, spoken)
    if name == "language":
        return capfirst(language_name(value, spoken))
    if name == "topic":
        return concepts.label(value, spoken)
    return bodies.get(value, value)
