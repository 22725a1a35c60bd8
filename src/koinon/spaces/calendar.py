"""Dates of a space as a calendar file: the house's writer, one event for each date."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from koinon.base.calendars import escaped, utc, whole
from koinon.spaces.models import Date


def calendar(dates: Iterable[Date], *, name: str, site: str, now: datetime) -> str:
    """A whole calendar. `site` is the beginning of addresses, `now` when it was asked for."""
    return whole((_event(date, site, now) for date in dates), name=name, maker="Spaces")


def _event(date: Date, site: str, now: datetime) -> list[str]:
    """One event. Its UID never changes; a session keeps its own, so that a calendar that has it already shows it once."""
    session = date.session
    path = session.get_absolute_url() if session is not None else date.get_absolute_url()
    words = [date.words]
    if date.cancelled_at is not None:
        words.append(_("Cancelled: %(why)s") % {"why": date.cancelled_because})
    words.append(
        _("%(day)s, %(begin)s to %(end)s, %(zone)s")
        % {
            "day": date.wall_day.isoformat(),
            "begin": date.wall_start,
            "end": date.wall_end,
            "zone": date.zone,
        }
    )
    words.append(site + path)
    lines = [
        "BEGIN:VEVENT",
        f"UID:{session.code}@koinon.session" if session is not None else f"UID:{date.code}@koinon.space",
        f"DTSTAMP:{utc(now)}",
        f"DTSTART:{utc(date.starts_at)}",
        f"DTEND:{utc(date.ends_at)}",
        f"SEQUENCE:{session.version - 1 if session is not None else date.edits - 1}",
        f"SUMMARY:{escaped(date.shown_title)}",
        "DESCRIPTION:" + escaped("\n".join(part for part in words if part)),
        f"URL:{site + path}",
        f"STATUS:{'CANCELLED' if date.is_off else 'CONFIRMED'}",
        "TRANSP:OPAQUE",
        f"LAST-MODIFIED:{utc(date.changed_at)}",
    ]
    if date.where:
        lines.append(f"LOCATION:{escaped(date.where)}")
    return [*lines, "END:VEVENT"]
