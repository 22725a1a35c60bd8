"""Calendar files (RFC 5545): sessions as events, readable by any calendar.

Times are written in UTC. A session is one moment, never a rule that repeats, so no table of a zone's changes is needed and
none can be wrong: each calendar shows the moment by its reader's own clock. What was announced (wall time and zone) stands in
the description. Why no library: docs/decisions/calendar.md.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils.translation import gettext as _

from koinon.agenda.models import Session

MOST_OCTETS = 75
TYPE = "text/calendar; charset=utf-8"
_BROKEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def calendar(sessions: Iterable[Session], *, name: str, site: str, now: datetime) -> str:
    """A whole calendar. `site` is the beginning of addresses (`https://koinon.example`), `now` when it was asked for."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Koinon//Sessions//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    ]
    for session in sessions:
        lines += _event(session, site, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def response(text: str, name: str) -> HttpResponse:
    """The file as an answer: a calendar offers to open it, a browser to save it."""
    return HttpResponse(
        text, content_type=TYPE, headers={"Content-Disposition": f'attachment; filename="{name}.ics"'}
    )


def _event(session: Session, site: str, now: datetime) -> list[str]:
    """One event. Its UID is the code, which never changes; SEQUENCE counts its versions, so that a move is taken over."""
    address = site + session.get_absolute_url()
    cancelled = session.state == Session.State.CANCELLED
    lines = [
        "BEGIN:VEVENT",
        f"UID:{session.code}@koinon.session",
        f"DTSTAMP:{utc(now)}",
        f"DTSTART:{utc(session.starts_at)}",
        f"DTEND:{utc(session.ends_at)}",
        f"SEQUENCE:{session.version - 1}",
        f"SUMMARY:{escaped(session.title)}",
        f"DESCRIPTION:{escaped(_words(session, address))}",
        f"URL:{address}",
        f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED' if session.time_certain else 'TENTATIVE'}",
        "TRANSP:OPAQUE",
    ]
    if session.changed_at is not None:
        lines.append(f"LAST-MODIFIED:{utc(session.changed_at)}")
    if where := session.venue or session.video:
        lines.append(f"LOCATION:{escaped(where)}")
    return [*lines, "END:VEVENT"]


def _words(session: Session, address: str) -> str:
    moment = session.moment
    end = local(session.ends_at, session.zone)
    parts = [session.lead]
    if session.state == Session.State.CANCELLED:
        parts.append(_("Cancelled: %(why)s") % {"why": session.cancelled_because})
    parts.append(
        _("%(day)s, %(begin)s to %(end)s, %(zone)s")
        % {
            "day": moment.day.isoformat(),
            "begin": f"{moment.at:%H:%M}",
            "end": f"{end:%H:%M}",
            "zone": moment.zone,
        }
    )
    if session.announced_time:
        parts.append(_("Announced as: %(words)s") % {"words": session.announced_time})
    parts.append(address)
    return "\n".join(part for part in parts if part)


def local(instant: datetime, zone: str) -> datetime:
    """A moment by the clock of a zone."""
    return instant.astimezone(ZoneInfo(zone))


def utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """A text value: backslash, comma, semicolon and line breaks as the RFC writes them; nothing that is no text."""
    text = _BROKEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(sign, written)
    return text


def folded(line: str) -> str:
    """A line in pieces of at most 75 octets, never cut inside a letter."""
    pieces: list[str] = []
    piece, octets = "", 0
    for letter in line:
        size = len(letter.encode())
        # The space at the beginning of a further line counts too.
        if octets + size > MOST_OCTETS - (1 if pieces else 0):
            pieces.append(piece)
            piece, octets = "", 0
        piece += letter
        octets += size
    return "\r\n ".join([*pieces, piece])
