"""Rows N5, F1, F2 and F3: the log of a body, its report before and after it was handed in, the figures of the network."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from koinon.network.models import Organisation
from koinon.reports import content
from koinon.reports.models import Activity, PeriodReport
from koinon.reports.testing import make_activity, make_report
from tests.matrix.probing import Probe, Trial

ONE = ("own",)
TITLE = "Of the matrix"
SAID = {"kind": "meeting", "title": TITLE, "language": "en", "first_day": "2026-01-15"}
TOLD = {"title": TITLE, "first_day": "2026-01-01", "last_day": "2026-03-31", "language": "en"}


def _tenant(trial: Trial) -> Organisation:
    return trial.tenant


def _activity(trial: Trial) -> Activity:
    made: Activity = trial.made(lambda: make_activity(_tenant(trial), title=TITLE))
    return made


def _corrected(trial: Trial) -> Activity:
    def make() -> Activity:
        row = make_activity(
            _tenant(trial), title=TITLE, origin="house", thing="session:MATRIX", corrected=True
        )
        row.house = row.said | {"title": "What the house says"}
        row.save()
        return row

    made: Activity = trial.made(make)
    return made


def _no_activity(trial: Trial) -> None:
    Activity.objects.filter(title=TITLE).delete()


def _report(trial: Trial, state: str) -> PeriodReport:
    def make() -> PeriodReport:
        made = make_report(_tenant(trial), title=TITLE)
        if state == "submitted":
            made.state, made.submitted_at, made.kept = state, timezone.now(), content.count(made)
            made.save()
        return made

    found: PeriodReport = trial.made(make)
    return found


def _draft(trial: Trial) -> PeriodReport:
    return _report(trial, "draft")


def _handed_in(trial: Trial) -> PeriodReport:
    return _report(trial, "submitted")


def _no_report(trial: Trial) -> None:
    PeriodReport.objects.filter(title=TITLE).delete()


def _get(name: str, make: Callable[[Trial], Any], **query: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get(f"reports:{name}", make(trial).pk, **query)


def _post(name: str, make: Callable[[Trial], Any], **sent: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.post(f"reports:{name}", make(trial).pk, **sent)


def _find(
    name: str, make: Callable[[Trial], Any], *args: str, **query: Any
) -> Callable[[Trial], HttpResponse]:
    """A list: whoever works for a body and may not see the thing does not find it there; for the rest there is no list."""

    def do(trial: Trial) -> HttpResponse:
        make(trial)
        answer = trial.get(f"reports:{name}", *args, **query)
        works = trial.actor in {"CED", "CMG", "CLD", "NCO"}
        if works and answer.status_code == 200 and TITLE not in answer.content.decode():
            return HttpResponse(status=404)
        return answer

    return do


PROBES = [
    Probe("N5", "R", "log", _find("log", _activity), ("reports:log",), without=_no_activity),
    Probe("N5", "R", "file", _find("log", _activity, format="csv"), ("reports:log",), without=_no_activity),
    Probe("N5", "R", "activity", _get("activity", _activity), ("reports:activity",), without=_no_activity),
    Probe(
        "N5",
        "C",
        "new",
        lambda trial: trial.post("reports:activity_new", organisation=_tenant(trial).pk, **SAID),
        ("reports:activity_new",),
        journals=True,
    ),
    Probe(
        "N5",
        "U",
        "edit",
        _post("activity_edit", _activity, **SAID, version="1"),
        ("reports:activity_edit",),
        journals=True,
        without=_no_activity,
    ),
    Probe(
        "N5",
        "U",
        "house",
        _post("activity_house", _corrected, version="1"),
        ("reports:activity_house",),
        journals=True,
        without=_no_activity,
    ),
    Probe(
        "N5",
        "D",
        "withdraw",
        _post("activity_withdraw", _activity, because="So."),
        ("reports:activity_withdraw",),
        journals=True,
        without=_no_activity,
    ),
    Probe("F1", "R", "list", _find("reports", _draft), ("reports:reports",), without=_no_report),
    Probe("F1", "R", "report", _get("report", _draft), ("reports:report",), without=_no_report),
    Probe("F1", "R", "text", _get("report", _draft, format="md"), ("reports:report",), without=_no_report),
    Probe(
        "F1",
        "U",
        "new",
        lambda trial: trial.post("reports:report_new", organisation=_tenant(trial).pk, **TOLD),
        ("reports:report_new",),
        journals=True,
        without=_no_report,
    ),
    Probe(
        "F1",
        "U",
        "edit",
        _post("report_edit", _draft, **TOLD, version="1"),
        ("reports:report_edit",),
        journals=True,
        without=_no_report,
    ),
    Probe(
        "F1",
        "U",
        "edit what was handed in",
        _post("report_edit", _handed_in, **TOLD, version="1"),
        ("reports:report_edit",),
        only=frozenset(),
        without=_no_report,
        behind="F2",
    ),
    Probe(
        "F1",
        "P",
        "submit",
        _post("submit", _draft, version="1"),
        ("reports:submit",),
        journals=True,
        without=_no_report,
    ),
    Probe("F2", "R", "list", _find("reports", _handed_in), ("reports:reports",), without=_no_report),
    Probe("F2", "R", "report", _get("report", _handed_in), ("reports:report",), without=_no_report),
    Probe(
        "F2",
        "M",
        "accept",
        _post("decide", _handed_in, decision="accept", version="1"),
        ("reports:decide",),
        journals=True,
        without=_no_report,
    ),
    Probe(
        "F2",
        "M",
        "send back",
        _post("decide", _handed_in, decision="send_back", reason="So.", version="1"),
        ("reports:decide",),
        journals=True,
        without=_no_report,
    ),
    Probe(
        "F2",
        "X",
        "table",
        _find("table", _handed_in, "json"),
        ("reports:table",),
        ("own", "sibling", "foreign"),
        journals=False,
        without=_no_report,
    ),
    Probe("F3", "R", "network", lambda trial: trial.get("reports:overview"), ("reports:overview",), ONE),
    Probe("F3", "R", "body", lambda trial: trial.get("reports:body", _tenant(trial).slug), ("reports:body",)),
    Probe("F3", "R", "place", lambda trial: trial.get("reports:place", "MT"), ("reports:place",), ONE),
    Probe("F3", "R", "unmet", lambda trial: trial.get("reports:unmet"), ("reports:unmet",), ONE),
    Probe("F3", "R", "api", lambda trial: trial.ask_api("api:figures"), ("api:figures",), ONE),
    Probe("F3", "R", "api unmet", lambda trial: trial.ask_api("api:unmet"), ("api:unmet",), ONE),
]
ROWS_OF_ADDRESS = {
    "reports:reports": {"F1", "F2"},
    "reports:report": {"F1", "F2"},
}
