"""Expert support for a managing authority: request it, name who handles it, keep and share what came of it.

A confidential request lies with no desk. Who is told of it gets a bare word by mail (`telling.tell_person`), and whoever
may not see it meets the 404 of what does not exist.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from koinon.base.guessing import guess_language
from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.network.models import Organisation, Programme, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.network.visitor import visitor_for
from koinon.people import actions as people
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.questions import found, routing
from koinon.questions.actions import asking, telling, working
from koinon.questions.actions.receipts import code_from
from koinon.questions.actions.steps import NotFrom, add, change, lock, move
from koinon.questions.life import OPEN, State, Wish
from koinon.questions.models import Answer, Assignment, Question, Request, Step, Triage
from koinon.questions.models.questions import hash_of
from koinon.questions.permissions import may_read
from koinon.questions.permissions_support import (
    may_handle,
    may_name_handlers,
    may_own,
    may_request,
    may_share_outcome,
    may_speak_for,
)
from koinon.questions.staff import KINDS, heads

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BATCH = 200


class NobodyForTriage(Exception):
    """Nobody is named who could see that there is a confidential request: it would be lost, so it is not taken."""


class NotThisPerson(ValidationError):
    """The address is nobody's who could do this. Which of the reasons holds is not said: accounts are nobody's business."""


class NothingToShare(Exception):
    """There is no outcome, or its author did not consent to its words."""


def is_triage_there() -> bool:
    """Whether somebody is named who can say who handles a confidential request."""
    return bool(telling.triage_people())


@transaction.atomic
def request_support(
    body: Organisation,
    *,
    by: Visitor,
    text: str,
    confidential: bool,
    nonce: str,
    programme: Programme | None = None,
    priority: str = "",
    urgency: str = Request.Urgency.CALM,
    wish: str = Wish.WRITTEN,
    topics: Iterable[str] = (),
    page_language: str = "en",
) -> Request:
    """Ask for expert support in the name of a managing authority. The same form sent twice gives the same request.

    An ordinary one is routed like every question, past the authority itself. A confidential one lies with no desk and is
    told to the triage persons as a bare word; where nobody is named, `NobodyForTriage`, and nothing is kept.
    """
    require(may_request(by, body))
    if confidential and not is_triage_there():
        raise NobodyForTriage
    place = Place.objects.get(pk=body.country or "EU")
    nonce = f"support:{by.person_id}:{body.pk}:{nonce}"
    if confidential:
        question, is_new = _ask_in_confidence(place, by, text, nonce, wish, page_language)
    else:
        question, _code = asking.ask(
            place,
            by=by,
            text=text,
            nonce=nonce,
            wish=wish,
            channel=Question.Channel.SUPPORT,
            page_language=page_language,
            after=[body.pk],
        )
        is_new = not Request.objects.filter(question=question).exists()
    if not is_new:
        return Request.objects.select_related("question").get(question=question)
    mine = Person.objects.get(pk=by.person_id or 0)
    change(
        question,
        topics=sorted(set(topics)),
        email="" if confidential else mine.email,
        email_confirmed=not confidential,
    )
    request = Request.objects.create(
        question=question, for_body=body, programme=programme, priority=priority, urgency=urgency
    )
    if confidential:
        telling.tell_desk(question)
    return request


def _ask_in_confidence(
    place: Place, by: Visitor, text: str, nonce: str, wish: str, page_language: str
) -> tuple[Question, bool]:
    seed = hashlib.sha256("\x1f".join((nonce, place.pk, text)).encode()).hexdigest()
    before = Question.objects.filter(seed=seed).first()
    if before is not None:
        return before, False
    language, sure = guess_language(text, hint=page_language)
    today = timezone.localdate()
    way = routing.to(None, place=place, rung="confidential")
    try:
        with transaction.atomic():
            question = Question.objects.create(
                number=_lot(),
                channel=Question.Channel.SUPPORT,
                text=text,
                language=language,
                language_sure=sure,
                page_language=page_language,
                place=place,
                wish=wish,
                because={},
                due=way.due(today),
                first_due=way.due(today),
                take_by=way.take_by(today),
                seed=seed,
                receipt=hash_of(code_from(seed)),
                author_id=by.person_id,
                confidential=True,
                asked_at=timezone.now(),
            )
    except IntegrityError:
        # The same form came in at the same moment.
        return Question.objects.get(seed=seed), False
    add(question, Step.Kind.ASKED, by_asker=True, text=text, language=language)
    return question, True


def _lot() -> str:
    """A number drawn by lot, such as C-7KQ2-M3XP, so that no gap in a count tells of it."""
    while True:
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
        number = f"C-{letters[:4]}-{letters[4:]}"
        if not Question.objects.filter(number=number).exists():
            return number


# What its author does.


def _locked(request: Request, *, version: int | None = None) -> Request:
    """The row as it is now, with its question, held until the transaction ends."""
    question = lock(request.question, version=version)
    now = Request.objects.select_for_update().get(pk=request.pk)
    now.question = question
    return now


def _require(allowed: bool, by: Visitor, request: Request) -> None:
    require(allowed, hidden=not may_read(by, request.question))


@transaction.atomic
def set_details(
    request: Request,
    *,
    by: Visitor,
    programme: Programme | None,
    priority: str,
    urgency: str,
    wish: str,
    topics: Iterable[str],
) -> Request:
    """What can be said later: programme, priority, urgency, format, topics."""
    now = _locked(request)
    _require(may_own(by, now), by, now)
    if now.question.state == State.WITHDRAWN:
        raise NotFrom
    now.programme, now.priority, now.urgency = programme, priority, urgency
    now.save(update_fields=["programme", "priority", "urgency"])
    change(now.question, wish=wish, topics=sorted(set(topics)))
    return now


@transaction.atomic
def add_words(request: Request, *, by: Visitor, text: str, nonce: str) -> Step:
    """Its author or a co-author adds something or asks back; an answered one is opened again."""
    now = _locked(request)
    _require(may_speak_for(by, now), by, now)
    return asking.add_words(now.question, text=text, nonce=nonce)


@transaction.atomic
def add_coauthor(request: Request, *, by: Visitor, email: str) -> Request:
    """Name somebody of the same authority: that person sees it from now on. Doing it twice changes nothing."""
    now = _locked(request)
    _require(may_own(by, now), by, now)
    person = people.find(email.strip().lower())
    colleagues = Role.objects.today().filter(
        organisation=now.for_body_id, kind=Role.Kind.AUTHORITY, person__is_active=True
    )
    if person is None or not colleagues.filter(person=person).exists():
        raise NotThisPerson(_("Nobody with this address works for your authority here."))
    question = now.question
    if person.pk == question.author_id or question.coauthors.filter(pk=person.pk).exists():
        return now
    ended = question.assignments.filter(person=person, state__in=Assignment.ACTIVE)
    if ended.exists():
        raise NotThisPerson(_("Whoever handles a request cannot speak for its author."))
    question.coauthors.add(person)
    change(question)
    journal.record("question.coauthor", by=by, what=question, public=False)
    telling.tell_person(question, person, key=f"coauthor:{question.version}")
    return now


@transaction.atomic
def remove_coauthor(request: Request, *, by: Visitor, person_id: int) -> Request:
    """That person sees nothing of it from now on."""
    now = _locked(request)
    _require(may_own(by, now), by, now)
    now.question.coauthors.remove(person_id)
    change(now.question)
    journal.record("question.coauthor_removed", by=by, what=now.question, public=False)
    return now


@transaction.atomic
def consent(request: Request, *, by: Visitor, shared: bool) -> Request:
    """Whether others may read the outcome, in these very words. Taking it back takes the copy off."""
    now = _locked(request)
    _require(may_speak_for(by, now), by, now)
    if shared and not now.outcome:
        raise NothingToShare
    _set_consent(now, shared)
    if shared:
        telling.tell_desk(now.question, what="consent")
    return now


def _set_consent(request: Request, shared: bool) -> None:
    if request.outcome_shared and not shared:
        asking.unpublish(request.question, because="consent")
    request.outcome_shared = shared
    request.save(update_fields=["outcome_shared"])
    change(request.question)


@transaction.atomic
def say_what_changed(request: Request, *, by: Visitor, months: int, text: str) -> Request:
    """What changed after three or six months, once the house has asked."""
    now = _locked(request)
    _require(may_speak_for(by, now), by, now)
    if now.question.state == State.WITHDRAWN or getattr(now, f"asked_after_{months}") is None:
        raise NotFrom
    setattr(now, f"changed_after_{months}", text)
    now.save(update_fields=[f"changed_after_{months}"])
    change(now.question)
    telling.tell_desk(now.question, what="changed")
    return now


@transaction.atomic
def withdraw(request: Request, *, by: Visitor) -> None:
    """End it and remove what was written, the files, the outcome and a shared copy. Who handled it gets a bare word."""
    now = _locked(request)
    _require(may_own(by, now), by, now)
    asking.withdraw(now.question)
    now.question.assignments.filter(state__in=Assignment.ACTIVE).update(state=Assignment.State.ENDED)


# Who handles it.


@transaction.atomic
def assign_expert(request: Request, *, by: Visitor, email: str) -> Request:
    """Ask somebody by name to handle it: an active account that works in the network, not for this authority.

    Who is asked reads it, and accepts, declines or says that there is a conflict of interest.
    """
    now = _locked(request)
    hidden = now.question.confidential or not may_read(by, now.question)
    require(may_name_handlers(by, now), hidden=hidden)
    question = now.question
    if question.state not in OPEN:
        raise NotFrom
    person = people.find(email.strip().lower())
    if person is None or not _can_handle(person, now):
        raise NotThisPerson(
            _(
                "Nobody with this address can handle it: it needs a role in the network, outside the authority that asks."
            )
        )
    _row, is_new = Assignment.objects.get_or_create(
        question=question,
        person=person,
        state__in=Assignment.ACTIVE,
        defaults={"by_id": by.person_id, "at": timezone.now(), "state": Assignment.State.ASKED},
    )
    if is_new:
        change(question)
        add(question, Step.Kind.ASSIGNED, by=by, body=question.desk, internal=True)
        telling.tell_person(question, person, key=f"assigned:{question.version}")
    return now


def _can_handle(person: Person, request: Request) -> bool:
    who = visitor_for(person)
    works = who.holds(*KINDS) or who.is_coordinator
    outside = request.for_body_id not in who.organisations
    author = (
        request.question.author_id == person.pk or request.question.coauthors.filter(pk=person.pk).exists()
    )
    biased = request.question.assignments.filter(person=person, state=Assignment.State.CONFLICT).exists()
    return person.is_active and works and outside and not author and not biased


@transaction.atomic
def accept(request: Request, *, by: Visitor) -> Request:
    """Say yes to being asked; the author gets word, and reads on the page that somebody has taken it."""
    now = _locked(request)
    if now.question.state not in OPEN:
        _require(may_handle(by, now), by, now)
        raise NotFrom
    working.accept(now.question, by=by)
    return now


@transaction.atomic
def give_back(request: Request, *, by: Visitor, words: str, conflict: bool) -> Request:
    """Decline, or say that there is a conflict of interest: from now on it is not to be seen any more."""
    now = _locked(request)
    working.give_back(now.question, by=by, words=words, conflict=conflict)
    question = now.question
    if question.confidential and telling.handlers_of(question):
        # The others go on; who names handlers hears of it all the same.
        for person in telling.triage_people():
            telling.tell_person(question, person, key=f"given_back:{question.version}")
    return now


@transaction.atomic
def store_outcome(request: Request, *, by: Visitor, text: str) -> Request:
    """What came of it, in words that could be shared. New words need a new consent."""
    now = _locked(request)
    _require(may_handle(by, now), by, now)
    question = now.question
    if question.state not in OPEN | {State.ANSWERED}:
        raise NotFrom
    if text == now.outcome:
        return now
    _set_consent(now, False)
    now.outcome, now.outcome_at = text, timezone.now()
    now.save(update_fields=["outcome", "outcome_at"])
    language, _sure = guess_language(text, hint=question.language)
    step = add(question, Step.Kind.OUTCOME, by=by, body=question.desk, text=text, language=language)
    telling.tell_asker(question, step)
    return now


@transaction.atomic
def share_outcome(request: Request, *, by: Visitor, asked: str) -> Answer:
    """Publish the outcome in the words consented to, under a question that is written anew. Nothing leads back."""
    now = _locked(request)
    _require(may_share_outcome(by, now) or not now.outcome_shared, by, now)
    if not now.outcome_shared or not now.outcome:
        raise NothingToShare
    language, _sure = guess_language(now.outcome, hint=now.question.language)
    asked_language, _sure = guess_language(asked, hint=language)
    body = _body_of(by)
    values = {
        "asked": asked,
        "text": now.outcome,
        "language": language,
        "asked_language": asked_language,
        "body": body,
        "topics": list(now.question.topics),
        "changed_at": timezone.now(),
        "withdrawn_at": None,
        "withdrawn_because": "",
    }
    if now.shared_as is None:
        now.shared_as = Answer.objects.create(**values)
        now.save(update_fields=["shared_as"])
    else:
        Answer.objects.filter(pk=now.shared_as.pk).update(**values)
    now.shared_as.places.set([now.question.place])
    journal.record("answer.published", by=by, what=now.shared_as)
    found.changed(now.shared_as)
    add(now.question, Step.Kind.PUBLISHED, by=by, details={"answer": now.shared_as_id})
    return now.shared_as


def _body_of(by: Visitor) -> Organisation | None:
    if not isinstance(by, NetworkVisitor):
        return None
    return Organisation.objects.filter(pk__in=heads(by)).order_by("pk").first()


# Who is named for triage: an operator does it on the server.


@transaction.atomic
def name_for_triage(email: str) -> Triage:
    """For `koinon triage`: a coordinator may from now on see that there are confidential requests, and name handlers."""
    person = people.find(email.strip().lower())
    held = Role.objects.today().filter(kind=Role.Kind.COORDINATOR, person__is_active=True)
    if person is None or not held.filter(person=person).exists():
        raise ValidationError(f"{email} is no coordinator here; only coordinators are named for triage.")
    row, is_new = Triage.objects.get_or_create(person=person)
    if is_new:
        journal.record("triage.named", by=None, what=row, details={"person": person.pk}, public=False)
    return row


@transaction.atomic
def end_triage(email: str) -> None:
    """For `koinon triage --remove`."""
    row = Triage.objects.filter(person=people.find(email.strip().lower())).first()
    if row is None:
        raise ValidationError(f"{email} is not named for triage.")
    journal.record("triage.ended", by=None, what=row, details={"person": row.person_id}, public=False)
    row.delete()


# The clock.


def run() -> int:
    """Remind of confidential ones that are due, and ask after three and six months; returns how many were told."""
    return _remind() + _ask_again()


def _remind() -> int:
    """Once a week while it is late, or nobody has taken it in time: who handles it, else who names handlers."""
    today = timezone.localdate()
    told = 0
    rows = Question.objects.filter(confidential=True, state__in=[State.WAITING, State.TAKEN])
    late = rows.filter(due__lte=today) | rows.filter(state=State.WAITING, take_by__lt=today)
    year, week, _day = today.isocalendar()
    for question in late.order_by("due", "pk")[:_BATCH]:
        for person in telling.handlers_of(question) or telling.triage_people():
            telling.tell_person(question, person, key=f"late:{year}-{week}")
        told += 1
    return told


def _ask_again() -> int:
    """Authors are asked what changed, three and six months after the answer, by a bare word."""
    today = timezone.localdate()
    asked = 0
    for months in (3, 6):
        rows = Request.objects.filter(
            question__state=State.ANSWERED,
            question__answered_at__lt=_end_of(months_before(today, months)),
            **{f"asked_after_{months}__isnull": True},
        )
        for pk in rows.order_by("pk").values_list("pk", flat=True)[:_BATCH]:
            asked += _ask_after(pk, months, today)
    return asked


@transaction.atomic
def _ask_after(pk: int, months: int, today: date) -> bool:
    request = Request.objects.select_for_update().select_related("question").get(pk=pk)
    if getattr(request, f"asked_after_{months}") is not None:
        return False
    setattr(request, f"asked_after_{months}", today)
    request.save(update_fields=[f"asked_after_{months}"])
    for person in telling.authors_of(request.question):
        telling.tell_person(request.question, person, key=f"after:{months}")
    return True


def _end_of(day: date) -> datetime:
    """Compared as it is stored: taking the day of each answer instead costs a call for every row."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month."""
    total = day.year * 12 + day.month - 1 - months
    year, month = divmod(total, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError


# What `people` asks of us, when an account closes.


@transaction.atomic
def let_go(person: Person) -> None:
    """Questions asked when signed in lose their author; a confidential one goes to a co-author, or is withdrawn."""
    for question in Question.objects.filter(author=person).order_by("pk"):
        now = lock(question)
        other = now.coauthors.order_by("pk").first()
        if now.confidential and other is None and now.state != State.WITHDRAWN:
            asking.withdraw(now)
        elif other is not None:
            now.coauthors.remove(other)
            change(now, author=other)
        else:
            change(now, author=None, email="" if now.email == person.email else now.email)
    Question.coauthors.through.objects.filter(person=person).delete()
    Triage.objects.filter(person=person).delete()
    for row in Assignment.objects.filter(person=person, state__in=Assignment.ACTIVE).select_related(
        "question"
    ):
        row.state = Assignment.State.ENDED
        row.save(update_fields=["state"])
        now = lock(row.question)
        if now.handler_id == person.pk and now.state in OPEN:
            move(now, State.WAITING, handler=None)
            telling.tell_desk(now, what="given_back")
