"""The peers' part of the API: what bodies offer and need, and what came of exchanges. Nothing of a person is in it."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from koinon.base.governance import governed
from koinon.peers.listing import Asked, Board, Row
from koinon.peers.models import Exchange, PeerReview
from koinon.peers.reviews import listing as reviewing
from koinon.peers.reviews.words import ReviewKind
from koinon.peers.words import Format, Kind

router = Router(tags=["peers"])
MOST = 200


class OfferOrNeed(Schema):
    """What a body says; `last_day` is the day after which it closes by itself."""

    code: str
    kind: str
    title: str
    text: str
    language: str
    body: str
    topics: list[str]
    formats: list[str]
    languages: list[str]
    place: str | None
    country: str
    until: date | None
    last_day: date
    call: str
    invented: bool
    url: str


class OffersAndNeeds(Schema):
    count: int
    items: list[OfferOrNeed]


class Sought(Schema):
    """What to look for; each filter is one value."""

    q: str = Field("", max_length=200)
    kind: Kind | None = None
    topic: str = Field("", max_length=60)
    country: str = Field("", pattern="^([A-Z]{2})?$")
    form: Format | None = None
    language: str = Field("", pattern="^([a-z]{2})?$")
    offset: int = Field(0, ge=0, le=100_000)
    limit: int = Field(50, ge=1, le=MOST)


@router.get("/peers", response=OffersAndNeeds, url_name="peers")
@governed("E1a")
def peers(request: HttpRequest, sought: Query[Sought]) -> Any:
    """What bodies offer and need today, the newest first. What persons say is never here."""
    ticked: dict[str, tuple[str, ...]] = {
        "kind": (str(sought.kind.value),) if sought.kind else (),
        "topic": (sought.topic,) if sought.topic else (),
        "country": (sought.country,) if sought.country else (),
        "form": (str(sought.form.value),) if sought.form else (),
        "language": (sought.language,) if sought.language else (),
    }
    found = Board(Asked(sought.q.replace("\x00", "").strip(), ticked)).found
    return {
        "count": len(found),
        "items": [_told(row) for row in found[sought.offset : sought.offset + sought.limit]],
    }


def _told(row: Row) -> dict[str, Any]:
    return {
        "code": row.code,
        "kind": row.kind,
        "title": row.title,
        "text": row.text,
        "language": row.language,
        "body": row.body_slug,
        "topics": list(row.topics),
        "formats": list(row.formats),
        "languages": list(row.languages),
        "place": row.place.key if row.place is not None else None,
        "country": row.country,
        "until": row.until,
        "last_day": row.expires_on,
        "call": row.call_title,
        "invented": row.is_demo,
        "url": row.url,
    }


class ExchangeSeen(Schema):
    """What came of an exchange, as both sides let it be seen. A side that is a person is left out."""

    code: str
    title: str
    language: str
    bodies: list[str]
    format: str
    topics: list[str]
    begins_on: date
    ends_on: date
    outcome: str
    text: str
    invented: bool
    url: str


class ExchangesSeen(Schema):
    count: int
    items: list[ExchangeSeen]


class Page(Schema):
    offset: int = Field(0, ge=0, le=100_000)
    limit: int = Field(50, ge=1, le=MOST)


@router.get("/peers/exchanges", response=ExchangesSeen, url_name="exchanges")
@governed("E9")
def exchanges(request: HttpRequest, page: Query[Page]) -> Any:
    """Exchanges whose result both sides let be seen, the latest first."""
    rows = Exchange.objects.public().with_sides().latest_first()
    return {
        "count": rows.count(),
        "items": [_seen(row) for row in rows[page.offset : page.offset + page.limit]],
    }


def _seen(row: Exchange) -> dict[str, Any]:
    bodies = (row.first_organisation, row.second_organisation)
    return {
        "code": row.code,
        "title": row.title,
        "language": row.language,
        "bodies": [body.slug for body in bodies if body is not None and body.published],
        "format": row.format,
        "topics": list(row.topics),
        "begins_on": row.begins_on,
        "ends_on": row.ends_on,
        "outcome": row.outcome,
        "text": row.public_text,
        "invented": row.is_demo,
        "url": row.get_absolute_url(),
    }


class ReviewSeen(Schema):
    """A peer review, study visit or mentoring pair; `stands`: calling, preparing, running, over or cancelled."""

    code: str
    kind: str
    stands: str
    title: str
    question: str
    terms: str
    language: str
    host: str
    topics: list[str]
    languages: list[str]
    place: str | None
    country: str
    first_day: date
    last_day: date
    peers_wanted: int
    call_until: date
    invented: bool
    url: str


class ReviewsSeen(Schema):
    count: int
    items: list[ReviewSeen]


class ReviewsSought(Schema):
    """What to look for; each filter is one value. `now`: only those that call for peers today."""

    q: str = Field("", max_length=200)
    kind: ReviewKind | None = None
    topic: str = Field("", max_length=60)
    country: str = Field("", pattern="^([A-Z]{2})?$")
    now: bool = False
    offset: int = Field(0, ge=0, le=100_000)
    limit: int = Field(50, ge=1, le=MOST)


@router.get("/peers/reviews", response=ReviewsSeen, url_name="peer_reviews")
@governed("E11")
def reviews(request: HttpRequest, sought: Query[ReviewsSought]) -> Any:
    """Published peer reviews, study visits and mentoring pairs, the newest first. Nothing of their inner papers is here."""
    ticked: dict[str, tuple[str, ...]] = {
        "kind": (str(sought.kind.value),) if sought.kind else (),
        "topic": (sought.topic,) if sought.topic else (),
        "country": (sought.country,) if sought.country else (),
        "now": ("open",) if sought.now else (),
    }
    found = reviewing.Board(reviewing.Asked(sought.q.replace("\x00", "").strip(), ticked)).found
    return {
        "count": len(found),
        "items": [_review(row) for row in found[sought.offset : sought.offset + sought.limit]],
    }


def _review(row: PeerReview) -> dict[str, Any]:
    return {
        "code": row.code,
        "kind": row.kind,
        "stands": row.stands,
        "title": row.title,
        "question": row.question,
        "terms": row.terms,
        "language": row.language,
        "host": row.organisation.slug,
        "topics": list(row.topics),
        "languages": list(row.languages),
        "place": row.place.key if row.place is not None else None,
        "country": row.country,
        "first_day": row.first_day,
        "last_day": row.last_day,
        "peers_wanted": row.wanted,
        "call_until": row.call_until,
        "invented": row.is_demo,
        "url": row.get_absolute_url(),
    }
