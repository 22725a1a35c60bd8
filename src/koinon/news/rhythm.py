"""When the next digest is due: by the wall clock of the follower's own zone, so that seven o'clock stays seven in summer."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from koinon.news.models.follows import Follower, Rhythm

BUNDLE = timedelta(hours=1)


def next_after(
    now: datetime, *, rhythm: str, weekday: int, hour: int, zone: str, told: bool = True
) -> datetime:
    """The first moment after `now` at which a digest of this rhythm goes out.

    At once means an hour after the last one that went (`told`), and now where none went. Monthly is the first such day of the
    week in a month. A wall time that clocks leave out in spring is an hour later that day; of two equal ones the first counts.
    """
    if rhythm == Rhythm.AT_ONCE:
        return now + BUNDLE if told else now
    here = now.astimezone(ZoneInfo(zone))
    day = here.date()
    while True:
        if _is_day(day, rhythm, weekday):
            moment = _instant(day, hour, zone)
            if moment > now:
                return moment
        day += timedelta(days=1)


def next_for(follower: Follower, now: datetime, *, told: bool) -> datetime:
    """The same for a follower, by what it chose."""
    return next_after(
        now,
        rhythm=follower.rhythm,
        weekday=follower.weekday,
        hour=follower.hour,
        zone=follower.zone,
        told=told,
    )


def _is_day(day: date, rhythm: str, weekday: int) -> bool:
    if rhythm == Rhythm.DAILY:
        return True
    if day.weekday() != weekday:
        return False
    return rhythm == Rhythm.WEEKLY or day.day <= 7


def _instant(day: date, hour: int, zone: str) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)
