"""Writing down what a moderator did, with what was there before and after: what undo needs, and the record of the hour."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from koinon.base.visitor import Visitor
from koinon.room.models import Contribution, Deed, Room

CONTRIBUTION = (
    "state",
    "position",
    "merged_into_id",
    "kept_apart",
    "answer",
    "answer_language",
    "answered_live",
    "answered_by",
    "answered_at",
    "staged_at",
    "reason",
    "words",
    "note",
    "next_step",
    "carry_to_id",
)
ROOM = (
    "holds",
    "takes_questions",
    "segment_id",
    "segment_since",
    "stage_id",
    "stage_since",
    "stage_seconds",
    "answering",
    "poll_id",
    "prompt",
    "word_to_speaker",
)
MOMENTS = {"answered_at", "staged_at", "segment_since", "stage_since"}

Change = dict[str, list[Any]]
"""Field → what it was, what it became."""


def lock_room(room: Room) -> Room:
    """The room as it is now, held until the transaction ends: moderators act one after the other."""
    return Room.objects.select_for_update(no_key=True).get(pk=room.pk)


def lock(room: Room, *keys: int) -> dict[int, Contribution]:
    """Contributions of this room as they are now, held; in one order for all. What is of another room is not there."""
    rows = Contribution.objects.select_for_update(no_key=True).filter(room=room, pk__in=keys).order_by("pk")
    found = {row.pk: row for row in rows}
    for row in found.values():
        row.room = room
    return found


@contextmanager
def deed(
    room: Room,
    kind: str,
    *,
    by: Visitor,
    about: Contribution | None = None,
    rows: Iterable[Contribution] = (),
) -> Iterator[None]:
    """What is done within is written down. `room` and `rows` are locked, changed within, and saved at its end."""
    touched = list(rows)
    room_before = _values(room, ROOM)
    before = {row.pk: _values(row, CONTRIBUTION) for row in touched}
    yield
    changes = {str(row.pk): _difference(before[row.pk], _values(row, CONTRIBUTION)) for row in touched}
    of_room = _difference(room_before, _values(room, ROOM))
    for row in touched:
        if changes[str(row.pk)]:
            save(row, changes[str(row.pk)])
    if of_room:
        save(room, of_room)
    changed = {key: value for key, value in changes.items() if value}
    if changed or of_room:
        Deed.objects.create(
            room=room,
            kind=kind,
            at=timezone.now(),
            by_id=by.person_id,
            contribution=about,
            before={"contributions": changed, "room": of_room},
        )


def save(thing: models.Model, fields: Iterable[str]) -> None:
    """Keep these fields, and raise the version."""
    thing.version += 1  # type: ignore[attr-defined]
    thing.save(update_fields=[*(name.removesuffix("_id") for name in fields), "version"])


def holds(thing: models.Model, change: Change) -> bool:
    """Whether a thing still is as this change left it."""
    now = _values(thing, change)
    return all(now[name] == became for name, (_was, became) in change.items())


def put_back(thing: models.Model, change: Change) -> None:
    """Make a thing as it was before this change, and keep it."""
    for name, (was, _became) in change.items():
        setattr(thing, name, parse_datetime(was) if name in MOMENTS and was else was)
    save(thing, change)


def _values(thing: models.Model, fields: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(getattr(thing, name)) for name in fields}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, list) else value


def _difference(before: dict[str, Any], after: dict[str, Any]) -> Change:
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}
