"""After the days: what is recommended, whose it is, what became of it; half a year later, what changed."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.peers.reviews import telling
from koinon.peers.reviews.actions.known import Changed, NotNow, lock, record
from koinon.peers.reviews.models import PeerReview, Recommendation
from koinon.peers.reviews.permissions import may_change_review
from koinon.peers.reviews.words import (
    ASK_AGAIN,
    ASK_MOST,
    FOLLOW_UP_MONTHS,
    MOST_RECOMMENDATIONS,
    Progress,
    State,
    months_before,
)
from koinon.people.models import Person


@dataclass(frozen=True)
class Recommended:
    """One recommendation; no `owner` means the host itself."""

    text: str
    due: date
    owner: Person | None = None
    progress: str = Progress.OPEN
    why: str = ""


def _for_work(review: PeerReview, by: Visitor) -> PeerReview:
    now = lock(review)
    require(may_change_review(by, now), hidden=not now.is_public)
    if now.state in {State.DRAFT, State.CANCELLED} or not now.has_begun:
        raise NotNow
    return now


@transaction.atomic
def recommend(review: PeerReview, *, by: Visitor, said: Recommended, nonce: str) -> Recommendation:
    """Write down what the peers recommend, from the first day on. The same form sent twice is one."""
    now = _for_work(review, by)
    before = now.recommendations.filter(nonce=nonce).first()
    if before is not None:
        return before
    if now.recommendations.count() >= MOST_RECOMMENDATIONS:
        raise NotNow
    made = Recommendation(review=now, nonce=nonce)
    _write(made, said)
    made.save()
    _record("recommended", now, by=by)
    return made


def _write(row: Recommendation, said: Recommended) -> None:
    row.text, row.due, row.owner = said.text, said.due, said.owner
    row.progress, row.why = said.progress, said.why if said.progress == Progress.DROPPED else ""
    row.changed_at = timezone.now()


def _record(verb: str, review: PeerReview, *, by: Visitor) -> None:
    record(verb, review, by=by, was_public=False)


@transaction.atomic
def change(row: Recommendation, *, by: Visitor, edits: int, said: Recommended) -> Recommendation:
    """Say how it stands, or reword it. `Changed` where somebody else saved since this was read."""
    review = _for_work(row.review, by)
    now = Recommendation.objects.get(pk=row.pk)
    if now.edits != edits:
        raise Changed(now)
    _write(now, said)
    now.edits += 1
    now.save()
    _record("recommendation_changed", review, by=by)
    return now


@transaction.atomic
def show(review: PeerReview, *, by: Visitor, shown: bool) -> PeerReview:
    """Let recommendations and what changed be seen by all, or no longer. Twice changes nothing."""
    now = _for_work(review, by)
    if (now.shown_at is not None) != shown:
        now.shown_at = timezone.now() if shown else None
        now.save(update_fields=["shown_at"])
        record("recommendations_shown" if shown else "recommendations_hidden", now, by=by)
    return now


@transaction.atomic
def say_what_changed(review: PeerReview, *, by: Visitor, version: int, words: str) -> PeerReview:
    """The host's answer to the follow-up, once the days are over. `Changed` where somebody else saved since this was read."""
    now = _for_work(review, by)
    if not now.is_over:
        raise NotNow
    if now.version != version:
        raise Changed(now)
    now.changed_words, now.answered_at = words, timezone.now()
    now.version += 1
    now.save(update_fields=["changed_words", "answered_at", "version"])
    _record("follow_up_answered", now, by=by)
    return now


def close_calls() -> int:
    """By the clock: calls for peers whose deadline is over are closed, and their hosts told; returns how many."""
    closed = 0
    due = PeerReview.objects.filter(state=State.CALLING, call_until__lt=timezone.localdate())
    for pk in list(due.order_by("pk").values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            now = lock(PeerReview(pk=pk))
            if now.state != State.CALLING or now.call_until >= timezone.localdate():
                continue
            now.state, now.closed_at = State.PREPARING, timezone.now()
            now.save(update_fields=["state", "closed_at"])
            record("call_for_peers_closed", now, by=None)
            telling.tell_host(now, "closed")
            closed += 1
    return closed


def ask_what_changed() -> int:
    """By the clock: half a year after the last day the host is asked what changed, and asked again; returns how many."""
    now = timezone.now()
    due = PeerReview.objects.filter(
        Q(asked_at__isnull=True) | Q(asked_at__lt=now - ASK_AGAIN),
        state__in=[State.CALLING, State.PREPARING],
        removed_at__isnull=True,
        answered_at__isnull=True,
        asked__lt=ASK_MOST,
        last_day__lte=months_before(timezone.localdate(), FOLLOW_UP_MONTHS),
    )
    asked = 0
    for pk in list(due.order_by("pk").values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            review = lock(PeerReview(pk=pk))
            is_late = review.asked_at is None or review.asked_at < now - ASK_AGAIN
            if review.answered_at is not None or review.is_cancelled or not is_late:
                continue
            review.asked_at, review.asked = now, review.asked + 1
            review.save(update_fields=["asked_at", "asked"])
            record("follow_up_asked", review, by=None, was_public=False)
            telling.tell_host(review, "follow_up")
            asked += 1
    return asked
