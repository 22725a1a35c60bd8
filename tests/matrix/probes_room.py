"""Rows B5 to B8, B11, B12 and B14, the audience's side: asking, one's own, what is shown, votes, the stream.

B9, who is behind an anonymous question, has no address, and nobody any right: `room/tests/test_lifecycle.py` looks for a
link in the whole database.
"""

import json
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.base.visitor import require
from koinon.live import tickets
from koinon.live.tickets import Ticket
from koinon.questions.actions.receipts import code_from
from koinon.room import permissions, source
from koinon.room.actions import voting
from koinon.room.models import Contribution, Poll, Room
from koinon.room.testing import make_contribution, make_room
from tests.matrix.probing import Probe, Trial
from tests.matrix.table import PERSONAL, TENANTS

# Mine: I hold the code of its receipt. Stranger: somebody who guesses codes.
HOLDING = ("mine", "stranger")
WORDS = "Words of the matrix."
TITLE = "Room of the matrix"


def _room(trial: Trial, **more: Any) -> Room:
    def make() -> Room:
        tenant = trial.world.tenants[trial.relation if trial.relation in TENANTS else "foreign"]
        session = make_session(
            TITLE, organiser=tenant, starts=timezone.now(), state=Session.State.LIVE, **more
        )
        return make_room(session)

    made: Room = trial.made(make)
    return made


def _invited(trial: Trial) -> Room:
    return _room(trial, audience="invited")


def _gone(trial: Trial) -> None:
    """What was made for this try is gone from its address."""
    Session.objects.filter(title=TITLE).update(code="GONE")


def _held(trial: Trial, **more: Any) -> Contribution:
    """Something of which the actor holds the code, or somebody else does."""
    made: Contribution = trial.made(lambda: make_contribution(_room(trial), **more))
    return made


def _shown(trial: Trial) -> Contribution:
    return _held(trial)


def _code(trial: Trial, row: Contribution) -> str:
    return code_from(row.seed) if trial.relation == "mine" else "0000-0000-0000-0000-0000"


def _on_receipt(name: str, sent: dict[str, str], **more: Any) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        row = _held(trial, **more)
        return trial.post(f"room:{name}", row.room.session.code, _code(trial, row), **sent)

    return do


def _receipt(**more: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get("receipts:receipt", _code(trial, _held(trial, **more)))


def _page(make: Callable[[Trial], Room]) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get("room:room", make(trial).session.code)


def _api_room(make: Callable[[Trial], Room]) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.ask_api("api:room", make(trial).session.code)


def _say(trial: Trial) -> HttpResponse:
    return trial.post("room:say", _room(trial).session.code, text=WORDS, nonce="nonce-of-the-matrix")


def _by_api(trial: Trial, room: Room, method: str, name: str, *args: Any, **sent: Any) -> HttpResponse:
    """With a token of one's own; without an account with the ticket that anybody gets."""
    code = room.session.code
    headers = {"Authorization": f"Bearer {_ticket(room)}"} if trial.me is None else trial._token()
    headers["Idempotency-Key"] = str(uuid.uuid5(uuid.NAMESPACE_URL, code))
    answer: HttpResponse = trial.client.generic(  # type: ignore[assignment]
        method,
        reverse(f"api:{name}", args=[code, *args]),
        json.dumps(sent) if sent else "",
        content_type="application/json",
        headers=headers,
    )
    return answer


def _ticket(room: Room, person: int | None = None) -> str:
    return tickets.issue(room.channel, voice="voice-of-the-matrix", person=person)


def _vote(voted: str) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        row = _shown(trial)
        room = row.room
        return trial.post("room:vote", room.session.code, row.pk, voted=voted, nonce="nonce-of-the-matrix")

    return do


def _poll(trial: Trial) -> Poll:
    made: Poll = trial.made(
        lambda: Poll.objects.create(room=_room(trial), text="Who?", options=["A", "B"], state=Poll.State.OPEN)
    )
    return made


def _ballot(trial: Trial) -> HttpResponse:
    poll = _poll(trial)
    return trial.post("room:ballot", poll.room.session.code, poll.pk, choice="0")


def _vote_by_api(method: str) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        row = _shown(trial)
        return _by_api(trial, row.room, method, "room_vote", row.pk)

    return do


def _ballot_by_api(trial: Trial) -> HttpResponse:
    poll = _poll(trial)
    return _by_api(trial, poll.room, "PUT", "room_ballot", poll.pk, choices=[0])


def _voice(trial: Trial) -> HttpResponse:
    room = _room(trial)
    return trial.post("room:voice", room.session.code, ticket=_ticket(room))


def _who_voted(trial: Trial) -> HttpResponse:
    """Whether what somebody voted for is told to the actor: where votes are persons', to that person alone."""
    row = _shown(trial)
    room = row.room
    Session.objects.filter(pk=room.session.pk).update(votes_need_account=True)
    voter = trial.somebody
    if trial.me is None and trial.relation == "mine":
        return HttpResponse(status=403)
    voting.vote(room, row.pk, by=Ticket(room.channel, "", voter.pk, timezone.now()), voted=True)
    mark = f'data-voted="{row.pk}"'
    page = trial.get("room:room", room.session.code)
    return page if mark in page.content.decode() else HttpResponse(status=403)


def _listens(make: Callable[[Trial], Room]) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        channel = make(trial).channel
        person = permissions.EVERYBODY if trial.me is None else trial.me.pk
        may = source.may_listen(channel, {person})
        return trial.act(lambda: require(person in may, hidden=True))

    return do


PROBES = [
    # B5: anybody asks while it is open, but not who only keeps the technics.
    Probe("B5", "C", "say", _say, ("room:say",)),
    Probe(
        "B5",
        "C",
        "API, say",
        lambda t: _by_api(t, _room(t), "POST", "room_say", text=WORDS),
        ("api:room_say",),
    ),
    Probe("B5", "C", "the check", lambda t: t.act(lambda: require(permissions.may_take_part(t.visitor)))),
    # B6: what waits is its author's, by the receipt.
    Probe("B6", "R", "receipt", _receipt(state="new"), ("receipts:receipt",), HOLDING),
    Probe(
        "B6", "R", "to a centre", _on_receipt("carry", {"place": "BE"}, state="new"), ("room:carry",), HOLDING
    ),
    Probe(
        "B6", "U", "reword", _on_receipt("reword", {"text": WORDS}, state="new"), ("room:reword",), HOLDING
    ),
    Probe(
        "B6",
        "D",
        "withdraw",
        _on_receipt("withdraw", {"sure": "on"}, state="new"),
        ("room:withdraw",),
        HOLDING,
    ),
    # B7: what is shown is shown to all who see the session.
    Probe("B7", "R", "room", _page(_room), ("room:room",)),
    # B8: held back, with the reason.
    Probe("B8", "R", "receipt", _receipt(state="declined", reason="other"), ("receipts:receipt",), HOLDING),
    # B11: votes and ballots.
    Probe("B11", "C", "vote", _vote("1"), ("room:vote",), ("mine",)),
    Probe("B11", "C", "take back", _vote("0"), ("room:vote",), ("mine",)),
    Probe("B11", "C", "ballot", _ballot, ("room:ballot",), ("mine",)),
    Probe("B11", "C", "voice", _voice, ("room:voice",), ("mine",)),
    Probe(
        "B11",
        "C",
        "API, vote",
        _vote_by_api("PUT"),
        ("api:room_vote",),
        ("mine",),
    ),
    Probe(
        "B11",
        "D",
        "API, take back",
        _vote_by_api("DELETE"),
        ("api:room_vote",),
        ("mine",),
    ),
    Probe(
        "B11",
        "C",
        "API, ballot",
        _ballot_by_api,
        ("api:room_ballot",),
        ("mine",),
    ),
    # B12: only one's own, and never by whom.
    Probe("B12", "R", "voted", _who_voted, ("room:room",), PERSONAL),
    # B14: as the session itself.
    Probe("B14", "R", "room and ticket", _api_room(_room), ("api:room",)),
    Probe("B14", "R", "who listens", _listens(_room)),
    Probe("B3", "R", "room", _page(_invited), ("room:room",), TENANTS, without=_gone),
    Probe("B3", "R", "API, room and ticket", _api_room(_invited), ("api:room",), TENANTS, without=_gone),
    Probe("B3", "R", "who listens", _listens(_invited), (), TENANTS, without=_gone),
]

# One address shows things in several states, each with a row of its own; the view names the first.
ROWS_OF_ADDRESS = {
    "room:room": {"B3", "B7", "B12"},
    "api:room": {"B3", "B14"},
    "receipts:receipt": {"B6", "B8", "C1"},
}
