"""The library as a list: what an address asks for, what fits, how many each further filter would show, in which order."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest as DjangoRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koinon.base.exits import Column, Listing
from koinon.base.languages import DEFAULT, ENDONYMS, country_name, language_name
from koinon.base.text import fold
from koinon.journal import versions
from koinon.network.views import asked as typed
from koinon.places.models import Place
from koinon.practices import concepts
from koinon.practices.models import Adoption, Practice, Translation
from koinon.practices.words import (
    COSTS_IN_ORDER,
    Cost,
    Evidence,
    Kind,
    Stage,
    Target,
)
from koinon.topics.models import Objective

MOST_SHOWN = 12
SORTS = ("near", "newest", "evidence", "cost")
"""`near` is the nearest to the place that is named; without one it is as if no order were asked for."""


@dataclass(frozen=True)
class Body:
    """An organisation that has to do with a practice. `part`: it did it (`did`), took it over (`took`), looks after it (`cares`)."""

    slug: str
    name: str
    part: str


@dataclass(frozen=True)
class Row:
    """A public practice, as lists and shelves need it; texts as they were written, and in other languages."""

    slug: str
    language: str
    kind: str
    titles: dict[str, tuple[str, str]]
    states: dict[str, str]
    stage: str
    level: str
    cost: str
    amount: str
    time_to_start: str
    evidence: int
    targets: tuple[str, ...]
    objectives: tuple[str, ...]
    topics: tuple[str, ...]
    places: tuple[Place, ...]
    adopted: tuple[Place, ...]
    bodies: tuple[Body, ...]
    who: str
    published_at: datetime
    checked_on: date | None
    folded: str
    is_demo: bool
    countries: frozenset[str] = field(default_factory=frozenset)
    why: str = ""
    """Why it fits the place that was named, in the language of the page; empty where none was."""

    @property
    def url(self) -> str:
        return reverse("practices:practice", args=[self.slug])

    @property
    def read_in(self) -> str:
        """The language in which the reader gets title and summary: the page's, where there is one."""
        wanted = get_language() or DEFAULT
        return wanted if wanted in self.titles else self.language

    @property
    def title(self) -> str:
        return self.titles[self.read_in][0]

    @property
    def summary(self) -> str:
        return self.titles[self.read_in][1]

    @property
    def state(self) -> str:
        """What the shown words are: original, human, machine, outdated."""
        return self.states[self.read_in]

    @property
    def state_words(self) -> str:
        """The same as a sentence; empty where the reader's own language is the one in which it was written."""
        read_in = self.read_in
        name = language_name(self.language, get_language() or DEFAULT)
        if read_in == self.language:
            if read_in == (get_language() or DEFAULT):
                return ""
            return _("Told in %(name)s; no translation yet.") % {"name": name}
        words = {
            "human": _("Translated by a person from %(name)s."),
            "machine": _("Translated by a machine from %(name)s, read by nobody."),
            "outdated": _("The original in %(name)s has changed since it was translated."),
        }
        return words[self.states[read_in]] % {"name": name}

    @property
    def evidence_words(self) -> str:
        return str(Evidence(self.evidence).label)

    @property
    def cost_words(self) -> str:
        return self.amount or (str(Cost(self.cost).label) if self.cost else "")

    @property
    def place_names(self) -> list[str]:
        return [place.display_name() for place in self.places]

    @property
    def has_failed(self) -> bool:
        return self.kind == Kind.FAILED


def rows() -> tuple[Row, ...]:
    """All public practices, the newest first. No query once the version of the data is known."""
    return _rows(versions.known())


forgetting: list[Callable[[], None]] = []
"""What is made of the rows and forgotten with them."""


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _rows.cache_clear()
    for also in forgetting:
        also()


@lru_cache(maxsize=1)
def _rows(version: int) -> tuple[Row, ...]:
    """Four queries, whatever the number of practices."""
    found = (
        Practice.objects.public()
        .filter(shown__isnull=False)
        .select_related("shown", "organisation", "centre")
        .prefetch_related("shown__places")
        .newest_first()
    )
    practices = list(found)
    told: dict[int, dict[str, tuple[int, Translation]]] = {}
    translations = Translation.objects.filter(version__practice__state="published").select_related("version")
    for one in translations.order_by("version__number"):
        told.setdefault(one.version.practice_id, {})[one.language] = (one.version.number, one)
    adopted: dict[int, list[Adoption]] = {}
    for adoption in Adoption.objects.public().select_related("place", "adopter").earliest_first():
        adopted.setdefault(adoption.practice_id, []).append(adoption)
    return tuple(
        _row(practice, told.get(practice.pk, {}), adopted.get(practice.pk, [])) for practice in practices
    )


def _row(practice: Practice, told: dict[str, tuple[int, Translation]], adoptions: list[Adoption]) -> Row:
    shown = practice.shown
    assert shown is not None
    assert practice.published_at is not None
    titles = {shown.language: (shown.title, shown.summary)}
    states = {shown.language: "original"}
    for language, (number, one) in told.items():
        if language != shown.language and number <= shown.number:
            titles[language] = (
                one.texts.get("title") or shown.title,
                one.texts.get("summary") or shown.summary,
            )
            states[language] = one.state_for(shown)
    places = tuple(sorted(shown.places.all(), key=lambda place: (-place.population, place.pk)))
    adopted = tuple(one.place for one in adoptions)
    words = [text for pair in titles.values() for text in pair]
    words += [shown.challenge, shown.approach, shown.who, *(place.latin for place in places)]
    return Row(
        slug=practice.slug,
        language=shown.language,
        kind=shown.kind,
        titles=titles,
        states=states,
        stage=shown.stage,
        level=shown.level,
        cost=shown.cost,
        amount=shown.amount,
        time_to_start=shown.time_to_start,
        evidence=shown.evidence,
        targets=tuple(shown.targets),
        objectives=tuple(shown.objectives),
        topics=tuple(shown.topics),
        places=places,
        adopted=adopted,
        bodies=tuple(_bodies(practice, adoptions)),
        who=shown.who,
        published_at=practice.published_at,
        checked_on=practice.checked_on,
        folded=fold(" ".join(words)),
        is_demo=practice.is_demo,
        countries=frozenset(place.country for place in (*places, *adopted) if place.country),
    )


def _bodies(practice: Practice, adoptions: list[Adoption]) -> Iterator[Body]:
    """Those with a page that everybody reads, each once, for the most that it did."""
    parts = [("did", practice.organisation), *(("took", one.adopter) for one in adoptions)]
    seen = set()
    for part, body in [*parts, ("cares", practice.centre)]:
        if body is not None and body.published and body.pk not in seen:
            seen.add(body.pk)
            yield Body(body.slug, body.name, part)


LISTING: Listing[Row] = Listing(
    name="practices",
    title=gettext_lazy("Practices: what worked, and where"),
    columns=(
        Column("slug", lambda row: row.slug),
        Column("title", lambda row: row.title),
        Column("summary", lambda row: row.summary),
        Column("read_in", lambda row: row.read_in),
        Column("language_state", lambda row: row.state),
        Column("language", lambda row: row.language),
        Column("languages", lambda row: sorted(row.titles)),
        Column("kind", lambda row: row.kind),
        Column("evidence", lambda row: row.evidence),
        Column("cost", lambda row: row.cost),
        Column("amount", lambda row: row.amount),
        Column("time_to_start", lambda row: row.time_to_start),
        Column("stage", lambda row: row.stage),
        Column("level", lambda row: row.level),
        Column("targets", lambda row: list(row.targets)),
        Column("objectives", lambda row: list(row.objectives)),
        Column("topics", lambda row: list(row.topics)),
        Column("places", lambda row: [place.key for place in row.places]),
        Column("countries", lambda row: sorted(row.countries)),
        Column("adopted_in", lambda row: [place.key for place in row.adopted]),
        Column("who", lambda row: row.who),
        Column("bodies", lambda row: [body.slug for body in row.bodies]),
        Column("published_on", lambda row: row.published_at.date()),
        Column("checked_on", lambda row: row.checked_on),
        Column("invented", lambda row: row.is_demo),
        Column("why", lambda row: row.why),
        Column("url", lambda row: row.url),
    ),
    entry_title=lambda row: row.title,
    entry_url=lambda row: row.url,
    entry_updated=lambda row: row.published_at,
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
    is_one: bool = False


NAMES = ("type", "country", "topic", "objective", "target", "stage", "cost", "language", "body")
"""Filters of which several values may be ticked; `evidence` is one, and means: at least."""
_VALUES: dict[str, Callable[[Row], Iterable[str]]] = {
    "type": lambda row: (row.kind,),
    "country": lambda row: row.countries,
    "topic": lambda row: row.topics,
    "objective": lambda row: row.objectives,
    "target": lambda row: row.targets,
    "stage": lambda row: (row.stage,),
    "cost": lambda row: (row.cost,) if row.cost else (),
    "language": lambda row: row.titles,
    "body": lambda row: (body.slug for body in row.bodies),
}
_KNOWN: dict[str, set[str]] = {
    "type": set(Kind.values),
    "target": set(Target.values),
    "stage": set(Stage.values),
    "cost": set(Cost.values),
    "language": set(ENDONYMS),
    "objective": set("abcdefghijklm"),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `like_typed` is what was written of a place of which it is not known which it is."""

    q: str
    ticked: dict[str, tuple[str, ...]]
    evidence: int
    sort: str
    like: Place | None = None
    like_typed: str = ""

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.filters_set)

    @property
    def filters_set(self) -> int:
        return sum(map(bool, self.ticked.values())) + bool(self.evidence) + (self.like is not None)

    def address(self, **more: str) -> str:
        """The same question as an address, with something else in it."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [("like", self.like.key)] if self.like is not None else []
        pairs += [(name, value) for name in NAMES for value in self.ticked[name]]
        pairs += [("evidence", str(self.evidence))] if self.evidence else []
        pairs += [("sort", self.sort)] if self.sort else []
        kept = [pair for pair in pairs if pair[0] not in more]
        return "?" + urlencode(kept + [(name, value) for name, value in more.items() if value])

    def sorts(self) -> list[tuple[str, str, bool]]:
        """The orders to choose from: address, words, whether it is the one in use."""
        words = {"newest": _("Newest"), "evidence": _("By evidence"), "cost": _("By cost")}
        if self.like is not None:
            name = self.like.display_name()
            words = {"near": _("Closest to %(place)s first") % {"place": name}} | words
        now = self.order
        return [(self.address(sort=name), words[name], name == now) for name in SORTS if name in words]

    @property
    def order(self) -> str:
        """The order in use; empty for the best first, by the words that were typed."""
        if self.sort and (self.sort != "near" or self.like is not None):
            return self.sort
        if self.q:
            return ""
        return "newest" if self.like is None else "near"


def asked(request: DjangoRequest) -> Asked:
    """What an address asks for; 400 for what is not offered. One query where it names a place."""
    ticked = {
        name: tuple(typed.among(request, name, _KNOWN[name]))
        if name in _KNOWN
        else tuple(value[:80].replace("\x00", "") for value in request.GET.getlist(name)[:30] if value)
        for name in NAMES
    }
    evidence = request.GET.get("evidence", "")
    if evidence not in {"", *(str(value) for value in Evidence.values)}:
        raise SuspiciousOperation("evidence is one of those offered")
    sort = request.GET.get("sort", "")
    if sort not in {"", *SORTS}:
        raise SuspiciousOperation(f"sort is one of {', '.join(SORTS)}")
    key = typed.text(request, "like").strip()
    like = Place.objects.find(key) if key else None
    return Asked(
        typed.text(request).strip(), ticked, int(evidence or 0), sort, like, "" if like is not None else key
    )


class Library:
    """All public practices, and those that fit what is asked.

    `why` tells of each practice that fits the place that is named why it does, the closest first (`nearby.reasons`).
    """

    def __init__(self, wanted: Asked, why: Mapping[str, str] | None = None) -> None:
        self.wanted = wanted
        self.all = rows()
        self.why = why
        self.rank = _rank(wanted.q, self.all) if wanted.q else None
        self.found = self._sorted(self._found())

    def _found(self, *, without: str = "") -> list[Row]:
        """What fits, leaving out one filter where its own boxes are counted."""
        wanted = self.wanted
        rows: Iterable[Row] = self.all
        if self.rank is not None:
            rows = [row for row in rows if row.slug in self.rank]
        if self.why is not None:
            rows = [replace(row, why=self.why[row.slug]) for row in rows if row.slug in self.why]
        tests: list[Callable[[Row], bool]] = [
            _holds(_VALUES[name], ticked)
            for name in NAMES
            if name != without and (ticked := set(wanted.ticked[name]))
        ]
        if without != "evidence" and wanted.evidence:
            tests.append(lambda row: row.evidence >= wanted.evidence)
        return [row for row in rows if all(test(row) for test in tests)]

    def _sorted(self, rows: list[Row]) -> list[Row]:
        sort = self.wanted.order
        if sort == "near" and self.why is not None:
            closest = {slug: place for place, slug in enumerate(self.why)}
            return sorted(rows, key=lambda row: closest[row.slug])
        if sort == "evidence":
            return sorted(rows, key=lambda row: -row.evidence)
        if sort == "cost":
            return sorted(rows, key=lambda row: COSTS_IN_ORDER.get(row.cost, 99))
        if self.rank is not None and not sort:
            order = self.rank
            return sorted(rows, key=lambda row: order[row.slug])
        return rows

    def facets(self) -> list[Facet]:
        """Each filter with its boxes, and how many practices each would show beside the other filters."""
        language = get_language() or DEFAULT
        headings: dict[str, tuple[str, bool]] = {
            "type": (_("How it went"), True),
            "target": (_("For whom"), False),
            "country": (_("Country"), False),
            "topic": (_("Topic"), False),
            "objective": (_("Objective of the ESF+"), False),
            "stage": (_("Stage"), False),
            "cost": (_("Cost in a year"), True),
            "language": (_("Language to read in"), False),
        }
        if self.wanted.ticked["body"]:
            # Its own page leads here; as a filter to choose from it would be a list of everybody.
            headings = {"body": (_("Organisation"), True)} | headings
        found = [self._evidence()]
        for name, (heading, is_open) in headings.items():
            counts = Counter(value for row in self._found(without=name) for value in _VALUES[name](row))
            ticked = self.wanted.ticked[name]
            labels = _labels(name, {*counts, *ticked}, language)
            order = _ORDERS.get(name)
            values = sorted(
                ticked if name == "body" else {*counts, *ticked},
                key=(lambda value: order[value])  # noqa: B023  used at once
                if order
                else (lambda value: (-counts[value], labels[value])),  # noqa: B023
            )
            choices = [Choice(value, labels[value], counts[value], value in ticked) for value in values]
            found.append(Facet(name, heading, is_open or bool(ticked), choices[:60]))
        return [facet for facet in found if facet.choices]

    def _evidence(self) -> Facet:
        levels = [row.evidence for row in self._found(without="evidence")]
        choices = [
            Choice(
                str(level.value),
                str(level.label),
                sum(one >= level for one in levels),
                level == self.wanted.evidence,
            )
            for level in Evidence
            if level
        ]
        return Facet("evidence", _("Evidence, at least"), True, choices if levels else [], is_one=True)


_ORDERS: dict[str, dict[str, int]] = {
    "cost": COSTS_IN_ORDER,
    "stage": {code: place for place, code in enumerate(Stage.values)},
    "objective": {code: place for place, code in enumerate("abcdefghijklm")},
}


def _holds(values: Callable[[Row], Iterable[str]], ticked: set[str]) -> Callable[[Row], bool]:
    return lambda row: bool(ticked.intersection(values(row)))


def _labels(name: str, values: set[str], language: str) -> dict[str, str]:
    if name == "country":
        return {code: country_name(code, language) for code in values}
    if name == "language":
        return {code: capfirst(language_name(code, language)) for code in values}
    if name == "body":
        return {slug: slug for slug in values} | {
            body.slug: body.name for row in rows() for body in row.bodies if body.slug in values
        }
    if name == "topic":
        return {key: concepts.label(key, language) for key in values}
    if name == "objective":
        return {code: f"{code} · {words}" for code, words in objectives().items() if code in values} | {
            code: code for code in values if code not in objectives()
        }
    choices: dict[str, Any] = {"type": Kind, "target": Target, "stage": Stage, "cost": Cost}
    return {value: capfirst(str(choices[name](value).label)) for value in values}


def objectives() -> dict[str, str]:
    """Letter → short words of the objectives."""
    return _objectives(versions.known())


@lru_cache(maxsize=1)
def _objectives(version: int) -> dict[str, str]:
    return dict(Objective.objects.values_list("code", "short"))


def _rank(typed_words: str, all_rows: tuple[Row, ...]) -> dict[str, int]:
    """Which practices fit what was typed, best first: by the search of the house; by plain words where it is away."""
    from koinon.practices.finding import found

    return found(typed_words, all_rows)
