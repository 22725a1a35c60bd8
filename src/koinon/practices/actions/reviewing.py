"""Reviewing: naming who looks, what they found, and the decision that follows."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.people.models import Person
from koinon.practices import telling
from koinon.practices.actions.writing import lock_version
from koinon.practices.content import content_of, kept
from koinon.practices.life import NotFrom, State, step
from koinon.practices.models import Practice, Review, Version
from koinon.practices.permissions import may_assign, may_decide, may_note
from koinon.practices.pictures import pictures_in, told
from koinon.practices.staff import reviewers_for
from koinon.search import changes

Decision = Review.Decision


class NotPossible(Exception):
    """This person cannot review it: an author, or not on the staff of those who look after it."""


@dataclass(frozen=True)
class Findings:
    """What a reviewer found: for each of the four things how it is and why; the decision, words to the author, a note."""

    scope: str
    scope_because: str
    approach: str
    approach_because: str
    results: str
    results_because: str
    transfer: str
    transfer_because: str
    decision: str
    words: str = ""
    note: str = ""
    is_named: bool = False


@transaction.atomic
def assign(version: Version, *, by: Visitor, to: Person) -> Review:
    """Name somebody to review it. Named already, nothing changes."""
    now = lock_version(version)
    require(may_assign(by, now))
    if to not in reviewers_for(now):
        raise NotPossible
    review, is_new = Review.objects.get_or_create(version=now, round=now.round, reviewer=to)
    if is_new:
        _record("practice.reviewer_named", now, by=by)
        telling.tell_reviewer(review)
    return review


@transaction.atomic
def want_second(version: Version, *, by: Visitor, wanted: bool) -> None:
    """Wish that two people say yes before it is published; or that one is enough."""
    now = lock_version(version)
    require(may_assign(by, now))
    if now.second_wanted != wanted:
        now.second_wanted = wanted
        now.save(update_fields=["second_wanted"])
        _record("practice.second_wanted" if wanted else "practice.one_is_enough", now, by=by)


@transaction.atomic
def note(version: Version, *, by: Visitor, text: str) -> Review:
    """Leave a word for those who decide, before one's own decision; the author never reads it."""
    now = lock_version(version)
    require(may_note(by, now))
    review = now.reviews.of_now().get(reviewer=by.person_id)
    review.note = text
    review.save(update_fields=["note"])
    _record("practice.noted", now, by=by)
    return review


@transaction.atomic
def decide(version: Version, *, by: Visitor, findings: Findings) -> Version:
    """Say what was found, and decide. Where a second person is wanted, the first yes waits for another's.

    A version that was decided a moment before raises `NotFrom`.
    """
    now = lock_version(version)
    if now.state != State.SUBMITTED:
        raise NotFrom(f"{now.state} is decided")
    require(may_decide(by, now))
    _keep(now, by, findings)
    _record("practice.reviewed", now, by=by, decision=findings.decision)
    if findings.decision == Decision.PUBLISH:
        others = now.reviews.of_now().done().filter(decision=Decision.PUBLISH).exclude(reviewer=by.person_id)
        if now.second_wanted and not others.exists():
            telling.tell_second(now)
            return now
        _publish(now, by)
    else:
        to = State.CHANGES if findings.decision == Decision.CHANGES else State.DECLINED
        step(now, to)
        if to == State.CHANGES:
            now.sent_back = kept(content_of(now)) | {"pictures": told(pictures_in(now))}
        now.save(update_fields=["state", "sent_back"])
        if now.practice.state != State.PUBLISHED:
            step(now.practice, to)
            now.practice.save(update_fields=["state"])
    telling.tell_author(now, findings.decision, findings.words)
    return now


def _keep(version: Version, by: Visitor, findings: Findings) -> None:
    Review.objects.update_or_create(
        version=version,
        round=version.round,
        reviewer_id=by.person_id,
        defaults={
            "done_at": timezone.now(),
            "is_named": findings.is_named,
            "scope": findings.scope,
            "scope_because": findings.scope_because,
            "approach": findings.approach,
            "approach_because": findings.approach_because,
            "results": findings.results,
            "results_because": findings.results_because,
            "transfer": findings.transfer,
            "transfer_because": findings.transfer_because,
            "decision": findings.decision,
            "words": findings.words,
            "note": findings.note,
        },
    )


def _publish(version: Version, by: Visitor) -> None:
    practice = version.practice
    step(version, State.PUBLISHED)
    version.save(update_fields=["state"])
    if practice.state != State.PUBLISHED:
        step(practice, State.PUBLISHED)
        practice.published_at = timezone.now()
    practice.shown = version
    practice.checked_on = timezone.localdate()
    practice.save(update_fields=["state", "published_at", "shown", "checked_on"])
    journal.record("practice.published", by=by, what=practice, details={"version": version.number})
    changes.touch("practice", practice.slug)


def _record(verb: str, version: Version, *, by: Visitor, **more: str) -> None:
    journal.record(
        verb, by=by, what=version.practice, details={"version": version.number, **more}, public=False
    )


def open_to(by: Visitor) -> list[Version]:
    """What waits for somebody: what one is named to review, and what one answers for and did not write. Five queries."""
    of_now = Review.objects.of_now().select_related("reviewer")
    rows = (
        Version.objects.filter(state=State.SUBMITTED, practice__in=Practice.objects.seen_by(by).values("pk"))
        .select_related("practice__organisation", "practice__centre", "practice__shown")
        .prefetch_related(Prefetch("reviews", of_now), "writers", "places")
        .order_by("submitted_at", "pk")
    )
    return [row for row in rows[:500] if may_decide(by, row)]
