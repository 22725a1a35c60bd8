"""Rows C1 to C6: questions, confidential requests, that there are such, notes, files, answers that others may read."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils import timezone

from koinon.base.uploads import Clean
from koinon.base.visitor import require
from koinon.network.models import Membership, Role
from koinon.network.visitor import ANYONE, Visitor, visitor_for
from koinon.people.models import Person
from koinon.people.testing import make_person
from koinon.questions import permissions, permissions_support, triage
from koinon.questions.actions import files, publishing, support, working
from koinon.questions.actions.receipts import code_of
from koinon.questions.models import Answer, File, Question, Request, Step, Triage
from koinon.questions.permissions_support import (
    may_name_handlers,
    may_request,
)
from koinon.questions.testing import make_question
from tests.matrix.probing import Probe, Trial
from tests.matrix.world import make_organisation

# An ordinary question lies with the own centre, a sibling's, a foreign one, or the operators of this installation.
DESKS = ("desk", "sibling", "foreign")
OPERATORS = ("operators",)
MINE = ("mine",)
HOLDING = ("mine", "stranger")
# A confidential one is one's authority's own; or one is asked by name to handle it; or nobody here has to do with it.
# "own", "sibling" and "foreign" put it at a desk all the same: rank and desk give no right on it.
AUTHORITY = ("authority",)
ASSIGNED = ("assigned",)
RANKS = ("own", "sibling", "foreign")
NAMED = ("named", "another's")
HANDLERS = frozenset({"CED", "CMG", "CLD", "NCO"})
ASKERS = frozenset({"PART", "INNO", "MA"})
# Who reads a desk's questions by role, but does not work them.
ONLY_LOOKING = frozenset({"CLD", "NCO"})
NO_AUTHORITY = frozenset({"PART", "INNO"})
WORDS = "Words of the matrix."


# Ordinary questions.


def _at_a_desk(trial: Trial, **changes: Any) -> Question:
    """A question at the desk that the relation says."""

    def make() -> Question:
        world = trial.world
        if trial.relation == "operators":
            question = make_question(place="BE")
            changes["desk"] = None
        else:
            name = "own" if trial.relation == "desk" else trial.relation
            question = make_question(place="BE", desk=world.tenants[name])
        Question.objects.filter(pk=question.pk).update(may_publish=True, **changes)
        question.refresh_from_db()
        return question

    made: Question = trial.made(make)
    return made


_worked = _at_a_desk


def _mine(trial: Trial, **changes: Any) -> Question:
    """A question of whose receipt the actor holds the code, or somebody else's."""

    def make() -> Question:
        question = make_question(place="BE", email="asker@matrix.example")
        Question.objects.filter(pk=question.pk).update(**({"version": 1} | changes))
        question.refresh_from_db()
        return question

    made: Question = trial.made(make)
    return made


def _code(trial: Trial, question: Question) -> str:
    return code_of(question) if trial.relation == "mine" else "0000-0000-0000-0000-0000"


def _receipt(name: str, **sent: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.post(f"receipts:{name}", _code(trial, _mine(trial)), **sent)


def _declined(trial: Trial) -> HttpResponse:
    question = _mine(trial, state="declined", reason="other")
    return trial.post("receipts:complain", _code(trial, question), text=WORDS)


def _merged(trial: Trial) -> HttpResponse:
    other = trial.made(lambda: make_question(place="BE"))
    question = _mine(trial, state="merged", merged_into=other)
    return trial.post("receipts:not_the_same", _code(trial, question))


def desk_gone(trial: Trial) -> None:
    """What was made for this try is gone from its address."""
    question = Question.objects.order_by("pk").last()
    if question is not None:
        Question.objects.filter(pk=question.pk).update(number="C-0000-GONE", receipt="0" * 64)
        File.objects.update(code="gone")
        Request.objects.update(handle="gone")


def _desk(name: str, **sent: Any) -> Callable[[Trial], HttpResponse]:
    """One deed at the desk, with the version of the case as it is."""

    def do(trial: Trial) -> HttpResponse:
        question = _worked(trial)
        return trial.post(f"desk:{name}", question.number, version=question.version, **sent)

    return do


def _asked_by_name(trial: Trial, name: str, **sent: Any) -> HttpResponse:
    """Accepting and giving back: of what lies at the own desk, and one is asked to handle."""
    question = _worked(trial)
    if trial.relation == "desk" and trial.me is not None and trial.actor in {"CED", "CMG"}:
        _assign(question, trial.me)
    return trial.post(f"desk:{name}", question.number, version=question.version, **sent)


def _assign(question: Question, person: Person) -> None:
    question.assignments.create(person=person, state="accepted", at=timezone.now())


def _hand_on(trial: Trial) -> HttpResponse:
    """Ask a colleague of that desk to handle it."""
    question = _worked(trial)
    colleague = Role.objects.today().filter(organisation=question.desk).first()
    to = colleague.person_id if colleague else trial.world.people["NCO"].pk
    return trial.post("desk:assign", question.number, version=question.version, person=to)


def _hand_on_by_the_action(trial: Trial) -> HttpResponse:
    question = _worked(trial)
    colleague = Role.objects.today().filter(organisation=question.desk).first()
    to = colleague.person if colleague else trial.world.people["NCO"]
    return trial.act(lambda: working.assign(question, by=trial.visitor, to=to))


def _merge(trial: Trial) -> HttpResponse:
    question, other = _worked(trial), _worked(trial)
    return trial.post("desk:merge", question.number, version=question.version, into=other.number)


def _take_over(trial: Trial) -> HttpResponse:
    """What was escalated to that centre, from another one of the same consortium."""

    def make() -> Question:
        question = _at_a_desk(trial)
        far = make_organisation("far", "centre")
        within = trial.world.consortia["own" if trial.relation == "desk" else trial.relation]
        Membership.objects.create(member=far, within=within, role="centre", checked_on=timezone.localdate())
        Question.objects.filter(pk=question.pk).update(desk=far, escalations=1, escalated_to=question.desk)
        return question

    question = trial.made(make)
    return trial.post("desk:take_over", question.number, version=question.version)


def _promise(trial: Trial) -> HttpResponse:
    name = "own" if trial.relation == "desk" else trial.relation
    desk = trial.world.tenants[name]
    return trial.post("desk:promise", desk=desk.pk, days=8, take_days=2)


def _new_date() -> str:
    return (timezone.localdate() + timedelta(days=14)).isoformat()


def _date(trial: Trial) -> HttpResponse:
    question = _worked(trial)
    sent = {"version": question.version, "due": _new_date(), "reason": WORDS}
    return trial.post("desk:new_date", question.number, **sent)


def _read_it(trial: Trial) -> HttpResponse:
    question = _worked(trial)
    return trial.act(lambda: require(permissions.may_read(trial.visitor, question), hidden=True))


def _read_the_notes(trial: Trial) -> HttpResponse:
    question = _worked(trial)
    return trial.act(lambda: require(permissions.may_read_notes(trial.visitor, question), hidden=True))


def _ask(trial: Trial) -> HttpResponse:
    return trial.post("ask", text=WORDS, place="BE", nonce="nonce-of-the-matrix")


def _ask_by_api(trial: Trial) -> HttpResponse:
    return trial.tell_api("api:ask", text=WORDS, place="BE")


def _api(name: str, **sent: Any) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        return trial.tell_api_at(f"/api/v1/desk/cases/{_worked(trial).number}/{name}", **sent)

    return do


def _api_assign(trial: Trial) -> HttpResponse:
    question = _worked(trial)
    colleague = Role.objects.today().filter(organisation=question.desk).first()
    to = colleague.person.email if colleague else "nobody@matrix.example"
    return trial.tell_api_at(f"/api/v1/desk/cases/{question.number}/assign", to=to)


def _api_cases(trial: Trial) -> HttpResponse:
    """The list names this case, or for this actor there is none."""
    question = _worked(trial)
    answer = trial.ask_api("api:cases")
    return answer if question.number in answer.content.decode() else HttpResponse(status=404)


def _at(name: str) -> tuple[str, ...]:
    return (f"desk:{name}",)


# Confidential requests.


def _confidential(trial: Trial, **changes: Any) -> Request:
    """A confidential request: MA's own, one that the actor is asked to handle, or nobody's here."""

    def make() -> Request:
        world = trial.world
        Triage.objects.get_or_create(person=_coordinator())
        ours = trial.relation == "authority"
        body = world.authority if ours else make_organisation("elsewhere", "managing_authority")
        author = visitor_for(world.people["MA"]) if ours else _new(Role.Kind.AUTHORITY, body)
        request = support.request_support(
            body, by=author, text=WORDS, confidential=True, nonce="nonce-of-the-matrix"
        )
        if trial.relation == "assigned":
            me = trial.me if trial.actor in HANDLERS else None
            _assign(request.question, me or make_person())
        if trial.relation in RANKS:
            desk = world.tenants[trial.relation]
            Question.objects.filter(pk=request.question_id).update(
                desk=desk, escalated_to=desk, escalations=1
            )
        if changes:
            Request.objects.filter(pk=request.pk).update(**changes)
        return Request.objects.select_related("question").get(pk=request.pk)

    made: Request = trial.made(make)
    return made


def _coordinator() -> Person:
    """Somebody who is named for triage, and is none of the nine."""
    found = Triage.objects.first()
    if found is not None:
        return found.person
    person = make_person()
    Role.objects.create(person=person, kind=Role.Kind.COORDINATOR)
    return person


def _new(kind: str, body: Any) -> Visitor:
    person = make_person()
    Role.objects.create(person=person, kind=kind, organisation=body)
    return visitor_for(person)


def _support(name: str, **sent: Any) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.post(f"support:{name}", _confidential(trial).question.number, **sent)


def _with_outcome(trial: Trial, **changes: Any) -> Request:
    return _confidential(trial, outcome=WORDS, **changes)


def _consent(trial: Trial) -> HttpResponse:
    return trial.post("support:consent", _with_outcome(trial).question.number, shared="on")


def _changed(trial: Trial) -> HttpResponse:
    request = _with_outcome(trial, asked_after_3=timezone.localdate())
    return trial.post("support:changed", request.question.number, text=WORDS)


def _share(trial: Trial) -> HttpResponse:
    request = _with_outcome(trial, outcome_shared=True)
    return trial.post("support:share", request.question.number, asked=WORDS)


def _colleague(trial: Trial) -> HttpResponse:
    request = _confidential(trial)
    colleague = _new(Role.Kind.AUTHORITY, request.for_body).person
    assert colleague is not None
    return trial.post("support:coauthors", request.question.number, email=colleague.email)


def _new_request(trial: Trial) -> HttpResponse:
    Triage.objects.get_or_create(person=_coordinator())
    sent = {"text": WORDS, "confidential": "yes", "nonce": "nonce-of-the-matrix"}
    return trial.post("support:new", **sent)


def _new_request_by_the_action(trial: Trial) -> HttpResponse:
    Triage.objects.get_or_create(person=_coordinator())
    ours = trial.relation == "authority"
    body = trial.world.authority if ours else trial.made(lambda: make_organisation("other", "authority"))
    return trial.act(lambda: require(may_request(trial.visitor, body), hidden=True))


def _mine_by_the_check(name: str) -> Callable[[Trial], HttpResponse]:
    """A check of its own, where an address comes by another first; looked up when it is asked, so that one taken out shows."""

    def do(trial: Trial) -> HttpResponse:
        request = _with_outcome(trial, outcome_shared=True)
        check: Callable[..., bool] = getattr(permissions_support, name)
        return trial.act(lambda: require(check(trial.visitor, request), hidden=True))

    return do


def _list(trial: Trial) -> HttpResponse:
    """The list of requests names this one, or is not there."""
    request = _confidential(trial)
    answer = trial.get("support:mine")
    if answer.status_code == 200 and request.question.number not in answer.content.decode():
        return HttpResponse(status=404)
    return answer


def _name_for_triage(trial: Trial) -> None:
    if trial.relation == "named" and trial.actor == "NCO" and trial.me is not None:
        Triage.objects.get_or_create(person=trial.me)


def _triage_list(trial: Trial) -> HttpResponse:
    _confidential(trial)
    _name_for_triage(trial)
    return trial.act(lambda: triage.lines(trial.visitor))


def _triage_assign(trial: Trial) -> HttpResponse:
    request = _confidential(trial)
    _name_for_triage(trial)
    expert = _new(Role.Kind.EDITOR, trial.world.tenants["foreign"]).person
    assert expert is not None
    return trial.post("support:assign", request.handle, email=expert.email)


def _triage_assign_by_the_action(trial: Trial) -> HttpResponse:
    request = _confidential(trial)
    _name_for_triage(trial)
    return trial.act(lambda: require(may_name_handlers(trial.visitor, request), hidden=True))


def _exists(trial: Trial) -> HttpResponse:
    return trial.get("support:request", _confidential(trial).question.number)


# Files.


def _with_file(trial: Trial, internal: bool = False) -> File:
    """A file of the asker: of the actor's own question, of MA's request, or of one that the actor handles."""

    def make() -> File:
        step = Step.objects.create(
            question=_asked(trial), kind=Step.Kind.FILE, at=timezone.now(), by_asker=True, internal=internal
        )
        return File.objects.create(
            question=step.question, step=step, name="a.txt", kind="text/plain", size=1, content=b"a"
        )

    made: File = trial.made(make)
    return made


def _asked(trial: Trial) -> Question:
    if trial.relation == "mine":
        asker = trial.visitor if trial.actor in ASKERS else ANYONE
        desk = trial.world.tenants["foreign"]
        mine: Question = trial.made(lambda: make_question(place="BE", by=asker, desk=desk))
        return mine
    if trial.relation in {"desk", "operators"}:
        return _at_a_desk(trial)
    return _confidential(trial).question


def _download(trial: Trial) -> HttpResponse:
    return trial.get("questions:file", _with_file(trial).code)


def _among_colleagues(trial: Trial) -> HttpResponse:
    """A file of a note: never for its author."""
    return trial.get("questions:file", _with_file(trial, internal=True).code)


def _attach(trial: Trial) -> HttpResponse:
    question = _asked(trial)
    return trial.act(
        lambda: files.attach(question, by=trial.visitor, files=[Clean("a.txt", "text/plain", b"a")])
    )


def _form(trial: Trial) -> HttpResponse:
    return trial.get("questions:files", _asked(trial).number)


def _send_file(trial: Trial) -> HttpResponse:
    sent = {"files": SimpleUploadedFile("a.txt", b"Words."), "words": WORDS}
    return trial.post("questions:files", _asked(trial).number, **sent)


# Answers.


def _answered(trial: Trial) -> Question:
    return _worked(trial, state="answered", answered_at=timezone.now())


def _copy() -> dict[str, Any]:
    return {
        "asked": WORDS,
        "asked_language": "en",
        "text": WORDS,
        "language": "en",
        "places": ["BE"],
        "no_source": "on",
        "clean_of_names": "on",
    }


def _publish(trial: Trial) -> HttpResponse:
    return trial.post("desk:publish", _answered(trial).number, **_copy())


def _publish_by_the_action(trial: Trial) -> HttpResponse:
    question = _answered(trial)
    return trial.act(
        lambda: publishing.publish(
            question,
            by=trial.visitor,
            asked=WORDS,
            text=WORDS,
            language="en",
            asked_language="en",
            places=[question.place],
        )
    )


def _prepare(trial: Trial) -> HttpResponse:
    question = _answered(trial)

    def deed() -> None:
        require(permissions.may_prepare_answer(trial.visitor, question), hidden=not _reads(trial, question))

    return trial.act(deed)


def _reads(trial: Trial, question: Question) -> bool:
    return permissions.may_read(trial.visitor, question)


def published_answer(trial: Trial) -> tuple[Question, Answer]:
    def make() -> tuple[Question, Answer]:
        question = _answered(trial)
        answer = Answer.objects.create(
            question=question, asked=WORDS, text=WORDS, language="en", asked_language="en", body=question.desk
        )
        return question, answer

    made: tuple[Question, Answer] = trial.made(make)
    return made


def _also_asked(trial: Trial) -> HttpResponse:
    question, _answer = published_answer(trial)
    return trial.post("desk:also_asked", question.number, text=WORDS, language="en")


def _take_off(trial: Trial) -> HttpResponse:
    question, _answer = published_answer(trial)
    return trial.post("desk:withdraw", question.number, reason="old")


def _page_of_answer(trial: Trial) -> HttpResponse:
    answer = Answer.objects.create(asked=WORDS, text=WORDS, language="en", asked_language="en")
    return trial.get("questions:answer", answer.pk)


def _helped(trial: Trial) -> HttpResponse:
    answer = Answer.objects.create(asked=WORDS, text=WORDS, language="en", asked_language="en")
    return trial.post("questions:helped", answer.pk, place="BE")


def _c1(right: str, name: str, do: Callable[[Trial], HttpResponse], **more: Any) -> Probe:
    given: dict[str, Any] = {"relations": DESKS, "without": desk_gone}
    return Probe("C1", right, name, do, **(given | more))


def _c2(right: str, name: str, do: Callable[[Trial], HttpResponse], **more: Any) -> Probe:
    return Probe("C2", right, name, do, **({"without": desk_gone} | more))


def _deed(name: str, relations: tuple[str, ...], **sent: Any) -> Probe:
    """What an author or a handler does with a confidential request."""
    view = (f"support:{name}",)
    return _c2("U", name, _support(name, **sent), views=view, relations=relations)


ONE = ("own",)
CASE = _at("case")
FILE, FILES = ("questions:file",), ("questions:files",)
PROBES = [
    # C1: an ordinary question. Anybody asks; who holds the code reads it and acts.
    Probe("C1", "C", "ask", _ask, ("ask",), ONE, journals=True, behind="A1"),
    Probe("C1", "C", "API, ask", _ask_by_api, ("api:ask",), ONE, journals=True, behind="A1"),
    _c1(
        "R",
        "receipt",
        lambda t: t.get("receipts:receipt", _code(t, _mine(t))),
        views=("receipts:receipt",),
        relations=HOLDING,
    ),
    *(
        _c1("U", f"receipt, {name}", do, views=(f"receipts:{name}",), relations=HOLDING)
        for name, do in {
            "add": _receipt("add", text=WORDS, nonce="nonce-of-the-matrix"),
            "decide": _receipt("decide", may_follow_up="on"),
            "language": _receipt("language", language="fr"),
            "complain": _declined,
            "not_the_same": _merged,
            "withdraw": _receipt("withdraw", sure="on"),
            "confirm": _receipt("confirm"),
            "stop": _receipt("stop"),
        }.items()
    ),
    # The people of its desk work it; the lead and the coordinator see it, and say who shall.
    _c1(
        "R",
        "inbox",
        lambda t: t.get("desk:inbox"),
        views=_at("inbox"),
        relations=MINE,
        never=frozenset({"ANON"}),
    ),
    _c1(
        "R",
        "promise",
        lambda t: t.get("desk:promise"),
        views=_at("promise"),
        relations=MINE,
        never=frozenset({"ANON"}),
    ),
    _c1("R", "case", lambda t: t.get("desk:case", _worked(t).number), views=CASE),
    _c1(
        "R",
        "case of the operators",
        lambda t: t.get("desk:case", _worked(t).number),
        views=CASE,
        relations=OPERATORS,
    ),
    _c1("R", "state", lambda t: t.get("desk:state", _worked(t).number), views=_at("state")),
    _c1("R", "the check", _read_it),
    *(
        _c1("U", name, do, views=_at(name), journals=name != "language")
        for name, do in {
            "take": _desk("take"),
            "ask_back": _desk("ask_back", text=WORDS, language="en"),
            "answer": _desk("answer", text=WORDS, language="en"),
            "decline": _desk("decline", reason="other", words=WORDS),
            "language": _desk("language", language="fr"),
            "new_date": _date,
            "merge": _merge,
            "forward": _desk("forward", to="operators", reason=WORDS),
            "accept": lambda t: _asked_by_name(t, "accept"),
            "give_back": lambda t: _asked_by_name(t, "give_back", words=WORDS),
        }.items()
    ),
    _c1("U", "take, of the operators", _desk("take"), views=_at("take"), relations=OPERATORS, journals=True),
    _c1(
        "U",
        "take over",
        _take_over,
        views=_at("take_over"),
        journals=True,
    ),
    _c1("A", "assign", _hand_on, views=_at("assign")),
    _c1("A", "assign, the action", _hand_on_by_the_action),
    _c1("R", "API, cases", _api_cases, views=("api:cases",)),
    *(
        _c1("U", f"API, {name}", _api(name, **sent), views=(view,), journals=True)
        for name, view, sent in (
            ("forward", "api:forward", {"to": "operators", "reason": WORDS}),
            ("reply", "api:reply", {"text": WORDS}),
            ("answer", "api:case_answer", {"text": WORDS}),
            ("close", "api:close", {"reason": "other", "words": WORDS}),
        )
    ),
    _c1("A", "API, assign", _api_assign, views=("api:assign",)),
    _c1("A", "promise", _promise, views=_at("promise"), never=ONLY_LOOKING, behind="A1", without=None),
    # C2: a confidential one. Its authority's author, and who is asked by name; rank and desk give nothing.
    _c2("C", "form", lambda t: t.get("support:new"), views=("support:new",), relations=AUTHORITY),
    _c2("C", "send", _new_request, views=("support:new",), relations=AUTHORITY, journals=True),
    _c2("C", "send, the action", _new_request_by_the_action, relations=("authority", "another's")),
    _c2("R", "list", _list, views=("support:mine",), relations=(*AUTHORITY, *ASSIGNED, *RANKS)),
    _c2("R", "page", _exists, views=("support:request",), relations=(*AUTHORITY, *ASSIGNED, *RANKS)),
    _c2(
        "R",
        "case at the desk",
        lambda t: t.get("desk:case", _confidential(t).question.number),
        views=CASE,
        relations=(*ASSIGNED, *RANKS),
    ),
    _deed("add", AUTHORITY, text=WORDS, nonce="nonce-of-the-matrix"),
    _deed("details", AUTHORITY, priority=WORDS, urgency="now"),
    _deed("remove_coauthor", AUTHORITY, person=1),
    _deed("withdraw", AUTHORITY, sure="on"),
    _c2("U", "coauthors", _colleague, views=("support:coauthors",), relations=AUTHORITY, journals=True),
    _c2("U", "consent", _consent, views=("support:consent",), relations=AUTHORITY),
    _c2("U", "changed", _changed, views=("support:changed",), relations=AUTHORITY),
    _c2("U", "speak, the check", _mine_by_the_check("may_speak_for"), relations=AUTHORITY),
    _c2("U", "own, the check", _mine_by_the_check("may_own"), relations=AUTHORITY),
    _deed("accept", ASSIGNED),
    _deed("give_back", ASSIGNED, words=WORDS, conflict="on"),
    _deed("answer", ASSIGNED, text=WORDS),
    _deed("ask_back", ASSIGNED, text=WORDS),
    _deed("decline", ASSIGNED, reason="other", words=WORDS),
    _deed("outcome", ASSIGNED, text=WORDS),
    _c2("U", "handle, the check", _mine_by_the_check("may_handle"), relations=(*ASSIGNED, *RANKS)),
    # Publishing the outcome wants somebody who decides in a body: an editor prepares no more than the words.
    _c2(
        "U",
        "share",
        _share,
        views=("support:share",),
        relations=(*ASSIGNED, *RANKS),
        never=frozenset({"CED"}),
    ),
    _c2(
        "U",
        "share, the check",
        _mine_by_the_check("may_share_outcome"),
        relations=RANKS,
    ),
    # C3: that there is one. The named triage persons see its kind, and say by name who handles it.
    Probe(
        "C3", "R", "page", _exists, ("support:request",), (*AUTHORITY, *ASSIGNED, *RANKS), without=desk_gone
    ),
    Probe("C3", "R", "triage", _triage_list, ("support:mine",), NAMED, without=desk_gone),
    Probe(
        "C3",
        "A",
        "assign",
        _triage_assign,
        ("support:assign",),
        (*NAMED, *RANKS),
        journals=True,
        without=desk_gone,
    ),
    Probe(
        "C3", "A", "assign, the check", _triage_assign_by_the_action, (), (*NAMED, *RANKS), without=desk_gone
    ),
    # C4: notes, for who handles it; its author never reads or writes one.
    Probe(
        "C4",
        "C",
        "note",
        _desk("note", text=WORDS),
        _at("note"),
        DESKS,
        never=ONLY_LOOKING,
        journals=True,
        behind="C1",
    ),
    Probe(
        "C4",
        "C",
        "API, note",
        _api("note", text=WORDS),
        ("api:note",),
        DESKS,
        never=ONLY_LOOKING,
        journals=True,
        behind="C1",
        without=desk_gone,
    ),
    Probe("C4", "R", "the check", _read_the_notes, (), ("sibling", "foreign"), without=desk_gone),
    Probe(
        "C4",
        "R",
        "of a confidential one, the check",
        lambda t: t.act(
            lambda: require(permissions.may_read_notes(t.visitor, _confidential(t).question), hidden=True)
        ),
        (),
        (*AUTHORITY, *ASSIGNED, *RANKS),
        without=desk_gone,
    ),
    Probe(
        "C4",
        "C",
        "note on a confidential one",
        _support("note", text=WORDS),
        ("support:note",),
        (*AUTHORITY, *ASSIGNED, *RANKS),
        journals=True,
        behind="C2",
    ),
    # C5: files, asked for at each download.
    Probe(
        "C5",
        "R",
        "download",
        _download,
        ("questions:file",),
        (*MINE, *ASSIGNED, *RANKS),
        without=desk_gone,
    ),
    Probe(
        "C5", "R", "download, an authority", _download, FILE, AUTHORITY, never=NO_AUTHORITY, without=desk_gone
    ),
    Probe("C5", "C", "send", _send_file, FILES, (*MINE, *ASSIGNED), journals=True, without=desk_gone),
    Probe(
        "C5",
        "R",
        "download at a desk",
        _download,
        ("questions:file",),
        ("desk",),
        never=ONLY_LOOKING,
        without=desk_gone,
    ),
    Probe("C5", "R", "of a note", _among_colleagues, ("questions:file",), ASSIGNED, without=desk_gone),
    Probe(
        "C5",
        "C",
        "form",
        _form,
        ("questions:files",),
        (*MINE, *ASSIGNED, *RANKS),
        without=desk_gone,
    ),
    Probe(
        "C5",
        "C",
        "add, the action",
        _attach,
        (),
        (*MINE, *ASSIGNED, *RANKS),
        journals=True,
        without=desk_gone,
    ),
    # C6: what was published. All read it; who handled it prepares, who decides publishes.
    Probe("C6", "R", "list", lambda t: t.get("questions:answers"), ("questions:answers",)),
    Probe("C6", "R", "API", lambda t: t.ask_api("api:questions"), ("api:questions",)),
    Probe("C6", "R", "page", _page_of_answer, ("questions:answer",)),
    Probe("C6", "R", "register", lambda t: t.get("questions:register"), ("questions:register",)),
    Probe("C6", "R", "like", lambda t: t.get("questions:like", text=WORDS), ("questions:like",)),
    Probe("C6", "R", "like, as a form", lambda t: t.post("questions:like", text=WORDS), ("questions:like",)),
    Probe("C6", "R", "it helped", _helped, ("questions:helped",)),
    Probe("C6", "C", "prepare, the check", _prepare, (), DESKS, never=ONLY_LOOKING, behind="C1"),
    Probe(
        "C6", "P", "publish", _publish, _at("publish"), DESKS, journals=True, behind="C1", without=desk_gone
    ),
    Probe(
        "C6",
        "P",
        "publish, the action",
        _publish_by_the_action,
        (),
        DESKS,
        journals=True,
        behind="C1",
        without=desk_gone,
    ),
    Probe(
        "C6",
        "P",
        "another wording",
        _also_asked,
        _at("also_asked"),
        DESKS,
        journals=True,
        behind="C1",
        without=desk_gone,
    ),
    Probe(
        "C6",
        "P",
        "take off",
        _take_off,
        _at("withdraw"),
        DESKS,
        journals=True,
        behind="C1",
        without=desk_gone,
    ),
]
