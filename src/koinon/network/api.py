"""The organisations' part of the API: who is in the network, on a day."""

import re
import secrets
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict

from koinon.base.governance import governed
from koinon.base.languages import ENDONYMS
from koinon.base.problems import problem
from koinon.base.visitor import HttpRequest
from koinon.network.actions import corrections as actions
from koinon.network.forms.facts import CorrectionForm
from koinon.network.limits import anonymous_writes
from koinon.network.models import Correction, Coverage, Membership, Organisation
from koinon.network.views.asked import EARLIEST, LATEST

router = Router(tags=["network"])
_EU_CODES = {"GR": "EL", "GB": "UK"}
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


class Asked(Schema):
    """What may be asked of the list. Other fields are refused."""

    model_config = ConfigDict(extra="forbid")

    country: str | None = Field(None, pattern="^[A-Za-z]{2}$", description="EU code; GR counts as EL")
    kind: Organisation.Kind | None = Field(None, description="centre, consortium, authority, university …")
    on: date | None = Field(
        None, ge=EARLIEST, le=LATEST, description="leaves out what did not exist that day"
    )
    lang: str | None = Field(
        None, pattern="^[a-z]{2}$", description="language of words; names stay as they are"
    )


class AskedOne(Schema):
    model_config = ConfigDict(extra="forbid")

    on: date | None = Field(None, ge=EARLIEST, le=LATEST, description="shows the memberships of that day")
    lang: str | None = Field(None, pattern="^[a-z]{2}$")


class Tie(Schema):
    """One membership; `from` and `to` may be unknown."""

    model_config = ConfigDict(populate_by_name=True)

    organisation: str
    name: str
    role: str
    since: date | None = Field(None, alias="from")
    until: date | None = Field(None, alias="to")
    certain: bool


class OrganisationOut(Schema):
    """An organisation: a centre, a consortium, an authority, or one that belongs to them."""

    slug: str
    name: str
    name_local: str
    acronym: str
    kind: str
    country: str | None
    city: str | None
    state: str | None
    url: str
    website: str | None
    since: date | None
    until: date | None
    dates_certain: bool
    follows: str | None
    countries: list[str]
    memberships: list[Tie]
    members: list[Tie]
    sources: list[str]
    certain: bool
    checked_on: date
    confirmed_on: date | None
    stand: str


class OrganisationList(Schema):
    items: list[OrganisationOut]


class CorrectionIn(Schema):
    """A correction that anybody may suggest."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=4000, description="what is right, and how you know")
    about: Correction.About = Correction.About.OTHER
    email: str = Field("", max_length=254, description="if you want to hear what became of it")
    lang: str = Field("en", pattern="^[a-z]{2}$")


class CorrectionOut(Schema):
    state: str
    receipt: str


@router.get("/organisations", response=OrganisationList, by_alias=True, summary="Who is in the network")
@governed("A1")
def organisations(request: HttpRequest, asked: Query[Asked]) -> dict[str, Any]:
    """Organisations of any kind; consortia and centres are among them. `country` finds consortia that cover it too."""
    day = asked.on or timezone.localdate()
    rows = Organisation.objects.seen_by(request.visitor)
    if asked.on:
        rows = rows.on(asked.on)
    if asked.country:
        code = _EU_CODES.get(asked.country.upper(), asked.country.upper())
        covering = Coverage.objects.filter(country=code)
        if asked.on:
            covering = covering.on(asked.on)
        rows = rows.filter(country=code) | rows.filter(pk__in=covering.values("consortium"))
    if asked.kind:
        rows = rows.of_kind(asked.kind)
    found = list(rows.select_related("follows").defer("loaded", "follows__loaded").by_name())
    return {"items": _with_ties(request, found, asked.on, day)}


@router.get("/organisations/{slug}", response=OrganisationOut, by_alias=True, summary="One organisation")
@governed("A1")
def organisation(request: HttpRequest, slug: str, asked: Query[AskedOne]) -> dict[str, Any]:
    """One organisation with all its memberships, or those of a day."""
    row = (
        Organisation.objects.seen_by(request.visitor)
        .select_related("follows")
        .filter(slug=slug[:200])
        .first()
    )
    if row is None:
        raise Http404
    return _with_ties(request, [row], asked.on, asked.on or timezone.localdate())[0]


@router.post(
    "/organisations/{slug}/corrections",
    response={201: CorrectionOut},
    summary="Suggest a correction",
    openapi_extra={
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "format": "uuid"},
            }
        ]
    },
)
@governed("A7", POST="C")
def suggest(request: HttpRequest, slug: str, sent: CorrectionIn) -> Status[dict[str, str]] | HttpResponse:
    """Anybody may; no token is needed. The receipt is the address of a private page that tells what became of it."""
    row = Organisation.objects.seen_by(request.visitor).filter(slug=slug[:200]).first()
    if row is None:
        raise Http404
    if not request.visitor.is_signed_in:
        seconds = anonymous_writes.wait(request.META.get("REMOTE_ADDR", ""))
        if seconds:
            refused = problem(429, "Too many at once from this address.")
            refused.headers["Retry-After"] = str(seconds)
            return refused
    key = request.headers.get("Idempotency-Key", "")
    if key and not _UUID.fullmatch(key):
        raise HttpError(422, "Idempotency-Key is a UUID.")
    form = CorrectionForm({"about": sent.about, "text": sent.text, "email": sent.email})
    if not form.is_valid():
        wrong = [{"field": name, "wrong": " ".join(map(str, errors))} for name, errors in form.errors.items()]
        return problem(422, "Something that was sent is not as the API describes it.", errors=wrong)
    try:
        correction, code = actions.suggest(
            row,
            by=request.visitor,
            about=form.cleaned_data["about"],
            text=form.cleaned_data["text"],
            email=form.cleaned_data["email"],
            language=sent.lang if sent.lang in ENDONYMS else "en",
            nonce=key.lower() or secrets.token_urlsafe(16),
            key=key.lower(),
        )
    except actions.KeyUsed:
        raise HttpError(422, "This Idempotency-Key came before, with another body.") from None
    receipt = reverse("network:receipt", args=[code])
    return Status(201, {"state": correction.state, "receipt": receipt})


def _with_ties(
    request: HttpRequest, rows: list[Organisation], on: date | None, day: date
) -> list[dict[str, Any]]:
    """Two queries for all: ties, and who covers which country."""
    keys = [row.pk for row in rows]
    ties = Membership.objects.on(on) if on else Membership.objects.all()
    seen = Organisation.objects.seen_by(request.visitor).values("pk")
    ties = ties.filter(member__in=seen, within__in=seen)
    if len(rows) == 1:
        ties = ties.filter(member__in=keys) | ties.filter(within__in=keys)
    belongs: dict[int, list[dict[str, Any]]] = {}
    holds: dict[int, list[dict[str, Any]]] = {}
    chosen = ties.select_related("member", "within").only(
        "role",
        "since",
        "until",
        "since_certain",
        "until_certain",
        "certain",
        "order",
        "member__slug",
        "member__name",
        "within__slug",
        "within__name",
    )
    for tie in chosen.leads_first():
        belongs.setdefault(tie.member_id, []).append(_tie(tie, tie.within))
        holds.setdefault(tie.within_id, []).append(_tie(tie, tie.member))
    covers: dict[int, list[str]] = {}
    for consortium, country in Coverage.objects.order_by("country").values_list("consortium", "country"):
        covers.setdefault(consortium, []).append(country)
    return [
        {
            "slug": row.slug,
            "name": row.name,
            "name_local": row.name_local,
            "acronym": row.acronym,
            "kind": row.kind,
            "country": row.country or None,
            "city": row.city or None,
            "state": row.state or None,
            "url": row.get_absolute_url(),
            "website": row.website or None,
            "since": row.since,
            "until": row.until,
            "dates_certain": row.dates_certain,
            "follows": row.follows.slug if row.follows and row.follows.published else None,
            "countries": covers.get(row.pk, []),
            "memberships": belongs.get(row.pk, []),
            "members": holds.get(row.pk, []),
            "sources": row.sources,
            "certain": row.certain,
            "checked_on": row.checked_on,
            "confirmed_on": row.confirmed_on,
            "stand": row.stand.value,
        }
        for row in rows
    ]


def _tie(tie: Membership, other: Organisation) -> dict[str, Any]:
    return {
        "organisation": other.slug,
        "name": other.name,
        "role": tie.role,
        "from": tie.since,
        "to": tie.until,
        "certain": tie.certain and tie.dates_certain,
    }
