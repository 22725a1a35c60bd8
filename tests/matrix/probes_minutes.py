"""The report of a session: read (B2), suggested corrections (A7 C), the hosts' worktable (B13 U), published (B2 P)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.base.visitor import require
from koinon.minutes import actions
from koinon.minutes.models import Pledge, Remark, Report
from koinon.room.models import Room
from koinon.room.testing import make_contribution, make_room
from tests.matrix.probing import Probe, Trial

State = Report.State


def _report(trial: Trial, state: str = State.CORRECTING) -> Report:
    def make() -> Report:
        session = make_session(organiser=trial.tenant, starts=timezone.now(), state=Session.State.LIVE)
        room = make_room(session)
        make_contribution(room, may_quote=True)
        room.state, room.closed_at = Room.State.CLOSED, timezone.now()
        room.save()
        report = actions.draft(room)
        if report is None:
            raise AssertionError("a room that is closed has a report")
        report.state = state
        report.corrections_until = timezone.localdate()
        report.save()
        return report

    made: Report = trial.made(make)
    return made


def _get(name: str, state: str = State.CORRECTING) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get(f"minutes:{name}", _report(trial, state).session.code)


def _post(name: str, state: str = State.CORRECTING, **sent: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.post(f"minutes:{name}", _report(trial, state).session.code, **sent)


def _away(trial: Trial) -> None:
    _report(trial, State.DRAFT).delete()


def _edit(trial: Trial) -> HttpResponse:
    report = _report(trial)
    return trial.post(
        "minutes:edit", report.session.code, version=report.version, language="en", lead="So it was."
    )


def _decide(trial: Trial) -> HttpResponse:
    report = _report(trial)
    remark = Remark.objects.create(report=report, text="Ruse.", nonce="a" * 8, at=timezone.now())
    return trial.post("minutes:decide", report.session.code, remark.pk, decision="taken")


def _follow_up(trial: Trial) -> HttpResponse:
    report = _report(trial)
    promise = Pledge.objects.create(report=report, text="A list", owner_text="We", due=timezone.localdate())
    return trial.post("minutes:follow_up", report.session.code, promise.pk, state="kept")


def _publish_by_the_action(trial: Trial) -> HttpResponse:
    return trial.act(lambda: actions.publish(_report(trial), by=trial.visitor))


def _edit_by_the_action(trial: Trial) -> HttpResponse:
    def deed() -> None:
        report = _report(trial)
        actions.edit(report, by=trial.visitor, version=1, language="en", lead="So it was.", lines={})

    return trial.act(deed)


def _remark_by_the_action(trial: Trial) -> HttpResponse:
    def deed() -> None:
        report = _report(trial)
        try:
            actions.remark(report, by=trial.visitor, text="Ruse.", nonce="12345678")
        except actions.NotNow:
            require(False)

    return trial.act(deed)


PROMISE = {"text": "A list of desks", "owner_text": "We", "due": "2026-12-24"}
SUGGESTED = {"text": "It was Ruse.", "nonce": "12345678"}

PROBES = [
    Probe("B2", "R", "report", _get("report", State.PUBLISHED), ("minutes:report",)),
    Probe("B2", "P", "publish the report", _post("publish"), ("minutes:publish",), journals=True),
    Probe("B2", "P", "publish the report, the action", _publish_by_the_action, journals=True),
    # A draft is hidden, as a session's is.
    Probe(
        "B13",
        "R",
        "draft of the report",
        _get("report", State.DRAFT),
        ("minutes:report",),
        behind="B1",
        without=_away,
    ),
    Probe("B13", "R", "worktable of the report", _get("edit"), ("minutes:edit",)),
    Probe("B13", "U", "edit the report", _edit, ("minutes:edit",), journals=True),
    Probe("B13", "U", "edit the report, the action", _edit_by_the_action, journals=True),
    Probe("B13", "U", "open the report", _post("open"), ("minutes:open",), journals=True),
    Probe("B13", "U", "promise", _post("pledge", **PROMISE), ("minutes:pledge",), journals=True),
    Probe("B13", "U", "follow a promise up", _follow_up, ("minutes:follow_up",), journals=True),
    Probe("B13", "U", "decide a correction", _decide, ("minutes:decide",), journals=True),
    Probe("A7", "C", "correct a report", _post("remark", **SUGGESTED), ("minutes:remark",)),
    Probe("A7", "C", "correct a report, the action", _remark_by_the_action),
]

# Published it is a public page; before, the hosts' view.
ROWS_OF_ADDRESS = {"minutes:report": {"B2", "B13"}}
