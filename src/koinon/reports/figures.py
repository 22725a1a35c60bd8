"""Figures: each with what it counts, where that can be looked up, and up to which day; the same wherever it stands.

A number of people is told only where at least five came to a session, session by session, so that no sum and no difference
between two sums, two bodies or two periods tells of fewer. Questions are told as the register tells them. What is not known is
said to be unknown, and never counted as nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.questions import register
from koinon.questions.life import State
from koinon.reports.facts import (
    ANSWERS,
    COURSES,
    EXCHANGES,
    PRACTICES,
    SESSIONS,
    Circle,
    Fact,
    facts,
    network,
)
from koinon.reports.periods import Period

PEOPLE, ASKED, ANSWERED, OPEN = "people", "questions", "questions_answered", "questions_open"
Words = str | Promise


@dataclass(frozen=True)
class Definition:
    """What a figure counts, in whole sentences; the page on which the things themselves stand."""

    label: Words
    text: Words
    source: Words
    address: str


DEFINITIONS: dict[str, Definition] = {
    SESSIONS: Definition(
        gettext_lazy("Sessions held"),
        gettext_lazy(
            "Announced sessions for everybody that took place, on their day; cancelled ones are not counted."
        ),
        gettext_lazy("Programme of sessions"),
        "sessions:list",
    ),
    PEOPLE: Definition(
        gettext_lazy("People who came to sessions"),
        gettext_lazy(
            "Everybody whom the hosts marked as there, of sessions to which at least five came. Who came twice is"
            " counted twice. Where fewer came, or nobody was marked, it is not known here."
        ),
        gettext_lazy("Attendance, as the hosts marked it"),
        "sessions:list",
    ),
    ANSWERS: Definition(
        gettext_lazy("Answers published"),
        gettext_lazy(
            "Answers that stand here for everybody, on the day they were published; those taken back are not counted."
        ),
        gettext_lazy("Published answers"),
        "questions:answers",
    ),
    COURSES: Definition(
        gettext_lazy("Courses offered"),
        gettext_lazy("Courses that are published, on the day they were."),
        gettext_lazy("Courses"),
        "courses:list",
    ),
    EXCHANGES: Definition(
        gettext_lazy("Exchanges with a public result"),
        gettext_lazy(
            "Exchanges between two bodies or people of which both let the result be seen, on the day of the result."
        ),
        gettext_lazy("Exchanges and what came of them"),
        "peers:exchanges",
    ),
    PRACTICES: Definition(
        gettext_lazy("Practices in the library"),
        gettext_lazy(
            "Practices that are published, on the day they were; of a body: those that it did or looks after."
        ),
        gettext_lazy("Library of practices"),
        "practices:list",
    ),
    ASKED: Definition(
        gettext_lazy("Questions asked"),
        gettext_lazy(
            "Cases of the public register, in whole quarters; confidential requests are in no figure, and a quarter with"
            " fewer than five is left out."
        ),
        gettext_lazy("Register of questions"),
        "questions:register",
    ),
    ANSWERED: Definition(
        gettext_lazy("Of these, answered"),
        gettext_lazy("Cases of the register that ended with an answer."),
        gettext_lazy("Register of questions"),
        "questions:register",
    ),
    OPEN: Definition(
        gettext_lazy("Of these, open"),
        gettext_lazy("Cases of the register that lie with somebody and have a date."),
        gettext_lazy("Register of questions"),
        "questions:register",
    ),
}


@dataclass(frozen=True)
class Figure:
    """One figure as it is told: None is not known, and `unknown` says why. `note` is said beside the number."""

    key: str
    value: int | None
    cut_off: date
    unknown: str = ""
    note: str = ""

    @property
    def label(self) -> str:
        return str(DEFINITIONS[self.key].label)

    @property
    def definition(self) -> str:
        return str(DEFINITIONS[self.key].text)

    @property
    def source(self) -> str:
        return str(DEFINITIONS[self.key].source)

    @property
    def source_url(self) -> str:
        return reverse(DEFINITIONS[self.key].address)


@dataclass(frozen=True)
class Scope:
    """Whose figures: everybody's, those of some bodies on their days, or those for a place with all that lies in it."""

    bodies: Circle | None = None
    place: str = ""

    def holds(self, fact: Fact) -> bool:
        if self.bodies is not None and not self.bodies.holds(fact.bodies, fact.day):
            return False
        return not self.place or self.place in fact.places


EVERYBODY = Scope()


def of_body(organisation: Organisation) -> Scope:
    return Scope(bodies=network().circle_of(organisation))


def of_place(place: Place) -> Scope:
    return EVERYBODY if place.code == "EU" else Scope(place=place.code)


def figures_of(scope: Scope, period: Period) -> list[Figure]:
    """All figures of a scope and a period, in one order everywhere."""
    held = [fact for fact in facts() if period.holds(fact.day) and scope.holds(fact)]
    counted = Counter(fact.kind for fact in held)
    end = period.cut_off
    found = [
        Figure(SESSIONS, counted[SESSIONS], end),
        _people([fact for fact in held if fact.kind == SESSIONS], end),
        *(Figure(kind, counted[kind], end) for kind in (ANSWERS, COURSES, EXCHANGES, PRACTICES)),
    ]
    return found + _questions(scope, period)


def _people(sessions: Sequence[Fact], end: date) -> Figure:
    told = [fact.people for fact in sessions if fact.people is not None]
    missing = len(sessions) - len(told)
    note = (
        ngettext(
            "Not known for %(n)s session: fewer than five came, or nobody was marked.",
            "Not known for %(n)s sessions: fewer than five came, or nobody was marked.",
            missing,
        )
        % {"n": missing}
        if missing
        else ""
    )
    if sessions and not told:
        return Figure(PEOPLE, None, end, unknown=note)
    return Figure(PEOPLE, sum(told), end, note=note)


def _questions(scope: Scope, period: Period) -> list[Figure]:
    """As the register tells them: of the network and of countries; of bodies and smaller places it tells nothing."""
    end = period.quarters_cut_off
    is_country = len(scope.place) == 2
    if scope.bodies is not None or (scope.place and not is_country):
        why = _("The register tells countries only, so that nobody can be told.")
        return [Figure(key, None, end, unknown=why) for key in (ASKED, ANSWERED, OPEN)]
    rows = [case for case in register.cases() if period.holds_quarter(case.day)]
    note = ""
    if scope.place:
        folded = sum(case.country == register.FOLDED for case in rows)
        rows = [case for case in rows if case.country == scope.place]
        if folded:
            note = ngettext(
                "%(n)s case of the network is folded: which country it is from is not told.",
                "%(n)s cases of the network are folded: which country they are from is not told.",
                folded,
            ) % {"n": folded}
    if not rows:
        why = _("Fewer than five in each quarter, or none: the register begins with the fifth.")
        return [Figure(key, None, end, unknown=why, note=note) for key in (ASKED, ANSWERED, OPEN)]
    results = Counter(case.result for case in rows)
    hidden = _hidden(results)
    ends = ((ANSWERED, results[State.ANSWERED]), (OPEN, results["open"]))
    return [
        Figure(ASKED, len(rows), end, note=note),
        *(
            Figure(key, number, end, note=hidden)
            if number or not hidden
            else Figure(key, None, end, unknown=hidden)
            for key, number in ends
        ),
    ]


def _hidden(results: Counter[str]) -> str:
    folded = results[register.FOLDED]
    if not folded:
        return ""
    return ngettext(
        "What became of %(n)s case is folded.", "What became of %(n)s cases is folded.", folded
    ) % {"n": folded}


@dataclass(frozen=True)
class Line:
    """A row of the drill-down: a body or a country with its numbers, in the order of `columns`."""

    label: str
    url: str
    values: tuple[int, ...]
    kind: str = ""
    code: str = ""

    @property
    def cells(self) -> list[tuple[str, int]]:
        """Each number with the head of its column."""
        return list(zip(columns(), self.values, strict=True))


@dataclass(frozen=True)
class Folded:
    """The drill-down as a page shows it: the rows in which anything is counted, and apart those in which nothing is."""

    rows: list[Line]
    empty: list[Line]

    @property
    def has_kinds(self) -> bool:
        """Whether they are of several kinds, so that each has to say its own."""
        return len({row.kind for row in self.rows}) > 1

    def __bool__(self) -> bool:
        return bool(self.rows or self.empty)


def folded(lines: Sequence[Line]) -> Folded:
    """Each part in the order in which the lines were."""
    return Folded([row for row in lines if any(row.values)], [row for row in lines if not any(row.values)])


COLUMNS = (SESSIONS, ANSWERS, COURSES, EXCHANGES, PRACTICES)


def columns() -> list[str]:
    """The heads of the columns of the drill-down."""
    return [str(DEFINITIONS[key].label) for key in COLUMNS]


def line(scope: Scope, period: Period, *, label: str, url: str, kind: str = "", code: str = "") -> Line:
    counted = Counter(fact.kind for fact in facts() if period.holds(fact.day) and scope.holds(fact))
    return Line(label, url, tuple(counted[key] for key in COLUMNS), kind, code)


def lines_of_bodies(
    bodies: Sequence[Organisation], period: Period, *, of: Circle | None = None
) -> list[Line]:
    """Each body with its numbers; its own page of figures is the next step down. `of`: only on the days that count there."""
    return [
        line(
            of_body(body) if of is None else Scope(bodies=of.only(body.pk)),
            period,
            label=body.short if body.kind == Organisation.Kind.CONSORTIUM else body.name,
            url=reverse("reports:body", args=[body.slug]) + _query(period),
            kind=str(body.get_kind_display()),
            code=body.country,
        )
        for body in bodies
    ]


def lines_of_places(places: Sequence[Place], period: Period, *, all_of_them: bool = True) -> list[Line]:
    """Each place with its numbers; where not all are wanted, those for which there is something."""
    found = [
        line(
            of_place(place),
            period,
            label=place.display_name(),
            url=reverse("reports:place", args=[place.key]) + _query(period),
            code=place.code,
        )
        for place in places
    ]
    return found if all_of_them else [row for row in found if any(row.values)]


def _query(period: Period) -> str:
    return f"?{period.query}" if period.query else ""
