"""The calls as a list: what an address asks for, what fits, and how many each further filter would show."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest as DjangoRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koinon.base.exits import Column, Listing
from koinon.base.languages import DEFAULT
from koinon.base.visitor import Visitor
from koinon.calls import ics
from koinon.calls.models import Call, Cutoff
from koinon.calls.money import per_project, share_words
from koinon.calls.words import Applicant, Stage
from koinon.network.models import Stand
from koinon.network.views import asked as typed
from koinon.places import gazetteer
from koinon.places.models import Place
from koinon.practices import concepts
from koinon.topics.models import Objective

_MOST_PLACES = 12
_LONG = ("text", "loaded")
_LETTERS = tuple("abcdefghijklm")
_ORDER = {Stage.OPEN: 0, Stage.COMING: 1, Stage.CLOSED: 2}


def _iso(date: Cutoff) -> str:
    at = f"T{date.at:%H:%M}" if date.at else ""
    return f"{date.day.isoformat()}{at} {date.zone}"


LISTING: Listing[Call] = Listing(
    name="calls",
    title=gettext_lazy("Calls for proposals"),
    columns=(
        Column("slug", lambda row: row.slug),
        Column("title", lambda row: row.title),
        Column("language", lambda row: row.language),
        Column("summary", lambda row: row.summary),
        Column("stage", lambda row: str(row.stage().value) if row.is_public else "draft"),
        Column("opens_on", lambda row: row.opens_on),
        Column("closes", lambda row: row.closes_at),
        Column("dates", lambda row: [_iso(one) for one in row.dates]),
        Column("dates_certain", lambda row: row.dates_certain),
        Column("no_deadline", lambda row: row.no_deadline),
        Column("opener", lambda row: row.opener_name),
        Column("programme", lambda row: (row.programme.cci or row.programme.code) if row.programme else None),
        Column("who", lambda row: row.who),
        Column("who_text", lambda row: row.who_text),
        Column("places", lambda row: [place.key for place in row.places.all()]),
        Column("topics", lambda row: row.topics),
        Column("objectives", lambda row: row.objectives),
        Column("under_priority", lambda row: row.under_priority),
        Column("share", lambda row: float(row.share) if row.share is not None else None),
        Column("least", lambda row: float(row.least) if row.least is not None else None),
        Column("most", lambda row: float(row.most) if row.most is not None else None),
        Column("budget", lambda row: float(row.budget) if row.budget is not None else None),
        Column("currency", lambda row: row.currency),
        Column("address", lambda row: row.url),
        Column("sources", lambda row: row.sources),
        Column("checked_on", lambda row: row.checked_on),
        Column("confirmed_on", lambda row: row.confirmed_on),
        Column("stand", lambda row: str(row.stand.value)),
        Column("invented", lambda row: row.is_demo),
        Column("url", lambda row: row.get_absolute_url()),
    ),
    entry_title=lambda row: row.title,
    entry_url=lambda row: row.get_absolute_url(),
    entry_updated=lambda row: row.changed_at,
    calendar=ics.calendar_of,
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


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `typed` is what was typed for a place; `place` the place it means, if any."""

    typed: str
    place: Place | None
    stages: tuple[str, ...]
    who: tuple[str, ...]
    topics: tuple[str, ...]
    objectives: tuple[str, ...]

    @property
    def place_not_found(self) -> bool:
        return bool(self.typed) and self.place is None

    @property
    def is_filtered(self) -> bool:
        return bool(self._pairs())

    @property
    def filters_set(self) -> int:
        return sum(map(bool, (self.who, self.topics, self.objectives)))

    def address(self, **more: str) -> str:
        """The same question as an address, with something else in it."""
        pairs = [pair for pair in self._pairs() if pair[0] not in more]
        return "?" + urlencode(pairs + [(name, value) for name, value in more.items() if value])

    def hidden(self) -> list[tuple[str, str]]:
        """What a form of other fields has to carry along."""
        return [pair for pair in self._pairs() if pair[0] in {"place", "stage"}]

    def _pairs(self) -> list[tuple[str, str]]:
        pairs = [("place", self.place.key if self.place else self.typed)] if self.typed else []
        pairs += [("stage", stage) for stage in self.stages]
        pairs += [("who", kind) for kind in self.who]
        pairs += [("topic", key) for key in self.topics]
        return pairs + [("objective", letter) for letter in self.objectives]


def asked(request: DjangoRequest) -> Asked:
    """What an address asks for; 400 for stages, bodies and objectives that are none."""
    text = typed.text(request, "place").strip()
    return Asked(
        typed=text,
        place=place_of(text),
        stages=tuple(typed.among(request, "stage", set(Stage.values))),
        who=tuple(typed.among(request, "who", set(Applicant.values))),
        topics=tuple(key for key in request.GET.getlist("topic")[:20] if concepts.is_key(key)),
        objectives=tuple(typed.among(request, "objective", set(_LETTERS))),
    )


def place_of(text: str) -> Place | None:
    """The place of a key, or the first that a name may mean."""
    if not text:
        return None
    if (place := Place.objects.find(text)) is not None:
        return place
    found = gazetteer.find(text, limit=1)
    return Place.objects.filter(pk=found.items[0].code).first() if found.items else None


class Calls:
    """All calls that a visitor may see, and those that fit what is asked; four queries."""

    def __init__(self, wanted: Asked, visitor: Visitor) -> None:
        self.wanted, self.now = wanted, timezone.now()
        rows = Call.objects.seen_by(visitor).select_related("opener", "programme").defer(*_LONG)
        self.rows = list(rows.prefetch_related("places", "cutoffs").closing_first())
        self.codes = {row.pk: {place.pk for place in row.places.all()} for row in self.rows}
        self.stages = {row.pk: row.stage(self.now) for row in self.rows}
        self.around = (
            {wanted.place.code, *wanted.place.ancestor_codes(), "EU"} if wanted.place is not None else set()
        )
        self.found = sorted(self._found(), key=self._order)

    def _order(self, row: Call) -> tuple[int, float, str]:
        """Open ones by their next date, then those to come by their first day, then closed ones, the latest first."""
        stage = self.stages[row.pk]
        if stage == Stage.CLOSED:
            ended = row.closes_at or row.changed_at
            return (_ORDER[stage], -ended.timestamp(), row.slug)
        if stage == Stage.COMING and row.opens_on is not None:
            return (_ORDER[stage], float(row.opens_on.toordinal()), row.slug)
        following = row.next_date(self.now)
        return (_ORDER[stage], following.ends_at.timestamp() if following else float("inf"), row.slug)

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(self.stages[row.pk] for row in self._found(without="stage"))
        return {str(stage.value): found[stage] for stage in Stage}

    def facets(self) -> list[Facet]:
        """Each filter with its boxes, and how many calls each would show beside the other filters."""
        wanted, language = self.wanted, get_language() or DEFAULT
        who = Counter(kind for row in self._found(without="who") for kind in row.who)
        topics = Counter(key for row in self._found(without="topic") for key in row.topics)
        letters = Counter(letter for row in self._found(without="objective") for letter in row.objectives)
        objectives = (
            {row.code: str(row) for row in Objective.objects.all()} if letters or wanted.objectives else {}
        )
        facets = [
            Facet(
                "who",
                _("Who may apply"),
                True,
                _choices(who, wanted.who, {str(one.value): str(one.label) for one in Applicant}),
            ),
            Facet(
                "topic",
                _("Theme"),
                True,
                _choices(
                    topics,
                    wanted.topics,
                    {key: concepts.label(key, language) for key in {*topics, *wanted.topics}},
                ),
            ),
            Facet(
                "objective",
                _("Objective"),
                bool(wanted.objectives),
                _choices(letters, wanted.objectives, objectives),
            ),
        ]
        return [facet for facet in facets if facet.choices]

    def places(self) -> list[tuple[str, str, int]]:
        """The places that calls are for, those with most calls first: address, name, how many."""
        counts = Counter(place for row in self._found(without="place") for place in row.places.all())
        most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].latin))[:_MOST_PLACES]
        return [(self.wanted.address(place=place.key), place.display_name(), n) for place, n in most]

    def withdrawn(self) -> list[Call]:
        """What was withdrawn lately and fitted (whatever its stage was): for calendars, which hold it still; three queries."""
        rows = list(
            Call.objects.withdrawn_lately(self.now)
            .defer(*_LONG)
            .prefetch_related("places", "cutoffs")
            .closing_first()
        )
        self.codes |= {row.pk: {place.pk for place in row.places.all()} for row in rows}
        return self._fitting(rows, without="stage")

    def _found(self, *, without: str = "") -> list[Call]:
        """What fits, leaving out one filter where its own boxes are counted."""
        return self._fitting(self.rows, without=without)

    def _fitting(self, rows: list[Call], *, without: str = "") -> list[Call]:
        wanted = self.wanted
        tests: dict[str, Callable[[Call], bool]] = {
            "place": self._concerns,
            "stage": lambda row: not wanted.stages or self.stages[row.pk] in wanted.stages,
            "who": lambda row: not wanted.who or bool(set(row.who) & set(wanted.who)),
            "topic": lambda row: not wanted.topics or bool(set(row.topics) & set(wanted.topics)),
            "objective": lambda row: (
                not wanted.objectives or bool(set(row.objectives) & set(wanted.objectives))
            ),
        }
        tests.pop(without, None)
        return [row for row in rows if all(test(row) for test in tests.values())]

    def _concerns(self, row: Call) -> bool:
        """Whether the place may turn to it: the call is open to the place itself, or to what it lies in."""
        if not self.wanted.typed:
            return True
        return self.wanted.place is not None and bool(self.codes[row.pk] & self.around)


def _choices(counts: Counter[str], ticked: tuple[str, ...], names: dict[str, str]) -> list[Choice]:
    values = sorted({*counts, *ticked}, key=lambda value: (-counts[value], str(names.get(value, value))))
    return [Choice(value, str(names.get(value, value)), counts[value], value in ticked) for value in values]


@dataclass(frozen=True)
class Line:
    """A call as a line of a table: what the template needs beside the call itself."""

    call: Call
    stage: str
    sum: str
    share: str
    next_date: Cutoff | None
    days: int | None
    more_dates: int
    who: list[str]
    stand: Stand


def _days(date: Cutoff, now: datetime) -> int:
    """In how many days it ends, by the calendar of its zone: 0 is today."""
    return (date.day - now.astimezone(ZoneInfo(date.zone)).date()).days


def line(row: Call, now: datetime) -> Line:
    stage = row.stage(now)
    following = row.next_date(now) if stage != Stage.CLOSED else None
    dates = row.dates
    return Line(
        call=row,
        stage=str(stage.value),
        sum=per_project(row),
        share=share_words(row.share),
        next_date=following or (dates[-1] if dates else None),
        days=_days(following, now) if following is not None else None,
        more_dates=sum(1 for one in dates if following is not None and one.ends_at > following.ends_at),
        who=[str(Applicant(kind).label) for kind in row.who if kind in Applicant.values],
        stand=row.stand,
    )
