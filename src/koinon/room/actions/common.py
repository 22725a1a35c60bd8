"""What all writing of the audience stands on: the rooms of a batch, locked; whose voice it is; keys that act once."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

from koinon.agenda.models import Session
from koinon.live.tickets import Ticket
from koinon.live.writer import Answer, Job, problem
from koinon.room import voices
from koinon.room.models import Room
from koinon.room.permissions import EVERYBODY, may_see


def _in_order(model: type[Model], *names: str) -> tuple[str, ...]:
    """The columns as `from_db` wants them: in the order in which the model has them."""
    found = tuple(field.attname for field in model._meta.concrete_fields if field.attname in names)
    assert len(found) == len(names)
    return found


# What a write has to know of its room and its session; their many words are left where they are.
_OF_ROOM = _in_order(Room, "session_id", "state", "holds", "takes_questions", "rehearsal", "key")
_OF_SESSION = _in_order(Session, "id", "code", "published", "audience", "organiser_id", "votes_need_account")
# Written out: Django takes longer to write this statement than the database to answer it, and each commit begins with it.
_ROOMS = (
    "SELECT "  # noqa: S608  our own tables
    + ", ".join([f"room.{name}" for name in _OF_ROOM] + [f"session.{name}" for name in _OF_SESSION])
    + f" FROM {Room._meta.db_table} room JOIN {Session._meta.db_table} session ON session.id = room.session_id"
    " WHERE session.code IN ({codes}) ORDER BY room.session_id"
)


def gone() -> Answer:
    return problem(404, "There is nothing at this address.")


def not_open() -> Answer:
    return problem(403, "The room is not open.")


def only_listens() -> Answer:
    return problem(403, "This ticket only listens.")


def rooms_of(jobs: Sequence[Job]) -> dict[str, Room]:
    """The rooms that these jobs write to, by code, locked until the commit: none is closed meanwhile.

    Only those that whoever sent the job may see now; what a ticket once promised does not count.
    """
    wanted: dict[str, set[int]] = {}
    for job in jobs:
        wanted.setdefault(job.data.code, set()).add(job.ticket.person or EVERYBODY)
    found: dict[str, Room] = {}
    for room in _locked(sorted(wanted)):
        code = room.session.code
        room.seeing = may_see(room.session, wanted[code])  # type: ignore[attr-defined]
        found[code] = room
    return found


def _locked(codes: list[str]) -> Iterator[Room]:
    statement = _ROOMS.format(codes=", ".join(["%s"] * len(codes)))
    if connection.features.has_select_for_no_key_update:
        # SQLite has one writer, who is us.
        statement += " FOR NO KEY UPDATE OF room"
    with connection.cursor() as cursor:
        cursor.execute(statement, codes)
        rows = cursor.fetchall()
    for row in rows:
        room = Room.from_db(connection.alias, _OF_ROOM, row[: len(_OF_ROOM)])
        room.session = Session.from_db(connection.alias, _OF_SESSION, row[len(_OF_ROOM) :])
        yield room


def room_for(job: Job, rooms: dict[str, Room]) -> Room | None:
    """The room of a job, where whoever sent it may see it."""
    room = rooms.get(job.data.code)
    if room is None or job.ticket.channel != room.channel:
        return None
    seeing: set[int] = getattr(room, "seeing", set())
    return room if (job.ticket.person or EVERYBODY) in seeing else None


def voice_to_speak(room: Room, ticket: Ticket) -> str:
    """What is kept of whose words these are: of a program with a person's token nothing, so that nobody can tell."""
    return voices.hash_of(room, ticket.voice)


def voice_to_vote(room: Room, ticket: Ticket) -> str:
    """Whose vote it is: a person's where the session wants that; else the ticket's voice, or that of the token's person."""
    if room.session.votes_need_account or not ticket.voice:
        return voices.hash_of(room, voices.of_person(ticket.person)) if ticket.person else ""
    return voices.hash_of(room, ticket.voice)


def sealed(room: Room, *parts: object) -> str:
    """A mark under the room's key, that says nothing once the key is gone."""
    text = json.dumps([str(part) for part in parts], ensure_ascii=False)
    return hmac.new(
        bytes.fromhex(room.key), text.encode("utf-8", "surrogatepass"), hashlib.sha256
    ).hexdigest()


def in_order(answers: dict[int, Answer], jobs: Iterable[Any]) -> list[Answer]:
    return [answers[place] for place, _job in enumerate(jobs)]
