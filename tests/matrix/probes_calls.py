"""Rows E6 and E7: calls for proposals that everybody reads, and their drafts."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpResponse

from koinon.base.visitor import require
from koinon.calls.actions import writing
from koinon.calls.models import Call
from koinon.calls.permissions import may_create, may_read
from koinon.calls.testing import make_call, make_terms
from koinon.network.models import Organisation
from tests.matrix.probing import Probe, Trial
from tests.matrix.table import TENANTS

# A call is kept by one's own body, a sibling or a foreign one; or by the authority in which MA works.
KEPT = (*TENANTS, "authority")
# Of a list or an empty form there is no relation: whoever has the right somewhere gets it.
MINE = ("mine",)
ONE = ("own",)
Make = Callable[[Trial], Call]


def _keeper(trial: Trial) -> Organisation:
    return trial.world.authority if trial.relation == "authority" else trial.tenant


def _call(trial: Trial, **more: Any) -> Call:
    made: Call = trial.made(
        lambda: make_call(
            "Of the matrix", keeper=_keeper(trial), opener=_keeper(trial), opener_text="", **more
        )
    )
    return made


def _draft(trial: Trial) -> Call:
    return _call(trial, state="draft")


def _public(trial: Trial) -> Call:
    return _call(trial)


def _gone(trial: Trial) -> None:
    """What was made for this try is gone from its address."""
    Call.objects.filter(title="Of the matrix").update(slug="gone")


_TERMS = {
    "title": "Changed",
    "language": "en",
    "opener": "An authority",
    "url": "https://example.eu/call",
    "places": "BE",
    "currency": "EUR",
    "checked_on": "2026-11-22",
    "certain": "on",
}
_DATE = {"day": "2027-03-02", "at": "17:00", "zone": "Europe/Athens", "certain": "on"}
_CONDITION = {"kind": "partners", "number": "1", "says": "Two bodies at least."}


def _get(name: str, make: Make) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get(f"calls:{name}", make(trial).slug)


def _post(view: str, make: Make, /, **sent: Any) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        call = make(trial)
        return trial.post(f"calls:{view}", call.slug, **sent, version=call.version)

    return do


def _one(view: str, make: Make, /, **sent: Any) -> Callable[[Trial], HttpResponse]:
    """A deed on one date or one condition of a call; its fields carry a prefix."""

    def do(trial: Trial) -> HttpResponse:
        call = make(trial)
        if view == "date":
            row: Any = call.cutoffs.get()
            prefix = f"date{row.pk}"
        else:
            row = trial.made(
                lambda: call.conditions.create(position=0, kind="partners", number=1, says="Two.")
            )
            prefix = f"c{row.pk}"
        fields = {f"{prefix}-{name}": value for name, value in (sent | {"version": call.version}).items()}
        return trial.post(f"calls:{view}", call.slug, row.pk, **fields)

    return do


def _new(trial: Trial) -> HttpResponse:
    return trial.post("calls:new", **_TERMS, **{"first-zone": "Europe/Rome"}, keeper=_keeper(trial).pk)


def _new_by_the_action(trial: Trial) -> HttpResponse:
    return trial.act(lambda: writing.draft(_keeper(trial), by=trial.visitor, terms=make_terms()))


def _new_by_api(trial: Trial) -> HttpResponse:
    return trial.tell_api(
        "api:draft_call",
        keeper=_keeper(trial).slug,
        title="New",
        opener="An authority",
        checked_on="2026-11-22",
    )


def _correct(make: Make) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        call = make(trial)
        return trial.tell_api_at(
            f"/api/v1/calls/{call.slug}", method="patch", version=call.version, title="Changed"
        )

    return do


def _check_read(make: Make) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        call = make(trial)
        return trial.act(lambda: require(may_read(trial.visitor, call), hidden=True))

    return do


def _check_create(trial: Trial) -> HttpResponse:
    return trial.act(lambda: require(may_create(trial.visitor, _keeper(trial))))


def _by_the_action(deed: Callable[[Trial, Call], object], make: Make) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        call = make(trial)
        return trial.act(lambda: deed(trial, call))

    return do


def _edit_by_the_action(trial: Trial, call: Call) -> object:
    return writing.edit(call, by=trial.visitor, version=call.version, terms=make_terms("Changed"))


def _date_by_the_action(trial: Trial, call: Call) -> object:
    when = writing.When(date(2027, 3, 2), None, "Europe/Rome")
    return writing.add_date(call, by=trial.visitor, version=call.version, when=when)


def _ask(trial: Trial) -> HttpResponse:
    call = trial.made(make_call)
    return trial.post("calls:ask", call.slug, text="May we apply?", place="BE", nonce="nonce-of-the-matrix")


def _of_a_call(row: str, make: Make, hidden: Callable[[Trial], None] | None) -> list[Probe]:
    """What is the same for drafts and public ones: reading, and changing its words and conditions."""
    more: dict[str, Any] = {"relations": KEPT, "without": hidden}
    return [
        *(
            Probe(row, "R", name, _get(name, make), (f"calls:{name}",), **more)
            for name in ("call", "calendar", "check", "history")
        ),
        Probe(row, "R", "API", lambda t: t.ask_api("api:call", make(t).slug), ("api:call",), **more),
        Probe(
            row,
            "R",
            "API, check",
            lambda t: t.ask_api("api:check_call", make(t).slug),
            ("api:check_call",),
            **more,
        ),
        Probe(row, "R", "the check", _check_read(make), (), **more),
        Probe(row, "U", "form", _get("edit", make), ("calls:edit",), **more),
        Probe(row, "U", "edit", _post("edit", make, **_TERMS), ("calls:edit",), journals=True, **more),
        Probe(
            row,
            "U",
            "edit, the action",
            _by_the_action(_edit_by_the_action, make),
            (),
            KEPT,
            journals=True,
            behind="E6",
        ),
        Probe(row, "U", "API, correct", _correct(make), ("api:correct_call",), journals=True, **more),
        Probe(row, "U", "conditions", _get("conditions", make), ("calls:conditions",), **more),
        Probe(
            row,
            "U",
            "add a condition",
            _post("conditions", make, **_CONDITION),
            ("calls:conditions",),
            journals=True,
            **more,
        ),
        Probe(
            row,
            "U",
            "change a condition",
            _one("condition", make, **_CONDITION | {"number": "2"}),
            ("calls:condition",),
            journals=True,
            **more,
        ),
        Probe(
            row,
            "U",
            "that is not all",
            _post("whole", make, whole="no"),
            ("calls:whole",),
            journals=True,
            **more,
        ),
    ]


def _dates(row: str, right: str, make: Make, hidden: Callable[[Trial], None] | None) -> list[Probe]:
    """Dates of a draft are changed like its words; those of a public call are moved by who may publish."""
    more: dict[str, Any] = {"relations": KEPT, "without": hidden}
    return [
        Probe(row, right, "dates", _get("dates", make), ("calls:dates",), **more),
        Probe(
            row, right, "add a date", _post("dates", make, **_DATE), ("calls:dates",), journals=True, **more
        ),
        Probe(row, right, "move a date", _one("date", make, **_DATE), ("calls:date",), journals=True, **more),
        Probe(
            row,
            right,
            "add a date, the action",
            _by_the_action(_date_by_the_action, make),
            (),
            KEPT,
            journals=True,
            behind="E6",
        ),
    ]


def _publish_by_api(trial: Trial) -> HttpResponse:
    return trial.tell_api_at(f"/api/v1/calls/{_draft(trial).slug}/publish")


PROBES = [
    # E6: published, for everybody.
    Probe("E6", "R", "list", lambda t: t.get("calls:list"), ("calls:list",), ONE),
    Probe("E6", "R", "API, all", lambda t: t.ask_api("api:calls"), ("api:calls",), ONE),
    *_of_a_call("E6", _public, None),
    *_dates("E6", "P", _public, None),
    Probe(
        "E6",
        "U",
        "held against its source",
        _post("checked", _public),
        ("calls:checked",),
        KEPT,
        journals=True,
    ),
    Probe(
        "E6",
        "P",
        "confirm",
        _post("confirm", _public),
        ("calls:confirm",),
        KEPT,
        only=frozenset({"CMG", "MA"}),
        journals=True,
    ),
    Probe("E6", "D", "form", _get("withdraw", _public), ("calls:withdraw",), KEPT),
    Probe(
        "E6",
        "D",
        "withdraw",
        _post("withdraw", _public, because="mistake", sure="on"),
        ("calls:withdraw",),
        KEPT,
        journals=True,
    ),
    # E7: a draft. That there is one is nobody else's business.
    Probe("E7", "R", "list", lambda t: t.get("calls:mine"), ("calls:mine",), MINE, behind="E6"),
    Probe(
        "E7",
        "C",
        "form",
        lambda t: t.get("calls:new"),
        ("calls:new",),
        MINE,
        only=frozenset({"CED", "CMG", "CLD", "NCO", "MA"}),
        behind="E6",
    ),
    Probe("E7", "C", "draft", _new, ("calls:new",), KEPT, journals=True, behind="E6"),
    Probe("E7", "C", "draft, the action", _new_by_the_action, (), KEPT, journals=True, behind="E6"),
    Probe("E7", "C", "API, draft", _new_by_api, ("api:draft_call",), KEPT, journals=True, behind="E6"),
    Probe("E7", "C", "the check", _check_create, (), KEPT, behind="E6"),
    *_of_a_call("E7", _draft, _gone),
    *_dates("E7", "U", _draft, _gone),
    Probe(
        "E7", "P", "publish", _post("publish", _draft), ("calls:publish",), KEPT, journals=True, without=_gone
    ),
    Probe(
        "E7", "P", "API, publish", _publish_by_api, ("api:publish_call",), KEPT, journals=True, without=_gone
    ),
    Probe("E7", "D", "form", _get("delete", _draft), ("calls:delete",), KEPT, without=_gone),
    Probe(
        "E7", "D", "delete", _post("delete", _draft), ("calls:delete",), KEPT, journals=True, without=_gone
    ),
    # A question that begins at a call is a question like any other.
    Probe("C1", "C", "ask about a call", _ask, ("calls:ask",), ONE, journals=True, behind="A1"),
]

# One address shows calls in both states; the view names the first.
ROWS_OF_ADDRESS = {
    f"calls:{name}": {"E6", "E7"}
    for name in (
        "call",
        "calendar",
        "check",
        "history",
        "edit",
        "conditions",
        "condition",
        "whole",
        "dates",
        "date",
    )
} | {name: {"E6", "E7"} for name in ("api:call", "api:check_call", "api:correct_call")}
