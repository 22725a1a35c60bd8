"""The news' part of the API: what is new, for everybody; and the wish to follow, by anybody."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import translation
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import AfterValidator, ConfigDict

from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.problems import problem
from koinon.base.text import plain
from koinon.base.visitor import HttpRequest
from koinon.journal.once import KeyUsed, once
from koinon.network.limits import anonymous_writes
from koinon.news import subjects
from koinon.news.actions import following
from koinon.news.forms import FollowForm
from koinon.news.listing import LISTING, News, asked
from koinon.news.models.follows import Level, Rhythm
from koinon.places import zones
from koinon.practices.api_keys import KEY_HEADER, key_of

router = Router(tags=["news"])
MOST = 500
Plain = Annotated[str, AfterValidator(plain)]


class NewsAsked(Schema):
    """What may be asked of the news. Other fields are refused."""

    model_config = ConfigDict(extra="forbid")

    lang: str = Field(
        "", max_length=2, description="language in which titles are read, where they are told in it"
    )
    kind: list[str] = Field([], max_length=20)
    country: list[str] = Field([], max_length=30)
    topic: list[str] = Field([], max_length=30)
    objective: list[str] = Field([], max_length=13)
    place: Plain = Field(
        "",
        max_length=200,
        description="the key of a place: what is new for it, in it and for what it lies in",
    )
    limit: int = Field(100, ge=1, le=MOST)
    offset: int = Field(0, ge=0, le=1_000_000)


class NewsOut(Schema):
    """One new thing. `happened`: what is new about it, in words; `when`: since when."""

    kind: str
    title: str
    language: str
    about: str
    happened: str
    when: datetime
    places: list[str]
    countries: list[str]
    topics: list[str]
    objectives: list[str]
    url: str


class AllNewsOut(Schema):
    total: int
    items: list[NewsOut]


class FollowIn(Schema, extra="forbid"):
    """The wish to follow something by mail. What `kind` and `key` name has to be public."""

    email: str = Field(max_length=254)
    kind: Plain = Field(
        max_length=20, description="place, topic, objective, organisation, practice, search, newsletter"
    )
    key: Plain = Field(max_length=subjects.LONGEST)
    lang: str = Field(DEFAULT, max_length=2, description="language of the mails")
    rhythm: Rhythm = Rhythm.WEEKLY
    weekday: int = Field(0, ge=0, le=6, description="Monday is 0")
    hour: int = Field(7, ge=0, le=23)
    zone: Plain = Field("Europe/Brussels", max_length=40)
    levels: list[Level] = Field(
        [Level.REGION, Level.COUNTRY], max_length=4, description="of a place: what around it is told too"
    )
    only: list[Plain] = Field([], max_length=20, description="kinds of things; none: all")


class FollowOut(Schema):
    """Always the same: whether the address followed it before is told to nobody."""

    state: str


@router.get("/news", response=AllNewsOut, url_name="news", summary="What is new")
@governed("N1", GET="R")
def news(request: HttpRequest, asked_for: Query[NewsAsked]) -> dict[str, Any]:
    """What was published, changed and announced, the newest first: news for ever, everything else for ninety days."""
    if asked_for.lang and asked_for.lang not in ENDONYMS:
        raise HttpError(422, "lang is one of the 24 official languages.")
    with translation.override(asked_for.lang or DEFAULT):
        found = News(asked(request)).found
        rows = found[asked_for.offset : asked_for.offset + asked_for.limit]
        items = [{column.name: column.value(row) for column in LISTING.columns} for row in rows]
    return {"total": len(found), "items": items}


@router.post(
    "/follows",
    response={202: FollowOut},
    url_name="follows",
    summary="Follow by mail",
    openapi_extra=KEY_HEADER,
)
@governed("N3", POST="C")
def follow(request: HttpRequest, sent: FollowIn) -> Any:
    """Anybody may; the owner of the address is asked by mail, once a day at most, and nothing is sent before it says yes."""
    if not request.visitor.is_signed_in:
        seconds = anonymous_writes.wait(request.META.get("REMOTE_ADDR", ""))
        if seconds:
            refused = problem(429, "Too many at once from this address.")
            refused.headers["Retry-After"] = str(seconds)
            return refused
    if sent.lang not in ENDONYMS:
        raise HttpError(422, "lang is one of the 24 official languages.")
    if not zones.is_zone(sent.zone):
        raise HttpError(422, "zone is the name of a time zone: Europe/Madrid.")
    named = subjects.find(sent.kind, sent.key)
    if named is None:
        raise HttpError(422, "There is nothing to follow under this kind and key.")
    form = FollowForm(
        {
            "email": sent.email,
            "rhythm": sent.rhythm,
            "weekday": sent.weekday,
            "hour": sent.hour,
            "zone": sent.zone,
            "levels": sent.levels,
            "groups": sent.only,
        },
        kind=named.kind,
        zone=sent.zone,
    )
    if not form.is_valid():
        return _wrong(form.errors)
    key = key_of(request)
    mark = f"{request.visitor.person_id}:{request.path}:{key}" if key else ""

    def act() -> dict[str, Any]:
        following.ask(
            form.cleaned_data["email"],
            named.kind,
            named.key,
            by=request.visitor,
            language=sent.lang,
            **form.told,
        )
        return {"state": "asked"}

    try:
        return Status(202, once(mark, sent.model_dump_json(), act))
    except following.Full:
        raise HttpError(409, f"This address follows {following.MOST} things already.") from None
    except KeyUsed:
        raise HttpError(422, "This Idempotency-Key came before, with another body.") from None


def _wrong(errors: Any) -> HttpResponse:
    found = [{"field": name, "wrong": " ".join(map(str, words))} for name, words in errors.items()]
    return problem(422, "Something that was sent is not as the API describes it.", errors=found)
