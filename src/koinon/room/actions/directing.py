"""Running the hour from the desk: where it is, words to the audience and to the speaker, polls, what is on the wall.

Opening, closing and rehearsing the room are in `lifecycle`.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.questions.actions.steps import Changed, NotFrom
from koinon.room import desk_state, state
from koinon.room.actions.deeds import deed, lock_room
from koinon.room.models import Ballot, Poll, Room
from koinon.room.permissions_moderating import may_moderate

MOST_OPTIONS = 8


@transaction.atomic
def move_on(room: Room, *, by: Visitor, way: int, version: int | None = None) -> Room:
    """To the next part of the hour (`way` 1) or back (-1); its clock starts."""
    now = _mine(room, by, version)
    parts = list(now.session.segments.all())
    keys = [part.pk for part in parts]
    at = keys.index(now.segment_id) if now.segment_id in keys else (-1 if way > 0 else len(keys))
    to = at + (1 if way > 0 else -1)
    if not 0 <= to < len(parts):
        raise NotFrom
    with deed(now, "segment", by=by):
        now.segment_id, now.segment_since = parts[to].pk, timezone.now()
    fresh = _fresh(now)
    state.tell_segment(fresh)
    return _told(fresh)


@transaction.atomic
def switch(
    room: Room,
    *,
    by: Visitor,
    holds: bool | None = None,
    takes_questions: bool | None = None,
    version: int | None = None,
) -> Room:
    """Whether what comes in waits for a moderator, and whether questions are taken at all."""
    now = _mine(room, by, version)
    with deed(now, "switch", by=by):
        now.holds = now.holds if holds is None else holds
        now.takes_questions = now.takes_questions if takes_questions is None else takes_questions
    fresh = _fresh(now)
    state.tell_room(fresh)
    return _told(fresh)


@transaction.atomic
def prompt(room: Room, *, by: Visitor, text: str) -> Room:
    """A word to the audience; an empty one takes it away."""
    now = _mine(room, by, None)
    with deed(now, "prompt", by=by):
        now.prompt = text
    fresh = _fresh(now)
    state.tell_prompt(fresh)
    return _told(fresh)


@transaction.atomic
def tell_speaker(room: Room, *, by: Visitor, text: str) -> Room:
    """A word to who speaks. It goes nowhere but to the speaker's view."""
    now = _mine(room, by, None)
    with deed(now, "word", by=by):
        now.word_to_speaker = text
    return _told(_fresh(now))


@transaction.atomic
def say_who_answers(room: Room, *, by: Visitor, who: str, seconds: int) -> Room:
    """Who answers what is on stage, and how long."""
    now = _mine(room, by, None)
    with deed(now, "answering", by=by):
        now.answering, now.stage_seconds = who, max(30, min(seconds, 3600))
    fresh = _fresh(now)
    state.tell_stage(fresh)
    return _told(fresh)


@transaction.atomic
def prepare_poll(
    room: Room, *, by: Visitor, kind: str, text: str, language: str, options: list[str], shows_results: bool
) -> Poll:
    """A poll that nobody sees before it is opened."""
    now = _mine(room, by, None)
    made = Poll.objects.create(
        room=now,
        kind=kind,
        text=text,
        language=language,
        options=options[:MOST_OPTIONS] if kind in {Poll.Kind.SINGLE, Poll.Kind.SEVERAL} else [],
        shows_results=shows_results,
    )
    desk_state.tell_desk(now, "poll", {"id": made.pk})
    return made


@transaction.atomic
def open_poll(poll: Poll, *, by: Visitor, minutes: int | None = None) -> Poll:
    """Everybody may answer from now on; it closes by itself after so many minutes. It is on the wall."""
    room, now = _poll(poll, by)
    if now.state == Poll.State.OPEN:
        return now
    moment = timezone.now()
    now.state, now.opened_at, now.closed_at = Poll.State.OPEN, now.opened_at or moment, None
    now.closes_at = moment + timedelta(minutes=minutes) if minutes else None
    now.save(update_fields=["state", "opened_at", "closed_at", "closes_at"])
    with deed(room, "poll_wall", by=by):
        room.poll_id = now.pk
    return _tell_poll(room, now)


@transaction.atomic
def close_poll(poll: Poll, *, by: Visitor) -> Poll:
    """No more answers; what was answered stays and is shown."""
    room, now = _poll(poll, by)
    if now.state == Poll.State.CLOSED:
        return now
    if now.state != Poll.State.OPEN:
        raise NotFrom
    now.state, now.closed_at = Poll.State.CLOSED, timezone.now()
    now.save(update_fields=["state", "closed_at"])
    return _tell_poll(room, now)


@transaction.atomic
def show_on_wall(room: Room, poll: Poll | None, *, by: Visitor) -> Room:
    """The poll that the wall shows instead of the question on stage; None: the question again."""
    now = _mine(room, by, None)
    if poll is not None and (poll.room_id != now.pk or poll.state == Poll.State.DRAFT):
        raise NotFrom
    with deed(now, "poll_wall", by=by):
        now.poll_id = poll.pk if poll is not None else None
    fresh = _fresh(now)
    state.tell_room(fresh)
    return _told(fresh)


@transaction.atomic
def hide_words(poll: Poll, *, by: Visitor, words: str, hidden: bool = True) -> int:
    """Take words of an open poll off the screens, whoever wrote them; returns how many ballots had them."""
    room, now = _poll(poll, by)
    same = [
        pk
        for pk, said in Ballot.objects.filter(poll=now).values_list("pk", "words")
        if said and said.casefold() == words.casefold()
    ]
    changed = Ballot.objects.filter(pk__in=same).update(hidden=hidden)
    _tell_poll(room, now)
    return changed


def _mine(room: Room, by: Visitor, version: int | None) -> Room:
    now = lock_room(room)
    require(may_moderate(by, now))
    if version is not None and now.version != version:
        raise Changed
    return now


def _poll(poll: Poll, by: Visitor) -> tuple[Room, Poll]:
    room = _mine(poll.room, by, None)
    now = Poll.objects.select_for_update(no_key=True).get(pk=poll.pk)
    now.room = room
    return room, now


def _tell_poll(room: Room, poll: Poll) -> Poll:
    state.tell_poll(poll)
    desk_state.tell_desk(room, "poll", {"id": poll.pk})
    return poll


def _told(room: Room) -> Room:
    desk_state.tell_desk(room, "room", _brief(room))
    return room


def _brief(room: Room) -> dict[str, Any]:
    return {"version": room.version}


def _fresh(room: Room) -> Room:
    return Room.objects.select_related("session", "stage", "segment", "poll").get(pk=room.pk)
