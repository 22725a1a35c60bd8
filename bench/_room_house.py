"""What `koinon bench room` needs of Koinon's own inside: a session with a room, tickets in bulk, and what the database holds.

Run as a process of its own with KOINON_DATA and DATABASE_URL of the house that is measured:

    python -m bench._room_house make                                    a session that is live, an open room, thirty questions
    python -m bench._room_house shots FOLDER READERS ASKS VOTES…        requests of new voices, a file for each purpose
    python -m bench._room_house held                                    what the room shows, and votes as they are counted anew

Each prints JSON. Files of requests hold four bytes of length before each request (`_room_load.c`).
"""

import json
import os
import struct
import sys
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

CODE = "26BENCH00001"
QUESTIONS = 30
HOST = b"Host: localhost\r\n"


def make() -> dict[str, Any]:
    """The house, and in it the room."""
    from django.utils import timezone

    from koinon.agenda.models import Session
    from koinon.agenda.testing import make_session
    from koinon.cli import prepare
    from koinon.room.testing import make_contribution, make_room

    prepare()
    room = make_room(make_session(code=CODE, starts=timezone.now(), state=Session.State.LIVE))
    for number in range(QUESTIONS):
        make_contribution(
            room, f"What does a town of {number + 2},000 people need to begin, and who helps with it?"
        )
    return {"code": CODE}


def shots(folder: Path, readers: int, asks: int, votes: list[int]) -> dict[str, Any]:
    """Requests: `heads` to listen, `asks`, and for each number in `votes` that many votes of new voices for a new question."""
    from koinon.live.tickets import issue, new_voice
    from koinon.room.models import Room
    from koinon.room.testing import make_contribution

    room = Room.objects.get(session__code=CODE)

    def ticket() -> str:
        return issue(room.channel, voice=new_voice())

    write(
        folder / "heads",
        (
            f"GET /sessions/{CODE}/room/events?ticket={ticket()} HTTP/1.1\r\n".encode()
            + HOST
            + b"Accept: text/event-stream\r\n\r\n"
            for _ in range(readers)
        ),
    )
    write(folder / "asks", (ask(ticket(), number) for number in range(asks)))
    voted = []
    for number, many in enumerate(votes):
        key = make_contribution(room, f"Which of these {number} comes first?").pk
        voted.append(key)
        write(folder / f"votes{number}", (vote(ticket(), key) for _ in range(many)))
    return {"code": CODE, "voted": voted}


def ask(ticket: str, number: int) -> bytes:
    body = json.dumps(
        {
            "text": f"Number {number}: kbstamp-000000-0000000000000000, which centre answers it, and by when?",
            "kind": "question",
            "lang": "en",
        }
    ).encode()
    return (
        f"POST /api/v1/sessions/{CODE}/questions HTTP/1.1\r\n".encode()
        + HOST
        + f"Authorization: Bearer {ticket}\r\nIdempotency-Key: {uuid.uuid4()}\r\n".encode()
        + f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def vote(ticket: str, key: int) -> bytes:
    return (
        f"PUT /api/v1/sessions/{CODE}/questions/{key}/vote HTTP/1.1\r\n".encode()
        + HOST
        + f"Authorization: Bearer {ticket}\r\nIdempotency-Key: {uuid.uuid4()}\r\nContent-Length: 0\r\n\r\n".encode()
    )


def held() -> dict[str, Any]:
    """What the room shows to a page that is made anew, and for each question the votes that lie in the table."""
    from django.db.models import Count

    from koinon.live.models import Channel
    from koinon.room import state
    from koinon.room.models import Room, Vote

    room = Room.objects.get(session__code=CODE)
    counted = Vote.objects.filter(contribution__room=room).values_list("contribution").annotate(Count("pk"))
    channel = Channel.objects.filter(name=room.channel).first()
    return {
        "snapshot": state.snapshot(room),
        "votes": {str(pk): count for pk, count in counted},
        "number": channel.number if channel else 0,
    }


def write(path: Path, requests: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        for request in requests:
            file.write(struct.pack("<I", len(request)) + request)


def main(words: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koinon.settings")
    import django

    django.setup()
    if words[0] == "make":
        result = make()
    elif words[0] == "shots":
        result = shots(Path(words[1]), int(words[2]), int(words[3]), [int(word) for word in words[4:]])
    else:
        result = held()
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1:])
