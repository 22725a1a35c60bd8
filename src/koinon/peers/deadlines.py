"""Calls of this house, as a search for partners knows them: until when, and by which key."""

from datetime import date

from django.utils import timezone

from koinon.base.visitor import Visitor
from koinon.calls.models import Call
from koinon.peers.models import Entry

OURS = "call:"


def call_key(call: Call) -> str:
    """What searches for partners for one call of this house share."""
    return f"{OURS}{call.slug}"[:120]


def deadline(call: Call) -> date | None:
    """The last day of a call; None where it has none."""
    return timezone.localdate(call.closes_at) if call.closes_at is not None else None


def open_call(slug: str, visitor: Visitor) -> Call | None:
    """A published call that is not over, by its slug."""
    found = Call.objects.public().seen_by(visitor).filter(slug=slug[:120]).first() if slug else None
    day = deadline(found) if found is not None else None
    return None if found is None or (day is not None and day < timezone.localdate()) else found


def call_of(entry: Entry, visitor: Visitor) -> Call | None:
    """The call of this house for which an entry looks for partners."""
    if not entry.call_key.startswith(OURS):
        return None
    slug = entry.call_key.removeprefix(OURS)
    return Call.objects.public().seen_by(visitor).filter(slug=slug).first()
