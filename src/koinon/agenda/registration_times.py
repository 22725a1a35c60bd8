"""When a session is for somebody: in its own zone as it was announced, and beside it on that person's own clock."""

from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from koinon.agenda.models import Session
from koinon.places import zones


@dataclass(frozen=True)
class Clock:
    """What clocks show in one zone. `city`: what people call the zone by."""

    day: date
    begins: time
    ends: time
    city: str


@dataclass(frozen=True)
class Times:
    """`own` is None where one's own clock shows the same, or where it is not known."""

    there: Clock
    own: Clock | None

    @property
    def other_day(self) -> bool:
        """Whether it is another day on one's own calendar."""
        return self.own is not None and self.own.day != self.there.day


def times_of(session: Session, zone: str = "") -> Times:
    """The times of a session, and those in `zone` where they are others."""
    there = _clock(session, session.zone)
    if not zone or not zones.is_zone(zone) or not zones.differs(zone, session.zone, session.starts_at):
        return Times(there, None)
    return Times(there, _clock(session, zone))


def _clock(session: Session, zone: str) -> Clock:
    begins = session.starts_at.astimezone(ZoneInfo(zone))
    ends = session.ends_at.astimezone(ZoneInfo(zone))
    return Clock(begins.date(), begins.time(), ends.time(), zones.place_name(zone))
