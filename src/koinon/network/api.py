"""The organisations' part of the API: who is in the network, on a day."""

from datetime import date
from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest
from koinon.network.models import Coverage, Membership, Organisation
from koinon.network.views.asked import EARLIEST, LATEST

router = Router(tags=["network"])
_EU_CODES = {"GR": "EL", "GB": "UK"}


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
