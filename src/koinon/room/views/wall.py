"""The wall: readable at fifteen metres, and only what everybody in the room sees. No controls.

A wall without script loads itself again each 15 seconds: nobody stands before it with a pointer. (A page that people read or
type in never does that.)
"""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from koinon.agenda.models import Session
from koinon.base.governance import governed
from koinon.base.qr import qr
from koinon.base.visitor import HttpRequest
from koinon.live import tickets
from koinon.room import board, state
from koinon.room.actions.lifecycle import room_of
from koinon.room.models import Contribution, Poll, Room
from koinon.room.views.desk import session_for

LONG, LONGER, LONGEST = 90, 170, 320
"""Letters from which a text is set smaller, so that all of it stays on the wall."""
NEXT = 2


@governed("B2", GET="R")
@require_safe
def wall(request: HttpRequest, code: str) -> HttpResponse:
    """The whole page (B2 R, B3 R, B7 R)."""
    session = session_for(request, code)
    return render(request, "room/wall.html", context_of(request, session))


@governed("B2", GET="R")
@require_safe
def inside(request: HttpRequest, code: str) -> HttpResponse:
    """The same without its frame, for a wall that heard of a change."""
    session = session_for(request, code)
    return render(request, "room/_wall.html", context_of(request, session))


def context_of(request: HttpRequest, session: Session) -> dict[str, Any]:
    """What the wall shows, from the public state of the room and nothing else."""
    room = room_of(session)
    shown = empty(room) if room._state.adding else state.here(room)
    questions = {item["id"]: item for item in shown["questions"]}
    on_stage = questions.get(shown["stage"]["id"]) if shown["stage"] else None
    ready = [item for item in shown["questions"] if item["state"] == Contribution.State.READY]
    poll = _poll(room, shown)
    join = request.build_absolute_uri(board.links(room).get("room") or f"/sessions/{session.code}/room/")
    return {
        "session": session,
        "code": session.code,
        "room": room,
        "shown": shown,
        "on_stage": on_stage,
        "places": places_of(on_stage) if on_stage else [],
        "size": size_of(on_stage["text"] if on_stage else ""),
        "next": sorted(ready, key=lambda item: (item["position"], item["id"]))[:NEXT],
        "poll": poll,
        "bars": bars(poll) if poll else [],
        "closes": parse_datetime(poll["closes"]) if poll and poll["closes"] else None,
        "parts": board.parts(room, timezone.now()),
        "prompt": shown["prompt"],
        "qr": qr(join),
        "host": request.get_host(),
        "stream": public_stream(room),
    }


def size_of(text: str) -> str:
    """How a text is set: the longer, the smaller."""
    letters = len(text)
    return (
        "longest" if letters > LONGEST else "longer" if letters > LONGER else "long" if letters > LONG else ""
    )


def places_of(item: dict[str, Any]) -> list[str]:
    """From where it was asked, in all its wordings; each place once."""
    named = [item["place"], *(wording["place"] for wording in item["wordings"])]
    return list(dict.fromkeys(place for place in named if place))


def public_stream(room: Room) -> str:
    """Where the public stream of the room is listened to, with a ticket that only listens."""
    path = f"/sessions/{room.session.code}/room/events"
    return f"{path}?{urlencode({'ticket': tickets.issue(room.channel)})}"


def bars(poll: dict[str, Any]) -> list[dict[str, Any]]:
    """Each option with its share in whole percent; nothing while results are not shown."""
    results = poll["results"]
    if not isinstance(results, list):
        return []
    names = poll["options"] if poll["kind"] != Poll.Kind.SCALE else ["1", "2", "3", "4", "5"]
    answers = poll["answers"]
    return [
        {"name": name, "number": number, "percent": round(100 * number / answers) if answers else 0}
        for name, number in zip(names, results, strict=False)
    ]


def empty(room: Room) -> dict[str, Any]:
    """The public state of a room that was never opened."""
    return {
        "room": state.about_room(room),
        "segments": state.segments(room),
        "segment": None,
        "stage": None,
        "questions": [],
        "polls": [],
        "people": {"listening": 0, "asked": 0},
        "prompt": None,
    }


def _poll(room: Room, shown: dict[str, Any]) -> dict[str, Any] | None:
    return next((poll for poll in shown["polls"] if poll["id"] == room.poll_id), None)
