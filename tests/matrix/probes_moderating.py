"""Rows B6 to B8, what moderators do with what was said; row B13, the moderators' desk, the hour and the speaker's view."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.base.visitor import require
from koinon.room import desk_state
from koinon.room.actions import carrying, directing, moderating, undoing
from koinon.room.models import Contribution, Poll, Room
from koinon.room.testing import make_contribution, make_room
from tests.matrix.probing import Probe, Trial

State = Contribution.State


def _room(trial: Trial) -> Room:
    def make() -> Room:
        session = make_session(organiser=trial.tenant, starts=timezone.now(), state=Session.State.LIVE)
        return make_room(session)

    made: Room = trial.made(make)
    return made


def _row(trial: Trial, **more: Any) -> Contribution:
    made: Contribution = trial.made(lambda: make_contribution(_room(trial), **more))
    return made


def _poll(trial: Trial) -> Poll:
    made: Poll = trial.made(
        lambda: Poll.objects.create(room=_room(trial), text="Which?", options=["one", "two"])
    )
    return made


def _page(name: str) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get(f"room:{name}", _room(trial).session.code)


def _act(deed: str, state: str, **sent: Any) -> Callable[[Trial], HttpResponse]:
    """One deed on the page, on a contribution that is in this state."""

    def do(trial: Trial) -> HttpResponse:
        row = _row(trial, **_in(state))
        sent_now = {"version": row.version, **sent}
        return trial.post("room:desk_act", row.room.session.code, row.pk, deed, **sent_now)

    return do


def _tell(name: str, state: str, **sent: Any) -> Callable[[Trial], HttpResponse]:
    """The same over the API."""

    def do(trial: Trial) -> HttpResponse:
        row = _row(trial, **_in(state))
        return trial.tell_api(f"api:room_{name}", row.room.session.code, row.pk, **sent)

    return do


def _by_the_action(
    deed: Callable[[Contribution, Trial], object], state: str
) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.act(lambda: deed(_row(trial, **_in(state)), trial))


def _run(deed: str, **sent: Any) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        room = _room(trial)
        return trial.post("room:desk_run", room.session.code, deed, version=room.version, **sent)

    return do


def _in(state: str) -> dict[str, Any]:
    return {"state": state, **({"reason": "person"} if state == State.DECLINED else {})}


def _run_over_the_api(trial: Trial) -> HttpResponse:
    return trial.tell_api_at(
        reverse("api:run_hour", args=[_room(trial).session.code]), method="patch", open=False
    )


def _here(trial: Trial) -> HttpResponse:
    return trial.post("room:desk_here", _room(trial).session.code, sel=1)


def _listen(trial: Trial) -> HttpResponse:
    """Whether the moderators' stream may be listened to."""
    person = trial.visitor.person_id or 0

    def deed() -> None:
        require(person in desk_state.may_listen(_room(trial).desk_channel, {person}))

    return trial.act(deed)


def _open_poll(trial: Trial) -> HttpResponse:
    poll = _poll(trial)
    return trial.post("room:desk_poll", poll.room.session.code, poll.pk, "open")


def _prompt(trial: Trial) -> HttpResponse:
    return trial.act(lambda: directing.prompt(_room(trial), by=trial.visitor, text="What did you try?"))


def _undo(trial: Trial) -> HttpResponse:
    def deed() -> None:
        try:
            undoing.undo(_room(trial), by=trial.visitor)
        except undoing.Nothing:
            return

    return trial.act(deed)


def _release(row: Contribution, trial: Trial) -> object:
    return moderating.release(row, by=trial.visitor)


def _stage(row: Contribution, trial: Trial) -> object:
    return moderating.put_on_stage(row, by=trial.visitor)


def _carry(row: Contribution, trial: Trial) -> object:
    return carrying.carry(row, by=trial.visitor, to_operators=True)


ACT, RUN, POLL = ("room:desk_act",), ("room:desk_run",), ("room:desk_poll",)
OPERATORS = {"to": "operators"}

PROBES = [
    # B6: what waits.
    Probe("B6", "M", "release", _act("release", State.NEW), ACT),
    Probe("B6", "M", "hold back", _act("hold", State.NEW, reason="person"), ACT),
    Probe("B6", "M", "API, approve", _tell("approve", State.NEW), ("api:room_approve",)),
    Probe("B6", "M", "release, the action", _by_the_action(_release, State.NEW)),
    # B7: what everybody sees.
    Probe("B7", "M", "stage", _act("stage", State.READY), ACT),
    Probe("B7", "M", "answer", _act("answered", State.OPEN), ACT),
    Probe("B7", "M", "to a desk", _act("carry", State.OPEN, **OPERATORS), ACT, journals=True),
    Probe("B7", "M", "API, stage", _tell("stage", State.OPEN), ("api:room_stage",)),
    Probe("B7", "M", "API, answer", _tell("answer", State.OPEN, live=True), ("api:room_answer",)),
    Probe("B7", "M", "API, merge", _tell("merge", State.OPEN, into=1), ("api:room_merge",)),
    Probe(
        "B7", "M", "API, carry", _tell("carry", State.OPEN, **OPERATORS), ("api:room_carry",), journals=True
    ),
    Probe("B7", "M", "stage, the action", _by_the_action(_stage, State.OPEN)),
    Probe("B7", "M", "to a desk, the action", _by_the_action(_carry, State.OPEN), journals=True),
    # B8: what is held back.
    Probe("B8", "M", "show it after all", _act("release", State.DECLINED), ACT),
    Probe("B8", "M", "API, decline", _tell("decline", State.OPEN, reason="person"), ("api:room_decline",)),
    # B13: the desk, the hour, who listens there, the speaker's view.
    Probe("B13", "R", "desk", _page("desk"), ("room:desk",)),
    Probe("B13", "R", "inside", _page("desk_inside"), ("room:desk_inside",)),
    Probe("B13", "R", "ticket", _page("desk_ticket"), ("room:desk_ticket",)),
    Probe("B13", "R", "stream", _listen),
    Probe("B13", "R", "speaker", _page("speaker"), ("room:speaker",)),
    Probe("B13", "R", "speaker, inside", _page("speaker_inside"), ("room:speaker_inside",)),
    Probe("B13", "U", "sit there", _here, ("room:desk_here",)),
    Probe("B13", "U", "run the hour", _run("stop"), RUN),
    Probe("B13", "U", "API, run the hour", _run_over_the_api, ("api:run_hour",)),
    Probe("B13", "U", "open a poll", _open_poll, POLL),
    Probe("B13", "U", "prompt, the action", _prompt),
    Probe("B13", "U", "undo, the action", _undo),
    # B2: the wall is a public page of a public session.
    Probe("B2", "R", "wall", _page("wall"), ("room:wall",)),
    Probe("B2", "R", "wall, inside", _page("wall_inside"), ("room:wall_inside",)),
]

# One address serves contributions in all states; the view names the row of what is shown.
ROWS_OF_ADDRESS = {"room:desk_act": {"B6", "B7", "B8"}}
