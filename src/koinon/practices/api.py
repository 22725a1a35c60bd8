"""Practices over the API: anybody reads, and takes the threads as data; drafts and adoptions with a token."""

from datetime import date, datetime
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import AfterValidator, ConfigDict

from koinon.base.governance import governed
from koinon.base.problems import problem
from koinon.base.text import plain
from koinon.base.visitor import HttpRequest, require
from koinon.journal.once import KeyUsed, once
from koinon.network.api_auth import by_token
from koinon.network.models import Organisation
from koinon.practices import nearby
from koinon.practices.actions import adopting, writing
from koinon.practices.api_keys import KEY_HEADER, key_of
from koinon.practices.forms import AdoptionForm, ContentForm
from koinon.practices.listing import LISTING, Row, asked
from koinon.practices.models import Adoption, Practice
from koinon.practices.models.practices import tombstone
from koinon.practices.permissions import may_adopt, may_draft
from koinon.practices.readings import languages_of, read
from koinon.practices.views.adopting import LINEAGE, public_thread
from koinon.practices.words import Cost, Evidence, EvidenceKind, Kind, Level, Stage, Target

router = Router(tags=["practices"])
MOST = 500
Plain = Annotated[str, AfterValidator(plain)]


class Asked(Schema):
    """What may be asked of the library. Other fields are refused."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=200, description="the problem in your own words")
    lang: str = Field(
        "", max_length=2, description="language in which titles are read, where they are told in it"
    )
    type: list[Kind] = Field([])
    country: list[str] = Field([], max_length=30)
    topic: list[str] = Field([], max_length=30)
    objective: list[str] = Field([], max_length=13)
    target: list[Target] = Field([])
    stage: list[Stage] = Field([])
    cost: list[Cost] = Field([])
    language: list[str] = Field([], max_length=24)
    body: list[str] = Field(
        [], max_length=30, description="organisations that did it, took it over or look after it"
    )
    evidence: int = Field(0, ge=0, le=4, description="at least")
    like: str = Field(
        "", max_length=200, description="key of a place: what fits it, closest first, each with why"
    )
    sort: str = Field("", pattern="^(near|newest|evidence|cost|)$")
    limit: int = Field(100, ge=1, le=MOST)
    offset: int = Field(0, ge=0, le=1_000_000)


class PracticeOut(Schema):
    """A public practice in short. `language_state`: what its title is in `read_in`: original, human, machine, outdated.
    `bodies`: who did it, took it over or looks after it. `why`: why it fits the place that `like` names."""

    slug: str
    title: str
    summary: str
    read_in: str
    language_state: str
    language: str
    languages: list[str]
    kind: str
    evidence: int
    cost: str
    amount: str
    time_to_start: str
    stage: str
    level: str
    targets: list[str]
    objectives: list[str]
    topics: list[str]
    places: list[str]
    countries: list[str]
    adopted_in: list[str]
    who: str
    bodies: list[str]
    published_on: date
    checked_on: date | None
    invented: bool
    why: str
    url: str


class FacetOut(Schema):
    value: str
    label: str
    count: int


class PracticesOut(Schema):
    """`total` counts all that fit; `facets` say how many each further filter would leave."""

    total: int
    items: list[PracticeOut]
    facets: dict[str, list[FacetOut]]


class AdoptionOut(Schema):
    """One confirmed adoption."""

    id: int
    practice: str
    practice_title: str
    practice_language: str
    origin_places: list[str]
    adopter: str
    adopter_slug: str | None
    place: str
    country: str
    since: date
    stage: str
    language: str
    changed: str
    result: str
    dropped_because: str
    leads_to: str | None
    confirmed_on: date | None
    url: str


class LineageOut(Schema):
    items: list[AdoptionOut]


class LanguageOut(Schema):
    language: str
    state: str


class WholeOut(PracticeOut):
    """One practice with all its texts, in `read_in` where they are told in it; `original` holds them as they were written."""

    version: int
    texts: dict[str, str]
    original: dict[str, str]
    read: list[LanguageOut]
    begun: int | None
    ended: int | None
    evidence_kind: str
    links: list[list[str]]
    organisation: str | None
    centre: str | None
    changed_at: datetime
    adoptions: list[AdoptionOut]


class ContentIn(Schema, extra="forbid"):
    """What is told of a practice. Lists in texts are lines: `steps` as *when: what*, `costs` as *what | amount*, `results` as
    *what | with it | before | people*. `organisation`: the slug of a body in which the token's person holds a role."""

    title: str = Field(max_length=200)
    language: str = Field("en", max_length=2)
    kind: Kind = Kind.WORKED
    organisation: Plain = Field("", max_length=200)
    summary: str = Field("", max_length=300)
    who: str = Field("", max_length=300)
    challenge: str = Field("", max_length=12_000)
    approach: str = Field("", max_length=12_000)
    steps: str = Field("", max_length=6000)
    targets: list[Target] = Field([], max_length=40)
    objectives: list[str] = Field([], max_length=13)
    topics: list[str] = Field([], max_length=20)
    places: list[str] = Field([], max_length=40)
    stage: Stage = Stage.RUNNING
    level: Level = Level.LOCAL
    begun: int | None = None
    ended: int | None = None
    cost: Cost | None = None
    amount: str = Field("", max_length=60)
    costs: str = Field("", max_length=6000)
    funding: str = Field("", max_length=300)
    time_to_start: str = Field("", max_length=100)
    evidence: Evidence = Evidence.NONE
    evidence_kind: EvidenceKind | None = None
    evidence_text: str = Field("", max_length=12_000)
    results: str = Field("", max_length=6000)
    not_shown: str = Field("", max_length=12_000)
    law: str = Field("", max_length=12_000)
    money: str = Field("", max_length=12_000)
    staff: str = Field("", max_length=12_000)
    time_needed: str = Field("", max_length=12_000)
    partners: str = Field("", max_length=12_000)
    must_stay: str = Field("", max_length=12_000)
    may_change: str = Field("", max_length=12_000)
    stops: str = Field("", max_length=12_000)
    lessons: str = Field("", max_length=12_000)
    links: list[tuple[str, str]] = Field([], max_length=20)


class DraftOut(Schema):
    """The draft; only its author and the organisation's staff see it."""

    slug: str
    state: str
    url: str


class AdoptionIn(Schema, extra="forbid"):
    """That a practice was taken over. `adopter`: the slug of one's own body; else `adopter_text`, the name of another."""

    place: str = Field(max_length=200)
    since: date
    stage: Adoption.Stage = Adoption.Stage.TRYING
    adopter: Plain = Field("", max_length=200)
    adopter_text: str = Field("", max_length=200)
    language: str = Field("en", max_length=2)
    changed: str = Field("", max_length=4000)
    result: str = Field("", max_length=4000)
    dropped_because: str = Field("", max_length=4000)
    leads_to: str = Field("", max_length=200)


class RecordedOut(Schema):
    """`public` is true once the origin has confirmed it."""

    id: int
    public: bool
    url: str


def _short(row: Row) -> dict[str, Any]:
    return {column.name: column.value(row) for column in LISTING.columns}


def _adoption(row: Adoption) -> dict[str, Any]:
    return {column.name: column.value(row) for column in LINEAGE.columns}


@router.get("/practices", response=PracticesOut, url_name="practices", summary="The library")
@governed("D4", GET="R")
def practices(request: HttpRequest, asked_for: Query[Asked]) -> dict[str, Any]:
    """Public practices that fit, with how many each filter leaves."""
    from django.utils import translation

    language = _language(asked_for.lang)
    with translation.override(language):
        wanted = asked(request)
        if wanted.like_typed:
            raise HttpError(422, "like is the key of a place.")
        found = nearby.library(wanted)
        rows = found.found[asked_for.offset : asked_for.offset + asked_for.limit]
        return {
            "total": len(found.found),
            "items": [_short(row) for row in rows],
            "facets": {
                facet.name: [
                    {"value": one.value, "label": one.label, "count": one.count} for one in facet.choices
                ]
                for facet in found.facets()
            },
        }


def _language(code: str) -> str:
    from koinon.base.languages import DEFAULT, ENDONYMS

    if code and code not in ENDONYMS:
        raise HttpError(422, "lang is one of the 24 official languages.")
    return code or DEFAULT


@router.get("/practices/lineage", response=LineageOut, url_name="lineage", summary="Who took over what")
@governed("D8", GET="R")
def lineage(request: HttpRequest) -> dict[str, Any]:
    """Every confirmed adoption of every public practice, the earliest first."""
    return {"items": [_adoption(row) for row in public_thread()]}


def _public(slug: str) -> Practice:
    rows = Practice.objects.public().select_related("shown", "organisation", "centre")
    found = rows.filter(slug=slug[:120]).first()
    if found is None or found.shown is None:
        raise Http404
    return found


@router.get("/practices/{slug}", response=WholeOut, url_name="practice", summary="One practice")
@governed("D4", GET="R")
def practice(request: HttpRequest, slug: str, lang: str = "") -> dict[str, Any] | HttpResponse:
    """One public practice; 410 with the reason where it was withdrawn."""
    gone = tombstone(slug[:120])
    if gone is not None:
        return problem(410, "This practice was withdrawn.", reason=gone.withdrawn_because)
    found = _public(slug)
    shown = found.shown
    assert shown is not None
    translations = languages_of(found, shown)
    reading = read(shown, translations, _language(lang))
    from koinon.practices.listing import rows as all_rows

    row = next((one for one in all_rows() if one.slug == found.slug), None)
    if row is None:
        raise Http404
    short = _short(row) | {
        "title": reading.said["title"].text,
        "summary": reading.said["summary"].text,
        "read_in": reading.language,
        "language_state": reading.state,
    }
    return short | {
        "version": shown.number,
        "texts": {name: said.text for name, said in reading.said.items() if said.text},
        "original": {name: text for name, text in shown.texts.items() if text},
        "read": [
            {"language": shown.language, "state": "original"},
            *(
                {"language": code, "state": one.state_for(shown)}
                for code, one in sorted(translations.items())
            ),
        ],
        "begun": shown.begun,
        "ended": shown.ended,
        "evidence_kind": shown.evidence_kind,
        "links": shown.links,
        "organisation": found.organisation.slug if found.organisation else None,
        "centre": found.centre.slug if found.centre else None,
        "changed_at": shown.changed_at,
        "adoptions": [_adoption(one) for one in public_thread().filter(practice=found)],
    }


@router.get(
    "/practices/{slug}/lineage", response=LineageOut, url_name="practice_lineage", summary="Who took it over"
)
@governed("D8", GET="R")
def lineage_of(request: HttpRequest, slug: str) -> dict[str, Any]:
    """The confirmed adoptions of one public practice, the earliest first."""
    return {"items": [_adoption(row) for row in public_thread().filter(practice=_public(slug))]}


def _wrong(errors: Any) -> HttpResponse:
    found = [{"field": name, "wrong": " ".join(map(str, words))} for name, words in errors.items()]
    return problem(422, "Something that was sent is not as the API describes it.", errors=found)


def _own(request: HttpRequest, slug: str) -> Organisation | None:
    """The body that a slug names, if one may see it."""
    if not slug:
        return None
    found = Organisation.objects.seen_by(request.visitor).filter(slug=slug).first()
    if found is None:
        raise HttpError(422, "There is no body with this slug.")
    return found


def _once(request: HttpRequest, sent: Schema, do: Any) -> Any:
    key = key_of(request)
    mark = f"{request.visitor.person_id}:{request.path}:{key}" if key else ""
    try:
        return once(mark, sent.model_dump_json(), do)
    except KeyUsed:
        raise HttpError(422, "This Idempotency-Key came before, with another body.") from None


@router.post(
    "/practices",
    response={201: DraftOut},
    auth=by_token,
    url_name="draft_practice",
    summary="Draft a practice",
    openapi_extra=KEY_HEADER,
)
@governed("D1", POST="C")
def draft(request: HttpRequest, sent: ContentIn) -> Any:
    """A draft of the token's person; it is sent in for review on its page."""
    organisation = _own(request, sent.organisation)
    require(may_draft(request.visitor, organisation))
    data = QueryDict(mutable=True)
    for name, value in sent.model_dump(mode="json").items():
        if name in {"targets", "objectives"}:
            data.setlist(name, value)
        elif name in {"places", "topics"}:
            data[name] = "\n".join(value)
        elif name == "links":
            data[name] = "\n".join(f"{label} | {address}" for label, address in value)
        elif name != "organisation":
            data[name] = "" if value is None else str(value)
    form = ContentForm(data, by=request.visitor)
    form.fields.pop("organisation", None)
    if not form.is_valid():
        return _wrong(form.errors)

    def act() -> dict[str, Any]:
        made = writing.draft(form.content(), by=request.visitor, organisation=organisation)
        return {
            "slug": made.slug,
            "state": made.state,
            "url": reverse("practices:version", args=[made.slug, 1]),
        }

    return Status(201, _once(request, sent, act))


@router.post(
    "/practices/{slug}/adoptions",
    response={201: RecordedOut},
    auth=by_token,
    url_name="adopt",
    summary="Record that it was taken over",
    openapi_extra=KEY_HEADER,
)
@governed("D7", POST="C")
def adopt(request: HttpRequest, slug: str, sent: AdoptionIn) -> Any:
    """Those who did it first are told, and confirm; then everybody reads it."""
    origin = _public(slug)
    require(may_adopt(request.visitor, origin))
    adopter = _own(request, sent.adopter)
    data = sent.model_dump(mode="json") | {"adopter": str(adopter.pk) if adopter is not None else ""}
    try:
        form = AdoptionForm(data, by=request.visitor, origin=origin)
        if adopter is not None and str(adopter.pk) not in form.organisations:
            raise HttpError(422, "adopter: one's own body; the name of another goes into adopter_text.")
        if not form.is_valid():
            return _wrong(form.errors)
    except ValidationError as wrong:
        raise HttpError(422, " ".join(wrong.messages)) from None

    def act() -> dict[str, Any]:
        made = adopting.adopt(origin, by=request.visitor, told=form.told())
        return {"id": made.pk, "public": made.is_public, "url": made.get_absolute_url()}

    return Status(201, _once(request, sent, act))
