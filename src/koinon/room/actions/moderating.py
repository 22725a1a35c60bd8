"""What a moderator does with what was said: release, order, put on stage, answer, merge, keep apart, hold back.

Each takes the `version` that the page was drawn from: of two moderators at once the second is told (`Changed`) and overwrites
nothing. Each is written down with what was there before, so that it can be undone (`undoing`).
"""

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.questions.actions.steps import Changed, NotFrom
from koinon.room import desk_state, state
from koinon.room.actions.deeds import deed, lock, lock_room
from koinon.room.models import Contribution, Room, Vote
from koinon.room.permissions_moderating import may_moderate

State = Contribution.State
MOST_APART = 200


class NotThere(Exception):
    """The other contribution is not in this room, or has ended."""


@transaction.atomic
def release(contribution: Contribution, *, by: Visitor, version: int | None = None) -> Contribution:
    """Show to everybody what waited, or what was held back; what is shown already stays as it is."""
    room, now = _mine(contribution, by, version)
    if now.state == State.OPEN:
        return now
    _from(now, State.NEW, State.DECLINED)
    with deed(room, "release", by=by, about=now, rows=[now]):
        now.state, now.reason, now.words = State.OPEN, "", ""
    _tell(now, was_shown=False)
    return now


@transaction.atomic
def make_ready(contribution: Contribution, *, by: Visitor, version: int | None = None) -> Contribution:
    """Put it at the end of what is ready for the stage; everybody sees it from then on."""
    room, now = _mine(contribution, by, version)
    if now.state == State.READY:
        return now
    _from(now, State.NEW, State.OPEN, State.FOLLOW_UP)
    was_shown = now.state != State.NEW
    with deed(room, "ready", by=by, about=now, rows=[now]):
        now.state, now.position = State.READY, _last(room) + 1
    _tell(now, was_shown=was_shown)
    return now


@transaction.atomic
def put_on_stage(
    contribution: Contribution, *, by: Visitor, answering: str = "", version: int | None = None
) -> Contribution:
    """Put it on stage. What was there and has no answer yet is the first of what is ready again."""
    room, now = _mine(contribution, by, version)
    if now.state == State.STAGE and room.stage_id == now.pk:
        return now
    _from(now, State.NEW, State.OPEN, State.READY, State.FOLLOW_UP)
    was_shown = now.state != State.NEW
    before = lock(room, room.stage_id).get(room.stage_id) if room.stage_id else None
    rows = [now, *([before] if before is not None else [])]
    with deed(room, "stage", by=by, about=now, rows=rows):
        if before is not None and before.state == State.STAGE:
            before.state, before.position = State.READY, 0
        now.state, now.staged_at = State.STAGE, timezone.now()
        room.stage_id, room.stage_since, room.answering = now.pk, now.staged_at, answering
    _tell(now, was_shown=was_shown)
    if before is not None:
        _tell(before)
    state.tell_stage(_fresh(room))
    return now


@transaction.atomic
def take_down(contribution: Contribution, *, by: Visitor, version: int | None = None) -> Contribution:
    """From the stage back to the first of what is ready."""
    room, now = _mine(contribution, by, version)
    _from(now, State.STAGE)
    with deed(room, "take_down", by=by, about=now, rows=[now]):
        now.state, now.position = State.READY, 0
        _clear_stage(room, now)
    _tell(now)
    state.tell_stage(_fresh(room))
    return now


@transaction.atomic
def answer(
    contribution: Contribution,
    *,
    by: Visitor,
    text: str = "",
    language: str = "",
    live: bool = True,
    answered_by: str = "",
    version: int | None = None,
) -> Contribution:
    """It was answered live (a text may stand beside it), or it is answered in writing. Shown from then on."""
    room, now = _mine(contribution, by, version)
    _from(now, *Contribution.OPEN, *((State.ANSWERED,) if text else ()))
    was_shown, was_on_stage = now.state != State.NEW, room.stage_id == now.pk
    with deed(room, "answer" if live else "write", by=by, about=now, rows=[now]):
        now.answered_live = live or now.answered_live
        now.answered_by = answered_by or (room.answering if was_on_stage else "") or now.answered_by
        if text:
            now.answer, now.answer_language = text, language
        now.state, now.answered_at = State.ANSWERED, timezone.now()
        _clear_stage(room, now)
    _tell(now, was_shown=was_shown)
    if was_on_stage:
        state.tell_stage(_fresh(room))
    return now


@transaction.atomic
def follow_up(contribution: Contribution, *, by: Visitor, version: int | None = None) -> Contribution:
    """It needs more than the hour has. Who answers it is chosen now (`carrying.carry`) or at the close."""
    room, now = _mine(contribution, by, version)
    if now.state == State.FOLLOW_UP:
        return now
    _from(now, State.OPEN, State.READY, State.STAGE, State.ANSWERED)
    was_on_stage = room.stage_id == now.pk
    with deed(room, "follow_up", by=by, about=now, rows=[now]):
        now.state = State.FOLLOW_UP
        _clear_stage(room, now)
    _tell(now)
    if was_on_stage:
        state.tell_stage(_fresh(room))
    return now


@transaction.atomic
def hold_back(
    contribution: Contribution, *, by: Visitor, reason: str, words: str = "", version: int | None = None
) -> Contribution:
    """Not shown, or no longer; its author reads the reason. Wordings that were merged into it are held back with it."""
    room, now = _mine(contribution, by, version)
    _from(now, *Contribution.OPEN, State.ANSWERED)
    if reason not in Contribution.Reason.values or (reason == Contribution.Reason.OTHER and not words):
        raise ValueError("a reason is needed")
    was_shown, was_on_stage = now.state != State.NEW, room.stage_id == now.pk
    wordings = list(lock(room, *_wordings_of(now)).values())
    with deed(room, "hold_back", by=by, about=now, rows=[now, *wordings]):
        for row in (now, *wordings):
            row.state, row.reason, row.words = State.DECLINED, reason, words
        _clear_stage(room, now)
    if was_shown:
        state.tell_gone(now)
    desk_state.tell_desk(room, "contribution", desk_state.brief(now))
    if was_on_stage:
        state.tell_stage(_fresh(room))
    return now


@transaction.atomic
def merge(
    contribution: Contribution, *, by: Visitor, into: Contribution, version: int | None = None
) -> Contribution:
    """One with another: a wording of it. A voice that voted for both counts once; askers keep their receipts.

    Its own wordings go along. The two stay separate in the record, so that it can be undone.
    """
    room = lock_room(contribution.room)
    require(may_moderate(by, room))
    rows = lock(room, contribution.pk, into.pk, *_wordings_of(contribution))
    now, target = rows.get(contribution.pk), rows.get(into.pk)
    if now is None or target is None or now.pk == target.pk:
        raise NotThere
    if now.state == State.MERGED and now.merged_into_id == target.pk:
        return target
    if version is not None and now.version != version:
        raise Changed
    _from(now, State.NEW, State.OPEN, State.READY, State.STAGE, State.FOLLOW_UP)
    if target.state not in {*Contribution.OPEN, State.ANSWERED} or now.question_id is not None:
        raise NotFrom
    was_shown, target_was_shown = now.state != State.NEW, target.state != State.NEW
    was_on_stage = room.stage_id == now.pk
    moved = [row for row in rows.values() if row.merged_into_id == now.pk and row.state == State.MERGED]
    with deed(room, "merge", by=by, about=now, rows=[now, target, *moved]):
        now.state, now.merged_into_id = State.MERGED, target.pk
        for row in moved:
            row.merged_into_id = target.pk
        if was_shown and target.state == State.NEW:
            # What everybody saw does not vanish into what nobody sees yet.
            target.state = State.OPEN
        if was_on_stage:
            # The question stays on stage, under the wording it is one with.
            if target.state != State.ANSWERED:
                target.state, target.staged_at = State.STAGE, timezone.now()
                room.stage_id = target.pk
            else:
                _clear_stage(room, now)
    bring_votes(now, target)
    _tell(target, was_shown=target_was_shown)
    if was_shown:
        state.tell_gone(now)
    desk_state.tell_desk(room, "contribution", desk_state.brief(now))
    if target.state in Contribution.SHOWN:
        state.tell_votes(room, {target.pk: target.votes})
    if was_on_stage:
        state.tell_stage(_fresh(room))
    return target


def bring_votes(wording: Contribution, target: Contribution) -> None:
    """Each voice that is for the wording is for the target too, once; the wording's own votes stay where they are."""
    table = Vote._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (contribution_id, voice, came_with_id)"  # noqa: S608  our own table
            f" SELECT %s, voice, %s FROM {table} WHERE contribution_id = %s"
            " ON CONFLICT (contribution_id, voice) DO NOTHING",
            [target.pk, wording.pk, wording.pk],
        )
    count_votes(target)


def take_votes_back(wording: Contribution, target: Contribution) -> None:
    """Separate what `bring_votes` joined: who voted for the target in its own right stays."""
    Vote.objects.filter(contribution=target, came_with=wording).delete()
    for other in target.wordings.filter(state=State.MERGED).exclude(pk=wording.pk):
        # A voice that both wordings had came with the first of them only.
        bring_votes(other, target)
    count_votes(target)


def count_votes(contribution: Contribution) -> None:
    contribution.votes = Vote.objects.filter(contribution=contribution).count()
    Contribution.objects.filter(pk=contribution.pk).update(votes=contribution.votes)


@transaction.atomic
def keep_apart(contribution: Contribution, *, by: Visitor, other: Contribution) -> Contribution:
    """These two are not the same: they are not suggested for each other any more."""
    room = lock_room(contribution.room)
    require(may_moderate(by, room))
    rows = lock(room, contribution.pk, other.pk)
    if len(rows) != 2:
        raise NotThere
    now, second = rows[contribution.pk], rows[other.pk]
    with deed(room, "keep_apart", by=by, about=now, rows=rows.values()):
        _apart(now, second)
    desk_state.tell_desk(room, "contribution", desk_state.brief(now))
    return now


@transaction.atomic
def follow_on(
    contribution: Contribution, *, by: Visitor, other: Contribution, version: int | None = None
) -> Contribution:
    """A follow-up question to another one: ready for the stage right behind it, and kept apart from it."""
    room = lock_room(contribution.room)
    require(may_moderate(by, room))
    rows = lock(room, contribution.pk, other.pk)
    if len(rows) != 2:
        raise NotThere
    now, first = rows[contribution.pk], rows[other.pk]
    if version is not None and now.version != version:
        raise Changed
    _from(now, State.NEW, State.OPEN, State.READY, State.FOLLOW_UP)
    was_shown = now.state != State.NEW
    ready = [row for row in _ready(room) if row.pk != now.pk]
    keys = [row.pk for row in ready]
    at = keys.index(first.pk) + 1 if first.pk in keys else 0
    order = [*ready[:at], now, *ready[at:]]
    order = [first if row.pk == first.pk else row for row in order]
    with deed(
        room, "follow_on", by=by, about=now, rows={row.pk: row for row in [now, first, *order]}.values()
    ):
        now.state = State.READY
        _number(order)
        _apart(now, first)
    _tell(now, was_shown=was_shown)
    _tell_order(order, but=now.pk)
    return now


@transaction.atomic
def reorder(contribution: Contribution, *, by: Visitor, way: int, version: int | None = None) -> Contribution:
    """One place up (`way` -1) or down (1) among what is ready."""
    room, now = _mine(contribution, by, version)
    _from(now, State.READY)
    order = [now if row.pk == now.pk else row for row in _ready(room)]
    at = order.index(now)
    to = at + (1 if way > 0 else -1)
    if not 0 <= to < len(order):
        return now
    before = {row.pk: row.position for row in order}
    with deed(room, "reorder", by=by, about=now, rows=order):
        order[at], order[to] = order[to], order[at]
        _number(order)
    _tell_order([row for row in order if row.position != before[row.pk]])
    return now


@transaction.atomic
def note(contribution: Contribution, *, by: Visitor, text: str, version: int | None = None) -> Contribution:
    """A word among hosts; nobody else ever sees it."""
    room, now = _mine(contribution, by, version)
    with deed(room, "note", by=by, about=now, rows=[now]):
        now.note = text
    desk_state.tell_desk(room, "contribution", desk_state.brief(now))
    return now


def _mine(contribution: Contribution, by: Visitor, version: int | None) -> tuple[Room, Contribution]:
    """The room and the row as they are now, for somebody who may moderate."""
    room = lock_room(contribution.room)
    require(may_moderate(by, room))
    now = lock(room, contribution.pk)[contribution.pk]
    if version is not None and now.version != version:
        raise Changed
    return room, now


def _from(contribution: Contribution, *states: str) -> None:
    if contribution.state not in states:
        raise NotFrom


def _tell(contribution: Contribution, *, was_shown: bool = True) -> None:
    """Everybody, where it is or was shown; and the desk in any case."""
    if was_shown or contribution.state in Contribution.SHOWN:
        state.tell_question(contribution)
    desk_state.tell_desk(contribution.room, "contribution", desk_state.brief(contribution))


def _tell_order(rows: list[Contribution], *, but: int = 0) -> None:
    for row in rows:
        if row.pk != but:
            _tell(row)


def _clear_stage(room: Room, contribution: Contribution) -> None:
    if room.stage_id == contribution.pk:
        room.stage_id, room.stage_since, room.answering = None, None, ""


def _fresh(room: Room) -> Room:
    """The same with what is on stage read anew."""
    return Room.objects.select_related("session", "stage").get(pk=room.pk)


def _ready(room: Room) -> list[Contribution]:
    rows = room.contributions.filter(state=State.READY).order_by("position", "pk")
    found = lock(room, *rows.values_list("pk", flat=True))
    return [found[pk] for pk in rows.values_list("pk", flat=True)]


def _last(room: Room) -> int:
    last: int | None = room.contributions.filter(state=State.READY).aggregate(last=Max("position"))["last"]
    return last or 0


def _number(order: list[Contribution]) -> None:
    for position, row in enumerate(order, start=1):
        row.position = position


def _wordings_of(contribution: Contribution) -> list[int]:
    rows = Contribution.objects.filter(merged_into=contribution, state=State.MERGED)
    return list(rows.values_list("pk", flat=True))


def _apart(one: Contribution, other: Contribution) -> None:
    one.kept_apart = sorted({*one.kept_apart, other.pk})[-MOST_APART:]
    other.kept_apart = sorted({*other.kept_apart, one.pk})[-MOST_APART:]
