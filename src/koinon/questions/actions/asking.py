"""What the asker does: ask, add, say whether it helped, consent, complain, withdraw, and stop mails.

The asker needs no account: whoever holds the receipt's code acts. The code is derived from a seed under the installation's
secret, so that mails can hold it and the database does not.
"""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from koinon.base.guessing import guess_language
from koinon.base.uploads import Clean
from koinon.base.visitor import Visitor
from koinon.base.workdays import add_working_days, working_days_between
from koinon.journal import actions as journal
from koinon.mail.bounces import forget_bounce
from koinon.places.models import Place
from koinon.questions import about, found, routing
from koinon.questions.actions import telling
from koinon.questions.actions.receipts import code_from
from koinon.questions.actions.steps import NotFrom, add, change, count_up, lock, move
from koinon.questions.life import OPEN, State, Wish
from koinon.questions.models import AboutPractice, Answer, Counter, File, Question, Request, Step, Use
from koinon.questions.models.questions import hash_of

EMAIL_KEPT = timedelta(days=30)
TEXT_KEPT = timedelta(days=730)


class KeyUsed(Exception):
    """The Idempotency-Key came before, with another body."""


@transaction.atomic
def ask(
    place: Place,
    *,
    by: Visitor,
    text: str,
    nonce: str,
    page_language: str = "en",
    language: str = "",
    email: str = "",
    wish: str = Wish.WRITTEN,
    role: str = "",
    practice: str = "",
    channel: str = Question.Channel.PAGE,
    key: str = "",
    after: Iterable[int] = (),
    seed: str = "",
    way: routing.Route | None = None,
    tell: bool = True,
) -> tuple[Question, str]:
    """Ask from a place. Returns the question and the code of its private page, which is kept nowhere.

    It is routed in the same transaction: once this returns, it has a desk, a date and a number. The same form sent twice
    gives the same question; so does an Idempotency-Key (`key`), which raises `KeyUsed` with another body. `after`: bodies
    that it does not go to, such as the asker's own. `practice`: the address of the one that it is about, whose people are told
    and whose desk comes first; one that is not public counts as none. What was asked elsewhere first brings the `seed` of its receipt along, so
    that the same address goes on, the `way` that was chosen for it, and may leave it to the caller to `tell` the desk.
    """
    typed = "\x1f".join((nonce, place.pk, text, email, wish, role, *filter(None, [practice])))
    seed = seed or hashlib.sha256(typed.encode()).hexdigest()
    before = Question.objects.filter(seed=seed).select_related("desk", "place").first()
    if before is not None:
        return before, code_from(seed)
    # Not by the same form: that may have come in since we looked, a moment ago.
    if key and Question.objects.filter(key=hash_of(key)).exclude(seed=seed).exists():
        raise KeyUsed
    guessed, sure = (language, True) if language else guess_language(text, hint=page_language)
    today = timezone.localdate()
    origin = about.named(practice)
    way = way or about.way(origin, place, today, language=guessed, after=frozenset(after))
    try:
        with transaction.atomic():
            question = Question.objects.create(
                number=_number(place, today.year),
                channel=channel,
                text=text,
                language=guessed,
                language_sure=sure,
                page_language=page_language,
                place=place,
                wish=wish,
                role=role,
                desk=way.desk,
                because=dict(way.because),
                due=way.due(today),
                first_due=way.due(today),
                take_by=way.take_by(today),
                seed=seed,
                receipt=hash_of(code_from(seed)),
                key=hash_of(key) if key else None,
                author_id=by.person_id,
                email=email,
                asked_at=timezone.now(),
            )
    except IntegrityError:
        # The same form, or the same key, came in at the same moment.
        found = Question.objects.filter(seed=seed).select_related("desk", "place").first()
        if found is None:
            raise KeyUsed from None
        return found, code_from(seed)
    if origin is not None:
        AboutPractice.objects.create(question=question, practice=origin)
    add(question, Step.Kind.ASKED, by_asker=True, text=text, language=guessed)
    add(
        question,
        Step.Kind.ROUTED,
        body=way.desk,
        details={"because": dict(way.because), "due": way.due(today).isoformat()},
    )
    if way.missing:
        journal.count_gaps(
            {(today, place.pk, f"desk:{rung}"): 1 for rung in sorted({body.rung for body in way.missing})}
        )
    if email:
        telling.ask_to_confirm(question)
    if tell:
        telling.tell_desk(question)
        if origin is not None:
            telling.tell_origin(question, origin, but=by.person_id)
    return question, code_from(seed)


def _number(place: Place, year: int) -> str:
    country = place.country if place.code != "EU" else "EU"
    return f"{country}-{year}-{count_up(Counter, 'last', country=country, year=year):04}"


@transaction.atomic
def add_words(
    question: Question, *, text: str, nonce: str, files: tuple[Clean, ...] = (), left_out: int = 0
) -> Step:
    """The asker adds something, or asks back: an answered question is opened again, with the same owner and a new date.

    The same form sent twice adds once. `left_out`: how many files of a mail were not kept, which the thread says.
    """
    now = lock(question)
    mark = hashlib.sha256(f"{nonce}\x1f{text}".encode()).hexdigest()[:32]
    before = now.steps.filter(by_asker=True, details__mark=mark).first()
    if before is not None:
        return before
    if now.state in {State.MERGED, State.WITHDRAWN, State.DECLINED}:
        raise NotFrom
    was_answered = now.state == State.ANSWERED
    language, _sure = guess_language(text, hint=now.language)
    step = add(
        now,
        Step.Kind.ADDED,
        by_asker=True,
        text=text,
        language=language,
        details={"mark": mark, **({"left_out": left_out} if left_out else {})},
    )
    for file in files:
        File.objects.create(
            question=now, step=step, name=file.name, kind=file.kind, size=file.size, content=file.content
        )
    if was_answered:
        _open_again(now)
    elif now.state == State.ASKED_BACK:
        resume(now)
    telling.tell_desk(now, what="added")
    return step


def _open_again(question: Question) -> None:
    today = timezone.localdate()
    days, take_days = routing.promise(question.desk)
    country = routing.country_of(question.desk)
    due = add_working_days(today, days, country)
    state = State.TAKEN if question.handler_id else State.WAITING
    move(
        question,
        state,
        due=due,
        take_by=add_working_days(today, take_days, country),
        answered_at=None,
        ended_at=None,
        helped="",
        escalations=0,
        escalated_to=None,
    )
    add(question, Step.Kind.REOPENED, by_asker=True, details={"due": due.isoformat()})
    question.refresh_from_db()


def resume(question: Question) -> None:
    """The asker has spoken: the clock goes on from where it stood."""
    today = timezone.localdate()
    country = routing.country_of(question.desk)
    waited = working_days_between(question.paused_on, today, country) if question.paused_on else 0
    state = State.TAKEN if question.handler_id else State.WAITING
    move(
        question,
        state,
        paused_on=None,
        due=add_working_days(question.due, waited, country) if waited > 0 else question.due,
        take_by=add_working_days(question.take_by, waited, country) if waited > 0 else question.take_by,
    )


@transaction.atomic
def decide(question: Question, *, helped: str, may_publish: bool, may_follow_up: bool) -> Question:
    """Whether it helped, and what others may do with it. "No" opens it again. Taking the consent back withdraws the copy."""
    now = lock(question)
    if now.state == State.WITHDRAWN:
        raise NotFrom
    reopen = helped == Question.Helped.NO and now.state == State.ANSWERED
    changes: dict[str, object] = {
        "may_publish": may_publish and not now.confidential,
        "may_follow_up": may_follow_up,
    }
    if now.state == State.ANSWERED:
        changes["helped"] = helped
    gave_back = now.may_publish and not may_publish
    change(now, **changes)
    if gave_back:
        unpublish(now, because="consent")
    if reopen:
        _open_again(now)
        telling.tell_desk(now, what="reopened")
    return now


def unpublish(question: Question, *, because: str) -> None:
    """Take what was published of it off; its address says that it was taken back."""
    shared = Request.objects.filter(question=question, shared_as__isnull=False).values("shared_as")
    for answer in Answer.objects.public().filter(Q(question=question) | Q(pk__in=shared)):
        answer.withdrawn_at, answer.withdrawn_because = timezone.now(), because
        answer.asked, answer.text = "", ""
        answer.save(update_fields=["withdrawn_at", "withdrawn_because", "asked", "text"])
        answer.wordings.all().delete()
        journal.record("answer.withdrawn", by=None, what=answer, details={"because": because})
        found.changed(answer)


@transaction.atomic
def correct_language(question: Question, *, language: str, by_asker: bool, by: Visitor | None = None) -> None:
    """The guess was wrong: somebody says which language it is."""
    now = lock(question)
    if now.language != language or not now.language_sure:
        change(now, language=language, language_sure=True)
        add(now, Step.Kind.CORRECTED, by=by, by_asker=by_asker, details={"language": language})


@transaction.atomic
def complain(question: Question, *, text: str) -> Question:
    """Against a decline: somebody else than who declined decides, at the next level. Once."""
    now = lock(question)
    if now.state != State.DECLINED or now.steps.filter(kind=Step.Kind.COMPLAINED).exists():
        raise NotFrom
    today = timezone.localdate()
    after = {now.desk_id} if now.desk_id else set()
    way = routing.route(now.place, today, language=now.language, after=after)
    if now.desk_id is None:
        way = routing.to(None, place=now.place, rung=routing.OPERATORS)
    rung = "complaint" if way.desk is not None else "complaint_operators"
    because = {**dict(way.because), "rung": rung}
    because.pop("missing", None)
    add(now, Step.Kind.COMPLAINED, by_asker=True, text=text, language=now.language)
    move(
        now,
        State.WAITING,
        desk=way.desk,
        handler=None,
        because=because,
        due=way.due(today),
        take_by=way.take_by(today),
        ended_at=None,
        escalations=0,
        escalated_to=None,
    )
    add(now, Step.Kind.ROUTED, body=way.desk, details={"because": because, "due": way.due(today).isoformat()})
    telling.tell_desk(now)
    return now


@transaction.atomic
def not_the_same(question: Question) -> Question:
    """The asker says that the question it was merged into is another one: it waits again at its desk."""
    now = lock(question)
    if now.state != State.MERGED:
        raise NotFrom
    _separate(now, by_asker=True)
    return now


def _separate(question: Question, *, by_asker: bool) -> None:
    """It waits at its desk again, with a new date."""
    today = timezone.localdate()
    days, take_days = routing.promise(question.desk)
    country = routing.country_of(question.desk)
    due = add_working_days(today, days, country)
    move(
        question,
        State.WAITING,
        handler=None,
        merged_into=None,
        due=due,
        take_by=add_working_days(today, take_days, country),
        ended_at=None,
        answered_at=None,
    )
    step = add(question, Step.Kind.UNMERGED, by_asker=by_asker, details={"due": due.isoformat()})
    if not by_asker:
        telling.tell_asker(question, step)
    telling.tell_desk(question, what="reopened")


@transaction.atomic
def withdraw(question: Question) -> Question:
    """End it and remove what the asker wrote. An answer that others rely on stays only while the asker lets it."""
    now = lock(question)
    if now.state == State.WITHDRAWN:
        return now
    was_open = now.state in OPEN
    unpublish(now, because="withdrawn")
    # Others were told that its answer would be theirs: they wait for one of their own again.
    for other in now.merged.filter(state=State.MERGED, answered_at__isnull=True).select_for_update():
        _separate(other, by_asker=False)
    for other in now.merged.filter(state=State.MERGED).select_for_update():
        move(other, State.ANSWERED, merged_into=None)
    move(now, State.WITHDRAWN, may_publish=False, may_follow_up=False, merged_into=None)
    add(now, Step.Kind.WITHDRAWN, by_asker=True)
    erase(now)
    if was_open:
        telling.tell_desk(now, what="withdrawn")
    return now


def erase(question: Question) -> None:
    """Remove text, files and address; that there was a question, when, and how it ended stays."""
    question.steps.exclude(text="").update(text="")
    question.files.all().delete()
    question.assignments.exclude(words="").update(words="")
    Request.objects.filter(question=question).update(
        priority="",
        programme=None,
        outcome="",
        outcome_shared=False,
        changed_after_3="",
        changed_after_6="",
    )
    change(question, text="", role="", email="", author=None, erased_at=timezone.now())
    question.coauthors.clear()
    telling.forget_mails(question)


@transaction.atomic
def confirm_email(question: Question) -> None:
    """Its owner has followed the link, so what came back from it before no longer counts."""
    forget_bounce(question.email)
    change(lock(question), email_confirmed=True, email_stopped=False)


@transaction.atomic
def stop_mails(question: Question) -> None:
    """One click: no more mails about this question. The private page goes on."""
    change(lock(question), email_stopped=True)


@transaction.atomic
def that_answers_mine(answer: Answer, *, place: Place) -> None:
    """Somebody found the answer before asking: counted by the country of the place."""
    count_up(Use, "times", answer=answer, country=place.country if place.code != "EU" else "EU")


@transaction.atomic
def forget_old() -> int:
    """Erase addresses thirty days after the end, and texts after two years; returns how many questions changed."""
    now = timezone.now()
    changed = 0
    ended = Question.objects.filter(ended_at__isnull=False, erased_at__isnull=True)
    for question in ended.filter(ended_at__lt=now - TEXT_KEPT).order_by("pk")[:200]:
        erase(lock(question))
        changed += 1
    for question in ended.filter(ended_at__lt=now - EMAIL_KEPT).exclude(email="").order_by("pk")[:200]:
        change(lock(question), email="", email_confirmed=False)
        changed += 1
    return changed
