"""The room over the API: its ticket and what it shows, asking and voting with the ticket, and the hosts' way to run the hour.

Browsers and crowds come by the doors (quick.py), which answer the same operations beside Django; what has no door there, or
comes with a program's token, comes here.
"""

from typing import Any, Literal

from django.http import Http404, HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError

from koinon.agenda.api import router as programme
from koinon.agenda.models import Segment, Session
from koinon.agenda.permissions import may_host
from koinon.base.governance import governed
from koinon.base.problems import problem
from koinon.base.visitor import HttpRequest, Visitor
from koinon.live import tickets as live_tickets
from koinon.live.tickets import Ticket
from koinon.live.writer import Answer
from koinon.network.visitor import ANYONE, visitor_for
from koinon.people.models import Person
from koinon.questions.api import KEY_HEADER, key_of
from koinon.room import mine as own
from koinon.room import quick, state, tickets
from koinon.room.actions import lifecycle, polling, saying, voting
from koinon.room.actions.lifecycle import room_of
from koinon.room.models import Room
from koinon.room.permissions import may_take_part

router = Router(tags=["room"])


class RoomOut(Schema):
    """What a room shows now. The ticket listens for ten minutes and writes for a day; it carries a random voice."""

    ticket: str
    state: str
    snapshot: dict[str, Any]
    mine: dict[str, Any]


class SayIn(Schema, extra="forbid"):
    """One thing to say. `place` is a key (`bologna-3181928`, `ITH5`, `IT`); `named` shows the name of who is signed in."""

    text: str = Field(max_length=10_000)
    kind: str = Field("question", max_length=20)
    lang: str = Field("", max_length=2)
    place: str = Field("", max_length=200)
    named: bool = False
    contact: str = Field("", max_length=254)
    may_quote: bool = False


class SaidOut(Schema):
    """What its author holds. The receipt is the only key to the private page."""

    id: int
    state: str
    receipt: str


class VoteOut(Schema):
    id: int
    votes: int
    voted: bool


class BallotIn(Schema, extra="forbid"):
    """Numbers of options from 0, or a value of the scale; or words."""

    choices: list[int] = Field([], max_length=50)
    words: str = Field("", max_length=1000)


class BallotOut(Schema):
    id: int


class HourIn(Schema, extra="forbid"):
    """`state`: `live` opens the room, `ended` closes it. `segment`: the key of the part that is now. `open`: takes questions."""

    state: Literal["live", "ended"] | None = None
    segment: int | None = None
    open: bool | None = None


class HourOut(Schema):
    code: str
    state: str
    room: dict[str, Any]
    segment: dict[str, Any] | None


@router.get("/sessions/{code}/room", response=RoomOut, url_name="room", summary="A room, and a ticket for it")
@governed("B14", GET="R")
def room(request: HttpRequest, code: str) -> dict[str, Any] | HttpResponse:
    """Anybody who sees the session. With an old ticket as bearer the new one has the same voice."""
    if tickets.is_shown(request):
        found, held = _by_ticket(request, code)
        ticket = held
    else:
        found = _room(code, request.visitor)
        person = request.visitor.person_id
        if not may_take_part(request.visitor):
            # Who only keeps the technics looks on, as anybody, without a voice.
            ticket = Ticket(found.channel, "", None, timezone.now())
        else:
            seconds = tickets.new_voices.wait(request.META.get("REMOTE_ADDR", ""))
            if seconds:
                refused = problem(429, "Too many new voices from this address.")
                refused.headers["Retry-After"] = str(seconds)
                return refused
            voice = live_tickets.new_voice()
            ticket = Ticket(found.channel, voice, person, timezone.now())
    return {
        "ticket": live_tickets.issue(found.channel, voice=ticket.voice, person=ticket.person),
        "state": found.state,
        "snapshot": state.snapshot(found),
        "mine": own.of_ticket(found, ticket).as_data(),
    }


@router.post(
    "/sessions/{code}/questions",
    response={201: SaidOut},
    url_name="room_say",
    summary="Ask in a room, or share something",
    openapi_extra=KEY_HEADER,
)
@governed("B5", POST="C")
def say(request: HttpRequest, code: str, sent: SayIn) -> Status[Any] | HttpResponse:
    """With the room's ticket, or a person's token. The same Idempotency-Key acts once."""
    key = key_of(request)
    if not key:
        raise HttpError(422, "This needs an Idempotency-Key: a UUID that is new for each thing that is said.")
    _found, ticket = _writer(request, code)
    what = quick.saying_of(code, sent.dict())
    if isinstance(what, Answer):
        return _sent(what)
    return _sent(saying.say(what, by=ticket, key=key))


@router.put("/sessions/{code}/questions/{pk}/vote", response=VoteOut, url_name="room_vote", summary="Vote")
@governed("B11", PUT="C")
def vote(request: HttpRequest, code: str, pk: int) -> Status[Any] | HttpResponse:
    """One vote a voice; said twice it changes nothing."""
    found, ticket = _writer(request, code)
    return _sent(voting.vote(found, _small(pk), by=ticket, voted=True))


@router.delete(
    "/sessions/{code}/questions/{pk}/vote",
    response=VoteOut,
    url_name="room_vote",
    summary="Take a vote back",
)
@governed("B11", DELETE="D")
def unvote(request: HttpRequest, code: str, pk: int) -> Status[Any] | HttpResponse:
    """Said twice it changes nothing."""
    found, ticket = _writer(request, code)
    return _sent(voting.vote(found, _small(pk), by=ticket, voted=False))


@router.put(
    "/sessions/{code}/polls/{pk}/ballot", response=BallotOut, url_name="room_ballot", summary="Answer a poll"
)
@governed("B11", PUT="C")
def ballot(request: HttpRequest, code: str, pk: int, sent: BallotIn) -> Status[Any] | HttpResponse:
    """One ballot a voice, to be changed while the poll is open."""
    _found, ticket = _writer(request, code)
    what = quick.ballot_of(code, _small(pk), sent.dict())
    if isinstance(what, Answer):
        return _sent(what)
    return _sent(polling.answer(what, by=ticket))


# On the programme's own router: an address belongs to one.
@programme.patch("/sessions/{code}", response=HourOut, url_name="run_hour", summary="Run the hour")
@governed("B13", PATCH="U")
def run_hour(request: HttpRequest, code: str, sent: HourIn) -> dict[str, Any]:
    """Open and close the room, say which part of the hour it is, take questions or not. With a host's token."""
    found = _room(code, request.visitor)
    session, by = found.session, request.visitor
    if not may_host(by, session):
        raise HttpError(401 if not by.is_signed_in else 403, "This is not yours to do.")
    segment = None
    if sent.segment is not None:
        segment = Segment.objects.filter(session=session, pk=_small(sent.segment)).first()
        if segment is None:
            raise HttpError(422, "The session has no such part.")
    try:
        if sent.state == "live":
            lifecycle.open_room(session, by=by)
        if sent.open is not None:
            lifecycle.switch(session, by=by, takes_questions=sent.open)
        if segment is not None:
            lifecycle.set_segment(session, segment, by=by)
        if sent.state == "ended":
            lifecycle.close_room(session, by=by)
    except lifecycle.NotNow:
        raise HttpError(409, "The room is not in a state from which this can be done.") from None
    found = room_of(session)
    return {
        "code": code,
        "state": session.state,
        "room": state.about_room(found),
        "segment": state.segment(found),
    }


def _room(code: str, visitor: Visitor) -> Room:
    session = Session.objects.seen_by(visitor).select_related("organiser").filter(code=code[:20]).first()
    if session is None:
        raise Http404
    return room_of(session)


def _by_ticket(request: HttpRequest, code: str) -> tuple[Room, Ticket]:
    """The room of a ticket that was shown, as long as who shows it may still see it."""
    found = lifecycle.room_named(code)
    held = tickets.shown_as_bearer(request, found) if found is not None else None
    if held is None:
        raise HttpError(
            401, "This ticket is not for this room, forged, or older than a day. Ask for a new one."
        )
    person = Person.objects.filter(pk=held.person, is_active=True).first() if held.person else None
    by = visitor_for(person) if person is not None else ANYONE
    return _room(code, by), held


def _writer(request: HttpRequest, code: str) -> tuple[Room, Ticket]:
    """Who writes: a ticket's voice, or the person of a token."""
    if tickets.is_shown(request):
        return _by_ticket(request, code)
    found = _room(code, request.visitor)
    if not request.visitor.is_signed_in:
        raise HttpError(401, "This needs the room's ticket: GET /api/v1/sessions/{code}/room.")
    if not may_take_part(request.visitor):
        raise HttpError(403, "This is not yours to do.")
    now = timezone.now()
    return found, Ticket(found.channel, "", request.visitor.person_id, now)


def _sent(answer: Answer) -> Status[Any] | HttpResponse:
    if answer.status >= 400:
        more = {name: value for name, value in (answer.body or {}).items() if name != "detail"}
        refused = problem(answer.status, str((answer.body or {}).get("detail", "")), **more)
        for name, value in answer.headers.items():
            refused.headers[name] = value
        return refused
    return Status(answer.status, answer.body)


def _small(number: int) -> int:
    """A key that a database can hold; any other is nobody's."""
    return number if 0 < number < 2**63 else 0
