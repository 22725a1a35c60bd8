"""How to make a review, somebody who applied, a recommendation, for tests."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from koinon.network.models import Organisation
from koinon.network.testing import make_organisation
from koinon.peers.reviews.actions import agreeing
from koinon.peers.reviews.models import Application, PeerReview, Recommendation
from koinon.peers.reviews.words import Answer, State
from koinon.people.models import Person


def make_review(organisation: Organisation | None = None, **more: Any) -> PeerReview:
    """A published review that calls for peers, with its days in two months, unless said otherwise."""
    today = timezone.localdate()
    values: dict[str, Any] = {
        "kind": "review",
        "state": State.CALLING,
        "title": "How our one door works",
        "question": "Why do people leave before the second visit?",
        "topics": ["homelessness"],
        "languages": ["en"],
        "terms": "We pay the nights, you the way.",
        "first_day": today + timedelta(days=60),
        "last_day": today + timedelta(days=61),
        "call_until": today + timedelta(days=20),
        "wanted": 2,
    }
    values |= more
    if values["state"] != State.DRAFT:
        values.setdefault("published_at", timezone.now())
    return PeerReview.objects.create(organisation=organisation or make_organisation(), **values)


def make_draft(organisation: Organisation | None = None, **more: Any) -> PeerReview:
    return make_review(organisation, state=State.DRAFT, **more)


def make_past_review(organisation: Organisation | None = None, *, days: int = 3, **more: Any) -> PeerReview:
    """A review whose last day was some days ago."""
    last = timezone.localdate() - timedelta(days=days)
    values: dict[str, Any] = {
        "state": State.PREPARING,
        "first_day": last - timedelta(days=1),
        "last_day": last,
        "call_until": last - timedelta(days=30),
    }
    return make_review(organisation, **(values | more))


def make_application(
    review: PeerReview | None = None,
    *,
    organisation: Organisation | None = None,
    person: Person | None = None,
    **more: Any,
) -> Application:
    """A body that would come, unless a person is named. Accepted, it has its exchange with the host."""
    review = review or make_review()
    if organisation is None and person is None:
        organisation = make_organisation()
    made = Application.objects.create(
        review=review,
        organisation=organisation,
        person=person,
        **({"reason": "We have the same door."} | more),
    )
    if made.answer == Answer.ACCEPTED:
        made.exchange = agreeing.begin(made, review)
        made.save()
    return made


def make_recommendation(review: PeerReview | None = None, **more: Any) -> Recommendation:
    """Something recommended to the host itself."""
    review = review or make_past_review()
    number = review.recommendations.count()
    values: dict[str, Any] = {
        "nonce": f"recommended-{number}",
        "text": "Call people the day after their first visit.",
        "due": timezone.localdate() + timedelta(days=90),
    }
    return Recommendation.objects.create(review=review, **(values | more))
