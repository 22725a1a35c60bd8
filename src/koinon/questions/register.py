"""What the public may know of all cases: figures without names, small numbers hidden.

Confidential requests are in none of them. A country, a theme or a result that stands for fewer than five cases in its
quarter is folded with others, so that no row, and no difference between rows or lines, points at somebody.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from statistics import median

from django.utils import timezone
from django.utils.translation import gettext as _

from koinon.base.workdays import working_days_between
from koinon.places.models import Place
from koinon.questions.life import OPEN, Reason, State
from koinon.questions.models import Answer, Question
from koinon.questions.routing import country_of

LEAST = 5
FOLDED = "folded"


@dataclass(frozen=True)
class Case:
    """One case of the register; what is folded says `FOLDED`. `day` is the first of its quarter.

    `days`: working days from asking to the answer; None where there is none (yet), or where the row is folded.
    """

    day: date
    quarter: str
    country: str
    level: str
    result: str
    reason: str
    topics: str
    days: int | None


@dataclass(frozen=True)
class Tally:
    """A line of figures, counted over the rows that the register shows, so that both always agree."""

    label: str
    number: int


def cases() -> list[Case]:
    """The register, the newest quarter first. One query."""
    rows = Question.objects.ordinary().exclude(state=State.WITHDRAWN).select_related("place", "desk")
    return folded([_case(row) for row in rows])


def folded(rows: Sequence[Case]) -> list[Case]:
    """The rows as the public may read them.

    A quarter with fewer than five cases is left out. Within it, country, level, result, reason and theme are each told
    only where at least five rows share them; what is folded together is itself never fewer than five.
    """
    shown = fold(rows, lambda c: (c.quarter,), lambda c: None)
    shown = fold(
        shown, lambda c: (c.quarter, c.country), lambda c: replace(c, country=FOLDED, level=FOLDED), 1
    )
    shown = fold(shown, lambda c: (c.quarter, c.country, c.level), lambda c: replace(c, level=FOLDED), 2)
    shown = fold(
        shown,
        lambda c: (c.quarter, c.country, c.level, c.result),
        lambda c: replace(c, result=FOLDED, reason="", topics=FOLDED, days=None),
        3,
    )
    shown = fold(
        shown,
        lambda c: (c.quarter, c.country, c.level, c.result, c.reason),
        lambda c: replace(c, reason=FOLDED),
        4,
    )
    shown = fold(
        shown,
        lambda c: (c.quarter, c.country, c.level, c.result, c.reason, c.topics),
        lambda c: replace(c, topics=FOLDED),
        5,
    )
    key = attrgetter("quarter", "country", "level", "result", "reason", "topics")
    return sorted(shown, key=lambda c: (*key(c), -1 if c.days is None else c.days), reverse=True)


def fold(
    rows: Sequence[Case],
    key: Callable[[Case], tuple[str, ...]],
    folded: Callable[[Case], Case | None],
    within: int = 0,
) -> list[Case]:
    """Fold the rows whose group has fewer than five; if these together are fewer than five, the next smallest group too.

    Groups are looked at within the same first `within` parts of their key. A row whose `folded` is None is left out.
    """
    sizes = Counter(map(key, rows))
    small: set[tuple[str, ...]] = set()
    for parent in {group[:within] for group in sizes}:
        family = sorted((group for group in sizes if group[:within] == parent), key=lambda g: (sizes[g], g))
        mine = {group for group in family if sizes[group] < LEAST}
        if within:
            for group in family:
                if not mine or sum(sizes[one] for one in mine) >= LEAST:
                    break
                mine.add(group)
        small |= mine
    shown = (folded(row) if key(row) in small else row for row in rows)
    return [row for row in shown if row is not None]


def _case(row: Question) -> Case:
    asked = timezone.localdate(row.asked_at)
    days = None
    if row.answered_at is not None:
        days = working_days_between(asked, timezone.localdate(row.answered_at), country_of(row.desk))
    level = {Place.Kind.LOCALITY: "city", Place.Kind.REGION: "region"}.get(
        Place.Kind(row.place.kind), "country"
    )
    number = (asked.month - 1) // 3
    return Case(
        day=date(asked.year, number * 3 + 1, 1),
        quarter=f"{asked.year}-Q{number + 1}",
        country=row.place.country if row.place.code != "EU" else "EU",
        level=level,
        result="open" if row.state in OPEN else str(row.state),
        reason=str(row.reason) if row.state == State.DECLINED else "",
        topics=" ".join(sorted(row.topics)),
        days=days,
    )


def tallies(rows: Sequence[Case]) -> list[Tally]:
    """How many were answered, merged, declined and why, and are open: of the rows that the register shows."""
    results = Counter(row.result for row in rows)
    reasons = Counter(row.reason for row in rows if row.result == State.DECLINED)
    lines = [
        Tally(_("Questions"), len(rows)),
        Tally(_("Open"), results["open"]),
        Tally(_("Answered"), results[State.ANSWERED]),
        Tally(_("Merged into another"), results[State.MERGED]),
        Tally(_("Declined"), results[State.DECLINED]),
        Tally(_("Folded, because fewer than five would show"), results[FOLDED]),
    ]
    return lines + [
        Tally(_("Declined, because %(reason)s") % {"reason": reason.label}, reasons[reason])
        for reason in Reason
        if reasons[reason]
    ]


def uses_of(answer: Answer) -> int | None:
    """How often it helped somebody before asking; below five it is not told."""
    total = sum(answer.uses.values_list("times", flat=True))
    return total if total >= LEAST else None


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
