"""When something is: the wall time that was announced and its zone; the instant is derived, never typed.

Why: zones change their rules, and what people were told was a wall time (docs/decisions/sessions.md).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Moment:
    """A wall time in a zone. `fold` 1 is the second of two equal ones, where clocks go back."""

    day: date
    at: time
    zone: str
    fold: int = 0

    @property
    def instant(self) -> datetime:
        """The same moment in UTC."""
        wall = datetime.combine(self.day, self.at, ZoneInfo(self.zone)).replace(fold=self.fold)
        return wall.astimezone(UTC)

    @property
    def exists(self) -> bool:
        """Whether clocks in the zone ever show it: not in the hour that is left out in spring."""
        wall = datetime.combine(self.day, self.at).replace(fold=self.fold)
        return self.instant.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) == wall.replace(fold=0)

    @property
    def is_twofold(self) -> bool:
        """Whether clocks show it twice, so that somebody has to say which."""
        here = datetime.combine(self.day, self.at, ZoneInfo(self.zone))
        return self.exists and here.utcoffset() != here.replace(fold=1).utcoffset()

    def plus(self, minutes: int) -> datetime:
        """So many minutes of real time later, in UTC."""
        return self.instant + timedelta(minutes=minutes)
