"""The sessions' part of the API: the programme, and one session."""

from datetime import date, datetime
from typing import Any

from django.http import Http404
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError
from pydantic import ConfigDict

from koinon.agenda.models import Session
from koinon.agenda.views.programme import shown
from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest
from koinon.network.views.asked import EARLIEST, LATEST
from koinon.places.models import Place

router = Router(tags=["sessions"])


class Asked(Schema):
    """What may be asked of the programme. Other fields are refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first: date | None = Field(None, alias="from", ge=EARLIEST, le=LATEST, description="not before this day")
    to: date | None = Field(None, ge=EARLIEST, le=LATEST, description="not after this day")
    place: str | None = Field(
        None,
        max_length=200,
        description="key of a place: for it, for what it lies in, or for no place in particular",
    )


class SessionOut(Schema):
    """A session. `starts` and `ends` are moments in UTC; `zone` is where its wall time was announced."""

    code: str
    title: str
    state: str = Field(description="planned, live, ended, cancelled")
    starts: datetime
    ends: datetime
    zone: str
    url: str
    language: str
    format: str
    theme: str
    organiser: str
    places: list[str]
    spoken: list[str]
    interpreted: list[str]
    captioned: list[str]
    asked_in: list[str]
    time_certain: bool
    announced_time: str


class SessionList(Schema):
    items: list[SessionOut]


class PartOut(Schema):
    id: int
    title: str
    kind: str
    minutes: int | None
    who: str


class MaterialOut(Schema):
    kind: str
    title: str
    url: str
    language: str


class WholeOut(SessionOut):
    """One session with its parts, people and what it left."""

    lead: str
    outline: str
    segments: list[PartOut]
    speakers: list[dict[str, str]]
    material: list[MaterialOut]
    unknown: list[list[str]]
    follows: str | None
    cancelled_because: str
    sources: list[str]
    checked_on: date | None
    version: int


@router.get("/sessions", response=SessionList, url_name="sessions", summary="The programme")
@governed("B2")
def sessions(request: HttpRequest, asked: Query[Asked]) -> dict[str, Any]:
    """All sessions when nothing is asked, the soonest first; drafts and invited ones for those who see them."""
    rows = Session.objects.seen_by(request.visitor).between(asked.first, asked.to)
    if asked.place:
        place = Place.objects.find(asked.place)
        if place is None:
            raise HttpError(422, "There is no place with this key.")
        rows = rows.filter(pk__in=rows.concerning([place.code, *place.ancestor_codes()]).values("pk"))
    found = rows.select_related("organiser").prefetch_related("places").soonest_first()
    return {"items": [_short(row) for row in found]}


@router.get("/sessions/{code}", response=WholeOut, url_name="session", summary="One session")
@governed("B2")
def session(request: HttpRequest, code: str) -> dict[str, Any]:
    """One session by its code."""
    row = (
        Session.objects.seen_by(request.visitor)
        .select_related("organiser", "follows")
        .prefetch_related("places", "segments", "speakers", "material")
        .filter(code=code[:40])
        .first()
    )
    if row is None:
        raise Http404
    follows = row.follows
    if follows is not None and not Session.objects.seen_by(request.visitor).filter(pk=follows.pk).exists():
        follows = None
    return _short(row) | {
        "lead": row.lead,
        "outline": row.outline,
        "segments": list(row.segments.all()),
        "speakers": [
            {"name": one.name, "role": one.role, "organisation": one.body, "slides": one.slides}
            for one in row.speakers.all()
            if one.state in {one.State.NAMED, one.State.ACCEPTED}
        ],
        "material": shown(list(row.material.all())),
        "unknown": row.unknown,
        "follows": follows.code if follows else None,
        "cancelled_because": row.cancelled_because,
        "sources": row.sources,
        "checked_on": row.checked_on,
        "version": row.version,
    }


def _short(row: Session) -> dict[str, Any]:
    return {
        "code": row.code,
        "title": row.title,
        "state": row.state_now,
        "starts": row.starts_at,
        "ends": row.ends_at,
        "zone": row.zone,
        "url": row.get_absolute_url(),
        "language": row.language,
        "format": row.format,
        "theme": row.theme,
        "organiser": row.organiser_name,
        "places": [place.key for place in row.places.all()],
        "spoken": row.spoken,
        "interpreted": row.interpreted,
        "captioned": row.captioned,
        "asked_in": row.asked_in,
        "time_certain": row.time_certain,
        "announced_time": row.announced_time,
    }
