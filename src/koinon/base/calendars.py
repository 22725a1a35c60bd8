"""How a calendar file (RFC 5545) is written: lines, texts, moments. What stands in it is told by who makes one."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.http import HttpResponse

MOST_OCTETS = 75
TYPE = "text/calendar; charset=utf-8"
_BROKEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def whole(events: Iterable[Iterable[str]], *, name: str, maker: str) -> str:
    """A whole calendar out of the lines of its events. `maker` says which part of the house wrote it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Koinon//{maker}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    ]
    for event in events:
        lines += event
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def response(text: str, name: str) -> HttpResponse:
    """The file as an answer: a calendar offers to open it, a browser to save it."""
    return HttpResponse(
        text, content_type=TYPE, headers={"Content-Disposition": f'attachment; filename="{name}.ics"'}
    )


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
