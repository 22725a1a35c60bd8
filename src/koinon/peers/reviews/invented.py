"""Invented reviews for `--demo`: one that calls for peers, one in preparation, one that is over with what came of it.

Marked as invented in their titles and on their pages, and removable. The bodies are there; nobody of them said this.
"""

from datetime import time, timedelta
from typing import Any

from django.utils import timezone

from koinon.journal import versions
from koinon.network.actions import demo
from koinon.network.models import Organisation
from koinon.peers.models import Exchange
from koinon.peers.reviews.actions import agreeing
from koinon.peers.reviews.actions.known import FOUND
from koinon.peers.reviews.models import Application, Item, PeerReview, Recommendation
from koinon.peers.reviews.words import Answer, Progress, ReviewKind, State
from koinon.peers.words import Outcome
from koinon.places.models import Place
from koinon.search import changes

_TERMS = "Invented. The host pays nights and meals; each peer pays the way. A peer reads ten pages before."
_SAID: tuple[dict[str, Any], ...] = (
    {
        "country": "BE",
        "peer": "IT",
        "kind": ReviewKind.REVIEW,
        "title": "Demonstration: why do people leave our one-door office early? (invented)",
        "question": "Invented: four in ten come once and not again. What do your first conversations look like?",
        "topics": ["one-stop-shop", "integrated-services"],
        "days": (70, 71),
        "call": 30,
        "wanted": 4,
    },
    {
        "country": "FI",
        "peer": "ES",
        "kind": ReviewKind.VISIT,
        "title": "Demonstration: two days with a team for housing first (invented)",
        "question": "Invented: how landlords, a clinic and a city came to one contract.",
        "topics": ["housing-first", "homelessness"],
        "days": (25, 26),
        "call": -5,
        "wanted": 3,
    },
    {
        "country": "AT",
        "peer": "PL",
        "kind": ReviewKind.MENTORING,
        "title": "Demonstration: half a year at the side of a new centre (invented)",
        "question": "Invented: somebody who has led a centre through its first call for proposals.",
        "topics": ["competence-centre", "capacity-building"],
        "days": (-400, -220),
        "call": -430,
        "wanted": 1,
    },
)


def add() -> None:
    """Add what is not there yet."""
    if PeerReview.objects.filter(is_demo=True).exists():
        return
    centres: dict[str, Organisation] = {}
    for centre in Organisation.objects.centres().public().exclude(country="").order_by("country", "pk"):
        centres.setdefault(centre.country, centre)
    for said in _SAID:
        if said["country"] in centres:
            _host(centres[said["country"]], centres.get(said["peer"]), said)
    _touch()


def _host(host: Organisation, peer: Organisation | None, said: dict[str, Any]) -> None:
    today, now = timezone.localdate(), timezone.now()
    first, last = (today + timedelta(days=days) for days in said["days"])
    until = today + timedelta(days=said["call"])
    review = PeerReview.objects.create(
        kind=said["kind"],
        state=State.CALLING if until >= today else State.PREPARING,
        organisation=host,
        title=said["title"],
        question=said["question"],
        topics=said["topics"],
        languages=["en"],
        place=Place.objects.filter(pk=said["country"]).first(),
        terms=_TERMS,
        first_day=first,
        last_day=last,
        wanted=said["wanted"],
        call_until=until,
        published_at=now - timedelta(days=10) if until >= today else now - timedelta(days=40),
        closed_at=None if until >= today else now,
        is_demo=True,
    )
    for day, begins, ends, title in (
        (first, time(9, 30), time(12, 0), "Invented: who we are, and a walk through the house"),
        (first, time(13, 30), time(16, 0), "Invented: conversations with those who work here"),
        (last, time(9, 30), time(11, 30), "Invented: what the peers saw"),
    ):
        Item.objects.create(
            review=review,
            nonce=f"{day.isoformat()}-{begins.hour}",
            day=day,
            begins=begins,
            ends=ends,
            title=title,
        )
    if peer is not None and until < today:
        _comes(review, peer)
    if last < today:
        _after(review)


def _comes(review: PeerReview, peer: Organisation) -> None:
    application = Application.objects.create(
        review=review,
        organisation=peer,
        reason="Invented for demonstration; this body did not say it.",
        named=True,
        answer=Answer.ACCEPTED,
        answered_at=timezone.now(),
    )
    exchange = agreeing.begin(application, review)
    exchange.is_demo = True
    if review.is_over:
        now = timezone.now()
        exchange.outcome, exchange.result_at = Outcome.HELPED, now - timedelta(days=150)
        exchange.public_text = "Invented: twelve conversations, one call for proposals that went out in time."
        exchange.first_consent = exchange.second_consent = now
    exchange.save()
    application.exchange = exchange
    application.save()


def _after(review: PeerReview) -> None:
    now = timezone.now()
    for number, (text, progress, why) in enumerate(
        (
            ("Invented: hold the first conversation within five days.", Progress.DONE, ""),
            ("Invented: read each call text aloud to somebody who does not know it.", Progress.DOING, ""),
            ("Invented: print the forms.", Progress.DROPPED, "Nobody asked for them on paper."),
        )
    ):
        Recommendation.objects.create(
            review=review,
            nonce=f"demo-{number}",
            text=text,
            due=review.last_day + timedelta(days=400),
            progress=progress,
            why=why,
        )
    review.shown_at = review.answered_at = review.asked_at = now - timedelta(days=20)
    review.asked = 1
    review.changed_words = "Invented: the second call had twice as many answers as the first."
    review.save()


def remove() -> None:
    """Take all of it away again."""
    _touch()
    Exchange.objects.filter(application__review__is_demo=True).delete()
    PeerReview.objects.filter(is_demo=True).delete()


def _touch() -> None:
    changes.touch(FOUND, *PeerReview.objects.filter(is_demo=True).values_list("code", flat=True))
    versions.raise_()


def join_in() -> None:
    """Called once, when peers are ready."""
    demo.more.append((add, remove))
