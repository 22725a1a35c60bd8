"""Rows N7 (open spaces), N8 (closed ones: members, and whoever holds a code), N10 (proposals)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from koinon.spaces import telling
from koinon.spaces.actions import keeping, talking
from koinon.spaces.models import Date, File, Member, Post, Space, Thread
from koinon.spaces.testing import (
    make_date,
    make_file,
    make_host,
    make_invitation,
    make_member,
    make_post,
    make_space,
    make_thread,
)
from tests.matrix.probing import Probe, Trial
from tests.matrix.table import TENANTS

BELONGS = ("member", "another's")
KEEPS = ("hosting", "member", "another's")
CODES = ("holder", "stranger")
REASON = {"because": "Not a thing for this place."}
Do = Callable[[Trial], HttpResponse]


def _make(trial: Trial, **more: Any) -> Space:
    """A space of the tenant, else of the sibling's, with a host who is somebody else; the actor belongs to it as the relation says."""
    space = make_space(trial.world.tenants.get(trial.relation) or trial.world.tenants["sibling"], **more)
    make_host(space)
    if trial.me is not None and trial.relation == "member":
        make_member(space, trial.me)
    if trial.me is not None and trial.relation == "hosting":
        make_host(space, trial.me)
    return space


def _open(trial: Trial) -> Space:
    made: Space = trial.made(lambda: _make(trial))
    return made


def _closed(trial: Trial) -> Space:
    made: Space = trial.made(lambda: _make(trial, is_closed=True))
    return made


def _proposed(trial: Trial) -> Space:
    made: Space = trial.made(lambda: make_space(trial.tenant, state=Space.State.PROPOSED))
    return made


def _gone(trial: Trial) -> None:
    Space.objects.all().delete()


def _in_thread(make: Callable[[Trial], Space]) -> Callable[[Trial], Thread]:
    def thread(trial: Trial) -> Thread:
        made: Thread = trial.made(lambda: make_thread(make(trial)))
        return made

    return thread


def _beside(trial: Trial, **more: Any) -> tuple[Space, Any]:
    """An open space to which the actor belongs; and whose thing it is: its own, or a host's beside it."""
    space = make_space(trial.world.tenants["sibling"], **more)
    host = make_host(space)
    mine = make_member(space, trial.me) if trial.me is not None else None
    return space, mine if trial.relation == "member" and mine is not None else host


def _post(trial: Trial) -> Post:
    def make() -> Post:
        space, owner = _beside(trial)
        return make_post(make_thread(space), owner)

    made: Post = trial.made(make)
    return made


def _file(trial: Trial) -> File:
    def make() -> File:
        space, owner = _beside(trial)
        return make_file(space, owner.person)

    made: File = trial.made(make)
    return made


def _date(trial: Trial) -> Date:
    def make() -> Date:
        space, owner = _beside(trial)
        return make_date(space, owner.person)

    made: Date = trial.made(make)
    return made


def _see(view: str, make: Callable[[Trial], Space], *more: str) -> Do:
    return lambda trial: trial.get(f"spaces:{view}", make(trial).code, *more)


def _do(view: str, make: Callable[[Trial], Space], /, **sent: Any) -> Do:
    return lambda trial: trial.post(f"spaces:{view}", make(trial).code, **sent)


def _see_thread(view: str, make: Callable[[Trial], Space]) -> Do:
    thread = _in_thread(make)

    def do(trial: Trial) -> HttpResponse:
        found = thread(trial)
        return trial.get(f"spaces:{view}", found.space.code, found.code)

    return do


def _do_thread(view: str, make: Callable[[Trial], Space], /, **sent: Any) -> Do:
    thread = _in_thread(make)

    def do(trial: Trial) -> HttpResponse:
        found = thread(trial)
        return trial.post(f"spaces:{view}", found.space.code, found.code, **sent)

    return do


def _give_title_back(make: Callable[[Trial], Space]) -> Do:
    def do(trial: Trial) -> HttpResponse:
        found: Thread = trial.made(lambda: make_thread(make(trial), title_removed_at=timezone.now()))
        return trial.post("spaces:give_title_back", found.space.code, found.code)

    return do


def _reopen(make: Callable[[Trial], Space]) -> Do:
    def do(trial: Trial) -> HttpResponse:
        found: Thread = trial.made(lambda: make_thread(make(trial), closed_at=timezone.now()))
        return trial.post("spaces:reopen", found.space.code, found.code)

    return do


def _with_post(view: str, *, post: bool, **sent: Any) -> Do:
    def do(trial: Trial) -> HttpResponse:
        found = _post(trial)
        send = trial.post if post else trial.get
        return send(f"spaces:{view}", found.thread.space.code, found.pk, **sent)

    return do


def _with(view: str, make: Callable[[Trial], Any], *, post: bool, **sent: Any) -> Do:
    """On a file or a date of a space."""

    def do(trial: Trial) -> HttpResponse:
        found = make(trial)
        send = trial.post if post else trial.get
        return send(f"spaces:{view}", found.space.code, found.code, **sent)

    return do


def _closed_thing(make: Callable[..., Any]) -> Callable[[Trial], Any]:
    return lambda trial: trial.made(lambda: make(_make(trial, is_closed=True)))


def _closed_post(trial: Trial) -> Post:
    made: Post = trial.made(lambda: make_post(make_thread(_make(trial, is_closed=True))))
    return made


def _other_member(
    view: str, make: Callable[[Trial], Space], *, post: bool, state: str = "member", **sent: Any
) -> Do:
    def do(trial: Trial) -> HttpResponse:
        row: Member = trial.made(lambda: make_member(make(trial), state=state))
        send = trial.post if post else trial.get
        return send(f"spaces:{view}", row.space.code, row.pk, **sent)

    return do


def _uninvite(trial: Trial) -> HttpResponse:
    row = trial.made(lambda: make_invitation(_make(trial, is_closed=True)))
    return trial.post("spaces:uninvite", row.space.code, row.pk)


def _renew(trial: Trial) -> HttpResponse:
    space = _closed(trial)
    return trial.post("spaces:renew", space.code, door=space.door)


def _by_code(view: str, *, post: bool, **sent: Any) -> Do:
    """The door or an invitation of a closed space, for who holds its code and who does not."""

    def do(trial: Trial) -> HttpResponse:
        space = _closed(trial)
        trial.made(lambda: make_invitation(space, "matrixinvitation"))
        code = space.door if view == "door" else "matrixinvitation"
        send = trial.post if post else trial.get
        return send(f"spaces:{view}", code if trial.relation == "holder" else "z" * 28, **sent)

    return do


def _stop(*, post: bool) -> Do:
    def do(trial: Trial) -> HttpResponse:
        row: Member = trial.made(lambda: make_member(make_space()))
        code = telling.stop_code(row) if trial.relation == "holder" else f"{row.pk}-{'0' * 32}"
        return (trial.post if post else trial.get)("spaces:stop", code)

    return do


def _found(name: str) -> Do:
    """A list: whoever may not see the space does not find it there."""

    def do(trial: Trial) -> HttpResponse:
        space = _open(trial)
        answer = trial.get(name) if name.startswith("spaces:") else trial.ask_api(name)
        return answer if space.code in answer.content.decode() else HttpResponse(status=403)

    return do


def _about(space: Space | None, body: int) -> dict[str, Any]:
    return {
        "body": str(body),
        "name": "Of the matrix",
        "purpose": "To be tried.",
        "is_closed": "no",
        "language": "en",
        "edits": str(space.edits) if space is not None else "",
    }


def _edit(make: Callable[[Trial], Space]) -> Do:
    def do(trial: Trial) -> HttpResponse:
        space = make(trial)
        return trial.post("spaces:edit", space.code, **_about(space, space.organisation_id))

    return do


def _propose(trial: Trial) -> HttpResponse:
    return trial.post("spaces:new", **_about(None, trial.tenant.pk))


def _propose_by_the_action(trial: Trial) -> HttpResponse:
    told = keeping.Described(name="Of the matrix", purpose="To be tried.", language="en")
    return trial.act(lambda: keeping.propose(told, by=trial.visitor, organisation=trial.tenant))


def _drop_by_the_action(trial: Trial) -> HttpResponse:
    space = _proposed(trial)
    return trial.act(lambda: keeping.drop(space, by=trial.visitor))


def _write_by_the_action(trial: Trial) -> HttpResponse:
    thread = _in_thread(_closed)(trial)
    return trial.act(lambda: talking.write(thread, by=trial.visitor, text="Words", language="en"))


def _p(row: str, right: str, name: str, do: Do, view: str = "", **more: Any) -> Probe:
    views = (f"spaces:{view}",) if view else ()
    return Probe(row, right, name, do, **({"views": views} | more))


_DAY = {
    "title": "A date",
    "day": "2027-03-03",
    "begins": "10:00",
    "minutes": "60",
    "zone": "Europe/Malta",
    "language": "en",
}
_SAID = {"title": "A title", "text": "Words"}
_CLOSED: dict[str, Any] = {"relations": BELONGS, "without": _gone}
_HOSTS: dict[str, Any] = {"relations": KEEPS, "journals": True, "without": _gone}

PROBES = [
    # Open spaces: everybody reads.
    _p("N7", "R", "list", _found("spaces:list"), "list"),
    Probe("N7", "R", "API", _found("api:spaces"), ("api:spaces",)),
    _p("N7", "R", "page", _see("space", _open), "space"),
    _p("N7", "R", "feed", _see("feed", _open, "atom"), "feed"),
    _p("N7", "R", "thread", _see_thread("thread", _open), "thread"),
    _p("N7", "R", "calendar", _see("calendar", _open), "calendar"),
    _p("N7", "R", "file", _with("file", lambda t: t.made(lambda: make_file(_make(t))), post=False), "file"),
    _p(
        "N7",
        "R",
        "date",
        _with("date_calendar", lambda t: t.made(lambda: make_date(_make(t))), post=False),
        "date_calendar",
    ),
    # Whoever has an account joins; members write.
    _p("N7", "C", "join", _do("join", _open, name="Ana"), "join", relations=("mine",), journals=True),
    _p("N7", "C", "begin, form", _see("begin", _open), "begin", relations=BELONGS),
    _p("N7", "C", "begin", _do("begin", _open, **_SAID), "begin", relations=BELONGS, journals=True),
    _p("N7", "C", "write", _do_thread("write", _open, text="Words"), "write", relations=BELONGS, journals=True),
    _p("N7", "C", "files", _see("add_files", _open), "add_files", relations=BELONGS),
    _p("N7", "C", "date, form", _see("add_date", _open), "add_date", relations=BELONGS),
    _p("N7", "C", "date", _do("add_date", _open, **_DAY), "add_date", relations=BELONGS, journals=True),
    _p("N7", "C", "session", _see("add_session", _open), "add_session", relations=BELONGS),
    _p("N7", "U", "me, form", _see("me", _open), "me", relations=BELONGS),
    _p(
        "N7",
        "U",
        "me",
        _do("me", _open, name="Ana", mail="daily", edits="1"),
        "me",
        relations=BELONGS,
        journals=True,
    ),
    _p("N7", "U", "members", _see("members", _open), "members", relations=BELONGS),
    _p("N7", "U", "change, form", _with_post("change", post=False), "change", relations=BELONGS),
    _p(
        "N7",
        "U",
        "change",
        _with_post("change", post=True, text="Other words", language="en", edits="1"),
        "change",
        relations=BELONGS,
        journals=True,
    ),
    _p("N7", "U", "change a date", _with("change_date", _date, post=True, **_DAY, edits="1"), "change_date", relations=BELONGS, journals=True),
    _p("N7", "U", "stop, page", _stop(post=False), "stop", relations=CODES),
    _p("N7", "U", "stop", _stop(post=True), "stop", relations=CODES, journals=True),
    _p("N7", "D", "withdraw", _with_post("withdraw", post=True), "withdraw", relations=BELONGS, journals=True),
    _p("N7", "D", "withdraw a file", _with("withdraw_file", _file, post=True), "withdraw_file", relations=BELONGS, journals=True),
    _p("N7", "D", "cancel a date", _with("cancel_date", _date, post=True, **REASON), "cancel_date", relations=BELONGS, journals=True),
    _p("N7", "D", "leave, form", _see("leave", _open), "leave", relations=BELONGS),
    _p("N7", "D", "leave", _do("leave", _open), "leave", relations=BELONGS, journals=True),
    # Hosts, the manager of the body, the coordinator.
    _p("N7", "M", "edit, form", _see("edit", _open), "edit", relations=(*TENANTS, "hosting", "member")),
    _p("N7", "M", "edit", _edit(_open), "edit", relations=(*TENANTS, "hosting", "member"), journals=True),
    _p("N7", "M", "close", _do_thread("close", _open, **REASON), "close", relations=(*TENANTS, "hosting", "member"), journals=True),
    _p("N7", "M", "reopen", _reopen(_open), "reopen", relations=(*TENANTS, "hosting", "member"), journals=True),
    _p("N7", "M", "take the title off, form", _see_thread("take_title_off", _open), "take_title_off", relations=(*TENANTS, "hosting", "member")),
    _p("N7", "M", "take the title off", _do_thread("take_title_off", _open, **REASON), "take_title_off", relations=(*TENANTS, "hosting", "member"), journals=True),
    _p("N7", "M", "give the title back", _give_title_back(_open), "give_title_back", relations=(*TENANTS, "hosting", "member"), journals=True),
    _p("N7", "M", "end", _do("end", _open, **REASON), "end", relations=(*TENANTS, "hosting", "member"), journals=True),
    # Closed spaces: nobody else learns that there is one.
    _p("N8", "R", "page", _see("space", _closed), "space", **_CLOSED),
    _p("N8", "R", "thread", _see_thread("thread", _closed), "thread", **_CLOSED),
    _p("N8", "R", "members", _see("members", _closed), "members", **_CLOSED),
    _p("N8", "R", "file", _with("file", _closed_thing(make_file), post=False), "file", **_CLOSED),
    _p("N8", "R", "file, to decide about it", lambda t: t.get("spaces:reported_file", _closed_thing(make_file)(t).code), "reported_file", **_CLOSED),
    _p("N8", "R", "date", _with("date_calendar", _closed_thing(make_date), post=False), "date_calendar", **_CLOSED),
    _p("N8", "R", "post", lambda t: t.get("spaces:post", _closed_post(t).pk), "post", **_CLOSED),
    _p("N8", "R", "post, to report it", lambda t: t.get("notices:new", about=f"space-post:{_closed_post(t).pk}"), **_CLOSED),
    _p("N8", "C", "begin", _do("begin", _closed, **_SAID), "begin", **_CLOSED, journals=True),
    _p("N8", "C", "write", _do_thread("write", _closed, text="Words"), "write", **_CLOSED, journals=True),
    _p("N8", "C", "write, the action", _write_by_the_action, relations=BELONGS, journals=True),
    _p("N8", "C", "door, page", _by_code("door", post=False), "door", relations=CODES),
    _p("N8", "C", "door", _by_code("door", post=True, name="Ana"), "door", relations=CODES, journals=True),
    _p("N8", "C", "invitation, page", _by_code("invitation", post=False), "invitation", relations=CODES),
    _p("N8", "C", "invitation", _by_code("invitation", post=True, name="Ana"), "invitation", relations=CODES, journals=True),
    _p("N8", "U", "me", _do("me", _closed, name="Ana", mail="none", edits="1"), "me", **_CLOSED, journals=True),
    _p("N8", "D", "leave", _do("leave", _closed), "leave", **_CLOSED, journals=True),
    _p("N8", "M", "edit", _edit(_closed), "edit", **_HOSTS),
    _p("N8", "M", "close", _do_thread("close", _closed, **REASON), "close", **_HOSTS),
    _p("N8", "M", "take the title off", _do_thread("take_title_off", _closed, **REASON), "take_title_off", **_HOSTS),
    _p("N8", "M", "give the title back", _give_title_back(_closed), "give_title_back", **_HOSTS),
    _p("N8", "M", "end", _do("end", _closed, **REASON), "end", **_HOSTS),
    _p("N8", "M", "decide", _other_member("decide", _closed, post=True, state="asked", say="yes"), "decide", **_HOSTS),
    _p("N8", "M", "show out", _other_member("show_out", _closed, post=True, **REASON), "show_out", **_HOSTS),
    _p("N8", "M", "host", _other_member("host", _closed, post=True), "host", **_HOSTS),
    _p("N8", "M", "invite", _do("invite", _closed, email="new@matrix.example"), "invite", **_HOSTS),
    _p("N8", "M", "take back", _uninvite, "uninvite", **_HOSTS),
    _p("N8", "M", "renew the door", _renew, "renew", **_HOSTS),
    _p("N8", "D", "be no longer host", _do("step_back", _closed), "step_back", relations=("hosting", "another's"), journals=True, without=_gone),
    # Proposals: the staff of the body.
    _p("N10", "R", "page", _see("space", _proposed), "space", without=_gone),
    _p("N10", "C", "propose", _propose, "new", journals=True, behind="N7"),
    _p("N10", "C", "propose, the action", _propose_by_the_action, journals=True, behind="N7"),
    _p("N10", "U", "form", _see("edit", _proposed), "edit", without=_gone),
    _p("N10", "U", "edit", _edit(_proposed), "edit", journals=True, without=_gone),
    _p("N10", "P", "open", _do("open", _proposed), "open", journals=True, without=_gone),
    _p("N10", "D", "drop, form", _see("drop", _proposed), "drop", without=_gone),
    _p("N10", "D", "drop", _do("drop", _proposed), "drop", journals=True, without=_gone),
    _p("N10", "D", "drop, the action", _drop_by_the_action, journals=True, without=_gone),
]  # fmt: skip

_BOTH = {"N7", "N8"}
ROWS_OF_ADDRESS = {
    "spaces:space": {"N7", "N8", "N10"},
    "spaces:edit": {"N7", "N8", "N10"},
    **dict.fromkeys(
        [
            f"spaces:{name}"
            for name in (
                "thread members file date_calendar begin write me leave close end step_back post"
                " take_title_off give_title_back".split()
            )
        ],
        _BOTH,
    ),
}
