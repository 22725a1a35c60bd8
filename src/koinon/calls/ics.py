"""Deadlines as a calendar: one event for each cut-off date of a call (RFC 5545).

The UID of an event is the key of its date, which never changes; SEQUENCE counts the versions of the call, so that calendars
take over a date that was moved. A date without a time of day is a whole day; one with a time is a moment, written in UTC.
Of a call that was withdrawn each date is cancelled and says why; nothing else of the call is told (its tombstone holds no more).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from koinon.base.calendars import escaped, utc, whole
from koinon.calls.models import Call, Cutoff
from koinon.network.actions.roles import site

# How long before its end a deadline stands in a calendar: an event of no length is not drawn by all of them.
_BEFORE = timedelta(minutes=30)


def calendar_of(rows: Iterable[Call]) -> str:
    """The dates of calls as a calendar; with opener and cut-offs of each call at hand, no query."""
    return calendar(rows, name=_("Deadlines of calls"), site=site(), now=timezone.now())


def calendar(rows: Iterable[Call], *, name: str, site: str, now: datetime) -> str:
    """A whole calendar. `site` is the beginning of addresses, `now` when it was asked for."""
    return whole(_events(rows, site, now), name=name, maker="Calls")


def _events(rows: Iterable[Call], site: str, now: datetime) -> Iterator[list[str]]:
    for call in rows:
        for _date, event in events_of(call, site, now):
            yield event


def events_of(call: Call, site: str, now: datetime) -> Iterator[tuple[Cutoff, list[str]]]:
    """Each date of a call with its event, the same in every calendar that holds it."""
    dates = call.dates
    for number, date in enumerate(dates, 1):
        if call.state == Call.State.WITHDRAWN:
            yield date, _event(call, date, now, _cancelled(call))
        else:
            yield date, _event(call, date, now, _told(call, date, site, number=number, of=len(dates)))


def _event(call: Call, date: Cutoff, now: datetime, told: list[str]) -> list[str]:
    if date.at is None:
        following = date.day + timedelta(days=1)
        when = [f"DTSTART;VALUE=DATE:{date.day:%Y%m%d}", f"DTEND;VALUE=DATE:{following:%Y%m%d}"]
    else:
        when = [f"DTSTART:{utc(date.ends_at - _BEFORE)}", f"DTEND:{utc(date.ends_at)}"]
    return [
        "BEGIN:VEVENT",
        f"UID:{date.key}@koinon.call",
        f"DTSTAMP:{utc(now)}",
        *when,
        f"SEQUENCE:{call.version - 1}",
        f"LAST-MODIFIED:{utc(call.changed_at)}",
        *told,
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _told(call: Call, date: Cutoff, site: str, *, number: int, of: int) -> list[str]:
    address = site + call.get_absolute_url()
    certain = date.certain and call.certain and not call.disagree
    return [
        f"SUMMARY:{escaped(_summary(call, date, number, of))}",
        f"DESCRIPTION:{escaped(_words(call, date, address))}",
        f"URL:{address}",
        f"STATUS:{'CONFIRMED' if certain else 'TENTATIVE'}",
    ]


def _cancelled(call: Call) -> list[str]:
    """That it was withdrawn and why. Not its title nor its address, which is made of it: lists are read by all."""
    return [
        f"SUMMARY:{escaped(_('This call was taken away'))}",
        f"DESCRIPTION:{escaped(call.get_withdrawn_because_display())}",
        "STATUS:CANCELLED",
    ]


def _summary(call: Call, date: Cutoff, number: int, of: int) -> str:
    if date.label:
        return _("Deadline: %(title)s (%(which)s)") % {"title": call.title, "which": date.label}
    if of > 1:
        words = {"title": call.title, "number": number, "of": of}
        return _("Deadline %(number)s of %(of)s: %(title)s") % words
    return _("Deadline: %(title)s") % {"title": call.title}


def _words(call: Call, date: Cutoff, address: str) -> str:
    parts = [call.summary]
    if date.at is not None:
        words = {"day": date.day.isoformat(), "at": f"{date.at:%H:%M}", "zone": date.zone}
        parts.append(_("Until %(day)s, %(at)s, %(zone)s") % words)
    else:
        words = {"day": date.day.isoformat(), "zone": date.zone}
        parts.append(_("Until the end of %(day)s, %(zone)s; the time of day is not stated") % words)
    if date.announced:
        parts.append(_("Announced as: %(words)s") % {"words": date.announced})
    if not date.certain or call.disagree:
        parts.append(_("Unsure: look into the text of the call."))
    return "\n".join(part for part in [*parts, call.opener_name, address] if part)
