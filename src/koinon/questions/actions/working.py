"""What a desk does: take, assign, note, ask back, answer, forward, merge, decline, promise another date.

Each takes the `version` that the form was drawn from: of two at once the second is told (`Changed`) and loses no word.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from koinon.base.uploads import Clean
from koinon.base.visitor import Visitor, require
from koinon.base.workdays import add_working_days
from koinon.journal import actions as journal
from koinon.network.models import Organisation
from koinon.people.models import Person
from koinon.questions import routing
from koinon.questions.actions import telling
from koinon.questions.actions.steps import Changed, NotFrom, add, change, lock, move
from koinon.questions.life import OPEN, State
from koinon.questions.models import Assignment, Desk, File, Question, Step
from koinon.questions.permissions import (
    is_assigned,
    may_assign,
    may_read,
    may_set_promise,
    may_take_over,
    may_work,
)
from koinon.questions.staff import people_at

MOST_FORWARDS = 5


class NotThere(Exception):
    """Nobody works at the desk it should go to."""


class TooOften(Exception):
    """It was forwarded so often that it now only goes to the operators."""


class NotSooner(Exception):
    """A new date lies ahead, and not more than sixty working days."""


@transaction.atomic
def take(question: Question, *, by: Visitor, version: int | None = None) -> Question:
    """Become its owner by name. Taking what one has changes nothing."""
    now = _mine(question, by, version)
    if now.handler_id == by.person_id:
        return now
    if now.state not in {State.WAITING, State.TAKEN, State.ASKED_BACK}:
        raise NotFrom
    _accept(now, _person(by), by)
    return now


def _accept(question: Question, person: Person, by: Visitor) -> None:
    others = question.assignments.filter(state__in=Assignment.ACTIVE).exclude(person=person)
    if not question.confidential:
        # Of an ordinary question one is the owner; on a confidential one several may work, by name.
        others.update(state=Assignment.State.ENDED)
    Assignment.objects.update_or_create(
        question=question,
        person=person,
        state__in=Assignment.ACTIVE,
        defaults={"state": Assignment.State.ACCEPTED, "at": timezone.now()},
    )
    state = State.ASKED_BACK if question.state == State.ASKED_BACK else State.TAKEN
    move(question, state, handler=person)
    step = add(
        question, Step.Kind.TAKEN, by=by, body=question.desk, details={"due": question.due.isoformat()}
    )
    telling.tell_asker(question, step)


@transaction.atomic
def assign(question: Question, *, by: Visitor, to: Person, version: int | None = None) -> Question:
    """Ask a person of the desk to handle it. Who is asked accepts, gives it back, or says that there is a conflict."""
    now = lock(question, version=version)
    require(may_assign(by, now), hidden=not may_read(by, now))
    if now.state not in OPEN:
        raise NotFrom
    if to.pk not in {role.person_id for role in people_at(now.desk)}:
        raise NotThere
    if to.pk == by.person_id:
        _accept(now, to, by)
        return now
    now.assignments.filter(state__in=Assignment.ACTIVE).exclude(person=to).update(
        state=Assignment.State.ENDED
    )
    Assignment.objects.get_or_create(
        question=now,
        person=to,
        state__in=Assignment.ACTIVE,
        defaults={"by_id": by.person_id, "at": timezone.now(), "state": Assignment.State.ASKED},
    )
    move(now, State.WAITING, handler=None)
    add(now, Step.Kind.ASSIGNED, by=by, body=now.desk, internal=True)
    telling.tell_person(now, to, key=f"assigned:{now.version}")
    return now


@transaction.atomic
def accept(question: Question, *, by: Visitor, version: int | None = None) -> Question:
    """Say yes to being asked."""
    now = lock(question, version=version)
    require(is_assigned(by, now), hidden=not may_read(by, now))
    if now.state not in OPEN:
        raise NotFrom
    _accept(now, _person(by), by)
    return now


@transaction.atomic
def give_back(
    question: Question, *, by: Visitor, words: str, conflict: bool = False, version: int | None = None
) -> Question:
    """Decline an assignment, or pass on what one had taken; a conflict of interest is kept as such.

    It lies with the desk again, which is told. The asker reads that it was given back, not why.
    """
    now = lock(question, version=version)
    require(is_assigned(by, now) or now.handler_id == by.person_id, hidden=not may_read(by, now))
    state = Assignment.State.CONFLICT if conflict else Assignment.State.DECLINED
    now.assignments.filter(person=by.person_id, state__in=Assignment.ACTIVE).update(
        state=state, words=words[:500], at=timezone.now()
    )
    was_owner = now.handler_id == by.person_id
    if now.state in OPEN and was_owner:
        move(now, State.WAITING, handler=None)
    else:
        change(now)
    if words:
        add(now, Step.Kind.NOTE, by=by, body=now.desk, text=words, internal=True)
    add(now, Step.Kind.PASSED_ON, by=by, body=now.desk, internal=not was_owner)
    telling.tell_desk(now, what="given_back")
    return now


@transaction.atomic
def note(question: Question, *, by: Visitor, text: str, language: str = "") -> Step:
    """A note for colleagues; the asker never sees it."""
    now = _mine(question, by, None)
    return add(now, Step.Kind.NOTE, by=by, body=now.desk, text=text, language=language, internal=True)


@transaction.atomic
def ask_back(
    question: Question, *, by: Visitor, text: str, language: str, version: int | None = None
) -> Question:
    """Ask the asker something. The clock stands until the asker answers."""
    now = _mine(question, by, version)
    if now.handler_id is None:
        _accept(now, _person(by), by)
    paused = now.paused_on or timezone.localdate()
    move(now, State.ASKED_BACK, paused_on=paused)
    step = add(now, Step.Kind.ASKED_BACK, by=by, body=now.desk, text=text, language=language)
    telling.tell_asker(now, step)
    return now


@transaction.atomic
def answer(
    question: Question,
    *,
    by: Visitor,
    text: str,
    language: str,
    files: tuple[Clean, ...] = (),
    version: int | None = None,
) -> Question:
    """Answer in writing. Those that were merged into it are answered by it too, in the same moment."""
    now = _mine(question, by, version)
    if now.state not in OPEN:
        raise NotFrom
    if now.handler_id is None:
        _accept(now, _person(by), by)
    step = _answered(now, by, text, language)
    for file in files:
        File.objects.create(
            question=now, step=step, name=file.name, kind=file.kind, size=file.size, content=file.content
        )
    for other in now.merged.filter(state=State.MERGED, confidential=False).select_for_update():
        twin = add(other, Step.Kind.ANSWERED, by=by, body=now.desk, text=text, language=language)
        change(other, answered_at=timezone.now())
        telling.tell_asker(other, twin)
    return now


def _answered(question: Question, by: Visitor, text: str, language: str) -> Step:
    move(question, State.ANSWERED, answered_at=timezone.now(), paused_on=None)
    step = add(question, Step.Kind.ANSWERED, by=by, body=question.desk, text=text, language=language)
    telling.tell_asker(question, step)
    return step


@transaction.atomic
def forward(
    question: Question,
    *,
    by: Visitor,
    to: Organisation | None,
    reason: str,
    language: str = "",
    version: int | None = None,
) -> Question:
    """To another desk, with a reason that the asker reads. None: to the operators of this installation.

    The new desk's own promise holds from today; what was promised first stays on record.
    """
    now = _mine(question, by, version)
    if now.state not in OPEN or now.confidential:
        raise NotFrom
    if to is not None and not people_at(to):
        raise NotThere
    if to is not None and now.forwarded >= MOST_FORWARDS:
        raise TooOften
    if (to.pk if to else None) == now.desk_id:
        raise NotThere
    _move_to(now, to, by=by, kind=Step.Kind.FORWARDED, rung="forwarded", text=reason, language=language)
    return now


def _move_to(
    question: Question,
    to: Organisation | None,
    *,
    by: Visitor,
    kind: Step.Kind,
    rung: str,
    text: str = "",
    language: str = "",
) -> None:
    today = timezone.localdate()
    way = routing.to(to, place=question.place, rung=rung if to is not None else f"{rung}_operators")
    due = way.due(today)
    came_from = question.desk
    question.assignments.filter(state__in=Assignment.ACTIVE).update(state=Assignment.State.ENDED)
    move(
        question,
        State.WAITING,
        desk=to,
        handler=None,
        because=dict(way.because),
        due=due,
        take_by=way.take_by(today),
        paused_on=None,
        escalated_to=None,
        escalations=0,
        forwarded=question.forwarded + 1,
    )
    details = {
        "due": due.isoformat(),
        "to": to.name if to else "",
        "from": came_from.name if came_from else "",
    }
    step = add(question, kind, by=by, body=came_from, text=text, language=language, details=details)
    telling.tell_asker(question, step)
    telling.tell_desk(question)


@transaction.atomic
def take_over(question: Question, *, by: Visitor) -> Question:
    """The next level takes what was escalated to it; the date stays, and is late as it is."""
    now = lock(question)
    require(may_take_over(by, now), hidden=not may_read(by, now))
    to, due = now.escalated_to, now.due
    _move_to(now, to, by=by, kind=Step.Kind.FORWARDED, rung="forwarded")
    change(now, due=due)
    _accept(now, _person(by), by)
    return now


@transaction.atomic
def new_date(
    question: Question, *, by: Visitor, due: date, reason: str, language: str = "", version: int | None = None
) -> Question:
    """Promise another day, with a reason that the asker reads. It counts as late all the same if the first was missed."""
    now = _mine(question, by, version)
    if now.state not in OPEN:
        raise NotFrom
    today = timezone.localdate()
    if not today < due <= add_working_days(today, 60, routing.country_of(now.desk)):
        raise NotSooner
    change(now, due=due, escalations=0, escalated_to=None)
    step = add(
        now,
        Step.Kind.NEW_DATE,
        by=by,
        body=now.desk,
        text=reason,
        language=language,
        details={"due": due.isoformat()},
    )
    telling.tell_asker(now, step)
    return now


@transaction.atomic
def decline(
    question: Question,
    *,
    by: Visitor,
    reason: str,
    words: str,
    language: str = "",
    version: int | None = None,
) -> Question:
    """Decline with a reason from the list and words, and with it what was merged into it. Askers may complain once."""
    now = _mine(question, by, version)
    if now.state not in OPEN:
        raise NotFrom
    equal = list(now.merged.filter(state=State.MERGED).select_for_update())
    for one in (now, *equal):
        move(one, State.DECLINED, reason=reason, merged_into=None)
        step = add(
            one,
            Step.Kind.DECLINED,
            by=by,
            body=now.desk,
            text=words,
            language=language,
            details={"reason": str(reason)},
        )
        telling.tell_asker(one, step)
    return now


@transaction.atomic
def merge(question: Question, *, by: Visitor, into: Question, version: int | None = None) -> Question:
    """The same was asked before: its answer is this one's too. Both must be one's own to work; never a confidential one."""
    # In one order for all, so that two who merge each into the other do not wait for each other.
    for one in sorted((question, into), key=lambda one: one.pk):
        lock(one)
    now = _mine(question, by, version)
    target = lock(into)
    require(may_work(by, target), hidden=not may_read(by, target))
    if (
        now.pk == target.pk
        or now.confidential
        or target.confidential
        or target.state not in OPEN | {State.ANSWERED}
    ):
        raise NotFrom
    move(now, State.MERGED, merged_into=target, handler=None)
    step = add(now, Step.Kind.MERGED, by=by, body=now.desk, details={"into": target.number})
    telling.tell_asker(now, step)
    if target.state == State.ANSWERED:
        said = target.steps.filter(kind=Step.Kind.ANSWERED).last()
        if said is not None:
            twin = add(
                now, Step.Kind.ANSWERED, by=by, body=said.by_body, text=said.text, language=said.language
            )
            change(now, answered_at=timezone.now())
            telling.tell_asker(now, twin)
    for other in now.merged.filter(state=State.MERGED).select_for_update():
        change(other, merged_into=target)
    return now


@transaction.atomic
def set_promise(organisation: Organisation, *, by: Visitor, days: int, take_days: int) -> Desk:
    """What a desk promises from now on; dates that were given before stay as they are."""
    require(may_set_promise(by, organisation.pk))
    desk, is_new = Desk.objects.select_for_update().get_or_create(
        organisation=organisation, defaults={"days": days, "take_days": take_days}
    )
    if is_new or (desk.days, desk.take_days) != (days, take_days):
        desk.days, desk.take_days = days, take_days
        desk.full_clean()
        desk.save()
        journal.record("desk.promised", by=by, what=desk, details={"days": days, "take_days": take_days})
    return desk


def _mine(question: Question, by: Visitor, version: int | None) -> Question:
    """The row as it is now, for somebody who may work it."""
    now = lock(question)
    require(may_work(by, now), hidden=not may_read(by, now))
    if version is not None and now.version != version:
        raise Changed
    return now


def _person(by: Visitor) -> Person:
    return Person.objects.get(pk=by.person_id or 0)
