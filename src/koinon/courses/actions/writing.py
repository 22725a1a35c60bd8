"""Writing a course: drafts, modules, questions, files, dates; publishing, withdrawing, deleting."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from koinon.agenda.models import Session
from koinon.base.visitor import Visitor, require
from koinon.courses import found
from koinon.courses.actions import learning
from koinon.courses.models import Cohort, Course, Module, ModuleFile, Question
from koinon.courses.permissions import (
    may_add,
    may_change,
    may_delete,
    may_draft,
    may_publish,
    may_run,
    may_withdraw,
)
from koinon.courses.words import (
    MOST_MODULES,
    MOST_QUESTIONS,
    Level,
    ModuleKind,
    Pace,
    QuestionKind,
    State,
)
from koinon.journal import actions as journal
from koinon.network.models import Organisation
from koinon.places.models import Place

if TYPE_CHECKING:
    from koinon.base.uploads import Clean

# Words that are addresses of the list itself.
TAKEN = frozenset({"new", "drafts", "mine", "self-check", "certificates", "search", "import"})


class Changed(Exception):
    """Somebody else saved meanwhile. `current` is what stands there now."""

    def __init__(self, current: "Course | Module | Question | Cohort") -> None:
        self.current = current
        super().__init__("changed meanwhile")


class Lacking(Exception):
    """Something has to be there before it can be published. `what` is `lead`, `modules`, `questions`, `choices` or `dates`."""

    def __init__(self, what: list[str]) -> None:
        self.what = what
        super().__init__(", ".join(what))


class TooMany(Exception):
    """There are as many modules or questions as a course can hold."""


class Learnt(Exception):
    """People learn on these dates, or wait for them: they cannot be removed, nor their seats become fewer than are taken."""


@dataclass(frozen=True)
class Told:
    """What is told of a course."""

    title: str
    language: str = "en"
    lead: str = ""
    about: str = ""
    outcomes: str = ""
    requires: str = ""
    level: str = Level.FIRST
    minutes: int = 60
    pace: str = Pace.SELF
    takes_learners: bool = True
    gives_certificate: bool = True
    topics: tuple[str, ...] = ()
    competences: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


_PLAIN = (
    "title",
    "language",
    "lead",
    "about",
    "outcomes",
    "requires",
    "level",
    "minutes",
    "pace",
    "takes_learners",
    "gives_certificate",
)


def told_of(course: Course) -> Told:
    """A course as it stands."""
    plain = {name: getattr(course, name) for name in _PLAIN}
    return Told(
        **plain,
        topics=tuple(course.topics),
        competences=tuple(course.competences),
        places=tuple(course.places.order_by("pk")),
    )


def write(course: Course, told: Told) -> None:
    """Put it into the course and save."""
    for name in _PLAIN:
        setattr(course, name, getattr(told, name))
    course.topics, course.competences = list(told.topics), list(told.competences)
    course.changed_at = timezone.now()
    course.save()
    course.places.set(told.places)


@dataclass(frozen=True)
class Part:
    """What is told of a module."""

    kind: str
    title: str
    language: str
    text: str = ""
    minutes: int = 20
    link: str = ""
    session: Session | None = None
    needs: int = 60
    tries: int | None = None


@dataclass(frozen=True)
class Asked:
    """One question with its choices and its right answer."""

    kind: str
    text: str
    choices: tuple[str, ...] = ()
    right: tuple[int, ...] = ()
    number: Decimal | None = None
    within: Decimal = field(default_factory=Decimal)
    explanation: str = ""


@dataclass(frozen=True)
class Dates:
    """Dates with their seats."""

    starts_on: date
    ends_on: date
    enrol_until: date | None = None
    capacity: int | None = None
    note: str = ""


def lock(course: Course) -> Course:
    """The course as it stands now, and nobody else's until the end of the transaction."""
    return Course.objects.select_for_update().get(pk=course.pk)


def _slug(title: str) -> str:
    plain = slugify(title)[:80].strip("-")
    is_free = plain and not plain.isdigit() and plain not in TAKEN
    if is_free and not Course.objects.filter(slug=plain).exists():
        return plain
    return f"{plain or 'course'}-{secrets.token_hex(4)}"


def _is_just_begun(course: Course) -> bool:
    return course.state == State.DRAFT and course.edits == 1 and not course.modules.exists()


@transaction.atomic
def draft(told: Told, *, by: Visitor, organiser: Organisation) -> Course:
    """Begin a course; only the organiser's people, who leads its consortium and the coordinator see it. The same form sent
    twice is one course."""
    require(may_draft(by, organiser))
    # Two at the same moment wait for each other.
    Organisation.objects.select_for_update().get(pk=organiser.pk)
    newest = Course.objects.filter(organiser=organiser).order_by("-pk").first()
    if newest is not None and _is_just_begun(newest) and told_of(newest) == told:
        return newest
    course = Course(slug=_slug(told.title), organiser=organiser)
    write(course, told)
    journal.record("course.drafted", by=by, what=course, public=False)
    return course


@transaction.atomic
def change(course: Course, *, by: Visitor, edits: int, told: Told) -> Course:
    """Write on. `Changed` where somebody else saved since this was read: nobody's words are lost."""
    now = lock(course)
    require(may_change(by, now))
    if told_of(now) == told:
        # The same form sent twice, too.
        return now
    if now.edits != edits:
        raise Changed(now)
    had_dates = now.pace == Pace.DATES
    now.edits += 1
    write(now, told)
    if had_dates and now.pace == Pace.SELF:
        learning.seat_who_waits(now)
    _record("course.changed", now, by)
    return now


def _record(verb: str, course: Course, by: Visitor | None) -> None:
    journal.record(verb, by=by, what=course, public=course.state != State.DRAFT)
    found.changed(course)


# Modules.


@transaction.atomic
def add_module(course: Course, *, by: Visitor, part: Part) -> Module:
    """One more step at the end. The same form sent twice is one module."""
    now = lock(course)
    require(may_add(by, now))
    return _add_module(now, by, part)


def _add_module(now: Course, by: Visitor, part: Part) -> Module:
    if now.modules.count() >= MOST_MODULES:
        raise TooMany
    newest = now.modules.order_by("-number").first()
    if newest is not None and _part_of(newest) == part:
        # The same form sent twice.
        return newest
    last = now.modules.aggregate(number=Max("number"), position=Max("position"))
    module = Module(course=now, number=(last["number"] or 0) + 1, position=(last["position"] or 0) + 1)
    _write_module(module, part)
    _record("course.module_added", now, by)
    return module


def _part_of(module: Module) -> Part:
    """A module as it stands."""
    return Part(
        module.kind,
        module.title,
        module.language,
        module.text,
        module.minutes,
        module.link,
        module.session,
        module.needs,
        module.tries,
    )


def _write_module(module: Module, part: Part) -> None:
    module.kind, module.title, module.language, module.text = part.kind, part.title, part.language, part.text
    module.minutes, module.link, module.session = part.minutes, part.link, part.session
    module.needs, module.tries = part.needs, part.tries
    module.save()


def _held(module: Module) -> Module:
    course = lock(module.course)
    now = Module.objects.select_for_update().get(pk=module.pk)
    now.course = course
    return now


@transaction.atomic
def change_module(module: Module, *, by: Visitor, edits: int, part: Part) -> Module:
    """Write on a module; `Changed` where somebody else saved meanwhile."""
    now = _held(module)
    require(may_change(by, now.course))
    if _part_of(now) == part:
        return now
    if now.edits != edits:
        raise Changed(now)
    now.edits += 1
    _write_module(now, part)
    learning.forget_needless_tries(now.course)
    _record("course.module_changed", now.course, by)
    return now


@transaction.atomic
def move_module(module: Module, *, by: Visitor, up: bool, at: int | None = None) -> None:
    """One place up or down in the order; at the end of it nothing happens, nor where it is not (any more) the one `at` which
    it was seen: the same form sent twice moves once."""
    now = _held(module)
    require(may_change(by, now.course))
    rows = list(now.course.modules.order_by("position", "pk"))
    here = next(place for place, row in enumerate(rows) if row.pk == now.pk)
    to = here - 1 if up else here + 1
    if not 0 <= to < len(rows) or at not in {None, here}:
        return
    rows[here], rows[to] = rows[to], rows[here]
    for place, row in enumerate(rows, start=1):
        if row.position != place:
            Module.objects.filter(pk=row.pk).update(position=place)
    _record("course.module_moved", now.course, by)


@transaction.atomic
def remove_module(module: Module, *, by: Visitor) -> None:
    """Take a module out, and with it how far anybody was in it. Who finished has finished; who had done all else has now."""
    now = _held(module)
    require(may_change(by, now.course))
    now.delete()
    learning.finish_who_has_done_all(now.course)
    learning.forget_needless_tries(now.course)
    _record("course.module_removed", now.course, by)


@transaction.atomic
def set_file(module: Module, *, by: Visitor, file: "Clean") -> ModuleFile:
    """The module's file, washed before (`base.uploads.clean`); one that was there goes."""
    now = _held(module)
    require(may_add(by, now.course))
    ModuleFile.objects.filter(module=now).delete()
    made = ModuleFile.objects.create(
        module=now, name=file.name, kind=file.kind, size=file.size, content=file.content
    )
    _record("course.file_set", now.course, by)
    return made


@transaction.atomic
def add_question(module: Module, *, by: Visitor, asked: Asked) -> Question:
    """One more question of a quiz. The same form sent twice is one question."""
    now = _held(module)
    require(may_add(by, now.course))
    if now.questions.count() >= MOST_QUESTIONS:
        raise TooMany
    newest = now.questions.order_by("-pk").first()
    if newest is not None and _asked_of(newest) == asked:
        return newest
    last = now.questions.aggregate(position=Max("position"))["position"] or 0
    question = Question(module=now, position=last + 1)
    _write_question(question, asked)
    _record("course.question_added", now.course, by)
    return question


def _asked_of(question: Question) -> Asked:
    """A question as it stands."""
    return Asked(
        question.kind,
        question.text,
        tuple(question.choices),
        tuple(question.right),
        question.number,
        question.within,
        question.explanation,
    )


def _write_question(question: Question, asked: Asked) -> None:
    question.kind, question.text, question.explanation = asked.kind, asked.text, asked.explanation
    question.choices, question.right = list(asked.choices), list(asked.right)
    question.number, question.within = asked.number, asked.within
    question.save()


@transaction.atomic
def change_question(question: Question, *, by: Visitor, edits: int, asked: Asked) -> Question:
    """Write on a question; `Changed` where somebody else saved meanwhile."""
    module = _held(question.module)
    require(may_change(by, module.course))
    now = Question.objects.select_for_update().get(pk=question.pk)
    if _asked_of(now) == asked:
        return now
    if now.edits != edits:
        raise Changed(now)
    now.edits += 1
    _write_question(now, asked)
    _record("course.question_changed", module.course, by)
    return now


@transaction.atomic
def remove_question(question: Question, *, by: Visitor) -> None:
    module = _held(question.module)
    require(may_change(by, module.course))
    question.delete()
    _record("course.question_removed", module.course, by)


@transaction.atomic
def from_session(course: Course, *, by: Visitor, session: Session) -> Module:
    """A session's recording with what was answered becomes a module. The same session twice is one module."""
    from koinon.courses.sessions import made_of

    now = lock(course)
    require(may_add(by, now))
    there = now.modules.filter(session=session, kind__in=[ModuleKind.VIDEO, ModuleKind.SESSION]).first()
    return there or _add_module(now, by, made_of(session))


# Dates and seats.


@transaction.atomic
def add_cohort(course: Course, *, by: Visitor, dates: Dates) -> Cohort:
    """Dates on which it is learnt together. The same form sent twice is one."""
    now = lock(course)
    require(may_run(by, now))
    newest = now.cohorts.order_by("-pk").first()
    if newest is not None and _dates_of(newest) == dates:
        return newest
    cohort = Cohort(course=now)
    _write_cohort(cohort, dates)
    _record("course.dates_added", now, by)
    return cohort


def _dates_of(cohort: Cohort) -> Dates:
    """Dates as they stand."""
    return Dates(cohort.starts_on, cohort.ends_on, cohort.enrol_until, cohort.capacity, cohort.note)


def _write_cohort(cohort: Cohort, dates: Dates) -> None:
    cohort.starts_on, cohort.ends_on, cohort.enrol_until = dates.starts_on, dates.ends_on, dates.enrol_until
    cohort.capacity, cohort.note = dates.capacity, dates.note
    cohort.save()


@transaction.atomic
def change_cohort(cohort: Cohort, *, by: Visitor, edits: int, dates: Dates) -> Cohort:
    """Move the dates, give more seats; never fewer than are taken (`Learnt`). More seats go to who waits."""
    from koinon.courses.actions import seats

    course = lock(cohort.course)
    require(may_run(by, course))
    now = Cohort.objects.select_for_update().get(pk=cohort.pk)
    if _dates_of(now) == dates:
        return now
    if now.edits != edits:
        raise Changed(now)
    if dates.capacity is not None and now.enrolments.taking_places().count() > dates.capacity:
        raise Learnt
    now.edits += 1
    _write_cohort(now, dates)
    _record("course.dates_changed", course, by)
    seats.fill(now)
    return now


@transaction.atomic
def remove_cohort(cohort: Cohort, *, by: Visitor) -> None:
    """Take dates away on which nobody learns. Who let a seat on them go by can enrol on other ones."""
    course = lock(cohort.course)
    require(may_run(by, course))
    now = Cohort.objects.select_for_update().get(pk=cohort.pk)
    if now.enrolments.active().exists():
        raise Learnt
    now.enrolments.update(cohort=None)
    now.delete()
    _record("course.dates_removed", course, by)


@transaction.atomic
def set_open(course: Course, *, by: Visitor, takes: bool) -> Course:
    """Close enrolling, or open it again. The material stays for everybody."""
    now = lock(course)
    require(may_run(by, now))
    if now.takes_learners != takes:
        now.takes_learners, now.edits = takes, now.edits + 1
        now.save(update_fields=["takes_learners", "edits"])
        _record("course.opened" if takes else "course.closed", now, by)
    return now


# Its life.


def lacking(course: Course) -> list[str]:
    """What has to be there before it can be published."""
    found: list[str] = []
    modules: Sequence[Module] = list(course.modules.prefetch_related("questions"))
    if not course.lead:
        found.append("lead")
    if not modules:
        found.append("modules")
    quizzes = [module for module in modules if module.kind == ModuleKind.QUIZ]
    if any(not module.questions.all() for module in quizzes):
        found.append("questions")
    files = [module.pk for module in modules if module.kind == ModuleKind.FILE]
    if files and ModuleFile.objects.filter(module__in=files).count() < len(files):
        found.append("file")
    if course.pace == Pace.DATES and not course.cohorts.exists():
        found.append("dates")
    return found


@transaction.atomic
def publish(course: Course, *, by: Visitor) -> Course:
    """From now on everybody reads it, and whoever has an account can enrol. Twice changes nothing."""
    now = lock(course)
    if now.state == State.PUBLISHED:
        require(may_change(by, now))
        return now
    require(may_publish(by, now))
    if missing := lacking(now):
        raise Lacking(missing)
    now.state, now.published_at = State.PUBLISHED, timezone.now()
    now.save(update_fields=["state", "published_at"])
    _record("course.published", now, by)
    return now


@transaction.atomic
def withdraw(course: Course, *, by: Visitor) -> Course:
    """Take a published course away: its address says so from now on. Certificates stay true."""
    now = lock(course)
    if now.state == State.WITHDRAWN:
        return now
    require(may_withdraw(by, now))
    now.state, now.withdrawn_at = State.WITHDRAWN, timezone.now()
    now.save(update_fields=["state", "withdrawn_at"])
    _record("course.withdrawn", now, by)
    return now


@transaction.atomic
def delete(course: Course, *, by: Visitor) -> None:
    """Remove a draft with all that belongs to it."""
    now = lock(course)
    require(may_delete(by, now))
    journal.record("course.deleted", by=by, what=now, public=False)
    now.delete()


def is_choice(kind: str) -> bool:
    """Whether a question of this kind has choices."""
    return kind != QuestionKind.NUMBER
