"""Rows E1a and E10 (what bodies offer, need and look for), E1b (what persons say), E2 (between two), E9 (agreed exchanges)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from koinon.network.models import Organisation, Role
from koinon.peers import listing
from koinon.peers.actions import answering, exchanging, writing
from koinon.peers.models import Entry, Exchange, Match, Message, Profile
from koinon.peers.testing import (
    make_entry,
    make_exchange,
    make_introduction,
    make_profile,
    make_public_exchange,
)
from koinon.peers.words import Kind
from tests.matrix.probing import Probe, Trial
from tests.matrix.table import PERSONAL, TENANTS

ONE = ("own",)
MINE = ("mine",)
WORDS = {"words": "Not a thing for this place."}


def _body(trial: Trial) -> Organisation:
    """The body that the relation says; the own one of an enterprise or authority is where that person works."""
    if trial.relation == "own" and trial.actor in {"INNO", "MA"} and trial.me is not None:
        role = Role.objects.select_related("organisation").get(person=trial.me)
        assert role.organisation is not None
        return role.organisation
    return trial.world.tenants[trial.relation]


def _entry(trial: Trial, kind: str = Kind.OFFER) -> Entry:
    made: Entry = trial.made(lambda: make_entry(kind, organisation=_body(trial)))
    return made


def _offer(trial: Trial) -> Entry:
    return _entry(trial)


def _search(trial: Trial) -> Entry:
    return _entry(trial, Kind.PARTNERS)


def _persons(trial: Trial) -> Entry:
    """What a person says: the actor, or somebody else."""
    made: Entry = trial.made(lambda: make_entry(Kind.OFFER, person=trial.somebody))
    return made


def _profile(trial: Trial) -> Profile:
    """The actor's own, another's; or another's who works for the body of the relation and names it."""
    tenant = trial.world.tenants.get(trial.relation)

    def make() -> Profile:
        if tenant is not None:
            Role.objects.get_or_create(person=trial.somebody, kind=Role.Kind.EDITOR, organisation=tenant)
        return make_profile(trial.somebody, organisation=tenant)

    made: Profile = trial.made(make)
    return made


def _form(kind: str, body: Organisation | None) -> dict[str, Any]:
    sent = {
        "title": "Of the matrix",
        "topics": "homelessness",
        "language": "en",
        "body": str(body.pk) if body is not None else "",
    }
    if kind == Kind.PARTNERS:
        until = timezone.localdate() + timedelta(days=30)
        sent |= {"call_title": "A call", "until": until.isoformat()}
    return sent


def _make(kind: str) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.post("peers:new", kind, **_form(kind, _body(trial)))


def _make_own(trial: Trial) -> HttpResponse:
    return trial.post("peers:new", Kind.NEED, **_form(Kind.NEED, None))


def _do(view: str, make: Callable[[Trial], Any], /, **sent: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.post(f"peers:{view}", make(trial).code, **sent)


def _see(view: str, make: Callable[[Trial], Any]) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get(f"peers:{view}", make(trial).code)


def _edit(make: Callable[[Trial], Entry]) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        entry = make(trial)
        return trial.post("peers:edit", entry.code, **_form(entry.kind, None), edits="1")

    return do


def _gone(trial: Trial) -> None:
    """Whatever was made of a person or between two is not there any more."""
    Exchange.objects.all().delete()
    Match.objects.all().delete()
    Entry.objects.all().delete()
    Profile.objects.all().delete()


# Between two: the actor is one of them (for a centre's staff the body is), or two others are.


def _own_side(trial: Trial) -> dict[str, Any]:
    staff = trial.actor in {"CED", "CMG"}
    if trial.relation == "mine" and staff:
        return {"organisation": trial.world.tenants["own"]}
    if trial.relation == "mine":
        return {"person": trial.somebody}
    return {"organisation": trial.world.tenants["sibling"]}


def _two(trial: Trial) -> tuple[Entry, Entry]:
    return (
        make_entry(Kind.OFFER, **_own_side(trial)),
        make_entry(Kind.NEED, organisation=trial.world.tenants["foreign"]),
    )


def _pair(trial: Trial) -> tuple[Entry, Entry]:
    made: tuple[Entry, Entry] = trial.made(lambda: _two(trial))
    return made


def _match(trial: Trial) -> Match:
    made: Match = trial.made(lambda: make_introduction(*_two(trial)))
    return made


def _message(trial: Trial) -> Message:
    def make() -> Message:
        match = make_introduction(*_two(trial))
        return match.messages.create(side="second", text="Canary of the matrix", language="en")

    made: Message = trial.made(make)
    return made


def _private(trial: Trial) -> Exchange:
    made: Exchange = trial.made(lambda: make_exchange(make_introduction(*_two(trial))))
    return made


def _public(trial: Trial) -> Exchange:
    made: Exchange = trial.made(lambda: make_public_exchange(make_introduction(*_two(trial))))
    return made


def _tenants_exchange(trial: Trial) -> Exchange:
    def make() -> Exchange:
        one = make_entry(Kind.OFFER, organisation=trial.tenant)
        return make_public_exchange(make_introduction(one))

    made: Exchange = trial.made(make)
    return made


def _see_pair(trial: Trial) -> HttpResponse:
    own, there = _pair(trial)
    return trial.get("peers:pair", own.code, there.code)


def _answer(trial: Trial) -> HttpResponse:
    own, there = _pair(trial)
    return trial.post("peers:answer", own.code, there.code, say="yes")


def _answer_by_the_action(trial: Trial) -> HttpResponse:
    own, there = _pair(trial)
    return trial.act(lambda: answering.answer(own, there, by=trial.visitor, yes=True))


def _write_by_the_action(trial: Trial) -> HttpResponse:
    match = _match(trial)
    return trial.act(
        lambda: writing.write(match, by=trial.visitor, text="Words", language="en", nonce="of-the-matrix")
    )


def _report(trial: Trial) -> HttpResponse:
    return trial.get("notices:new", about=f"message:{_message(trial).pk}")


def _terms() -> dict[str, str]:
    today = timezone.localdate().isoformat()
    return {"title": "Two days", "format": "visit", "begins_on": today, "ends_on": today, "language": "en"}


def _propose(trial: Trial) -> HttpResponse:
    return trial.post("peers:propose", _match(trial).code, **_terms())


def _propose_by_the_action(trial: Trial) -> HttpResponse:
    match, today = _match(trial), timezone.localdate()
    terms = exchanging.Terms("en", "Two days", "visit", today, today)
    return trial.act(lambda: exchanging.propose(match, by=trial.visitor, terms=terms))


def _result(trial: Trial) -> HttpResponse:
    sent = {"outcome": "helped", "result": "", "public_text": "Told.", "edits": "1"}
    return trial.post("peers:result", _private(trial).code, **sent)


def _find(name: str, find: str) -> Callable[[Trial], HttpResponse]:
    """A list: whoever may not see the thing does not find it there."""

    def do(trial: Trial) -> HttpResponse:
        entry = _offer(trial)
        listing.forget()
        answer = trial.get(name) if name.startswith("peers:") else trial.ask_api(name)
        return answer if getattr(entry, find) in answer.content.decode() else HttpResponse(status=403)

    return do


def _p(
    row: str, right: str, name: str, do: Callable[[Trial], HttpResponse], view: str = "", **more: Any
) -> Probe:
    views = (f"peers:{view}",) if view else ()
    return Probe(row, right, name, do, **({"views": views} | more))


PROBES = [
    # What bodies offer and need.
    _p("E1a", "R", "board", _find("peers:board", "code"), "board"),
    Probe("E1a", "R", "API", _find("api:peers", "code"), ("api:peers",)),
    _p("E1a", "R", "page", _see("entry", _offer), "entry"),
    _p("E1a", "C", "make", _make(Kind.OFFER), "new", journals=True, behind="E1b"),
    _p("E1a", "U", "form", _see("edit", _offer), "edit"),
    _p("E1a", "U", "edit", _edit(_offer), "edit", journals=True),
    _p("E1a", "D", "form", _see("close", _offer), "close"),
    _p("E1a", "D", "close", _do("close", _offer), "close", journals=True),
    _p("E1a", "M", "form", _see("take_down", _offer), "take_down"),
    _p("E1a", "M", "take down", _do("take_down", _offer, **WORDS), "take_down", journals=True),
    # Searches for partners for a call.
    _p("E10", "R", "page", _see("entry", _search), "entry"),
    _p("E10", "C", "make", _make(Kind.PARTNERS), "new", journals=True, behind="E1b"),
    _p("E10", "U", "edit", _edit(_search), "edit", journals=True),
    _p("E10", "D", "close", _do("close", _search), "close", journals=True),
    _p("E10", "M", "take down", _do("take_down", _search, **WORDS), "take_down", journals=True),
    # What persons say, and who is listed.
    _p("E1b", "R", "page", _see("person_entry", _persons), "person_entry", relations=PERSONAL, without=_gone),
    _p("E1b", "R", "profile", _see("person", _profile), "person", relations=PERSONAL, without=_gone),
    _p("E1b", "R", "directory", lambda t: t.get("peers:people"), "people", relations=MINE, without=_gone),
    _p("E1b", "C", "form", lambda t: t.get("peers:new", Kind.NEED), "new", relations=MINE),
    _p("E1b", "C", "make", _make_own, "new", relations=MINE, journals=True),
    _p("E1b", "C", "profile", lambda t: t.get("peers:profile"), "profile", relations=MINE),
    _p(
        "E1b",
        "C",
        "write the profile",
        lambda t: t.post(
            "peers:profile", topics="homelessness", availability="now", language="en", edits="0"
        ),
        "profile",
        relations=MINE,
        journals=True,
    ),
    _p("E1b", "U", "edit", _edit(_persons), "edit", relations=PERSONAL, journals=True, without=_gone),
    _p(
        "E1b", "D", "close", _do("close", _persons), "close", relations=PERSONAL, journals=True, without=_gone
    ),
    _p(
        "E1b",
        "D",
        "unlist",
        _do("unlist", _profile),
        "unlist",
        relations=(*PERSONAL, *TENANTS),
        journals=True,
        without=_gone,
    ),
    _p(
        "E1b",
        "M",
        "take down a profile",
        _do("take_down_person", _profile, **WORDS),
        "take_down_person",
        journals=True,
        without=_gone,
    ),
    # Between two.
    _p("E2", "R", "mine", lambda t: t.get("peers:mine"), "mine", relations=MINE, without=_gone),
    _p("E2", "R", "pair", _see_pair, "pair", relations=PERSONAL, without=_gone),
    _p("E2", "R", "introduction", _see("match", _match), "match", relations=PERSONAL, without=_gone),
    _p(
        "E2",
        "R",
        "message",
        lambda t: t.get("peers:message", _message(t).pk),
        "message",
        relations=PERSONAL,
        without=_gone,
    ),
    _p("E2", "R", "message, to report it", _report, relations=PERSONAL, without=_gone),
    _p("E2", "C", "answer", _answer, "answer", relations=PERSONAL, journals=True),
    _p("E2", "C", "answer, the action", _answer_by_the_action, relations=PERSONAL, journals=True),
    _p("E2", "C", "write", _do("write", _match, text="Words"), "write", relations=PERSONAL, journals=True),
    _p("E2", "C", "write, the action", _write_by_the_action, relations=PERSONAL, journals=True),
    # Agreed exchanges.
    _p("E9", "R", "list", lambda t: t.get("peers:exchanges"), "exchanges", relations=ONE),
    Probe("E9", "R", "API", lambda t: t.ask_api("api:exchanges"), ("api:exchanges",), ONE),
    _p("E9", "R", "page", _see("exchange", _tenants_exchange), "exchange"),
    _p(
        "E2",
        "R",
        "exchange, not public",
        _see("exchange", _private),
        "exchange",
        relations=PERSONAL,
        without=_gone,
    ),
    _p("E9", "C", "propose", _propose, "propose", relations=PERSONAL, journals=True, behind="E2"),
    _p(
        "E9",
        "C",
        "propose, the action",
        _propose_by_the_action,
        relations=PERSONAL,
        journals=True,
        behind="E2",
    ),
    _p("E9", "U", "form", _see("change_exchange", _public), "change_exchange", relations=PERSONAL),
    _p(
        "E9",
        "U",
        "change",
        lambda t: t.post("peers:change_exchange", _private(t).code, **_terms(), edits="1"),
        "change_exchange",
        relations=PERSONAL,
        journals=True,
        behind="E2",
        without=_gone,
    ),
    _p("E9", "U", "agree", _do("agree", _public, edits="1"), "agree", relations=PERSONAL),
    _p("E9", "U", "consent", _do("consent", _public, edits="1"), "consent", relations=PERSONAL),
    _p("E9", "U", "result", _result, "result", relations=PERSONAL, journals=True, behind="E2", without=_gone),
    _p("E9", "D", "call off", _do("call_off", _public), "call_off", relations=PERSONAL),
    _p(
        "E9",
        "D",
        "withdraw",
        _do("withdraw_consent", _public),
        "withdraw_consent",
        relations=PERSONAL,
        journals=True,
    ),
    _p("E9", "M", "form", _see("take_down_exchange", _tenants_exchange), "take_down_exchange"),
    _p(
        "E9",
        "M",
        "take down",
        _do("take_down_exchange", _tenants_exchange, **WORDS),
        "take_down_exchange",
        journals=True,
    ),
]

ROWS_OF_ADDRESS = {
    "peers:entry": {"E1a", "E10"},
    "peers:new": {"E1a", "E1b", "E10"},
    "peers:edit": {"E1a", "E1b", "E10"},
    "peers:close": {"E1a", "E1b", "E10"},
    "peers:take_down": {"E1a", "E1b", "E10"},
    "peers:exchange": {"E2", "E9"},
}
