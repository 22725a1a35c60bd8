"""Coming as a peer: applying, being accepted or declined with words, withdrawing, letting oneself be named."""

from django.db import transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.network.models import Organisation
from koinon.peers.reviews import telling
from koinon.peers.reviews.actions import agreeing
from koinon.peers.reviews.actions.known import Changed, Full, NotNow, lock, record
from koinon.peers.reviews.models import Application, PeerReview
from koinon.peers.reviews.permissions import may_answer_application, may_apply, may_keep_application
from koinon.peers.reviews.words import Answer


@transaction.atomic
def apply(
    review: PeerReview,
    *,
    by: Visitor,
    organisation: Organisation | None,
    reason: str,
    language: str,
    named: bool,
    terms_version: int,
) -> Application:
    """Ask to come, for oneself or a body. Twice is once; who withdrew may ask again. `Changed` where other terms stand now."""
    now = lock(review)
    require(may_apply(by, now, organisation), hidden=not now.is_public)
    owner = {"organisation": organisation} if organisation is not None else {"person_id": by.person_id}
    mine = now.applications.select_for_update().filter(**owner).first()
    if mine is not None and mine.answer != Answer.WITHDRAWN:
        return mine
    if not now.calls:
        raise NotNow
    if now.terms_version != terms_version:
        raise Changed(now)
    application = mine or Application(review=now, **owner)
    application.by_id, application.reason, application.language = by.person_id, reason, language
    application.named, application.terms_version = named, terms_version
    application.answer, application.words, application.answered_at = Answer.SENT, "", None
    application.made_at = timezone.now()
    application.save()
    journal.record("peers.review_applied", by=by, what=application, public=False)
    telling.tell_host(now, "applied", application)
    return application


def _locked(application: Application) -> tuple[PeerReview, Application]:
    review = lock(application.review)
    rows = review.applications.select_for_update(of=("self",)).select_related(
        "organisation", "person", "exchange"
    )
    return review, rows.get(pk=application.pk)


@transaction.atomic
def answer(application: Application, *, by: Visitor, accept: bool, words: str) -> Application:
    """Accept or decline, with words; the applicant is told. The same answer twice is once; another than stands is `Changed`."""
    review, now = _locked(application)
    require(may_answer_application(by, review), hidden=True)
    wanted = Answer.ACCEPTED if accept else Answer.DECLINED
    if now.answer == wanted:
        return now
    if now.answer != Answer.SENT:
        raise Changed(now)
    if review.is_cancelled or review.is_draft or review.is_over:
        raise NotNow
    if accept and review.applications.filter(answer=Answer.ACCEPTED).count() >= review.wanted:
        raise Full
    now.answer, now.words, now.answered_at = wanted, words, timezone.now()
    if accept:
        now.exchange = agreeing.begin(now, review)
    now.save()
    journal.record(f"peers.review_{wanted.value}", by=by, what=now, public=False)
    if accept:
        record("review_peers_changed", review, by=by)
    telling.tell_applicant(now, review, wanted.value)
    return now


@transaction.atomic
def withdraw(application: Application, *, by: Visitor) -> Application:
    """Come no longer; the host is told. Twice changes nothing; not once a result is recorded."""
    review, now = _locked(application)
    require(may_keep_application(by, now), hidden=True)
    if now.answer == Answer.WITHDRAWN:
        return now
    if now.answer == Answer.DECLINED or not agreeing.call_off(now):
        raise NotNow
    was_accepted = now.is_accepted
    now.answer, now.answered_at = Answer.WITHDRAWN, timezone.now()
    now.save(update_fields=["answer", "answered_at"])
    journal.record("peers.review_withdrawn", by=by, what=now, public=False)
    if was_accepted:
        record("review_peers_changed", review, by=by)
    telling.tell_host(review, "withdrawn", now)
    return now


@transaction.atomic
def let_be_named(application: Application, *, by: Visitor, named: bool) -> Application:
    """Say whether one stands on the page for all. Twice changes nothing."""
    review, now = _locked(application)
    require(may_keep_application(by, now), hidden=True)
    if now.named != named:
        now.named = named
        now.save(update_fields=["named"])
        journal.record("peers.review_named", by=by, what=now, public=False)
        if now.is_accepted:
            record("review_peers_changed", review, by=by)
    return now
