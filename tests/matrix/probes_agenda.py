"""Rows B1, B2, B3 and B15 to B17: drafts, sessions, those for invited people, what they left, speakers, calendars."""

from collections.abc import Callable
from datetime import time
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from koinon.agenda.actions import feeds, speaking, writing
from koinon.agenda.models import Invitation, Material, Session, Speaker
from koinon.agenda.permissions import may_create, may_read
from koinon.agenda.testing import make_session
from koinon.base.visitor import require
from koinon.base.when import Moment
from tests.matrix.probes_network import HOLDING
from tests.matrix.probing import Probe, Trial
from tests.matrix.table import TENANTS

# A session is one's own body's, a sibling's or a foreign one's; or one is invited to a foreign one.
INVITED = (*TENANTS, "invited")
ONE = ("own",)


def _session(trial: Trial, **more: Any) -> Session:
    def make() -> Session:
        name = "foreign" if trial.relation == "invited" else trial.relation
        session = make_session("Of the matrix", organiser=trial.world.tenants[name], **more)
        # Whoever signs in can be invited; tried with those whose role gives them nothing here.
        if trial.relation == "invited" and trial.actor in {"PART", "INNO", "MA"} and trial.me is not None:
            Invitation.objects.create(session=session, person=trial.me, at=timezone.now())
        return session

    made: Session = trial.made(make)
    return made


def _draft(trial: Trial) -> Session:
    return _session(trial, published=False)


def _public(trial: Trial) -> Session:
    return _session(trial)


def _invited(trial: Trial) -> Session:
    return _session(trial, audience="invited")


def _gone(trial: Trial) -> None:
    """What was made for this try is gone from its address."""
    Session.objects.filter(title="Of the matrix").update(code="GONE")


Make = Callable[[Trial], Session]
_WORDS = {
    "title": "Changed",
    "language": "en",
    "format": "clinic",
    "audience": "public",
}
_WHEN = {"day": "2027-03-02", "begins": "10:00", "minutes": "60", "zone": "Europe/Athens"}


def _edit(make: Make) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        session = make(trial)
        audience = session.audience
        sent = {**_WORDS, **_WHEN, "version": session.version, "audience": audience}
        return trial.post("sessions:edit", session.code, **sent)

    return do


def _get(name: str, make: Make) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get(f"sessions:{name}", make(trial).code)


def _post(view: str, make: Make, /, **sent: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.post(f"sessions:{view}", make(trial).code, **sent)


def _move(make: Make) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        session = make(trial)
        return trial.post("sessions:move", session.code, **_WHEN, version=session.version)

    return do


def _part(make: Make) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        session = make(trial)
        return trial.post("sessions:part", session.code, session.segments.all()[1].pk, do="up")

    return do


def _speaker_one(make: Make) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        session = make(trial)
        speaker = trial.made(lambda: session.speakers.create(name="Ana", email="ana@matrix.example"))
        return trial.post("sessions:speaker_one", session.code, speaker.pk, do="remove")

    return do


def _draft_one(trial: Trial) -> HttpResponse:
    sent = {**_WORDS, **_WHEN, "organiser": trial.tenant.pk}
    return trial.post("sessions:new", **sent)


def _draft_by_the_action(trial: Trial) -> HttpResponse:
    words = writing.Announcement(
        **dict.fromkeys(("lead", "theme", "outline", "venue", "video"), ""),
        title="By the action",
        language="en",
        format="clinic",
        notes=[],
        series=None,
        follows=None,
        places=(),
        spoken=[],
        interpreted=[],
        captioned=[],
        asked_in=[],
        audience="public",
        takes_registrations=True,
        capacity=None,
        here_capacity=None,
        votes_need_account=False,
        holds_questions=True,
    )
    moment = Moment(timezone.localdate(), time(9), "Europe/Rome")
    return trial.act(
        lambda: writing.draft(trial.tenant, by=trial.visitor, announcement=words, moment=moment, minutes=60)
    )


def _series_by_the_action(trial: Trial) -> HttpResponse:
    return trial.act(lambda: writing.make_series(trial.tenant, by=trial.visitor, title="Clinic"))


def _check_create(trial: Trial) -> HttpResponse:
    return trial.act(lambda: require(may_create(trial.visitor, trial.tenant)))


def _check_read(make: Make) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        session = make(trial)
        return trial.act(lambda: require(may_read(trial.visitor, session), hidden=True))

    return do


# What a session left.


def _material(trial: Trial, name: str, /, **sent: Any) -> HttpResponse:
    session = _public(trial)
    row = trial.made(
        lambda: Material.objects.create(
            session=session, kind="slides", title="Slides", url="https://example.org/s", published=False
        )
    )
    return trial.post(f"sessions:{name}", session.code, row.pk, **sent)


def _recording(trial: Trial) -> HttpResponse:
    session = _public(trial)
    for kind in ("recording", "captions"):
        Material.objects.create(session=session, kind=kind, title=kind, url=f"https://example.org/{kind}")
    answer = trial.get("sessions:session", session.code)
    return answer if b"example.org/recording" in answer.content else HttpResponse(status=403)


_LINK = {"kind": "slides", "title": "Slides", "url": "https://example.org/s", "language": "en"}


# What is held by an unguessable address.


def _speaker(trial: Trial) -> str:
    def make() -> Speaker:
        by = trial.world.visitor("NCO")
        return speaking.add(make_session(), by=by, name="Ana", role="speaker", email="ana@matrix.example")

    made: Speaker = trial.made(make)
    return speaking.secret_of(made) if trial.relation == "holder" else f"{made.pk}-{'0' * 40}"


def _feed(trial: Trial) -> HttpResponse:
    secret = feeds.address_of(trial.world.people["PART"])
    return trial.get("sessions:feed", secret if trial.relation == "holder" else f"{secret}0")


_DEEDS: dict[str, tuple[str, dict[str, Any]]] = {
    "add a part": ("rundown", {"title": "More", "kind": "qa"}),
    "add a speaker": ("speakers", {"name": "Ana", "role": "speaker", "language": "en"}),
}


def _of_a_session(
    row: str, make: Make, relations: tuple[str, ...], hidden: Callable[[Trial], None] | None
) -> list[Probe]:
    """What is the same for drafts, public sessions and those for invited people: reading and changing."""
    more: dict[str, Any] = {"relations": relations, "without": hidden}
    return [
        Probe(row, "R", "page", _get("session", make), ("sessions:session",), **more),
        Probe(row, "R", "calendar", _get("calendar", make), ("sessions:calendar",), **more),
        Probe(
            row, "R", "API, one", lambda t: t.ask_api("api:session", make(t).code), ("api:session",), **more
        ),
        Probe(row, "R", "the check", _check_read(make), (), **more),
        Probe(row, "U", "form", _get("edit", make), ("sessions:edit",), **more),
        Probe(row, "U", "edit", _edit(make), ("sessions:edit",), journals=True, **more),
        Probe(row, "U", "run of show", _get("rundown", make), ("sessions:rundown",), **more),
        Probe(row, "U", "move a part", _part(make), ("sessions:part",), journals=True, **more),
        Probe(row, "U", "speakers", _get("speakers", make), ("sessions:speakers",), **more),
        Probe(
            row,
            "U",
            "take a speaker off",
            _speaker_one(make),
            ("sessions:speaker_one",),
            journals=True,
            **more,
        ),
        *(
            Probe(row, "U", name, _post(view, make, **sent), (f"sessions:{view}",), journals=True, **more)
            for name, (view, sent) in _DEEDS.items()
        ),
    ]


def _shown(
    row: str, make: Make, relations: tuple[str, ...], hidden: Callable[[Trial], None] | None
) -> list[Probe]:
    """What is done with a published one by those who may publish."""
    more: dict[str, Any] = {"relations": relations, "without": hidden}
    return [
        Probe(row, "P", "form to move", _get("move", make), ("sessions:move",), **more),
        Probe(row, "P", "move", _move(make), ("sessions:move",), journals=True, **more),
        Probe(row, "P", "form to cancel", _get("cancel", make), ("sessions:cancel",), **more),
        Probe(
            row,
            "P",
            "cancel",
            _post("cancel", make, because="Why."),
            ("sessions:cancel",),
            journals=True,
            **more,
        ),
    ]


PROBES = [
    # B1: a draft. That there is one is nobody else's business.
    *_of_a_session("B1", _draft, TENANTS, _gone),
    Probe("B1", "R", "list", lambda t: t.get("sessions:mine"), ("sessions:mine",), ONE, behind="B2"),
    Probe("B1", "C", "form", lambda t: t.get("sessions:new"), ("sessions:new",), ONE, behind="B2"),
    Probe("B1", "C", "draft", _draft_one, ("sessions:new",), journals=True, behind="B2"),
    Probe("B1", "C", "draft, the action", _draft_by_the_action, journals=True, behind="B2"),
    Probe("B1", "C", "series, the action", _series_by_the_action, journals=True, behind="B2"),
    Probe("B1", "C", "the check", _check_create, behind="B2"),
    Probe(
        "B1", "P", "publish", _post("publish", _draft), ("sessions:publish",), journals=True, without=_gone
    ),
    Probe("B1", "D", "form", _get("delete", _draft), ("sessions:delete",), without=_gone),
    Probe("B1", "D", "delete", _post("delete", _draft), ("sessions:delete",), journals=True, without=_gone),
    # B2: published, for everybody.
    Probe("B2", "R", "list", lambda t: t.get("sessions:list"), ("sessions:list",)),
    Probe("B2", "R", "API, all", lambda t: t.ask_api("api:sessions"), ("api:sessions",)),
    *_of_a_session("B2", _public, TENANTS, None),
    *_shown("B2", _public, TENANTS, None),
    Probe(
        "B2",
        "U",
        "confirm the time",
        _post("confirm_time", lambda t: _session(t, time_certain=False)),
        ("sessions:confirm_time",),
        journals=True,
    ),
    Probe("B2", "D", "delete", _post("delete", _public), ("sessions:delete",), journals=True),
    # B3: for those who are invited or registered; for others it is not there.
    *_of_a_session("B3", _invited, INVITED, _gone),
    *_shown("B3", _invited, INVITED, _gone),
    Probe(
        "B3", "U", "who is invited", _get("invited", _invited), ("sessions:invited",), INVITED, without=_gone
    ),
    Probe(
        "B3",
        "U",
        "invite",
        _post("invited", _invited, emails="new@matrix.example", language="en"),
        ("sessions:invited",),
        INVITED,
        journals=True,
        without=_gone,
    ),
    # B15: what it left. A recording is there with its captions.
    Probe("B15", "R", "page", _recording, ("sessions:session",)),
    Probe("B15", "U", "list", _get("material", _public), ("sessions:material",)),
    Probe("B15", "C", "add", _post("material", _public, **_LINK), ("sessions:material",), journals=True),
    Probe(
        "B15",
        "U",
        "change",
        lambda t: _material(t, "change_material", **_LINK),
        ("sessions:change_material",),
        journals=True,
    ),
    Probe(
        "B15",
        "P",
        "publish",
        lambda t: _material(t, "publish_material", published="yes"),
        ("sessions:publish_material",),
        journals=True,
    ),
    Probe(
        "B15",
        "D",
        "remove",
        lambda t: _material(t, "remove_material"),
        ("sessions:remove_material",),
        journals=True,
    ),
    # B16: a speaker's own part, by the private link. B17: one's calendar, by an address that nobody guesses.
    Probe(
        "B16", "R", "page", lambda t: t.get("sessions:speaker", _speaker(t)), ("sessions:speaker",), HOLDING
    ),
    Probe(
        "B16",
        "U",
        "say yes",
        lambda t: t.post("sessions:speaker", _speaker(t), do="yes"),
        ("sessions:speaker",),
        HOLDING,
    ),
    Probe("B17", "R", "feed", _feed, ("sessions:feed",), HOLDING),
    Probe("B17", "C", "form", lambda t: t.get("sessions:my_calendar"), ("sessions:my_calendar",), ("mine",)),
    Probe("B17", "C", "make", lambda t: t.post("sessions:my_calendar"), ("sessions:my_calendar",), ("mine",)),
]

# One address shows sessions in several states, each with a row of its own; the view names the first.
ROWS_OF_ADDRESS = {
    **{
        name: {"B1", "B2", "B3"}
        for name in (
            "sessions:calendar",
            "api:session",
            "sessions:edit",
            "sessions:rundown",
            "sessions:part",
            "sessions:speakers",
            "sessions:speaker_one",
        )
    },
    "sessions:session": {"B1", "B2", "B3", "B15"},
    "sessions:move": {"B2", "B3"},
    "sessions:cancel": {"B2", "B3"},
    "sessions:delete": {"B1", "B2"},
}
