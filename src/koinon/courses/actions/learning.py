"""Enrolling, leaving, and how far somebody is. All of it is the person's own: no journal entry tells who learns what.

A quiz is answered by whoever reads it; only who is enrolled has it kept.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.courses import letters, quizzes
from koinon.courses.actions import seats
from koinon.courses.models import Cohort, Course, Enrolment, Module, Step
from koinon.courses.permissions import may_learn, may_read
from koinon.courses.words import ModuleKind, Pace
from koinon.people.actions import hold

State = Enrolment.State
# Of a step: the quiz can be tried so often and no more.
_BOUNDED = Q(module__kind=ModuleKind.QUIZ, module__tries__isnull=False)


class Closed(Exception):
    """Nobody can enrol: `why` is `closed` or `past`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotLearning(Exception):
    """Somebody who has no seat in the course (yet)."""


class NoMoreTries(Exception):
    """The quiz was tried as often as it can be. `has_answers`: whether the last answers are kept (not those of an enrolment
    that was left)."""

    def __init__(self, has_answers: bool) -> None:
        super().__init__()
        self.has_answers = has_answers


@dataclass(frozen=True)
class Tried:
    """What came of a quiz. `kept`: whether it was written down as the person's progress."""

    results: list[quizzes.Result]
    right: int
    asked: int
    passed: bool
    kept: bool
    tries_left: int | None = None


@transaction.atomic
def enrol(course: Course, *, by: Visitor, language: str, cohort: Cohort | None = None) -> Enrolment:
    """Take a seat, or a rank in the line. Once for a course, whatever the language and however often it is sent.

    Never for an account that is closed: the account is held first, then the dates, as when it ends.
    """
    require(may_read(by, course), hidden=True)
    require(may_learn(by))
    person = hold(by)
    held = seats.lock(cohort) if cohort is not None else None
    if held is not None and held.course_id != course.pk:
        raise Closed("closed")
    before = Enrolment.objects.filter(person=by.person_id, course=course).select_for_update().first()
    if before is not None and before.state in Enrolment.ACTIVE:
        return before
    if why := seats.why_closed(course, held, timezone.now()):
        raise Closed(why)
    if course.pace == Pace.SELF:
        held = None
    if held is not None:
        # Who waits comes before who comes now.
        seats.fill(held)
    free = seats.free_of(held) if held is not None else None
    takes = free is None or free > 0
    row = before or Enrolment(person=person, course=course)
    row.cohort, row.language, row.at = held, language, timezone.now()
    row.state, row.offer_until = (State.COMING if takes else State.WAITING), None
    row.waiting_since = None if takes else row.at
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return Enrolment.objects.get(person=by.person_id, course=course)
    if held is not None:
        seats.show_anew(held)
    letters.enrolled(row, seats.rank_of(row))
    return row


def _mine(enrolment: Enrolment, by: Visitor) -> Enrolment:
    """The person's own enrolment as it is now; the row of its dates is locked first, as everywhere here."""
    if enrolment.cohort is not None:
        seats.lock(enrolment.cohort)
    found = Enrolment.objects.seen_by(by).select_for_update().filter(pk=enrolment.pk)
    mine = found.first()
    require(mine is not None)
    assert mine is not None
    return mine


@transaction.atomic
def leave(enrolment: Enrolment, *, by: Visitor) -> None:
    """Leave the course: the seat goes on to who waits, and how far one was is erased at once. A certificate stays.

    Where a quiz bounds its tries and was not passed, how often it was tried stays counted, or whoever leaves and enrols again
    would have all of them anew; nothing else does. Of a quiz that was passed nothing stays: nobody gains by passing it twice.
    """
    mine = _mine(enrolment, by)
    cohort = mine.cohort
    letters.forget(mine)
    if keeps_tries(mine):
        mine.steps.exclude(pk__in=_counted(mine).values("pk")).delete()
        _counted(mine).update(answers={}, right=0, asked=0, language="en")
        mine.state, mine.cohort, mine.language = State.CANCELLED, None, "en"
        mine.waiting_since = mine.offer_until = mine.finished_at = None
        mine.save()
    else:
        mine.delete()
    if cohort is not None:
        seats.show_anew(cohort)
        seats.fill(cohort)


def _counted(mine: Enrolment) -> QuerySet[Step]:
    """Tries that go on being counted when somebody leaves."""
    return mine.steps.filter(_BOUNDED, tries__gt=0, done_at__isnull=True)


def keeps_tries(mine: Enrolment) -> bool:
    """Whether tries stay counted when this one is left."""
    return _counted(mine).exists()


def forget_needless_tries(course: Course) -> None:
    """A quiz was taken out, or bounds its tries no more: what was counted of those who left is not needed any longer."""
    left = Enrolment.objects.filter(course=course, state=State.CANCELLED)
    Step.objects.filter(enrolment__in=left).exclude(_BOUNDED).delete()
    left.filter(steps__isnull=True).delete()


@transaction.atomic
def accept(enrolment: Enrolment, *, by: Visitor) -> Enrolment:
    """Take the seat that is offered. Twice is once; too late raises `NotOffered`, and the seat passes on."""
    mine = _mine(enrolment, by)
    if mine.state == State.COMING:
        return mine
    now = timezone.now()
    if mine.state != State.OFFERED or (mine.offer_until is not None and mine.offer_until <= now):
        raise seats.NotOffered
    mine.state, mine.offer_until, mine.waiting_since = State.COMING, None, None
    mine.save(update_fields=["state", "offer_until", "waiting_since"])
    letters.enrolled(mine, None)
    return mine


@transaction.atomic
def tell_done(module: Module, *, by: Visitor, language: str) -> Step:
    """The learner says that this module is done. Twice is once. A quiz is done by passing it, not by saying so."""
    mine = _learning(module, by)
    if module.kind == ModuleKind.QUIZ:
        raise NotLearning
    step, _new = Step.objects.get_or_create(enrolment=mine, module=module)
    if step.done_at is None:
        step.done_at, step.language = timezone.now(), language
        step.save(update_fields=["done_at", "language"])
    _go_on(mine, language)
    return step


@transaction.atomic
def tell_undone(module: Module, *, by: Visitor) -> None:
    """The learner takes it back; a course that was finished stays finished."""
    mine = _learning(module, by)
    Step.objects.filter(enrolment=mine, module=module).exclude(module__kind=ModuleKind.QUIZ).delete()


def _learning(module: Module, by: Visitor) -> Enrolment:
    found = Enrolment.objects.seen_by(by).learning().select_for_update().filter(course=module.course)
    mine = found.first()
    if mine is None:
        require(may_learn(by))
        raise NotLearning
    return mine


def _go_on(mine: Enrolment, language: str) -> None:
    """Remember the language, and whether everything is done now."""
    mine.language = language
    if mine.finished_at is None:
        todo = mine.course.modules.exclude(
            pk__in=Step.objects.filter(enrolment=mine, done_at__isnull=False).values("module")
        )
        if not todo.exists():
            mine.finished_at = timezone.now()
    mine.save(update_fields=["language", "finished_at"])


def seat_who_waits(course: Course) -> None:
    """It is learnt at one's own pace from now on, where there are as many seats as want: nobody waits any more."""
    rows = Enrolment.objects.filter(course=course, state__in=[State.WAITING, State.OFFERED])
    rows.update(state=State.COMING, cohort=None, waiting_since=None, offer_until=None)


def finish_who_has_done_all(course: Course) -> None:
    """What was left to do was taken out: who has done every module there is now has finished."""
    modules = course.modules.count()
    if not modules:
        return
    done = Count("steps", filter=Q(steps__done_at__isnull=False))
    rows = Enrolment.objects.filter(course=course, finished_at__isnull=True).learning().annotate(done=done)
    ready = list(rows.filter(done=modules).values_list("pk", flat=True))
    Enrolment.objects.filter(pk__in=ready, finished_at__isnull=True).update(finished_at=timezone.now())


@transaction.atomic
def try_quiz(
    module: Module, *, by: Visitor, language: str, answers: dict[int, list[int] | Decimal | None]
) -> Tried:
    """Answer a quiz: what was right and why. For who is enrolled it counts as a try, and is kept; for others nothing is.

    `answers`: question → places of what was chosen, or the number; what is missing is not right.
    """
    questions = list(module.questions.all())
    results = [quizzes.check(one, answers.get(one.pk)) for one in questions]
    right, asked = sum(result.is_right for result in results), len(results)
    passed = asked > 0 and right * 100 >= module.needs * asked
    found = Enrolment.objects.seen_by(by).learning().select_for_update().filter(course=module.course)
    mine = found.first()
    if mine is None:
        return Tried(results, right, asked, passed, kept=False)
    step, _new = Step.objects.get_or_create(enrolment=mine, module=module)
    written = {str(pk): quizzes.kept(given) for pk, given in answers.items() if given is not None}
    # The same answers sent twice are one try.
    if step.done_at is None and (not step.tries or step.answers != written):
        if module.tries is not None and step.tries >= module.tries:
            raise NoMoreTries(has_answers=bool(step.answers))
        step.tries += 1
        step.answers = written
        step.right, step.asked, step.language = right, asked, language
        step.done_at = timezone.now() if passed else None
        step.save()
    _go_on(mine, language)
    left = None if module.tries is None else max(module.tries - step.tries, 0)
    return Tried(results, right, asked, passed, kept=True, tries_left=left)
