"""What a moderator's page shows: the queues, what is on stage, the hour's clock; worked out once for page and fragment."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from koinon.agenda.models import Segment
from koinon.base.visitor import Visitor
from koinon.room import desk_state, similar, state
from koinon.room.actions import undoing
from koinon.room.models import Contribution, Deed, Poll, Room

State = Contribution.State
LATE_AFTER = timedelta(minutes=5)
MOST_ROWS = 100
"""Rows of one queue on the page; the number beside its heading tells of all."""


@dataclass
class Row:
    """One contribution in a queue."""

    it: Contribution
    waits: timedelta
    late: bool = False
    selected: bool = False
    wordings: list[Contribution] = field(default_factory=list)
    by_others: list[str] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        return int(self.waits.total_seconds() // 60)

    @property
    def seconds(self) -> int:
        return max(0, int(self.waits.total_seconds()))

    @property
    def languages(self) -> list[str]:
        return sorted({self.it.language, *(other.language for other in self.wordings)})


@dataclass
class Part:
    """A segment in the bar of the hour."""

    segment: Segment
    minutes: int
    past: bool
    now: bool
    done: int = 0
    left: int | None = None

    @property
    def over(self) -> int:
        return -self.left if self.left is not None and self.left < 0 else 0


def parts(room: Room, now: datetime) -> list[Part]:
    """The hour to scale: what is past, what is now and how many minutes are left of it (negative: it runs over)."""
    rows = list(room.session.segments.all())
    here = next((at for at, row in enumerate(rows) if row.pk == room.segment_id), -1)
    made = [
        Part(row, min(max(row.minutes or 10, 1), 120), past=here > at, now=here == at)
        for at, row in enumerate(rows)
    ]
    if here >= 0 and room.segment_since is not None:
        gone = (now - room.segment_since).total_seconds() / 60
        current = made[here]
        if current.segment.minutes:
            current.left = current.segment.minutes - int(gone)
            current.done = max(0, min(100, round(100 * gone / current.segment.minutes)))
    return made


def board(room: Room, by: Visitor, *, selected: int | None = None, words: str = "") -> dict[str, Any]:
    """All queues of a room for its moderators, with one selected and what may be the same as it."""
    now = timezone.now()
    rows = list(
        room.contributions.exclude(state=State.WITHDRAWN)
        .select_related("place", "carry_to", "question", "question__desk", "room__session")
        .order_by("pk")
    )
    for row in rows:
        row.room = room
    wordings: dict[int, list[Contribution]] = {}
    for row in rows:
        if row.state == State.MERGED and row.merged_into_id is not None:
            wordings.setdefault(row.merged_into_id, []).append(row)
    for row in rows:
        row._prefetched_objects_cache = {"wordings": wordings.get(row.pk, [])}  # type: ignore[attr-defined]
    heads = [row for row in rows if row.state != State.MERGED]
    others = desk_state.here(room, by.person_id)
    carried = [
        row for row in heads if row.state == State.FOLLOW_UP or (row.state == State.NEW and _has_owner(row))
    ]
    groups = {
        "new": [row for row in heads if row.state in {State.NEW, State.OPEN} and row not in carried],
        "ready": sorted(
            (row for row in heads if row.state == State.READY), key=lambda row: (row.position, row.pk)
        ),
        "stage": [row for row in heads if row.state == State.STAGE],
        "answered": sorted(
            (row for row in heads if row.state == State.ANSWERED),
            key=lambda row: row.answered_at or row.at,
            reverse=True,
        ),
        "follow": carried,
        "held": [row for row in heads if row.state == State.DECLINED],
    }
    groups["new"].sort(key=lambda row: (-row.votes, row.pk))
    found = _found(heads, words) if words else []
    chosen = _chosen(heads, groups, selected)
    queues = {
        name: [_row(row, now, chosen, wordings, others) for row in group[:MOST_ROWS]]
        for name, group in groups.items()
    }
    pool = [row for row in heads if row.state not in {State.DECLINED}]
    shown = similar.suggestions(chosen, pool) if chosen is not None and chosen.state in _MERGEABLE else []
    people = state.people(room, [row for row in rows if row.state in Contribution.SHOWN])
    return {
        "room": room,
        "session": room.session,
        "queues": queues,
        "counts": {name: len(group) for name, group in groups.items()},
        # Its tools stand once on the page: what is selected in another queue shows them there.
        "found": [
            _row(row, now, chosen if row in groups["new"] else None, wordings, others)
            for row in found[:MOST_ROWS]
        ],
        "words": words,
        "chosen": _row(chosen, now, chosen, wordings, others) if chosen is not None else None,
        "suggested": shown[0] if shown else None,
        "more_suggested": shown[1:],
        "targets": [row for row in pool if chosen is not None and row.pk != chosen.pk][:MOST_ROWS],
        "may_merge": chosen is not None and chosen.state in _MERGEABLE,
        "parts": parts(room, now),
        "people": people,
        "pace": pace(rows, now),
        "polls": list(room.polls.all()),
        "poll_states": {poll.pk: state.poll(poll) for poll in room.polls.exclude(state=Poll.State.DRAFT)},
        "here": others,
        "undo": undoing.undoable(room, by),
        "last_deed": Deed.objects.filter(room=room).last(),
        "now": now,
        "stage_gone": _clock(now, room.stage_since),
        "by_meaning": any(one.likeness.by == "meaning" for one in shown),
        "compares_meaning": similar.compares_meaning(),
        "links": links(room),
        "chosen_is_carried": chosen is not None and chosen in carried,
    }


def empty(room: Room) -> dict[str, Any]:
    """The desk of a room that was never opened."""
    names = ("new", "ready", "stage", "answered", "follow", "held")
    now = timezone.now()
    return {
        "room": room,
        "session": room.session,
        "queues": {name: [] for name in names},
        "counts": dict.fromkeys(names, 0),
        "chosen": None,
        "parts": parts(room, now),
        "people": {"listening": 0, "asked": 0},
        "pace": pace([], now),
        "polls": [],
        "now": now,
        "links": links(room),
        "is_new": True,
    }


_MERGEABLE = {State.NEW, State.OPEN, State.READY, State.STAGE, State.FOLLOW_UP}


def links(room: Room) -> dict[str, str]:
    """Other pages of the room, as far as they are there."""
    found = {}
    for name, page in (("room", "room:room"), ("session", "sessions:session"), ("report", "minutes:report")):
        try:
            found[name] = reverse(page, args=[room.session.code])
        except NoReverseMatch:
            continue
    return found


def pace(rows: list[Contribution], now: datetime) -> dict[str, Any]:
    """How many came in during each of the last ten minutes, and the points of the line that shows it."""
    counts = [0] * 10
    for row in rows:
        ago = int((now - row.at).total_seconds() // 60)
        if 0 <= ago < 10:
            counts[9 - ago] += 1
    most = max(4, *counts)
    points = " ".join(f"{1 + 9 * at},{20 - round(17 * count / most)}" for at, count in enumerate(counts))
    return {"points": points, "first": counts[0], "last": counts[9], "counts": counts}


def _has_owner(row: Contribution) -> bool:
    return row.question_id is not None or row.carry_to_id is not None


def _found(rows: list[Contribution], words: str) -> list[Contribution]:
    wanted = list(similar.words(words)) or [words.casefold()]
    return [
        row
        for row in rows
        if row.text
        and (
            words.casefold() in row.text.casefold()
            or all(any(one in key for key in similar.words(row.text)) for one in wanted)
        )
    ]


def _chosen(
    rows: list[Contribution], groups: dict[str, list[Contribution]], selected: int | None
) -> Contribution | None:
    found = next((row for row in rows if row.pk == selected), None)
    if found is not None:
        return found
    return next((group[0] for name in ("new", "ready") if (group := groups[name])), None)


def _row(
    row: Contribution,
    now: datetime,
    chosen: Contribution | None,
    wordings: dict[int, list[Contribution]],
    others: list[tuple[str, int | None]],
) -> Row:
    waits = now - row.at
    waiting = row.state in {State.NEW, State.OPEN}
    return Row(
        row,
        waits,
        late=waiting and waits > LATE_AFTER,
        selected=chosen is not None and chosen.pk == row.pk,
        wordings=wordings.get(row.pk, []),
        by_others=[name for name, key in others if key == row.pk],
    )


def _clock(now: datetime, since: datetime | None) -> str:
    if since is None:
        return ""
    seconds = max(0, int((now - since).total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02}"
