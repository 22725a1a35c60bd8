"""Beside the server, on its database: makes a room for the faults, and holds what was acknowledged against what was kept.

`python -m tests.faults.room_ledger obey` does what it is told: one line of JSON in, one out (`Beside` in room_hall.py).
"""

import json
import os
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koinon.settings")
if __name__ == "__main__":
    django.setup()

from django.utils import timezone

from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.live import tickets
from koinon.network.models import Organisation
from koinon.questions.actions.receipts import code_from
from koinon.room import voices
from koinon.room.models import Ballot, Contribution, Poll, Room, Vote
from koinon.room.testing import make_contribution, make_room

OPTIONS = ["Costs", "Partners", "Deadlines"]


def open_room(contributions: int = 0) -> dict[str, Any]:
    """An open room that shows at once what is said, with a poll, and with so many contributions to vote for."""
    session = make_session(
        organiser=Organisation.objects.get(slug="ncc-it"),
        starts=timezone.now(),
        state=Session.State.LIVE,
        code=f"26R{uuid.uuid4().hex[:12]}",
    )
    room = make_room(session)
    poll = Poll.objects.create(
        room=room, text="What comes first?", options=OPTIONS, state=Poll.State.OPEN, opened_at=timezone.now()
    )
    rows = [make_contribution(room) for _ in range(contributions)]
    return {"code": session.code, "poll": poll.pk, "ids": [row.pk for row in rows]}


def count(code: str, text: str) -> int:
    """How often this was said in a room."""
    return Contribution.objects.filter(room__session__code=code, text=text).count()


def totals(code: str) -> dict[str, list[int]]:
    """Of each contribution the total that is shown, and the rows that it stands for."""
    rows = Counter(
        Vote.objects.filter(contribution__room__session__code=code).values_list("contribution", flat=True)
    )
    shown = Contribution.objects.filter(room__session__code=code).values_list("pk", "votes")
    return {str(pk): [votes, rows[pk]] for pk, votes in shown}


def judge(
    code: str,
    meant: Sequence[str],
    said: Sequence[Mapping[str, Any]],
    wishes: Sequence[tuple[str, int, bool]],
    ballots: Sequence[tuple[str, int]],
) -> dict[str, Any]:
    """What was acknowledged and is kept otherwise, by kind: each entry but `shown` and `answers` is empty when all is well.

    `meant` is all that was ever sent, `said` what was acknowledged of it; `wishes` and `ballots` are the last that was
    acknowledged to each voice, by its ticket.
    """
    room = Room.objects.get(session__code=code)
    rows = list(Contribution.objects.filter(room=room))
    kept: dict[str, list[Contribution]] = {}
    for row in rows:
        kept.setdefault(row.text, []).append(row)
    hashes: dict[str, str] = {}

    def voice_of(ticket: str) -> str:
        if ticket not in hashes:
            hashes[ticket] = voices.hash_of(room, tickets.read(ticket, max_age=1e9).voice)
        return hashes[ticket]

    votes = set(Vote.objects.filter(contribution__room=room).values_list("contribution", "voice"))
    wanted = {(pk, voice_of(ticket)): voted for ticket, pk, voted in wishes}
    answered = {ballot.voice: ballot.choices for ballot in Ballot.objects.filter(poll__room=room)}
    told = totals(code)
    prefix = "Hall asks "
    return {
        "said, acknowledged, lost": [line["key"] for line in said if line["text"] not in kept],
        "said twice": [text for text, found in kept.items() if len(found) > 1],
        "said by nobody": [text for text in kept if text.startswith(prefix) and text not in set(meant)],
        "another number, receipt or voice": [
            line["key"]
            for line in said
            for row in kept.get(line["text"], [])[:1]
            if (row.pk, f"/receipts/{code_from(row.seed)}/", row.voice)
            != (line["id"], line["receipt"], voice_of(line["ticket"]))
        ],
        "votes, acknowledged, lost": [key[0] for key, voted in wanted.items() if voted and key not in votes],
        "votes, taken back, still there": [
            key[0] for key, voted in wanted.items() if not voted and key in votes
        ],
        "votes of nobody": [key[0] for key in votes if key not in wanted],
        "totals that are not their rows": {pk: pair for pk, pair in told.items() if pair[0] != pair[1]},
        "ballots, acknowledged, kept otherwise": [
            choice for ticket, choice in ballots if answered.get(voice_of(ticket)) != [choice]
        ],
        "ballots of nobody": len(answered) - len({voice_of(ticket) for ticket, _choice in ballots}),
        "shown": {str(row.pk): [row.text, told[str(row.pk)][1]] for row in rows},
        "answers": [sum(number in chosen for chosen in answered.values()) for number in range(len(OPTIONS))],
    }


DEEDS: dict[str, Callable[..., Any]] = {deed.__name__: deed for deed in (open_room, count, totals, judge)}


def obey() -> None:
    """One line of JSON in, one out, until nobody asks any more."""
    for line in sys.stdin:
        told = json.loads(line)
        print(json.dumps(DEEDS[told["name"]](**told["words"])), flush=True)


if __name__ == "__main__":
    obey()
