"""The programme as a list: what an address asks for, what fits, and how many each further filter would show."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest as DjangoRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koinon.agenda import ics
from koinon.agenda.models import Session
from koinon.base.exits import Column, Listing
from koinon.base.languages import DEFAULT, ENDONYMS, language_name
from koinon.base.visitor import Visitor
from koinon.network.actions.roles import site
from koinon.network.views import asked as days
from koinon.places import gazetteer
from koinon.places.models import Place

# Names in the address → field of a session that holds codes of languages.
LANGUAGES = {
    "spoken": "spoken",
    "interpreted": "interpreted",
    "captioned": "captioned",
    "asked": "asked_in",
}
_LONG = ("outline", "notes", "unknown", "disagree", "sources", "moved_from")
_MOST_PLACES = 12


def calendar_of(rows: Iterable[Session]) -> str:
    """Sessions as a calendar under the name of the programme."""
    return ics.calendar(rows, name=_("Sessions of the network"), site=site(), now=timezone.now())


LISTING: Listing[Session] = Listing(
    name="sessions",
    title=gettext_lazy("Sessions of the network"),
    columns=(
        Column("code", lambda row: row.code),
        Column("title", lambda row: row.title),
        Column("state", lambda row: row.state_now),
        Column("starts", lambda row: row.starts_at),
        Column("ends", lambda row: row.ends_at),
        Column("day", lambda row: row.day),
        Column("begins", lambda row: f"{row.begins:%H:%M}"),
        Column("zone", lambda row: row.zone),
        Column("time_certain", lambda row: row.time_certain),
        Column("announced_time", lambda row: row.announced_time),
        Column("format", lambda row: row.format),
        Column("theme", lambda row: row.theme),
        Column("organiser", lambda row: row.organiser_name),
        Column("places", lambda row: [place.key for place in row.places.all()]),
        Column("spoken", lambda row: row.spoken),
        Column("interpreted", lambda row: row.interpreted),
        Column("captioned", lambda row: row.captioned),
        Column("asked_in", lambda row: row.asked_in),
        Column("series", lambda row: row.series.slug if row.series else None),
        Column("url", lambda row: row.get_absolute_url()),
    ),
    entry_title=lambda row: row.title,
    entry_url=lambda row: row.get_absolute_url(),
    entry_updated=lambda row: row.changed_at or row.starts_at,
    calendar=calendar_of,
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

    first: date | None
    last: date | None
    typed: str
    place: Place | None
    kinds: tuple[str, ...]
    themes: tuple[str, ...]
    series: tuple[str, ...]
    languages: dict[str, tuple[str, ...]]

    @property
    def place_not_found(self) -> bool:
        return bool(self.typed) and self.place is None

    @property
    def is_filtered(self) -> bool:
        return bool(self._pairs())

    @property
    def filters_set(self) -> int:
        return sum(map(bool, (self.kinds, self.themes, self.series, *self.languages.values())))

    def address(self, **more: str) -> str:
        """The same question as an address, with something else in it."""
        pairs = [pair for pair in self._pairs() if pair[0] not in more]
        return "?" + urlencode(pairs + [(name, value) for name, value in more.items() if value])

    def hidden(self) -> list[tuple[str, str]]:
        """What a form of other fields has to carry along."""
        return [pair for pair in self._pairs() if pair[0] in {"from", "to", "place"}]

    def _pairs(self) -> list[tuple[str, str]]:
        pairs = [("from", self.first.isoformat())] if self.first else []
        pairs += [("to", self.last.isoformat())] if self.last else []
        pairs += [("place", self.place.key if self.place else self.typed)] if self.typed else []
        pairs += [("kind", kind) for kind in self.kinds]
        pairs += [("theme", theme) for theme in self.themes]
        pairs += [("series", slug) for slug in self.series]
        return pairs + [(name, code) for name, codes in self.languages.items() for code in codes]


def asked(request: DjangoRequest) -> Asked:
    """What an address asks for; 400 for days, formats and languages that are none."""
    typed = days.text(request, "place").strip()
    return Asked(
        first=_day(request, "from"),
        last=_day(request, "to"),
        typed=typed,
        place=place_of(typed),
        kinds=tuple(days.among(request, "kind", set(Session.Format.values))),
        themes=_texts(request, "theme"),
        series=_texts(request, "series"),
        languages={name: tuple(days.among(request, name, set(ENDONYMS))) for name in LANGUAGES},
    )


def place_of(typed: str) -> Place | None:
    """The place of a key, or the first that a name may mean."""
    if not typed:
        return None
    if (place := Place.objects.find(typed)) is not None:
        return place
    found = gazetteer.find(typed, limit=1)
    return Place.objects.filter(pk=found.items[0].code).first() if found.items else None


def _day(request: DjangoRequest, name: str) -> date | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        return days.as_day(text)
    except SuspiciousOperation as wrong:
        raise SuspiciousOperation(f"{name} is a day: 2022-06-01") from wrong


def _texts(request: DjangoRequest, name: str) -> tuple[str, ...]:
    return tuple(text[:200].replace("\x00", "") for text in request.GET.getlist(name)[:20] if text)


class Programme:
    """All sessions that a visitor may see, and those that fit what is asked; two queries."""

    def __init__(self, wanted: Asked, visitor: Visitor) -> None:
        self.wanted, self.now = wanted, timezone.now()
        rows = Session.objects.seen_by(visitor).select_related("organiser", "series").defer(*_LONG)
        self.rows = list(rows.prefetch_related("places").soonest_first())
        self.codes = {row.pk: {place.pk for place in row.places.all()} for row in self.rows}
        self.around = (
            {wanted.place.code, *wanted.place.ancestor_codes()} if wanted.place is not None else set()
        )
        self.found = self._found()

    @property
    def coming(self) -> list[Session]:
        """What has not ended and was not cancelled, soonest first; of what was cancelled, what had not begun."""
        return [row for row in self.found if not row.is_over(self.now)]

    @property
    def past(self) -> list[Session]:
        """What is over, the latest first."""
        return [row for row in reversed(self.found) if row.is_over(self.now)]

    def facets(self) -> list[Facet]:
        """Each filter with its boxes, and how many sessions each would show beside the other filters."""
        wanted, language = self.wanted, get_language() or DEFAULT
        kinds = Counter(row.format for row in self._found(without="kind"))
        themes = Counter(row.theme for row in self._found(without="theme") if row.theme)
        series = {row.series.slug: row.series.title for row in self.rows if row.series}
        in_series = Counter(row.series.slug for row in self._found(without="series") if row.series)
        facets = [
            Facet(
                "kind",
                _("Format"),
                True,
                [
                    Choice(kind, str(Session.Format(kind).label), kinds[kind], kind in wanted.kinds)
                    for kind in Session.Format.values
                    if kinds[kind] or kind in wanted.kinds
                ],
            ),
            Facet("theme", _("Theme"), True, _choices(themes, wanted.themes, {})),
        ]
        headings = {
            "spoken": _("Spoken in"),
            "interpreted": _("Interpreted into"),
            "captioned": _("Captions in"),
            "asked": _("Questions taken in"),
        }
        for name, heading in headings.items():
            counts = Counter(
                code for row in self._found(without=name) for code in getattr(row, LANGUAGES[name])
            )
            names = {code: capfirst(language_name(code, language)) for code in ENDONYMS}
            ticked = wanted.languages[name]
            facets.append(Facet(name, heading, name == "spoken", _choices(counts, ticked, names)))
        facets.append(
            Facet("series", _("Series"), bool(wanted.series), _choices(in_series, wanted.series, series))
        )
        return [facet for facet in facets if facet.choices]

    def places(self) -> list[tuple[str, str, int]]:
        """The places that sessions are for, those with most sessions first: address, name, how many."""
        counts = Counter(place for row in self._found(without="place") for place in row.places.all())
        most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].latin))[:_MOST_PLACES]
        return [(self.wanted.address(place=place.key), place.display_name(), n) for place, n in most]

    def _found(self, *, without: str = "") -> list[Session]:
        """What fits, leaving out one filter where its own boxes are counted."""
        wanted = self.wanted
        tests: dict[str, Any] = {
            "from": lambda row: wanted.first is None or row.day >= wanted.first,
            "to": lambda row: wanted.last is None or row.day <= wanted.last,
            "place": self._concerns,
            "kind": lambda row: not wanted.kinds or row.format in wanted.kinds,
            "theme": lambda row: not wanted.themes or row.theme in wanted.themes,
            "series": lambda row: not wanted.series or (row.series and row.series.slug in wanted.series),
        }
        for name, field in LANGUAGES.items():
            if codes := set(wanted.languages[name]):
                tests[name] = _speaks(field, codes)
        tests.pop(without, None)
        return [row for row in self.rows if all(test(row) for test in tests.values())]

    def _concerns(self, row: Session) -> bool:
        """Whether it is for the place, for what the place lies in, or for no place in particular."""
        if not self.wanted.typed:
            return True
        if self.wanted.place is None:
            return False
        return not self.codes[row.pk] or bool(self.codes[row.pk] & self.around)


def _speaks(field: str, codes: set[str]) -> Any:
    def fits(row: Session) -> bool:
        languages = set(getattr(row, field))
        # Where no language is named for questions, any is taken.
        return bool(languages & codes) or (field == "asked_in" and not languages)

    return fits


def _choices(counts: Counter[str], ticked: tuple[str, ...], names: dict[str, str]) -> list[Choice]:
    values = sorted({*counts, *ticked}, key=lambda value: (-counts[value], names.get(value, value)))
    return [Choice(value, names.get(value, value), counts[value], value in ticked) for value in values]


def state_words(row: Session, now: datetime) -> str:
    """What to say of a session beside its title; empty for one that is simply to come."""
    if row.state == Session.State.CANCELLED:
        return _("Cancelled")
    if row.is_over(now):
        return ""
    return _("Now") if row.state == Session.State.LIVE else ""
