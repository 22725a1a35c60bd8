"""Rows H6 and H7: practices from files and into files; rows D1 to D8: practices as drafts, in review, public and withdrawn; reviews, translations, and who took them over."""

import os
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from koinon.agenda.testing import make_session
from koinon.base.visitor import require
from koinon.minutes import actions as reports
from koinon.minutes.models import Report
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.practices import machine
from koinon.practices.actions import adopting, writing
from koinon.practices.exchange import actions as exchange
from koinon.practices.models import Adoption, Import, ImportedRow, Picture, Practice, Version
from koinon.practices.permissions import may_draft
from koinon.practices.testing import make_adoption, make_content, make_practice, make_translation
from koinon.practices.tests.helping import content_form, review_form
from koinon.room.testing import make_contribution, make_room
from tests.matrix.probes_questions import desk_gone, published_answer
from tests.matrix.probing import Probe, Trial
from tests.matrix.table import TENANTS

# A practice is one's own body's, a sibling's or a foreign one's; or it is one's own ("mine": of those who take part without
# a role of staff; for the others it is their body's); or one is named to review it, which editors are.
OWNED = (*TENANTS, "mine")
REVIEWED = (*TENANTS, "mine", "reviewer")
# An adoption: at a practice of these bodies; recorded by oneself; or taken over from a practice of one's own.
TAKEN = (*TENANTS, "mine", "source")
ONE = ("own",)
PLAIN = {"PART", "INNO", "MA"}
TITLE = "Of the matrix"

Make = Callable[[Trial], Practice]


def _practice(trial: Trial, state: str) -> Practice:
    def make() -> Practice:
        mine = trial.relation == "mine" or (trial.relation == "source" and trial.actor in PLAIN)
        far = {"reviewer": "foreign", "source": "foreign"}
        tenant = trial.world.tenants["own" if mine else far.get(trial.relation, trial.relation)]
        if mine and trial.actor in PLAIN:
            return make_practice(TITLE, state=state, owner=trial.me)
        made = make_practice(TITLE, state=state, organisation=tenant, centre=tenant)
        if trial.relation == "reviewer" and trial.actor == "CED":
            made.latest.reviews.create(reviewer=trial.me)
        return made

    made: Practice = trial.made(make)
    return made


def _draft(trial: Trial) -> Practice:
    return _practice(trial, "draft")


def _submitted(trial: Trial) -> Practice:
    return _practice(trial, "submitted")


def _asked(trial: Trial) -> Practice:
    return _practice(trial, "changes")


def _public(trial: Trial) -> Practice:
    return _practice(trial, "published")


def _withdrawn(trial: Trial) -> Practice:
    return _practice(trial, "withdrawn")


def _next(state: str) -> Make:
    """A public practice whose next version is in this state."""

    def make(trial: Trial) -> Practice:
        practice = _public(trial)

        def begin() -> Version:
            version = practice.versions.create(
                number=2, state=state, title="The next", language="en", submitted_at=timezone.now()
            )
            if trial.relation == "reviewer" and trial.actor == "CED":
                version.reviews.create(reviewer=trial.me)
            return version

        trial.made(begin)
        return practice

    return make


def _gone(trial: Trial) -> None:
    """What was made for this try is gone from its address."""
    rows = Practice.objects.filter(versions__title=TITLE)
    Version.objects.filter(practice__in=rows, number=2).delete()
    Practice.objects.filter(pk__in=[row.pk for row in rows]).exclude(state="published").update(slug="gone")
    for row in Adoption.objects.filter(practice__in=rows):
        row.delete()
    Picture.objects.all().delete()


def _get(name: str, make: Make, *more: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get(f"practices:{name}", make(trial).slug, *more)


def _post(view: str, make: Make, *more: Any, **sent: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.post(f"practices:{view}", make(trial).slug, *more, **sent)


def _listed(view: str, make: Make) -> Callable[[Trial], HttpResponse]:
    """A list of one's own: who has no such list does not find it there, as who has one without it."""

    def do(trial: Trial) -> HttpResponse:
        practice = make(trial)
        answer = trial.get(f"practices:{view}")
        return answer if practice.slug.encode() in answer.content else HttpResponse(status=404)

    return do


def _or_forbidden(do: Callable[[Trial], HttpResponse]) -> Callable[[Trial], HttpResponse]:
    """A tombstone shows nothing of what was there, and further addresses of it are missing: both are denials."""

    def done(trial: Trial) -> HttpResponse:
        answer = do(trial)
        return HttpResponse(status=403) if answer.status_code in {404, 410} else answer

    return done


# Writing.


def _new(trial: Trial) -> HttpResponse:
    staff = {"organisation": str(trial.tenant.pk)} if trial.actor in {"CED", "CMG"} else {}
    return trial.post("practices:new", **content_form(**staff))


def _new_by_api(trial: Trial) -> HttpResponse:
    staff = {"organisation": trial.tenant.slug} if trial.actor in {"CED", "CMG"} else {}
    return trial.tell_api("api:draft_practice", title="By a program", **staff)


def _new_by_the_action(trial: Trial) -> HttpResponse:
    organisation = trial.tenant if trial.actor in {"CED", "CMG"} else None
    return trial.act(lambda: writing.draft(make_content(), by=trial.visitor, organisation=organisation))


def _check_draft(trial: Trial) -> HttpResponse:
    organisation = trial.tenant if trial.actor in {"CED", "CMG"} else None
    return trial.act(lambda: require(may_draft(trial.visitor, organisation)))


def _from_a_room(trial: Trial) -> HttpResponse:
    """What somebody shared in a session of the tenant's, by those who host it."""

    def make() -> Report:
        session = make_session(organiser=trial.tenant, starts=timezone.now(), state="live")
        room = make_room(session)
        make_contribution(room, kind="experience", may_quote=True)
        room.state, room.closed_at = room.State.CLOSED, timezone.now()
        room.save()
        report = reports.draft(room)
        assert report is not None
        return report

    report: Report = trial.made(make)
    return trial.post("minutes:to_practice", report.session.code, report.lines.get().pk)


def _from_an_answer(trial: Trial) -> HttpResponse:
    """What a desk of the tenant's answered and published, by those who work there."""
    question, _answer = published_answer(trial)
    return trial.post("desk:to_practice", question.number)


def _picture(make: Make) -> Callable[[Trial], Picture]:
    def do(trial: Trial) -> Picture:
        practice = make(trial)
        made: Picture = trial.made(
            lambda: Picture.objects.create(
                practice=practice,
                since=practice.versions.latest("number"),
                description="A door",
                name="door.png",
                kind="image/png",
                content=b"png",
            )
        )
        return made

    return do


def _send_in_several(trial: Trial) -> HttpResponse:
    return trial.post("practices:send_in", practice=[_draft(trial).slug])


def _send_in_by_the_action(trial: Trial) -> HttpResponse:
    version = _draft(trial).latest

    def send() -> None:
        require(not writing.submit_several([version], by=trial.visitor).refused)

    return trial.act(send)


def _see_picture(make: Make) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        picture = _picture(make)(trial)
        return trial.get("practices:picture", picture.practice.slug, picture.code)

    return do


def _take_picture_out(trial: Trial) -> HttpResponse:
    picture = _picture(_draft)(trial)
    return trial.post("practices:remove_picture", picture.practice.slug, picture.code)


# Reviewing.


def _assign(trial: Trial) -> HttpResponse:
    practice = _submitted(trial)
    colleague = trial.made(lambda: _colleague(trial))
    return trial.post("practices:assign", practice.slug, to=colleague.pk)


def _colleague(trial: Trial) -> Person:
    from koinon.network.models import Role
    from koinon.people.testing import make_person

    person = make_person()
    Role.objects.create(person=person, kind="editor", organisation=trial.world.tenants["sibling"])
    return person


# Translating.


def _translated(trial: Trial) -> Practice:
    practice = _public(trial)
    trial.made(lambda: make_translation(practice.latest))
    return practice


def _read_translated(trial: Trial) -> HttpResponse:
    answer = trial.client.get(f"/fi/practices/{_translated(trial).slug}/")
    return answer if b"Yksi ovi" in answer.content else HttpResponse(status=403)  # type: ignore[return-value]


def _by_machine(trial: Trial) -> HttpResponse:
    practice = _public(trial)
    configured = {
        "KOINON_TRANSLATE": "libretranslate",
        "KOINON_TRANSLATE_URL": "http://127.0.0.1:9/translate",
    }

    def post(url: str, body: bytes, headers: dict[str, str]) -> dict[str, list[str]]:
        import json

        return {"translatedText": [f"fi {text}" for text in json.loads(body)["q"]]}

    with patch.dict(os.environ, configured), patch.object(machine, "_post", post):
        return trial.post("practices:by_machine", practice.slug, "fi")


# Taking over.


def _adoption(trial: Trial, *, confirmed: bool) -> Adoption:
    if trial.relation == "mine":
        practice = trial.made(
            lambda: make_practice(
                TITLE, organisation=trial.world.tenants["foreign"], centre=trial.world.tenants["foreign"]
            )
        )
        by = trial.me
    else:
        practice, by = _public(trial), None
    made: Adoption = trial.made(lambda: make_adoption(practice, confirmed=confirmed, by=by))
    return made


def _waiting(trial: Trial) -> Adoption:
    return _adoption(trial, confirmed=False)


def _confirmed(trial: Trial) -> Adoption:
    return _adoption(trial, confirmed=True)


_TOLD = {
    "adopter_text": "The city next door",
    "place": "FI",
    "since": "2026-01-01",
    "stage": "running",
    "language": "en",
}


def _at(name: str, make: Callable[[Trial], Adoption], **sent: Any) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        one = make(trial)
        if sent:
            return trial.post(f"practices:{name}", one.practice.slug, one.pk, **sent)
        return trial.get(f"practices:{name}", one.practice.slug, one.pk)

    return do


def _adopt_by_the_action(trial: Trial) -> HttpResponse:
    practice = _public(trial)
    told = adopting.Told(
        place=Place.objects.get(pk="MT"), since=timezone.localdate(), stage="trying", adopter_text="Somebody"
    )
    return trial.act(lambda: adopting.adopt(practice, by=trial.visitor, told=told))


def _adopt_by_api(trial: Trial) -> HttpResponse:
    return trial.tell_api(
        "api:adopt", _public(trial).slug, place="FI", since="2026-01-01", adopter_text="A city"
    )


# Files. A run is of the one who sent it: another's ("stranger") is not there for anybody.
SENT = (*TENANTS, "stranger")
NO_EDITORS = frozenset({"CED"})


def _file() -> SimpleUploadedFile:
    return SimpleUploadedFile("practices.csv", b"title\nOf the matrix\n")


def _run(trial: Trial) -> Import:
    """A file that one sent for a tenant, in whatever right one did."""
    stranger = trial.relation == "stranger"
    made: Import = trial.made(
        lambda: Import.objects.create(
            by=None if stranger else trial.me,
            organisation=trial.world.tenants["own" if stranger else trial.relation],
            name="practices.csv",
            digest="0" * 64,
            content=b"title\nOf the matrix\n",
            mapping={"title": 0},
        )
    )
    return made


def _done(trial: Trial) -> Import:
    run = _run(trial)

    def taken() -> Import:
        practice = make_practice(TITLE, state="draft", organisation=run.organisation)
        ImportedRow.objects.create(of=run, practice=practice, number=2, is_new=True, edits=1)
        Import.objects.filter(pk=run.pk).update(state="done", done_at=timezone.now(), new=1)
        return run

    done: Import = trial.made(taken)
    return done


def _send(trial: Trial) -> HttpResponse:
    return trial.post("practices:import", organisation=trial.tenant.pk, language="en", file=_file())


def _sent_by_the_action(trial: Trial) -> HttpResponse:
    def begin() -> None:
        content = b"title\nOf the matrix\n"
        exchange.begin(content, by=trial.visitor, organisation=trial.tenant, name="a.csv", language="en")

    return trial.act(begin)


def _send_by_api(dry_run: str) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        query = f"organisation={trial.tenant.slug}&dry_run={dry_run}"
        address = f"{reverse('api:import_practices')}?{query}"
        return trial.client.post(address, {"file": _file()}, headers=trial._token())  # type: ignore[return-value]

    return do


def _at_run(view: str, make: Callable[[Trial], Import], **sent: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.post(f"practices:{view}", make(trial).pk, **sent)


def _by_the_action(
    deed: Callable[..., object], make: Callable[[Trial], Import]
) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        run = make(trial)
        return trial.act(lambda: deed(run, by=trial.visitor))

    return do


def _take_out(trial: Trial) -> HttpResponse:
    return trial.post("practices:export_organisation", organisation=trial.tenant.pk, format="csv")


def _take_out_by_the_action(trial: Trial) -> HttpResponse:
    return trial.act(lambda: exchange.take_out(trial.tenant, by=trial.visitor))


FILES = [
    # H6: a file is looked at, taken in, undone.
    Probe("H6", "C", "form", lambda t: t.get("practices:import"), ("practices:import",), ONE),
    Probe("H6", "C", "look at a file", _send, ("practices:import",)),
    Probe("H6", "C", "look, the action", _sent_by_the_action),
    Probe("H6", "C", "API, dry run", _send_by_api("true"), ("api:import_practices",)),
    Probe(
        "H6",
        "C",
        "API",
        _send_by_api("false"),
        ("api:import_practices",),
        never=NO_EDITORS,
        journals=True,
    ),
    Probe(
        "H6",
        "C",
        "page",
        lambda t: t.get("practices:imported", _run(t).pk),
        ("practices:imported",),
        SENT,
    ),
    Probe(
        "H6",
        "C",
        "arrange",
        _at_run("imported", _run, language="en", **{"column-title": "0"}),
        ("practices:imported",),
        SENT,
    ),
    Probe(
        "H6",
        "C",
        "take in",
        _at_run("take_in", _run),
        ("practices:take_in",),
        SENT,
        never=NO_EDITORS,
        journals=True,
    ),
    Probe(
        "H6",
        "C",
        "undo",
        _at_run("undo_import", _done),
        ("practices:undo_import",),
        SENT,
        never=NO_EDITORS,
        journals=True,
    ),
    Probe(
        "H6",
        "C",
        "take in, the action",
        _by_the_action(exchange.take_in, _run),
        never=NO_EDITORS,
        journals=True,
    ),
    Probe(
        "H6", "C", "undo, the action", _by_the_action(exchange.undo, _done), never=NO_EDITORS, journals=True
    ),
    # H7: all of an organisation's as a file.
    Probe("H7", "X", "file", _take_out, ("practices:export_organisation",), journals=True),
    Probe("H7", "X", "file, the action", _take_out_by_the_action, journals=True),
    Probe(
        "H1",
        "X",
        "my practices",
        lambda t: t.get("practices:mine_file", "json"),
        ("practices:mine_file",),
        ("mine",),
    ),
    Probe("D4", "R", "files", lambda t: t.get("practices:export"), ("practices:export",)),
]

_POSTED = {"version": "1"}
_CHANGE = content_form("Changed", edits="1")
_ADOPTED = _TOLD | {"edits": "1"}
_MACHINE = ("practices:by_machine",)


def _hidden(
    row: str, right: str, name: str, do: Callable[[Trial], HttpResponse], view: str, **more: Any
) -> Probe:
    given: dict[str, Any] = {"relations": OWNED, "without": _gone} | more
    return Probe(row, right, name, do, (f"practices:{view}",), **given)


PROBES = [
    *FILES,
    # D1: a draft; and the next version of a public practice, until it is sent in.
    _hidden("D1", "R", "page", _get("version", _draft, 1), "version"),
    _hidden("D1", "R", "first page", _get("practice", _draft), "practice"),
    _hidden("D1", "R", "list", _listed("mine", _draft), "mine"),
    _hidden("D1", "R", "picture", _see_picture(_draft), "picture"),
    _hidden("D1", "R", "the next version", _get("version", _next("draft"), 2), "version"),
    Probe("D1", "C", "form", lambda t: t.get("practices:new"), ("practices:new",), ONE, behind="D4"),
    Probe("D1", "C", "draft", _new, ("practices:new",), journals=True, behind="D4"),
    Probe("D1", "C", "API", _new_by_api, ("api:draft_practice",), journals=True, behind="D4"),
    Probe("D1", "C", "draft, the action", _new_by_the_action, journals=True, behind="D4"),
    Probe("D1", "C", "the check", _check_draft, behind="D4"),
    Probe(
        "D1",
        "C",
        "from an experience",
        _from_a_room,
        ("minutes:to_practice",),
        only=frozenset({"CED", "CMG"}),
        journals=True,
        behind="D4",
    ),
    Probe(
        "D1",
        "C",
        "from an answer",
        _from_an_answer,
        ("desk:to_practice",),
        only=frozenset({"CED", "CMG"}),
        journals=True,
        behind="C1",
        without=desk_gone,
    ),
    _hidden("D1", "U", "form", _get("edit", _draft), "edit"),
    _hidden("D1", "U", "write on", _post("edit", _draft, **_CHANGE), "edit", journals=True),
    _hidden(
        "D1", "U", "what was asked for", _post("edit", _asked, **_CHANGE), "edit", journals=True, behind="D2"
    ),
    _hidden("D1", "U", "send in", _post("submit", _draft), "submit", journals=True),
    _hidden("D1", "U", "send in several", _send_in_several, "send_in", journals=True),
    Probe(
        "D1",
        "U",
        "send in several, the action",
        _send_in_by_the_action,
        (),
        OWNED,
        journals=True,
        behind="D4",
    ),
    _hidden("D1", "U", "add a picture", _post("add_picture", _draft, description="A door"), "add_picture"),
    _hidden("D1", "U", "take a picture out", _take_picture_out, "remove_picture", journals=True),
    _hidden("D1", "U", "drop the next version", _post("drop", _next("draft")), "drop", journals=True),
    _hidden("D1", "D", "form", _get("delete", _draft), "delete"),
    _hidden("D1", "D", "delete", _post("delete", _draft), "delete", journals=True),
    # D2: in review.
    _hidden("D2", "R", "page", _get("version", _submitted, 1), "version", relations=REVIEWED),
    _hidden("D2", "R", "to review", _get("review", _submitted), "review", relations=REVIEWED),
    _hidden("D2", "R", "what waits", _listed("inbox", _submitted), "inbox", relations=(*TENANTS, "reviewer")),
    _hidden(
        "D2", "R", "the next version", _get("version", _next("submitted"), 2), "version", relations=REVIEWED
    ),
    _hidden(
        "D2",
        "M",
        "decide",
        _post("review", _submitted, **review_form()),
        "review",
        relations=REVIEWED,
        journals=True,
    ),
    _hidden("D2", "A", "name a reviewer", _assign, "assign", relations=REVIEWED, journals=True),
    _hidden(
        "D2",
        "A",
        "wish a second",
        _post("second", _submitted, wanted="yes"),
        "second",
        relations=REVIEWED,
        journals=True,
    ),
    # D3: what reviewers note, and who they are.
    _hidden("D3", "R", "page", _get("reviews", _submitted, 1), "reviews", relations=REVIEWED, behind="D2"),
    Probe("D3", "R", "of a public one", _get("reviews", _public, 1), ("practices:reviews",), behind="D4"),
    _hidden(
        "D3",
        "C",
        "note",
        _post("note", _submitted, note="Look at the law."),
        "note",
        relations=(*TENANTS, "reviewer"),
        journals=True,
        behind="D2",
    ),
    # D4: public.
    Probe("D4", "R", "list", lambda t: t.get("practices:list"), ("practices:list",)),
    Probe("D4", "R", "API, all", lambda t: t.ask_api("api:practices"), ("api:practices",)),
    Probe("D4", "R", "page", _get("practice", _public), ("practices:practice",), OWNED),
    Probe("D4", "R", "version", _get("version", _public, 1), ("practices:version",), OWNED),
    Probe("D4", "R", "versions", _get("versions", _public), ("practices:versions",), OWNED),
    Probe("D4", "R", "changes", _get("changes", _public, 1, 1), ("practices:changes",), OWNED),
    Probe("D4", "R", "picture", _see_picture(_public), ("practices:picture",), OWNED),
    Probe("D4", "R", "API", lambda t: t.ask_api("api:practice", _public(t).slug), ("api:practice",), OWNED),
    Probe("D4", "U", "next version", _post("revise", _public), ("practices:revise",), OWNED, journals=True),
    Probe(
        "D4", "P", "it still holds", _post("confirm", _public), ("practices:confirm",), OWNED, journals=True
    ),
    Probe("D4", "D", "form", _get("withdraw", _public), ("practices:withdraw",), OWNED),
    Probe(
        "D4",
        "D",
        "withdraw",
        _post("withdraw", _public, because="wrong"),
        ("practices:withdraw",),
        OWNED,
        journals=True,
    ),
    # D5: withdrawn. All others are told that it is gone.
    Probe("D5", "R", "page", _or_forbidden(_get("practice", _withdrawn)), ("practices:practice",), OWNED),
    Probe("D5", "R", "version", _or_forbidden(_get("version", _withdrawn, 1)), ("practices:version",), OWNED),
    Probe(
        "D5",
        "M",
        "bring back",
        _or_forbidden(_post("restore", _withdrawn)),
        ("practices:restore",),
        OWNED,
        journals=True,
    ),
    # D6: in another language.
    Probe("D6", "R", "page", _read_translated, ("practices:practice",), OWNED),
    Probe("D6", "C", "languages", _get("languages", _public), ("practices:languages",), OWNED),
    Probe("D6", "C", "choose", _post("languages", _public, language="fi"), ("practices:languages",), OWNED),
    Probe("D6", "C", "by a machine", _by_machine, _MACHINE, OWNED, journals=True),
    Probe("D6", "U", "form", _get("translate", _public, "fi"), ("practices:translate",), OWNED),
    Probe(
        "D6",
        "U",
        "translate",
        _post("translate", _public, "fi", edits="0", title="Ovi"),
        ("practices:translate",),
        OWNED,
        journals=True,
    ),
    Probe(
        "D6",
        "D",
        "take away",
        _post("remove_translation", _translated, "fi"),
        ("practices:remove_translation",),
        OWNED,
        journals=True,
    ),
    # D7: taken over, not confirmed yet.
    _hidden("D7", "R", "page", _at("adoption", _waiting), "adoption", relations=TAKEN),
    Probe("D7", "C", "form", _get("adopt", _public), ("practices:adopt",), OWNED, behind="D4"),
    Probe(
        "D7",
        "C",
        "record",
        _post("adopt", _public, **_TOLD),
        ("practices:adopt",),
        OWNED,
        journals=True,
        behind="D4",
    ),
    Probe("D7", "C", "API", _adopt_by_api, ("api:adopt",), OWNED, journals=True, behind="D4"),
    Probe("D7", "C", "record, the action", _adopt_by_the_action, (), OWNED, journals=True, behind="D4"),
    _hidden("D7", "U", "form", _at("change_adoption", _waiting), "change_adoption", relations=TAKEN),
    _hidden(
        "D7",
        "U",
        "what became of it",
        _at("change_adoption", _waiting, **_ADOPTED),
        "change_adoption",
        relations=TAKEN,
        journals=True,
    ),
    _hidden(
        "D7",
        "M",
        "confirm",
        _at("confirm_adoption", _waiting, **_POSTED),
        "confirm_adoption",
        relations=(*TENANTS, "source"),
        journals=True,
    ),
    _hidden(
        "D7",
        "M",
        "confirm one's own",
        _at("confirm_adoption", _waiting, **_POSTED),
        "confirm_adoption",
        relations=("mine",),
        only=frozenset(),
    ),
    _hidden(
        "D7",
        "D",
        "take out",
        _at("remove_adoption", _waiting, **_POSTED),
        "remove_adoption",
        relations=TAKEN,
        journals=True,
    ),
    # D8: taken over, for everybody to read.
    Probe("D8", "R", "thread", lambda t: t.get("practices:lineage"), ("practices:lineage",)),
    Probe("D8", "R", "file", lambda t: t.get("practices:lineage_file", "json"), ("practices:lineage_file",)),
    Probe("D8", "R", "API, all", lambda t: t.ask_api("api:lineage"), ("api:lineage",)),
    Probe(
        "D8",
        "R",
        "API",
        lambda t: t.ask_api("api:practice_lineage", _public(t).slug),
        ("api:practice_lineage",),
    ),
    Probe("D8", "R", "page", _at("adoption", _confirmed), ("practices:adoption",), TAKEN),
    Probe("D8", "U", "form", _at("change_adoption", _confirmed), ("practices:change_adoption",), TAKEN),
    Probe(
        "D8",
        "U",
        "what became of it",
        _at("change_adoption", _confirmed, **_ADOPTED),
        ("practices:change_adoption",),
        TAKEN,
        journals=True,
    ),
    Probe(
        "D8",
        "D",
        "take out",
        _at("remove_adoption", _confirmed, **_POSTED),
        ("practices:remove_adoption",),
        TAKEN,
        journals=True,
    ),
]

# One address shows a practice in every state, an adoption before and after it is confirmed.
ROWS_OF_ADDRESS = {
    "practices:practice": {"D1", "D4", "D5", "D6"},
    "practices:version": {"D1", "D2", "D4", "D5"},
    "practices:picture": {"D1", "D4"},
    "practices:adoption": {"D7", "D8"},
    "practices:change_adoption": {"D7", "D8"},
    "practices:remove_adoption": {"D7", "D8"},
    "api:practices": {"D1", "D4"},
    "api:draft_practice": {"D1", "D4"},
}
