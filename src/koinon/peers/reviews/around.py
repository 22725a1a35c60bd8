"""Reviews as rows of the peers' shelf of a place: those that call for peers or lie ahead."""

from datetime import date

from django.urls import reverse
from django.utils.text import capfirst

from koinon.peers.listing import Row
from koinon.peers.reviews import listing
from koinon.peers.reviews.models import PeerReview
from koinon.peers.reviews.words import ReviewKind, State


class ReviewRow(Row):
    """A review among offers and needs."""

    @property
    def url(self) -> str:
        return reverse("peers:review", args=[self.code])

    @property
    def kind_words(self) -> str:
        return capfirst(str(ReviewKind(self.kind).label))


def rows(day: date) -> tuple[ReviewRow, ...]:
    """What is not over and not called off; no query once the version of the data is known."""
    return tuple(
        _row(one) for one in listing.rows(day) if one.state != State.CANCELLED and one.last_day >= day
    )


def _row(one: PeerReview) -> ReviewRow:
    return ReviewRow(
        code=one.code,
        kind=one.kind,
        language=one.language,
        title=one.title,
        text=one.question,
        body=one.organisation.name,
        body_slug=one.organisation.slug,
        topics=tuple(one.topics),
        formats=(one.kind,),
        languages=tuple(one.languages),
        place=one.place,
        country=one.country,
        until=one.call_until if one.calls else one.last_day,
        expires_on=one.last_day,
        call_title="",
        changed_at=one.changed_at,
        is_demo=one.is_demo,
    )
