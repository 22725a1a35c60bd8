"""How many notices were decided, and how: public figures per year, kind and outcome, the small ones hidden.

A figure below five, none at all too, is hidden. No sum over rows is given, every year and kind has all its rows, and
the rows do not contain each other's remainder, so that no difference leads to a hidden figure.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.db.models.functions import ExtractYear
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.exits import Column, Listing
from koinon.notices import subjects
from koinon.notices.models import Notice

FIRST_YEAR = 2026
SMALL = 5
STANDS, CHANGED = "complaint_stands", "complaint_changed"
OUTCOMES = {
    Notice.Outcome.KEPT.value: Notice.Outcome.KEPT.label,
    Notice.Outcome.CORRECTED.value: Notice.Outcome.CORRECTED.label,
    Notice.Outcome.RESTRICTED.value: Notice.Outcome.RESTRICTED.label,
    STANDS: _("after a complaint: the decision stands"),
    CHANGED: _("after a complaint: decided otherwise"),
}
FEEDBACK_OUTCOMES = {Notice.Outcome.ANSWERED.value: Notice.Outcome.ANSWERED.label}


@dataclass(frozen=True)
class Tally:
    """One figure; `number` is None where it is below five."""

    year: int
    kind: str
    outcome: str
    number: int | None

    @property
    def kind_name(self) -> str:
        return subjects.name_of(self.kind)

    @property
    def outcome_name(self) -> str:
        return str((FEEDBACK_OUTCOMES if self.kind == subjects.SITE else OUTCOMES)[self.outcome])

    @property
    def anchor(self) -> str:
        return f"{self.year}-{self.kind}-{self.outcome}"


def tallies() -> list[Tally]:
    """Every figure, the latest year first, in two queries however many there are."""
    counts = _decisions() + _complaints()
    years = range(timezone.localdate().year, FIRST_YEAR - 1, -1)
    return [
        Tally(year, kind, outcome, _shown(counts[year, kind, outcome]))
        for year in years
        for kind in subjects.kinds
        for outcome in (FEEDBACK_OUTCOMES if kind == subjects.SITE else OUTCOMES)
    ]


def _shown(number: int) -> int | None:
    return number if number >= SMALL else None


def _decisions() -> Counter[tuple[int, str, str]]:
    """The first decisions, by the year in which they were taken."""
    rows = (
        Notice.objects.filter(decided_at__isnull=False)
        .annotate(year=ExtractYear("decided_at"))
        .values_list("year", "kind", "outcome")
    )
    return Counter(rows)


def _complaints() -> Counter[tuple[int, str, str]]:
    rows = (
        Notice.objects.filter(complaint_decided_at__isnull=False)
        .annotate(year=ExtractYear("complaint_decided_at"), first=F("outcome"))
        .values_list("year", "kind", "first", "complaint_outcome")
    )
    return Counter((year, kind, STANDS if first == last else CHANGED) for year, kind, first, last in rows)


def _updated(row: Tally) -> date:
    return min(date(row.year, 12, 31), timezone.localdate())


LISTING = Listing[Tally](
    "notices",
    _("Notices and decisions"),
    [
        Column("year", lambda row: row.year),
        Column("kind", lambda row: row.kind),
        Column("outcome", lambda row: row.outcome),
        Column("number", lambda row: row.number),
        Column("hidden", lambda row: "below five" if row.number is None else ""),
    ],
    entry_title=lambda row: (
        f"{row.year}, {row.kind_name}, {row.outcome_name}: {'< 5' if row.number is None else row.number}"
    ),
    entry_url=lambda row: f"/notices/tallies/#{row.anchor}",
    entry_updated=_updated,
)
