"""A speaker's view: what you answer now and how long, what comes then, and a word from the moderator.

For the session's hosts and speakers: signed in, or with the private link that a speaker holds.
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.room import board, state
from koinon.room.actions.lifecycle import room_of
from koinon.room.models import Contribution
from koinon.room.permissions_moderating import may_see_as_speaker
from koinon.room.views.desk import session_for
from koinon.room.views.wall import empty, places_of, public_stream

NEXT = 3


@governed("B13", GET="R")
@require_safe
def speaker(request: HttpRequest, code: str) -> HttpResponse:
    """The whole page. `k`: the code of a speaker's private link."""
    return render(request, "room/speaker.html", _context(request, code))


@governed("B13", GET="R")
@require_safe
def inside(request: HttpRequest, code: str) -> HttpResponse:
    """The same without its frame."""
    return render(request, "room/_wall_speaker.html", _context(request, code))


def _context(request: HttpRequest, code: str) -> dict[str, Any]:
    session = session_for(request, code)
    key = request.GET.get("k", "")[:120]
    require(may_see_as_speaker(request.visitor, session, key))
    room = room_of(session)
    shown = empty(room) if room._state.adding else state.here(room)
    questions = {item["id"]: item for item in shown["questions"]}
    on_stage = questions.get(shown["stage"]["id"]) if shown["stage"] else None
    ready = [item for item in shown["questions"] if item["state"] == Contribution.State.READY]
    now = timezone.now()
    gone = int((now - room.stage_since).total_seconds()) if room.stage_since else 0
    left = room.stage_seconds - gone
    parts = board.parts(room, now)
    return {
        "session": session,
        "code": session.code,
        "k": key,
        "room": room,
        "on_stage": on_stage,
        "answering": shown["stage"]["answering"] if shown["stage"] else "",
        "places": places_of(on_stage) if on_stage else [],
        "languages_asked": len({on_stage["lang"], *(w["lang"] for w in on_stage["wordings"])})
        if on_stage
        else 0,
        "next": sorted(ready, key=lambda item: (item["position"], item["id"]))[:NEXT],
        "left": left,
        "clock": f"{'−' if left < 0 else ''}{abs(left) // 60}:{abs(left) % 60:02}",
        "of_clock": f"{room.stage_seconds // 60}:{room.stage_seconds % 60:02}",
        "parts": parts,
        "now_part": next((part for part in parts if part.now), None),
        "word": room.word_to_speaker,
        "stream": public_stream(room),
    }
