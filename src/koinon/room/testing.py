"""How to make a room and what is said in it, for tests and benches."""

import hashlib
import secrets
from itertools import count
from typing import Any

from django.utils import timezone

from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.questions.actions.receipts import code_from
from koinon.questions.models.questions import hash_of
from koinon.room import voices
from koinon.room.models import Contribution, Room

_number = count(1)


def make_room(session: Session | None = None, **more: Any) -> Room:
    """An open room of a session that is live."""
    session = session or make_session(starts=timezone.now(), state=Session.State.LIVE)
    return Room.objects.create(
        session=session, **{"state": Room.State.OPEN, "opened_at": timezone.now(), "holds": False} | more
    )


def make_contribution(room: Room, text: str = "", *, voice: str = "", **more: Any) -> Contribution:
    """A question that is shown, said by a voice of its own."""
    seed = secrets.token_hex(16)
    text = text or f"Which centre does village {next(_number)} call?"
    return Contribution.objects.create(
        **{
            "room": room,
            "text": text,
            "language": "en",
            "at": timezone.now(),
            "voice": voices.hash_of(room, voice or voices.new()),
            "state": Contribution.State.OPEN,
            "key": secrets.token_hex(32),
            "body": hashlib.sha256(text.encode()).hexdigest(),
            "seed": seed,
            "receipt": hash_of(code_from(seed)),
        }
        | more
    )
