"""Preparing a review: drafting, changing, publishing, deleting, calling off; its agenda."""

from dataclasses import dataclass
from datetime import date, time

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.network.models import Organisation
from koinon.peers.permissions import may_take_down
from koinon.peers.reviews import telling
from koinon.peers.reviews.actions import agreeing
from koinon.peers.reviews.actions.known import Changed, Full, NotNow, lock, record
from koinon.peers.reviews.models import Item, PeerReview
from koinon.peers.reviews.permissions import (
    may_cancel_review,
    may_change_review,
    may_delete_review,
    may_host,
    may_publish_review,
)
from koinon.peers.reviews.words import MOST_ITEMS, Answer, State
from koinon.places.models import Place

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True)
class Words:
    """All that a host writes of a review."""

    language: str
    title: str
    question: str
    terms: str
    first_day: date
    last_day: date
    call_until: date
    wanted: int = 1
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    place: Place | None = None
    inner: str = ""


@dataclass(frozen=True)
class Slot:
    """One item of an agenda."""

    day: date
    begins: time
    ends: time | None
    title: str
    who: str = ""


# What a peer agrees to; a changed word of these asks the accepted peers again.
_AGREED = ("title", "question", "terms", "first_day", "last_day", "place")


def _write(review: PeerReview, words: Words) -> None:
    for name in ("language", "title", "question", "terms", "first_day", "last_day", "call_until", "wanted"):
        setattr(review, name, getattr(words, name))
    review.topics, review.languages = list(words.topics), list(words.languages)
    review.place, review.inner = words.place, words.inner
    review.changed_at = timezone.now()


@transaction.atomic
def draft(organisation: Organisation, *, by: Visitor, kind: str, words: Words, nonce: str = "") -> PeerReview:
    """Draft a review for a body that hosts it. Sent twice with the same `nonce` it is one."""
    require(may_host(by, organisation))
    review = PeerReview(organisation=organisation, by_id=by.person_id, kind=kind)
    if nonce:
        made = salted_hmac("koinon.peers.review", f"{by.person_id}:{nonce}", algorithm="sha256").digest()
        review.code = "".join(_LETTERS[byte % len(_LETTERS)] for byte in made[:12])
        before = PeerReview.objects.filter(code=review.code).first()
        if before is not None:
            return before
    _write(review, words)
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError:
        before = PeerReview.objects.filter(code=review.code).first()
        if before is None:
            raise
        return before
    record("review_drafted", review, by=by)
    return review


@transaction.atomic
def change(review: PeerReview, *, by: Visitor, version: int, words: Words) -> PeerReview:
    """Say it otherwise. `Changed` where somebody else saved since this was read; a later deadline opens the call again.

    Where something changes that the accepted peers agreed to, each of them is asked anew.
    """
    now = lock(review)
    require(may_change_review(by, now), hidden=not now.is_public)
    if now.is_cancelled or now.removed_at is not None:
        raise NotNow
    if now.version != version:
        raise Changed(now)
    if now.applications.filter(answer=Answer.ACCEPTED).count() > words.wanted:
        raise Full
    before = [getattr(now, name) for name in _AGREED]
    _write(now, words)
    now.version += 1
    is_otherwise = before != [getattr(now, name) for name in _AGREED]
    if is_otherwise:
        now.terms_version += 1
    if now.state in {State.CALLING, State.PREPARING}:
        is_open = now.call_until >= timezone.localdate()
        now.state, now.closed_at = (State.CALLING, None) if is_open else (now.state, now.closed_at)
    now.save()
    record("review_changed", now, by=by)
    if is_otherwise:
        agreeing.ask_again(now)
    return now


@transaction.atomic
def publish(review: PeerReview, *, by: Visitor) -> PeerReview:
    """Everybody reads it, and the call for peers is open until its deadline. Twice changes nothing."""
    now = lock(review)
    require(may_publish_review(by, now), hidden=not now.is_public)
    if not now.is_draft:
        return now
    if now.call_until < timezone.localdate() or now.removed_at is not None:
        raise NotNow
    now.state, now.published_at = State.CALLING, timezone.now()
    now.save(update_fields=["state", "published_at"])
    record("review_published", now, by=by)
    return now


@transaction.atomic
def delete(review: PeerReview, *, by: Visitor) -> None:
    """A draft goes; what was published is called off instead."""
    now = lock(review)
    require(may_delete_review(by, now), hidden=not now.is_public)
    if not now.is_draft:
        raise NotNow
    journal.record("peers.review_deleted", by=by, what=now, public=False)
    now.delete()


@transaction.atomic
def cancel(review: PeerReview, *, by: Visitor, words: str) -> PeerReview:
    """It does not take place. Whoever applied or was to come is told why; the page stays and says so. Twice changes nothing."""
    now = lock(review)
    require(may_cancel_review(by, now), hidden=not now.is_public)
    if now.is_cancelled:
        return now
    if now.is_draft or now.is_over:
        raise NotNow
    now.state, now.cancelled_at, now.cancelled_words = State.CANCELLED, timezone.now(), words
    now.version += 1
    now.save(update_fields=["state", "cancelled_at", "cancelled_words", "version"])
    record("review_cancelled", now, by=by)
    for application in now.applications.filter(answer__in=[Answer.SENT, Answer.ACCEPTED]).select_related(
        "exchange", "organisation", "person"
    ):
        agreeing.call_off(application)
        telling.tell_applicant(application, now, "cancelled")
    return now


@transaction.atomic
def take_down(review: PeerReview, *, by: Visitor, words: str) -> PeerReview:
    """The coordinator takes it off the site; the host is told why. Twice changes nothing."""
    now = lock(review)
    require(may_take_down(by))
    if now.is_public:
        _remove(now, by=by)
        telling.tell_taken_down(now, words)
    return now


def _remove(now: PeerReview, *, by: Visitor | None) -> None:
    now.removed_at = timezone.now()
    now.save(update_fields=["removed_at"])
    record("review_taken_down", now, by=by, was_public=True)


@transaction.atomic
def take_down_after_notice(review: PeerReview) -> None:
    """Decided upon a notice; whether that person may decide, `notices` has asked."""
    now = lock(review)
    if now.removed_at is None:
        _remove(now, by=None)


@transaction.atomic
def restore_after_complaint(review: PeerReview) -> None:
    """A complaint was right: it stands again."""
    now = lock(review)
    if now.removed_at is not None:
        now.removed_at = None
        now.save(update_fields=["removed_at"])
        record("review_restored", now, by=None)


@transaction.atomic
def add_item(review: PeerReview, *, by: Visitor, slot: Slot, nonce: str) -> Item:
    """Put something on the agenda. The same form sent twice is one item."""
    now = lock(review)
    require(may_change_review(by, now), hidden=not now.is_public)
    before = now.agenda.filter(nonce=nonce).first()
    if before is not None:
        return before
    if now.is_cancelled or now.agenda.count() >= MOST_ITEMS:
        raise NotNow
    item = Item(review=now, nonce=nonce)
    _put(item, slot)
    item.save()
    record("agenda_changed", now, by=by)
    return item


def _put(item: Item, slot: Slot) -> None:
    item.day, item.begins, item.ends, item.title, item.who = (
        slot.day,
        slot.begins,
        slot.ends,
        slot.title,
        slot.who,
    )


@transaction.atomic
def change_item(item: Item, *, by: Visitor, edits: int, slot: Slot) -> Item:
    """Move or reword an item. `Changed` where somebody else saved since this was read."""
    review = lock(item.review)
    require(may_change_review(by, review), hidden=not review.is_public)
    now = Item.objects.filter(pk=item.pk).first()
    if now is None or review.is_cancelled:
        raise NotNow
    if now.edits != edits:
        raise Changed(now)
    _put(now, slot)
    now.edits += 1
    now.save()
    record("agenda_changed", review, by=by)
    return now


@transaction.atomic
def remove_item(item: Item, *, by: Visitor) -> None:
    """Take an item off the agenda. Twice changes nothing."""
    review = lock(item.review)
    require(may_change_review(by, review), hidden=not review.is_public)
    if Item.objects.filter(pk=item.pk).delete()[0]:
        record("agenda_changed", review, by=by)
