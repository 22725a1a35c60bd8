"""The spaces' part of the API: open spaces. Nothing of a person is in it, and nothing of a closed one."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from koinon.base.governance import governed
from koinon.spaces.listing import Asked, Hall, Row

router = Router(tags=["spaces"])
MOST = 200


class SpaceOut(Schema):
    """An open space of a body; `last_words_at` is when somebody last said something there."""

    code: str
    name: str
    purpose: str
    language: str
    body: str
    topics: list[str]
    languages: list[str]
    country: str
    place: str | None
    state: str
    threads: int
    last_words_at: datetime
    invented: bool
    url: str


class SpacesOut(Schema):
    count: int
    items: list[SpaceOut]


class Sought(Schema):
    """What to look for; each filter is one value."""

    q: str = Field("", max_length=200)
    topic: str = Field("", max_length=60)
    country: str = Field("", pattern="^([A-Z]{2})?$")
    language: str = Field("", pattern="^([a-z]{2})?$")
    body: str = Field("", max_length=120)
    offset: int = Field(0, ge=0, le=100_000)
    limit: int = Field(50, ge=1, le=MOST)


@router.get("/spaces", response=SpacesOut, url_name="spaces")
@governed("N7")
def spaces(request: HttpRequest, sought: Query[Sought]) -> Any:
    """Open spaces, those with the latest words first."""
    ticked: dict[str, tuple[str, ...]] = {
        name: (value.replace("\x00", ""),) if (value := getattr(sought, name)) else ()
        for name in ("topic", "country", "language", "body")
    }
    found = Hall(Asked(sought.q.replace("\x00", "").strip(), ticked)).found
    return {
        "count": len(found),
        "items": [_told(row) for row in found[sought.offset : sought.offset + sought.limit]],
    }


def _told(row: Row) -> dict[str, Any]:
    names = "code name purpose language country place state threads url".split()
    return {name: getattr(row, name) for name in names} | {
        "body": row.body_slug,
        "topics": list(row.topics),
        "languages": list(row.languages),
        "last_words_at": row.last_at,
        "invented": row.is_demo,
    }
