"""The life of a room: opened, run, closed; rehearsed and wiped; its key destroyed 24 hours after the close."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from koinon.agenda.models import Segment, Session
from koinon.agenda.permissions import may_host
from koinon.base.visitor import Visitor, require
from koinon.live.actions import forget_channel
from koinon.room import hooks, similar, state
from koinon.room.actions import carrying
from koinon.room.models import Ballot, Contribution, Deed, Poll, Room, Vote
from koinon.room.models.rooms import new_key

KEY_KEPT = timedelta(hours=24)
"""From the close to the moment from which nobody can tell which voice said what."""

FORGOTTEN_AFTER = timedelta(hours=6)
"""From the end that was announced to the moment at which a room that nobody closed closes itself."""


class NotNow(Exception):
    """The room is not in a state from which this can be done."""


def room_of(session: Session) -> Room:
    """The room of a session; one that was never opened is not written down yet."""
    found = Room.objects.select_related("session", "segment", "stage").filter(pk=session.pk).first()
    if found is not None:
        found.session = session
        return found
    return Room(session=session, holds=session.holds_questions)


def room_named(code: str) -> Room | None:
    """The room of this code, for who shows its ticket: what the ticket allows is asked then, not here."""
    session = Session.objects.select_related("organiser").filter(code=code[:20]).first()
    return room_of(session) if session is not None else None


@transaction.atomic
def open_room(session: Session, *, by: Visitor) -> Room:
    """The hour begins: everybody who sees the session may ask and vote. Opening twice changes nothing.

    A room that was closed by mistake opens again with the same voices, as long as its key is there.
    """
    require(may_host(by, session))
    room = _locked(session)
    if session.state == Session.State.CANCELLED:
        raise NotNow
    if room.rehearsal:
        room = _wipe(room)
    if room.state == Room.State.OPEN:
        return room
    if not room.key:
        room.key = new_key()
    room.state, room.closed_at = Room.State.OPEN, None
    room.opened_at = room.opened_at or timezone.now()
    if room.segment_id is None and (first := session.segments.first()) is not None:
        room.segment, room.segment_since = first, timezone.now()
    _save(room, "key", "state", "closed_at", "opened_at", "segment", "segment_since")
    _session_is(session, Session.State.LIVE)
    state.tell_room(room)
    state.tell_segment(room)
    return room


@transaction.atomic
def close_room(session: Session, *, by: Visitor) -> Room:
    """The hour ends: from this moment nothing that is asked or voted counts. What stayed open goes to desks."""
    require(may_host(by, session))
    room = _locked(session)
    if room.state != Room.State.OPEN:
        raise NotNow
    return _close(room)


def _close(room: Room) -> Room:
    if room.rehearsal:
        return _wipe(room)
    session, now = room.session, timezone.now()
    for poll in room.polls.filter(state=Poll.State.OPEN):
        _close_poll(poll, room)
    if room.stage_id is not None:
        on_stage = room.stage
        if on_stage is not None and on_stage.state == Contribution.State.STAGE:
            on_stage.state = Contribution.State.READY
            on_stage.version += 1
            on_stage.save(update_fields=["state", "version"])
            on_stage.room = room
            state.tell_question(on_stage)
        room.stage, room.stage_since, room.answering = None, None, ""
        state.tell_stage(room)
    room.state, room.closed_at = Room.State.CLOSED, now
    room.prompt = room.word_to_speaker = ""
    room.poll = None
    _save(
        room,
        "state",
        "closed_at",
        "stage",
        "stage_since",
        "answering",
        "prompt",
        "word_to_speaker",
        "poll",
    )
    _session_is(session, Session.State.ENDED)
    state.tell_room(room)
    carrying.carry_all_open(room)
    similar.forget_room(room)
    for tell in hooks.on_closed:
        tell(room)
    return room


@transaction.atomic
def begin_rehearsal(session: Session, *, by: Visitor) -> Room:
    """Try everything before the hour: plainly marked, and wiped at its end with all that was said."""
    require(may_host(by, session))
    room = _locked(session)
    if room.state != Room.State.WAITING or session.state == Session.State.CANCELLED:
        raise NotNow
    room.rehearsal, room.state = True, Room.State.OPEN
    if (first := session.segments.first()) is not None:
        room.segment, room.segment_since = first, timezone.now()
    _save(room, "rehearsal", "state", "segment", "segment_since")
    state.tell_room(room)
    state.tell_segment(room)
    return room


@transaction.atomic
def end_rehearsal(session: Session, *, by: Visitor) -> Room:
    """Nothing of it is left: contributions, votes, polls' ballots, deeds, and what went out live."""
    require(may_host(by, session))
    room = _locked(session)
    if not room.rehearsal:
        raise NotNow
    return _wipe(room)


@transaction.atomic
def set_segment(session: Session, segment: Segment | None, *, by: Visitor) -> Room:
    """Where the hour is. The clock of a part starts when it becomes the present one."""
    require(may_host(by, session))
    room = _locked(session)
    if room.state != Room.State.OPEN or (segment is not None and segment.session_id != session.pk):
        raise NotNow
    if room.segment_id != (segment.pk if segment else None):
        room.segment, room.segment_since = segment, timezone.now() if segment else None
        _save(room, "segment", "segment_since")
        state.tell_segment(room)
    return room


@transaction.atomic
def switch(
    session: Session, *, by: Visitor, holds: bool | None = None, takes_questions: bool | None = None
) -> Room:
    """Whether what comes in waits for a moderator, and whether questions are taken; `None` leaves it."""
    require(may_host(by, session))
    room = _locked(session)
    if holds is not None:
        room.holds = holds
    if takes_questions is not None:
        room.takes_questions = takes_questions
    _save(room, "holds", "takes_questions")
    state.tell_room(room)
    return room


def run() -> None:
    """What is due: how many are there, what nobody closed, keys to destroy."""
    now = timezone.now()
    over = Poll.objects.filter(state=Poll.State.OPEN, closes_at__lte=now)
    for poll in over.select_related("room__session"):
        _close_over(poll, now)
    for room in Room.objects.filter(state=Room.State.OPEN).select_related("session"):
        _count_people(room)
    forgotten = Room.objects.filter(state=Room.State.OPEN, session__ends_at__lte=now - FORGOTTEN_AFTER)
    for room in forgotten.filter(Q(opened_at__isnull=True) | Q(opened_at__lte=now - FORGOTTEN_AFTER)):
        _close_forgotten(room)
    closed = Room.objects.filter(state=Room.State.CLOSED, rehearsal=False)
    for room in closed.filter(closed_at__lte=now - KEY_KEPT).exclude(key=""):
        destroy_key(room)


@transaction.atomic
def _close_over(poll: Poll, now: datetime) -> None:
    """A poll whose time is over is closed and told once, in however many processes the clock runs, and whoever closes it by hand."""
    room = _locked(poll.room.session)
    row = Poll.objects.filter(pk=poll.pk, state=Poll.State.OPEN, closes_at__lte=now).first()
    if row is not None:
        _close_poll(row, room)


@transaction.atomic
def destroy_key(room: Room) -> None:
    """From now on nobody, the administrator included, can tell which voice asked, voted or answered.

    The hashes go too, so that not even that two things came from the same voice is left; the totals stay.
    """
    now = Room.objects.select_for_update().get(pk=room.pk)
    if now.state != Room.State.CLOSED or not now.key:
        return
    now.key = ""
    _save(now, "key")
    nobody = Concat(Value("nobody:"), Cast(F("pk"), CharField()))
    rows = now.contributions.all()
    rows.update(voice="", key=nobody, body="")
    Vote.objects.filter(contribution__room=now).update(voice=nobody)
    Ballot.objects.filter(poll__room=now).update(voice=nobody)


def _locked(session: Session) -> Room:
    """The room, made at its first need, and held until the transaction ends."""
    Room.objects.get_or_create(session=session, defaults={"holds": session.holds_questions})
    room = Room.objects.select_for_update(of=("self",)).select_related("stage", "segment").get(pk=session.pk)
    room.session = session
    return room


def _wipe(room: Room) -> Room:
    Deed.objects.filter(room=room).delete()
    room.stage, room.poll, room.segment = None, None, None
    room.stage_since = room.segment_since = room.opened_at = room.closed_at = None
    room.answering = room.prompt = room.word_to_speaker = ""
    room.rehearsal, room.state, room.key, room.most_people = False, Room.State.WAITING, new_key(), 0
    room.version += 1
    room.save()
    rows = Contribution.objects.filter(room=room)
    similar.forget_room(room)
    # Wordings point at each other; a wording that says of what may not point nowhere.
    rows.exclude(merged_into=None).update(merged_into=None, state=Contribution.State.OPEN)
    Vote.objects.filter(contribution__room=room).delete()
    rows.delete()
    Ballot.objects.filter(poll__room=room).delete()
    room.polls.exclude(state=Poll.State.DRAFT).update(
        state=Poll.State.DRAFT, opened_at=None, closes_at=None, closed_at=None
    )
    forget_channel(room.channel)
    forget_channel(room.desk_channel)
    return room


@transaction.atomic
def _close_forgotten(room: Room) -> None:
    """Nobody closed it: the house does, so that its questions go to desks and its key is destroyed."""
    now = _locked(room.session)
    if now.state == Room.State.OPEN:
        _close(now)


@transaction.atomic
def _count_people(room: Room) -> None:
    """How many are there goes out once a minute, and the most there were is kept; a process that nobody hears says nothing."""
    here = state.people(room)["listening"]
    if not here:
        return
    if here > room.most_people:
        Room.objects.filter(pk=room.pk, most_people__lt=here).update(most_people=here)
    state.tell_people(room)


def _close_poll(poll: Poll, room: Room) -> None:
    poll.state, poll.closed_at, poll.room = Poll.State.CLOSED, timezone.now(), room
    poll.save(update_fields=["state", "closed_at"])
    state.tell_poll(poll)


def _session_is(session: Session, became: str) -> None:
    if session.state != became:
        Session.objects.filter(pk=session.pk).update(state=became)
        session.state = became


def _save(room: Room, *fields: str) -> None:
    room.version += 1
    room.save(update_fields=[*fields, "version"])
