"""Where a room is in its hour: the parts to scale, which is past, which is now, how long it still goes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from koinon.room.models import Room

_UNKNOWN_MINUTES = 15


@dataclass(frozen=True)
class Part:
    """One part of the hour. `left`: minutes, less than none when it runs over; `begins`: when a later one should begin."""

    pk: int
    title: str
    minutes: int | None
    scale: int
    is_now: bool = False
    is_past: bool = False
    left: int | None = None
    begins: datetime | None = None
    done: int = 0


def hour(room: Room, now: datetime) -> list[Part]:
    """All parts in order; while the room is not open none is now."""
    rows = list(room.session.segments.all())
    at = next((place for place, row in enumerate(rows) if row.pk == room.segment_id), None)
    runs = room.is_open and at is not None
    since = room.segment_since or now
    parts: list[Part] = []
    begins: datetime | None = None
    for place, row in enumerate(rows):
        scale = max(1, min(row.minutes or _UNKNOWN_MINUTES, 120))
        if runs and at is not None and place == at:
            left = (
                ceil((since + timedelta(minutes=row.minutes) - now).total_seconds() / 60)
                if row.minutes
                else None
            )
            done = round(100 * (row.minutes - left) / row.minutes) if row.minutes and left is not None else 50
            parts.append(
                Part(
                    row.pk, row.title, row.minutes, scale, is_now=True, left=left, done=max(0, min(100, done))
                )
            )
            begins = max(now, since + timedelta(minutes=row.minutes)) if row.minutes else None
            continue
        is_past = room.state == room.State.CLOSED or (runs and at is not None and place < at)
        is_later = runs and at is not None and place > at
        parts.append(
            Part(row.pk, row.title, row.minutes, scale, is_past=is_past, begins=begins if is_later else None)
        )
        if is_later:
            begins = begins + timedelta(minutes=row.minutes) if begins and row.minutes else None
    return parts
