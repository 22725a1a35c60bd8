"""Answers as knowledge: an anonymised copy by consent, kept current by the body that answered."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.network.models import Programme
from koinon.places.models import Place
from koinon.questions import found
from koinon.questions.actions.steps import Changed, NotFrom, add, lock
from koinon.questions.life import State
from koinon.questions.models import Answer, Question, Step, Wording
from koinon.questions.permissions import may_change_answer, may_publish, may_read

NOTICE = "notice"
"""Why an answer was withdrawn: decided upon a notice."""
BODY = "body"
"""Why an answer was withdrawn: the body that answered did it, for reasons that the journal has."""


class NoConsent(Exception):
    """The asker did not say that others may read it, or has taken that back."""


def draft_of(question: Question) -> tuple[str, str]:
    """What the copy begins with: the question and its answer as they were written; a person anonymises them."""
    said = question.steps.filter(kind=Step.Kind.ANSWERED).last()
    return question.text, said.text if said is not None else ""


def version_of(question: Question) -> int:
    """The version of the copy of a question, also of one that was taken off; 0 where there never was one."""
    return Answer.objects.filter(question=question).values_list("version", flat=True).first() or 0


@transaction.atomic
def publish(
    question: Question,
    *,
    by: Visitor,
    asked: str,
    text: str,
    language: str,
    asked_language: str,
    places: Sequence[Place],
    topics: Sequence[str] = (),
    sources: Sequence[str] = (),
    programme: Programme | None = None,
    valid_until: date | None = None,
    version: int | None = None,
) -> Answer:
    """Publish an anonymised copy for places and topics. Publishing again changes the copy that is there.

    `version`: that of the copy which the form was drawn from, 0 where there was none; else `Changed`.
    """
    now = lock(question)
    require(may_publish(by, now) or not now.may_publish, hidden=not may_read(by, now))
    if not now.may_publish or now.confidential:
        raise NoConsent
    if now.state != State.ANSWERED:
        raise NotFrom
    there = version_of(now)
    if version is not None and version != there:
        raise Changed
    said = now.steps.filter(kind=Step.Kind.ANSWERED).last()
    made, is_new = Answer.objects.update_or_create(
        question=now,
        defaults={
            "asked": asked,
            "text": text,
            "language": language,
            "asked_language": asked_language,
            "body": said.by_body if said is not None else now.desk,
            "topics": list(topics),
            "sources": list(sources),
            "programme": programme,
            "valid_until": valid_until,
            "changed_at": timezone.now(),
            "withdrawn_at": None,
            "withdrawn_because": "",
            "version": there + 1,
        },
    )
    made.places.set(places)
    journal.record("answer.published" if is_new else "answer.changed", by=by, what=made)
    found.changed(made)
    if is_new:
        add(now, Step.Kind.PUBLISHED, by=by, body=now.desk, details={"answer": made.pk})
    return made


@transaction.atomic
def change_answer(
    answer: Answer,
    *,
    by: Visitor,
    version: int,
    text: str,
    sources: Sequence[str],
    valid_until: date | None,
    places: Sequence[Place],
) -> Answer:
    """The body that answered mends its text, its sources, where and how long it holds."""
    now = Answer.objects.select_for_update().public().get(pk=answer.pk)
    require(may_change_answer(by, now))
    if now.version != version:
        raise Changed
    now.text, now.sources, now.valid_until = text, list(sources), valid_until
    now.changed_at, now.version = timezone.now(), now.version + 1
    now.save()
    now.places.set(places)
    journal.record("answer.changed", by=by, what=now)
    found.changed(now)
    return now


@transaction.atomic
def also_asked(answer: Answer, *, by: Visitor, text: str, language: str) -> Wording:
    """Another wording of the same question, in its language. Given twice it is kept once."""
    require(may_change_answer(by, answer))
    wording, is_new = Wording.objects.get_or_create(
        answer=answer, text=text[:500], defaults={"language": language}
    )
    if is_new:
        journal.record("answer.wording", by=by, what=answer)
        found.changed(answer)
    return wording


@transaction.atomic
def withdraw_answer(answer: Answer, *, by: Visitor | None, because: str) -> None:
    """Take it off; its address says so. `by` None: decided elsewhere (moderation: `NOTICE`). The text is kept until it is
    erased by its asker, so that a complaint can bring back what a notice took away. `because`: words for the journal."""
    now = Answer.objects.select_for_update().get(pk=answer.pk)
    if by is not None:
        require(may_change_answer(by, now))
    if now.withdrawn_at is None:
        now.withdrawn_at = timezone.now()
        now.withdrawn_because = because[:40] if by is None else BODY
        now.save(update_fields=["withdrawn_at", "withdrawn_because"])
        journal.record("answer.withdrawn", by=by, what=now, details={"because": because[:40]})
        found.changed(now)


@transaction.atomic
def restore_answer(answer: Answer) -> None:
    """A complaint was right: what a notice took away stands again, if its asker still agrees. What the body that answered
    took off itself stays off."""
    now = Answer.objects.select_for_update().get(pk=answer.pk)
    agreed = now.question is None or now.question.may_publish
    if now.withdrawn_at is not None and now.withdrawn_because == NOTICE and now.text and agreed:
        now.withdrawn_at, now.withdrawn_because = None, ""
        now.save(update_fields=["withdrawn_at", "withdrawn_because"])
        journal.record("answer.restored", by=None, what=now)
        found.changed(now)
