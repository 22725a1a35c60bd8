"""When the daily mail goes: at seven by the clocks of the house's zone, in summer and in winter."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from koinon.base.when import Moment
from koinon.places.zones import DEFAULT

HOUR = time(7)


def next_morning(now: datetime) -> datetime:
    """The first seven o'clock after `now`."""
    day = now.astimezone(ZoneInfo(DEFAULT)).date()
    moment = Moment(day, HOUR, DEFAULT).instant
    return moment if moment > now else Moment(day + timedelta(days=1), HOUR, DEFAULT).instant
