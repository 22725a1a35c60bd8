"""A period: from one day to another, both included; either may be open. As an address asks for it: `?from=…&to=…`."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Period:
    """Both days included; None: open."""

    first: date | None = None
    last: date | None = None

    def holds(self, day: date) -> bool:
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)

    def holds_quarter(self, first: date) -> bool:
        """Whether the whole quarter that begins on this day lies in it; up to today is whole enough for one that runs."""
        after = date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)
        end = after - timedelta(days=1)
        return self.holds(first) and (self.last is None or self.last >= min(end, timezone.localdate()))

    @property
    def is_open(self) -> bool:
        return self.first is None and self.last is None

    @property
    def cut_off(self) -> date:
        """The last day that is counted: today, or the end of the period where that is over."""
        today = timezone.localdate()
        return today if self.last is None else min(self.last, today)

    @property
    def quarters_cut_off(self) -> date:
        """The last day that is counted where only whole quarters are: the end of the last one that lies in it."""
        end = self.cut_off
        first = quarter_of(end)
        before = first - timedelta(days=1)
        if self.holds_quarter(first) or (self.first is not None and before < self.first):
            return end
        return before

    @property
    def query(self) -> str:
        """How an address asks for it."""
        parts = [
            f"{name}={day.isoformat()}" for name, day in (("from", self.first), ("to", self.last)) if day
        ]
        return "&".join(parts)

    @property
    def words(self) -> str:
        days = {
            "first": date_format(self.first, "DATE_FORMAT") if self.first else "",
            "last": date_format(self.last, "DATE_FORMAT") if self.last else "",
        }
        if self.first and self.last:
            return _("From %(first)s to %(last)s.") % days
        if self.first:
            return _("From %(first)s until today.") % days
        if self.last:
            return _("Until %(last)s.") % days
        return _("From the beginning until today.")


def quarter_of(day: date) -> date:
    """The first day of the quarter in which a day lies."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def asked(request: HttpRequest) -> Period:
    """The period of an address; 400 for what is no day, or ends before it begins."""
    period = Period(_day(request, "from"), _day(request, "to"))
    if period.first and period.last and period.last < period.first:
        raise SuspiciousOperation("to is not before from")
    return period


def _day(request: HttpRequest, name: str) -> date | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    if not _DAY.fullmatch(text):
        raise SuspiciousOperation(f"{name} is a day: 2026-01-31")
    try:
        found = date.fromisoformat(text)
    except ValueError as trouble:
        raise SuspiciousOperation(f"{name} is a day: 2026-01-31") from trouble
    if not EARLIEST <= found <= LATEST:
        raise SuspiciousOperation(f"{name} is a day of this century")
    return found
