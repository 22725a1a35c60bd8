"""Calendar files (RFC 5545): sessions as events, readable by any calendar.

Times are written in UTC. A session is one moment, never a rule that repeats, so no table of a zone's changes is needed and
none can be wrong: each calendar shows the moment by its reader's own clock. What was announced (wall time and zone) stands in
the description. Why no library: docs/decisions/calendar.md.
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from koinon.agenda.models import Session
from koinon.base.calendars import TYPE, escaped, folded, local, response, utc, whole

__all__ = ["TYPE", "calendar", "escaped", "event_of", "folded", "local", "response", "utc"]


def calendar(sessions: Iterable[Session], *, name: str, site: str, now: datetime) -> str:
    """A whole calendar. `site` is the beginning of addresses (`https://koinon.example`), `now` when it was asked for."""
    return whole((event_of(session, site, now) for session in sessions), name=name, maker="Sessions")


def event_of(session: Session, site: str, now: datetime) -> list[str]:
    """One event, the same in every calendar that holds it. Its UID is the code, which never changes; SEQUENCE counts its versions, so that a move is taken over."""
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
