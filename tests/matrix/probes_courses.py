"""Rows E3 and E8 (courses, published and drafts), E4 (enrolment, progress) and of E5 the certificates of courses."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils import timezone

from koinon.agenda.models import Material
from koinon.agenda.testing import make_session
from koinon.base.uploads import Clean
from koinon.base.visitor import require
from koinon.courses.actions import certifying, keeping, learning, translating, writing
from koinon.courses.models import (
    Certificate,
    Cohort,
    Course,
    Enrolment,
    Module,
    ModuleFile,
    Question,
    SelfCheck,
)
from koinon.courses.permissions import may_learn
from koinon.courses.testing import make_cohort, make_course, make_enrolment, make_quiz
from tests.matrix.probing import Probe, Trial
from tests.matrix.table import ACTORS, PERSONAL, TENANTS

ONE = ("own",)
# The holder of a number; somebody who guesses one.
HOLDING = ("holder", "stranger")
MINE = ("mine", "stranger")
TITLE = "Course of the matrix"
LANGUAGE = "fi"

Make = Callable[[Trial], Course]


def _course(trial: Trial, state: str) -> Course:
    tenant = trial.world.tenants[trial.relation if trial.relation in TENANTS else "foreign"]

    def make() -> Course:
        course = make_course(TITLE, organiser=tenant, state=state, modules=1)
        quiz = make_quiz(course)
        assert quiz.number == 2
        ModuleFile.objects.create(
            module=course.modules.get(number=1), name="a.pdf", kind="application/pdf", size=1, content=b"x"
        )
        return course

    made: Course = trial.made(make)
    return made


def _public(trial: Trial) -> Course:
    return _course(trial, "published")


def _draft(trial: Trial) -> Course:
    return _course(trial, "draft")


def _gone(trial: Trial) -> None:
    """What was made for this try is gone from its address."""
    Course.objects.filter(title=TITLE).update(slug="gone")


def _get(name: str, make: Make, *more: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get(f"courses:{name}", make(trial).slug, *more)


def _post(view: str, make: Make, *more: Any, **sent: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.post(f"courses:{view}", make(trial).slug, *more, **sent)


def _question(course: Course) -> Question:
    return Question.objects.filter(module__course=course).order_by("pk")[0]


def _at_question(view: str, make: Make, **sent: Any) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        course = make(trial)
        pk = _question(course).pk
        if sent:
            return trial.post(f"courses:{view}", course.slug, 2, pk, **sent)
        return trial.get(f"courses:{view}", course.slug, 2, pk)

    return do


def _cohort(trial: Trial, course: Course) -> Cohort:
    made: Cohort = trial.made(lambda: make_cohort(course))
    return made


def _at_dates(view: str, make: Make, **sent: Any) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        course = make(trial)
        cohort = _cohort(trial, course)
        if sent:
            return trial.post(f"courses:{view}", course.slug, cohort.pk, **sent)
        return trial.get(f"courses:{view}", course.slug, cohort.pk)

    return do


_TOLD = {
    "language": "en",
    "title": TITLE,
    "lead": "Changed.",
    "level": "first",
    "minutes": "60",
    "pace": "self",
    "edits": "1",
}
_PART = {
    "kind": "text",
    "language": "en",
    "title": "A part",
    "text": "Read.",
    "minutes": "5",
    "needs": "60",
    "edits": "1",
}
_ASKED = {"kind": "single", "text": "Which?", "choices": "* This\nThat", "edits": "1"}
_DATES = {"starts_on": "2030-01-01", "ends_on": "2030-01-08", "edits": "1"}
_WORDS = {"title": "Matriisin kurssi", "edits": "0"}


def _new(trial: Trial) -> HttpResponse:
    return trial.post("courses:new", **_TOLD, organiser=str(trial.tenant.pk))


def _new_by_the_action(trial: Trial) -> HttpResponse:
    return trial.act(
        lambda: writing.draft(writing.Told(title=TITLE), by=trial.visitor, organiser=trial.tenant)
    )


def _drafts(trial: Trial) -> HttpResponse:
    """The list: who has none does not find the draft there."""
    course = _draft(trial)
    answer = trial.get("courses:drafts")
    return answer if course.slug.encode() in answer.content else HttpResponse(status=404)


def _set_file(trial: Trial) -> HttpResponse:
    file = SimpleUploadedFile("a.txt", b"A text.")
    return trial.post("courses:set_file", _public(trial).slug, 1, file=file)


def _set_file_by_the_action(trial: Trial) -> HttpResponse:
    module = _public(trial).modules.get(number=1)
    clean = Clean("a.txt", "text/plain", b"A text.")
    return trial.act(lambda: writing.set_file(module, by=trial.visitor, file=clean))


def _from_session(trial: Trial) -> HttpResponse:
    def make() -> Any:
        session = make_session(starts=timezone.now())
        for kind in (Material.Kind.RECORDING, Material.Kind.CAPTIONS):
            Material.objects.create(
                session=session, kind=kind, title="The hour", url="https://video.example/1"
            )
        return session

    course = _public(trial)
    session = trial.made(make)
    return trial.post("courses:from_session", course.slug, session=session.code)


def _by_action(
    do: Callable[[Course, Trial], object], make: Make = _public
) -> Callable[[Trial], HttpResponse]:
    def done(trial: Trial) -> HttpResponse:
        course = make(trial)
        return trial.act(lambda: do(course, trial))

    return done


def _first(course: Course) -> Module:
    module = course.modules.get(number=1)
    module.course = course
    return module


def _translate(course: Course, trial: Trial) -> object:
    return translating.translate(
        course, by=trial.visitor, language=LANGUAGE, edits=0, texts={"title": "Matriisi"}
    )


def _by_machine(trial: Trial) -> HttpResponse:
    import json
    import os
    from unittest.mock import patch

    from koinon.practices import machine

    course = _public(trial)
    configured = {
        "KOINON_TRANSLATE": "libretranslate",
        "KOINON_TRANSLATE_URL": "http://127.0.0.1:9/translate",
    }

    def post(url: str, body: bytes, headers: dict[str, str]) -> dict[str, list[str]]:
        return {"translatedText": [f"fi {text}" for text in json.loads(body)["q"]]}

    with patch.dict(os.environ, configured), patch.object(machine, "_post", post):
        return trial.post("courses:by_machine", course.slug, LANGUAGE)


# Learning: one's own, or another's. No address leads to another's; so the actions are tried.


def _enrolment(trial: Trial, *, done: bool = False, **more: Any) -> Enrolment:
    course = _public(trial)

    def make() -> Enrolment:
        return make_enrolment(course, trial.somebody, finished_at=timezone.now() if done else None, **more)

    made: Enrolment = trial.made(make)
    return made


def _mine_listed(trial: Trial) -> HttpResponse:
    """The own list: another's courses do not stand there."""
    enrolment = _enrolment(trial)
    answer = trial.get("courses:mine")
    if answer.status_code == 200 and enrolment.course.slug.encode() not in answer.content:
        return HttpResponse(status=403)
    return answer


def _own(view: str, *more: Any, **made: Any) -> Callable[[Trial], HttpResponse]:
    """One deed of learning at the address: for another's there is nothing there, which is a denial too."""

    def do(trial: Trial) -> HttpResponse:
        enrolment = _enrolment(trial, **made)
        answer = trial.post(f"courses:{view}", enrolment.course.slug, *more)
        missing = answer.status_code == 404 or (answer.status_code == 409 and trial.relation != "mine")
        return HttpResponse(status=403) if missing else answer

    return do


def _enrol(trial: Trial) -> HttpResponse:
    return trial.post("courses:enrol", _public(trial).slug)


def _enrol_in_a_draft(trial: Trial) -> HttpResponse:
    """Whoever sees a draft hears that nobody can enrol yet; for the others there is none."""
    course = _draft(trial)
    try:
        return trial.act(lambda: learning.enrol(course, by=trial.visitor, language="en"))
    except learning.Closed:
        return HttpResponse(status=409)


def _deed(do: Callable[[Enrolment, Trial], object], **made: Any) -> Callable[[Trial], HttpResponse]:
    def done(trial: Trial) -> HttpResponse:
        enrolment = _enrolment(trial, **made)
        return trial.act(lambda: do(enrolment, trial))

    return done


def _check(trial: Trial) -> SelfCheck:
    made: SelfCheck = trial.made(
        lambda: SelfCheck.objects.create(
            person=trial.somebody,
            levels={"mapping-1": 1},
        )
    )
    return made


def _kept(view: str, post: bool = False) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        pk = _check(trial).pk if trial.relation == "mine" else 2**40
        return (trial.post if post else trial.get)(f"courses:{view}", pk)

    return do


def _keep(trial: Trial) -> HttpResponse:
    return trial.post("courses:keep_check", **{"mapping-1": "2"})


def _keep_by_the_action(trial: Trial) -> HttpResponse:
    return trial.act(lambda: keeping.keep_check({"mapping-1": 2}, by=trial.visitor))


def _another_s_check(trial: Trial) -> HttpResponse:
    """Somebody else's, by its number: as if it was not there."""
    pk = _check(trial).pk
    return trial.get("courses:kept_check", pk)


def _certificate(trial: Trial) -> Certificate:
    enrolment = _enrolment(trial, done=True)
    made: Certificate = trial.made(
        lambda: Certificate.objects.create(
            number=f"AAAA-0000-0000-000{ACTORS.index(trial.actor)}",
            person=enrolment.person,
            course=enrolment.course,
            organiser="A centre",
            title=TITLE,
            language="en",
            minutes=60,
            finished_on=timezone.localdate(),
        )
    )
    return made


def _read_certificate(trial: Trial) -> HttpResponse:
    number = _certificate(trial).number if trial.relation == "holder" else "0000-0000-0000-0000"
    return trial.get("courses:certificate", number)


def _find_certificate(trial: Trial) -> HttpResponse:
    number = _certificate(trial).number if trial.relation == "holder" else "0000 0000 0000 0000"
    return trial.get("courses:find_certificate", number=number)


def _take_back(trial: Trial) -> HttpResponse:
    return trial.post("courses:take_back", _certificate(trial).number)


def _hidden(right: str, name: str, do: Callable[[Trial], HttpResponse], *views: str, **more: Any) -> Probe:
    return Probe("E8", right, name, do, tuple(f"courses:{view}" for view in views), without=_gone, **more)


def _open(right: str, name: str, do: Callable[[Trial], HttpResponse], *views: str, **more: Any) -> Probe:
    return Probe("E3", right, name, do, tuple(f"courses:{view}" for view in views), **more)


def _own_probe(right: str, name: str, do: Callable[[Trial], HttpResponse], *views: str, **more: Any) -> Probe:
    more.setdefault("relations", PERSONAL)
    return Probe("E4", right, name, do, tuple(f"courses:{view}" for view in views), **more)


PROBES = [
    # E3: published, for everybody to read.
    _open("R", "list", lambda t: t.get("courses:list"), "list", relations=ONE),
    _open("R", "page", _get("course", _public), "course"),
    _open("R", "module", _get("module", _public, 1), "module"),
    _open("R", "quiz", _post("module", _public, 2, q0="1"), "module"),
    _open("R", "file", _get("file", _public, 1), "file"),
    Probe("E3", "R", "API, all", lambda t: t.ask_api("api:courses"), ("api:courses",), ONE),
    Probe("E3", "R", "API", lambda t: t.ask_api("api:course", _public(t).slug), ("api:course",)),
    _open("U", "form", _get("edit", _public), "edit"),
    _open("U", "change", _post("edit", _public, **_TOLD), "edit", journals=True),
    _open(
        "U",
        "change, the action",
        _by_action(lambda c, t: writing.change(c, by=t.visitor, edits=1, told=writing.Told(title="Another"))),
        journals=True,
    ),
    _open("U", "module's form", _get("edit_module", _public, 1), "edit_module"),
    _open("U", "change a module", _post("edit_module", _public, 1, **_PART), "edit_module", journals=True),
    _open("U", "move a module", _post("move_module", _public, 2, to="up"), "move_module", journals=True),
    _open("U", "take a module out", _post("remove_module", _public, 1), "remove_module", journals=True),
    _open("U", "question's form", _at_question("edit_question", _public), "edit_question"),
    _open(
        "U",
        "change a question",
        _at_question("edit_question", _public, **_ASKED),
        "edit_question",
        journals=True,
    ),
    _open(
        "U",
        "take a question out",
        _at_question("remove_question", _public, sure="yes"),
        "remove_question",
        journals=True,
    ),
    _open("U", "languages", _get("languages", _public), "languages"),
    _open("U", "language", _get("language", _public, LANGUAGE), "language"),
    _open("U", "words' form", _get("course_texts", _public, LANGUAGE), "course_texts"),
    _open(
        "U", "translate", _post("course_texts", _public, LANGUAGE, **_WORDS), "course_texts", journals=True
    ),
    _open(
        "U",
        "translate a module",
        _post("module_texts", _public, LANGUAGE, 1, **_WORDS),
        "module_texts",
        journals=True,
    ),
    _open("U", "translate, the action", _by_action(_translate), journals=True),
    _open("U", "let a machine begin", _by_machine, "by_machine", journals=True),
    _open("C", "module's form", _get("add_module", _public), "add_module"),
    _open("C", "add a module", _post("add_module", _public, **_PART), "add_module", journals=True),
    _open(
        "C",
        "add a module, the action",
        _by_action(
            lambda c, t: writing.add_module(c, by=t.visitor, part=writing.Part("text", "One", "en", "Read."))
        ),
        journals=True,
    ),
    _open("C", "question's form", _get("add_question", _public, 2), "add_question"),
    _open("C", "add a question", _post("add_question", _public, 2, **_ASKED), "add_question", journals=True),
    _open("C", "file", _set_file, "set_file", journals=True),
    _open("C", "file, the action", _set_file_by_the_action, journals=True),
    _open("C", "of a session", _from_session, "from_session", journals=True),
    _open("P", "dates' form", _get("add_dates", _public), "add_dates"),
    _open("P", "add dates", _post("add_dates", _public, **_DATES), "add_dates", journals=True),
    _open("P", "dates", _at_dates("dates", _public), "dates"),
    _open("P", "move dates", _at_dates("dates", _public, **_DATES), "dates", journals=True),
    _open(
        "P", "take dates away", _at_dates("remove_dates", _public, sure="yes"), "remove_dates", journals=True
    ),
    _open("P", "close", _post("set_open", _public, takes="no"), "set_open", journals=True),
    _open("D", "what it means", _get("withdraw", _public), "withdraw"),
    _open("D", "withdraw", _post("withdraw", _public), "withdraw", journals=True),
    _open(
        "D", "withdraw, the action", _by_action(lambda c, t: writing.withdraw(c, by=t.visitor)), journals=True
    ),
    # E8: a draft, which is nobody else's business.
    _hidden("R", "page", _get("course", _draft), "course"),
    _hidden("R", "module", _get("module", _draft, 1), "module"),
    _hidden("R", "file", _get("file", _draft, 1), "file"),
    Probe("E8", "R", "list", _drafts, ("courses:drafts",), without=_gone),
    Probe("E8", "C", "form", lambda t: t.get("courses:new"), ("courses:new",), ONE, behind="E3"),
    _hidden("R", "enrol in it, the action", _enrol_in_a_draft),
    Probe("E8", "C", "begin", _new, ("courses:new",), journals=True, behind="E3"),
    Probe("E8", "C", "begin, the action", _new_by_the_action, journals=True, behind="E3"),
    _hidden("C", "add a module", _post("add_module", _draft, **_PART), "add_module", journals=True),
    _hidden("U", "form", _get("edit", _draft), "edit"),
    _hidden("U", "change", _post("edit", _draft, **_TOLD), "edit", journals=True),
    _hidden("U", "change a module", _post("edit_module", _draft, 1, **_PART), "edit_module", journals=True),
    _hidden("U", "add dates", _post("add_dates", _draft, **_DATES), "add_dates", journals=True),
    _hidden("P", "publish", _post("publish", _draft), "publish", journals=True),
    _hidden("D", "what it means", _get("delete", _draft), "delete"),
    _hidden("D", "delete", _post("delete", _draft), "delete", journals=True),
    # E4: one's own, and of others totals only.
    _own_probe("R", "own list", _mine_listed, "mine"),
    _own_probe("R", "totals", _get("totals", _public), "totals", relations=TENANTS),
    _own_probe("R", "kept self-check", _kept("kept_check"), "kept_check", relations=MINE),
    _own_probe("R", "another's self-check", _another_s_check, "kept_check", relations=("stranger",)),
    _own_probe("C", "enrol", _enrol, "enrol", relations=("mine",)),
    _own_probe(
        "C",
        "enrol, the action",
        _by_action(lambda c, t: learning.enrol(c, by=t.visitor, language="en")),
        relations=("mine",),
    ),
    _own_probe("C", "check", lambda t: t.act(lambda: require(may_learn(t.visitor))), relations=("mine",)),
    _own_probe("C", "take the offer", _own("accept"), "accept"),
    _own_probe("C", "take the offer, the action", _deed(lambda e, t: learning.accept(e, by=t.visitor))),
    _own_probe("C", "done", _own("done", 1), "done"),
    _own_probe("C", "keep a self-check", _keep, "keep_check", relations=("mine",)),
    _own_probe("C", "keep a self-check, the action", _keep_by_the_action, relations=("mine",)),
    _own_probe("D", "leave", _own("leave"), "leave"),
    _own_probe("D", "leave, the action", _deed(lambda e, t: learning.leave(e, by=t.visitor))),
    _own_probe("D", "erase a self-check", _kept("forget_check", post=True), "forget_check", relations=MINE),
    # E5: certificates of courses.
    Probe("E5", "R", "certificate of a course", _read_certificate, ("courses:certificate",), HOLDING),
    Probe(
        "E5",
        "R",
        "certificate of a course, by its number",
        _find_certificate,
        ("courses:find_certificate",),
        HOLDING,
    ),
    Probe("E5", "C", "certificate of a course", _own("certify", done=True), ("courses:certify",), PERSONAL),
    Probe(
        "E5",
        "C",
        "certificate of a course, the action",
        _deed(lambda e, t: certifying.certify(e, by=t.visitor, name=""), done=True),
        (),
        PERSONAL,
    ),
    Probe("E5", "D", "take it back", _take_back, ("courses:take_back",), PERSONAL),
]

# One address shows a course before and after it is published.
ROWS_OF_ADDRESS = {
    f"courses:{view}": {"E3", "E8"}
    for view in (
        "course",
        "module",
        "file",
        "edit",
        "edit_module",
        "add_module",
        "move_module",
        "remove_module",
        "set_file",
        "add_question",
        "edit_question",
        "remove_question",
        "from_session",
        "add_dates",
        "dates",
        "remove_dates",
        "languages",
        "language",
        "course_texts",
        "module_texts",
    )
}
