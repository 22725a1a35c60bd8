"""What reviews add elsewhere: search, what is new, things that can be reported, one's own data, the end of an account."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from koinon.base.languages import without_language
from koinon.base.visitor import Visitor
from koinon.journal import fresh, versions
from koinon.notices.subjects import Kind, Subject, kinds
from koinon.peers.reviews.actions import writing
from koinon.peers.reviews.actions.known import FOUND
from koinon.peers.reviews.models import Application, PeerReview, Recommendation
from koinon.peers.reviews.words import Answer
from koinon.people import mine
from koinon.people.models import Person
from koinon.search import sources
from koinon.search.documents import Document, Text


def _keys() -> Iterable[str]:
    return iter(PeerReview.objects.public().values_list("code", flat=True).iterator())


def documents(keys: Sequence[str]) -> Iterable[Document]:
    """Published reviews; one query for all of them. Nothing of the inner papers is in it."""
    for one in PeerReview.objects.public().filter(code__in=list(keys)).with_host():
        body = f"{one.question}\n{one.terms}\n{one.organisation.name}"
        yield Document(
            type=FOUND,
            key=one.code,
            address=without_language(one.get_absolute_url()),
            texts=(Text(one.language, one.title, body),),
            countries=(one.country,) if one.country else (),
            places=(one.place.code,) if one.place is not None else (),
            topics=tuple(one.topics),
            on=one.first_day,
        )


def load(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Reviews as those who follow are told of them; one query."""
    rows = PeerReview.objects.public().filter(pk__in=[key for key in keys if key.isdecimal()])
    for one in rows.with_host():
        yield fresh.Fresh(
            key=str(one.pk),
            title=one.title,
            address=without_language(one.get_absolute_url()),
            language=one.language,
            about=one.organisation.name,
            on=one.call_until if one.calls else one.first_day,
            places=(one.place.pk,) if one.place is not None and one.place.pk != "EU" else (),
            topics=tuple(one.topics),
            organisations=(one.organisation.slug,),
            found=(FOUND, one.code),
            cancelled=one.is_cancelled,
        )


def _find(code: str) -> PeerReview | None:
    return PeerReview.objects.filter(code=code[:12]).first()


def _subject(key: str, visitor: Visitor) -> Subject | None:
    found = PeerReview.objects.public().with_host().filter(code=key[:12]).first()
    if found is None:
        return None
    return Subject(found.title, found.get_absolute_url(), found.organisation, found.by_id)


def _take(key: str, reason: str, words: str, by: Visitor) -> None:
    """Decided upon a notice; whether this person may decide, `notices` has asked. So with what follows."""
    if (found := _find(key)) is not None:
        writing.take_down_after_notice(found)


def _give(key: str, by: Visitor) -> None:
    if (found := _find(key)) is not None:
        writing.restore_after_complaint(found)


def reviews_of(person: Person) -> list[dict[str, Any]]:
    """For the copy of the data: the reviews that I drafted for a body."""
    return [
        {
            "code": row.code,
            "kind": row.kind,
            "host": row.organisation.slug,
            "title": row.title,
            "question": row.question,
            "terms": row.terms,
            "from": row.first_day.isoformat(),
            "until": row.last_day.isoformat(),
        }
        for row in PeerReview.objects.filter(by=person).with_host().order_by("pk")
    ]


def applications_of(person: Person) -> list[dict[str, Any]]:
    """What I applied for, for myself or a body, and what I was answered."""
    rows = Application.objects.filter(person=person) | Application.objects.filter(by=person)
    return [
        {
            "review": row.review.code,
            "body": row.organisation.slug if row.organisation is not None else None,
            "reason": row.reason,
            "named": row.named,
            "answer": row.answer,
            "words": row.words,
            "at": row.made_at.isoformat(),
        }
        for row in rows.select_related("review", "organisation").order_by("pk")
    ]


def recommendations_of(person: Person) -> list[dict[str, Any]]:
    """The recommendations that I see to."""
    rows = Recommendation.objects.filter(owner=person).select_related("review")
    return [
        {
            "review": row.review.code,
            "text": row.text,
            "until": row.due.isoformat(),
            "progress": row.progress,
        }
        for row in rows.order_by("pk")
    ]


def let_go(person: Person) -> None:
    """An account closes: its applications go; what it wrote for a body stays the body's, without a name."""
    own = Application.objects.filter(person=person)
    was_seen = own.filter(answer=Answer.ACCEPTED, named=True).exists()
    own.delete()
    Application.objects.filter(by=person).update(by=None)
    PeerReview.objects.filter(by=person).update(by=None)
    Recommendation.objects.filter(owner=person).update(owner=None)
    if was_seen:
        versions.raise_()


def join_in() -> None:
    """Called once, when peers are ready."""
    sources.register(sources.Source(FOUND, _keys, documents))
    verbs = {
        "peers.review_published": gettext_lazy("Peers are called for"),
        "peers.review_cancelled": gettext_lazy("Called off"),
        "peers.recommendations_shown": gettext_lazy("What the peers recommend"),
    }
    heading = gettext_lazy("Peer reviews and visits")
    fresh.sources.append(fresh.Source("reviews", heading, "peers.peerreview", verbs, load))
    kinds[FOUND] = Kind(gettext_lazy("peer review or visit"), _subject, _take, _give)
    mine.exports["peer_reviews"] = reviews_of
    mine.exports["peer_applications"] = applications_of
    mine.exports["peer_recommendations"] = recommendations_of
    mine.farewells.append(let_go)
