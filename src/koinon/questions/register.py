"""What the public may know of all cases: figures without names, small numbers hidden.

Confidential requests are in none of them. A country, a theme or a result that stands for fewer than five cases in its
quarter is folded into "other", so that no row, and no difference between rows, points at somebody.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from statistics import median

from django.utils.translation import gettext as _

from koinon.base.workdays import working_days_between
from koinon.places.models import Place
from koinon.questions.life import OPEN, Reason, State
from koinon.questions.models import Answer, Question
from koinon.questions.routing import country_of

LEAST = 5
OTHER = "other"


@dataclass(frozen=True)
class Case:
    """One case of the register. `days`: working days from asking to the answer; None where there is none (yet)."""

    day: date
    quarter: str
    country: str
    level: str
    topics: list[str]
    wish: str
    result: str
    days: int | None


@dataclass(frozen=True)
class Tally:
    """A line of figures; `number` is None where it is below five (or would reveal another that is)."""

    label: str
    number: int | None


def quarter_of(day: date) -> str:
    return f"{day.year}-Q{(day.month - 1) // 3 + 1}"


def cases() -> list[Case]:
    """The register, the newest quarter first. Two queries."""
    rows = Question.objects.ordinary().exclude(state=State.WITHDRAWN).select_related("place", "desk")
    raw = [_case(row) for row in rows.order_by("-asked_at")]
    by_country = Counter((case.quarter, case.country) for case in raw)
    by_place = Counter((case.quarter, case.country, case.level, case.result) for case in raw)
    shown = []
    for case in raw:
        country, level, topics, days = case.country, case.level, case.topics, case.days
        if by_country[case.quarter, country] < LEAST:
            country, level = OTHER, OTHER
        elif by_place[case.quarter, country, level, case.result] < LEAST:
            level = OTHER
        if level == OTHER:
            topics, days = [], None
        first = _first_day(case.day)
        shown.append(
            Case(first, case.quarter, country, level, topics, case.wish if topics else "", case.result, days)
        )
    return sorted(shown, key=lambda c: (c.quarter, c.country, c.level, c.result), reverse=True)


def _first_day(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _case(row: Question) -> Case:
    asked = row.asked_at.date()
    days = None
    if row.answered_at is not None:
        days = working_days_between(asked, row.answered_at.date(), country_of(row.desk))
    level = {Place.Kind.LOCALITY: "city", Place.Kind.REGION: "region"}.get(
        Place.Kind(row.place.kind), "country"
    )
    country = row.place.country if row.place.code != "EU" else "EU"
    result = "open" if row.state in OPEN else str(row.state)
    return Case(asked, quarter_of(asked), country, level, list(row.topics), row.wish, result, days)


def tallies() -> list[Tally]:
    """How many were asked, answered, declined and for which reason. Hidden together where one alone is small."""
    rows = Question.objects.ordinary()
    states = Counter(rows.values_list("state", flat=True))
    lines = [
        (_("Open"), sum(states[state] for state in OPEN)),
        (_("Answered"), states[State.ANSWERED]),
        (_("Merged into another"), states[State.MERGED]),
        (_("Declined"), states[State.DECLINED]),
        (_("Withdrawn"), states[State.WITHDRAWN]),
    ]
    reasons = Counter(rows.filter(state=State.DECLINED).values_list("reason", flat=True))
    declined = [(str(Reason(reason).label), reasons[reason]) for reason in Reason.values]
    return [Tally(label, number) for label, number in protect(lines)] + [
        Tally(_("Declined because %(reason)s") % {"reason": label}, number)
        for label, number in protect(declined)
    ]


def protect(lines: "list[tuple[str, int]]") -> "list[tuple[str, int | None]]":
    """Numbers from one to four are hidden; where only one is, the next smallest too, so that no total reveals it."""
    small = {index for index, (_label, number) in enumerate(lines) if 0 < number < LEAST}
    if len(small) == 1:
        others = [index for index, (_l, number) in enumerate(lines) if number >= LEAST]
        if others:
            small.add(min(others, key=lambda index: lines[index][1]))
    return [(label, None if index in small else number) for index, (label, number) in enumerate(lines)]


def uses_of(answer: Answer) -> Tally:
    """How often it helped somebody before asking; below five it is not told."""
    total = sum(answer.uses.values_list("times", flat=True))
    return Tally(_("It helped before asking"), total if total >= LEAST else None)


@dataclass(frozen=True)
class Kept:
    """How a desk keeps its promise: `answers` in the last year, the median of working days, how many came in time.

    `days` is None where fewer than five were answered: never measured says so.
    """

    promised: int
    answers: int
    days: float | None
    in_time: int | None


def promise_kept(desk_id: int | None, promised: int, today: date) -> Kept:
    """Measured over the answers of the last 365 days; confidential requests are not in it."""
    rows = (
        Question.objects.ordinary()
        .filter(
            desk=desk_id,
            answered_at__isnull=False,
            answered_at__date__gt=date.fromordinal(today.toordinal() - 365),
        )
        .select_related("desk")
    )
    measured = [
        (
            working_days_between(row.asked_at.date(), row.answered_at.date(), country_of(row.desk)),
            row.answered_at.date() <= row.first_due,
        )
        for row in rows
        if row.answered_at is not None
    ]
    if len(measured) < LEAST:
        return Kept(promised, len(measured), None, None)
    return Kept(promised, len(measured), median(days for days, _ in measured), sum(ok for _, ok in measured))
