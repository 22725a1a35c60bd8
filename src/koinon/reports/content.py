"""What a report holds: figures of its body as they stand on its pages, and the activities of the log, in the period.

Counted as plain data, so that what is handed in can be kept as it was; drawn by the page and by the files.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT, country_name, in_language
from koinon.minutes.counting import folded
from koinon.network.actions.roles import site
from koinon.questions.life import OPEN, State
from koinon.questions.models import Question
from koinon.questions.register import LEAST
from koinon.reports import facts, figures
from koinon.reports.models import Activity, PeriodReport
from koinon.reports.periods import Period
from koinon.reports.words import Kind, Origin

SHOWN = (facts.SESSIONS, figures.PEOPLE, facts.ANSWERS, facts.COURSES, facts.EXCHANGES, facts.PRACTICES)


def count(report: PeriodReport) -> dict[str, Any]:
    """Everything a report tells in numbers and lines, as it is kept with it."""
    circle = facts.network().circle_of(report.organisation)
    period = Period(report.first_day, report.last_day)
    shown = figures.figures_of(figures.of_body(report.organisation), period)
    rows = (
        Activity.objects.counted()
        .filter(circle.within("organisation", "last_day"))
        .between(report.first_day, report.last_day)
        .select_related("organisation")
        .order_by("last_day", "pk")
    )
    return {
        "cut_off": period.cut_off.isoformat(),
        "figures": [
            {"key": one.key, "value": one.value, "missing": _missing(one)}
            for one in shown
            if one.key in SHOWN
        ],
        "desk": _desk(circle, period),
        "activities": [_line(row) for row in rows],
    }


def _missing(figure: figures.Figure) -> bool:
    """Whether something of it is not known; in which words that is said is the page's."""
    return bool(figure.note or figure.unknown)


def _desk(circle: facts.Circle, period: Period) -> dict[str, Any]:
    """What came to the desks in the period and what became of it; nothing of confidential requests, nothing below five."""
    asked = Question.objects.ordinary().exclude(state=State.WITHDRAWN)
    asked = asked.filter(circle.within("desk", "asked_at__date"))
    if period.first:
        asked = asked.filter(asked_at__date__gte=period.first)
    if period.last:
        asked = asked.filter(asked_at__date__lte=period.last)
    ends = Counter("open" if state in OPEN else str(state) for state in asked.values_list("state", flat=True))
    total = sum(ends.values())
    return {"asked": total if total >= LEAST else None, "none": total == 0, "ends": folded(ends, total)}


def _line(row: Activity) -> dict[str, Any]:
    return {
        "key": row.pk,
        "body": row.organisation.name,
        "kind": row.kind,
        "title": row.title,
        "language": row.language,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "countries": list(row.countries),
        "participants": row.participants,
        "at_least": row.at_least,
        "partners": list(row.partners),
        "note": row.note,
        "link": row.link,
        "origin": row.origin,
        "corrected": row.corrected,
    }


@dataclass(frozen=True)
class Shown:
    """A figure of a report with its words."""

    key: str
    value: int | None
    missing: bool

    @property
    def definition(self) -> figures.Definition:
        return figures.DEFINITIONS[self.key]

    @property
    def told(self) -> str:
        if self.value is None:
            return _("not known")
        return f"{self.value} ({_('not all known')})" if self.missing else str(self.value)


@dataclass(frozen=True)
class Entry:
    """One line of the log, as a report shows it."""

    key: int
    body: str
    kind: str
    title: str
    language: str
    first_day: date
    last_day: date
    countries: tuple[str, ...]
    participants: int | None
    at_least: bool
    partners: tuple[str, ...]
    note: str
    link: str
    origin: str
    corrected: bool

    @property
    def kind_words(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def called(self) -> str:
        """Its title; of an exchange that is not for all to see, that there was one."""
        return self.title or no_title(self.kind)

    @property
    def countries_words(self) -> str:
        return ", ".join(country_words(code) for code in self.countries)

    @property
    def source_words(self) -> str:
        return source_words(self.origin, self.corrected)


def no_title(kind: str) -> str:
    """What is said of something whose words are not for all to see."""
    if kind == Kind.EXCHANGE:
        return _("An exchange whose words its two sides keep to themselves")
    return str(Kind(kind).label)


def source_words(origin: str, corrected: bool) -> str:
    if origin == Origin.TYPED:
        return _("Typed")
    return _("Recorded by the house, corrected by a person") if corrected else _("Recorded by the house")


def country_words(code: str) -> str:
    """The name of a country; of all of Europe, so."""
    return _("All of Europe") if code == "EU" else country_name(code, get_language() or DEFAULT)


def whole_address(link: str) -> str:
    """Where more stands about it, as it can be sent: with the house before a page of its own, in the language that is spoken."""
    return site() + in_language(link, get_language() or DEFAULT) if link.startswith("/") else link


class Account:
    """A report as it is told: from what was kept when it was handed in, else counted now."""

    def __init__(self, report: PeriodReport) -> None:
        self.report = report
        self.data: Mapping[str, Any] = report.kept or count(report)

    @cached_property
    def cut_off(self) -> date:
        return date.fromisoformat(self.data["cut_off"])

    @cached_property
    def figures(self) -> list[Shown]:
        return [Shown(**one) for one in self.data["figures"]]

    @cached_property
    def activities(self) -> list[Entry]:
        return [
            Entry(
                **{
                    **one,
                    "first_day": date.fromisoformat(one["first_day"]),
                    "last_day": date.fromisoformat(one["last_day"]),
                    "countries": tuple(one["countries"]),
                    "partners": tuple(one["partners"]),
                }
            )
            for one in self.data["activities"]
        ]

    @cached_property
    def kinds(self) -> list[tuple[str, int]]:
        """How many activities of each kind, in the order of the kinds."""
        counted = Counter(one.kind for one in self.activities)
        return [(str(kind.label), counted[kind]) for kind in Kind if counted[kind]]

    @cached_property
    def countries(self) -> list[tuple[str, int]]:
        """How many activities for each country; one for several countries is counted in each."""
        counted = Counter(code for one in self.activities for code in one.countries)
        named = [(country_words(code), number) for code, number in counted.items()]
        return sorted(named, key=lambda pair: (-pair[1], pair[0]))

    @property
    def without_country(self) -> int:
        return sum(not one.countries for one in self.activities)

    @cached_property
    def sentences(self) -> list[str]:
        """The report in a few whole sentences."""
        number = len(self.activities)
        said = [
            ngettext(
                "%(n)s activity is in the log of the period.",
                "%(n)s activities are in the log of the period.",
                number,
            )
            % {"n": number}
        ]
        known = [one for one in self.activities if one.participants is not None]
        if known:
            people = sum(one.participants or 0 for one in known)
            words = (
                ngettext("At least %(n)s person took part.", "At least %(n)s people took part.", people)
                if any(one.at_least for one in known) or len(known) < number
                else ngettext("%(n)s person took part.", "%(n)s people took part.", people)
            )
            said.append(words % {"n": people})
        if missing := number - len(known):
            said.append(
                ngettext(
                    "Of %(n)s activity it is not known how many took part.",
                    "Of %(n)s activities it is not known how many took part.",
                    missing,
                )
                % {"n": missing}
            )
        return said + self._desk

    @property
    def _desk(self) -> list[str]:
        desk = self.data["desk"]
        if desk["none"]:
            return [_("No question came to the desk in the period.")]
        if desk["asked"] is None:
            return [_("Fewer than five questions came to the desk in the period.")]
        return [
            ngettext(
                "%(n)s question came to the desk in the period.",
                "%(n)s questions came to the desk in the period.",
                desk["asked"],
            )
            % {"n": desk["asked"]}
        ]

    @cached_property
    def ends(self) -> list[tuple[str, int]]:
        """What became of the questions, where at least five share it."""
        words = {
            "open": _("open"),
            str(State.ANSWERED): _("answered"),
            str(State.MERGED): _("merged into another"),
            str(State.DECLINED): _("declined"),
            "others": _("folded, because fewer than five would show"),
        }
        return [(words.get(end, end), number) for end, number in self.data["desk"]["ends"].items()]
