"""The places' part of the API: what was meant by some words or a point, and one place with what it lies in."""

from typing import Annotated, Any, Literal, Self

from django.http import Http404
from django.utils import translation
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict, model_validator

from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, country_name
from koinon.base.visitor import HttpRequest
from koinon.places import gazetteer, tree
from koinon.places.models import Place

router = Router(tags=["places"])

Language = Literal[
    "bg", "cs", "da", "de", "et", "el", "en", "es", "fr", "ga", "hr", "it",
    "lv", "lt", "hu", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "fi", "sv",
]  # fmt: skip
Kind = Literal["country", "region", "locality"]


class Asked(Schema):
    """Words or a point. Other fields are refused."""

    model_config = ConfigDict(extra="forbid")

    q: str | None = Field(
        None, max_length=gazetteer.LONGEST, description="a name in any language, or a NUTS code"
    )
    lat: Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False)] = None
    lon: Annotated[float | None, Field(ge=-180, le=180, allow_inf_nan=False)] = None
    lang: Language = Field(DEFAULT, description="language of country names and addresses")
    limit: int = Field(10, ge=1, le=50)

    @model_validator(mode="after")
    def _words_or_point(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon come together")
        if (self.q is None) == (self.lat is None):
            raise ValueError("either q, or lat and lon")
        return self


class AskedOne(Schema):
    model_config = ConfigDict(extra="forbid")

    lang: Language = DEFAULT


class RegionOut(Schema):
    code: str
    name: str


class CandidateOut(Schema):
    """A place that may be meant. `region`: of a locality its NUTS 3, of a region itself; `population`: null if not known."""

    key: str
    kind: Kind
    name: str
    region: RegionOut | None
    country: str
    population: int | None
    url: str
    match: Literal["code", "name", "alias", "prefix", "fuzzy", "near"]


class OutsideOut(Schema):
    """A place outside the EU. `country`: ISO 3166-1, but `UK`."""

    name: str
    country: str


class AnswerOut(Schema):
    """`clear`: the first item is what was meant. `former`: the NUTS 2021 code that was asked for, if it is gone."""

    items: list[CandidateOut]
    clear: bool
    outside: OutsideOut | None
    former: str | None


class AncestorOut(Schema):
    key: str
    kind: Kind
    name: str
    url: str


class PlaceOut(Schema):
    """A place with what it lies in, nearest first."""

    key: str
    kind: Kind
    name: str
    region: RegionOut | None
    country: str
    population: int | None
    latitude: float
    longitude: float
    url: str
    ancestors: list[AncestorOut]


@router.get("/places", response=AnswerOut, url_name="places", summary="Which place is meant")
@governed("A5", GET="R")
def places(request: HttpRequest, asked: Query[Asked]) -> dict[str, Any]:
    """The places that may be meant, the likeliest first; whether the first is clearly it; and what lies outside the EU."""
    if asked.lat is not None and asked.lon is not None:
        answer = gazetteer.near(asked.lat, asked.lon, limit=asked.limit)
    else:
        answer = gazetteer.find(asked.q or "", limit=asked.limit)
    with translation.override(asked.lang):
        return {
            "items": [_candidate(item, asked.lang) for item in answer.items],
            "clear": answer.clear,
            "outside": answer.outside and {"name": answer.outside.name, "country": answer.outside.country},
            "former": answer.former or None,
        }


@router.get("/places/{key}", response=PlaceOut, url_name="place", summary="One place")
@governed("A5", GET="R")
def place(request: HttpRequest, key: str, asked: Query[AskedOne]) -> dict[str, Any]:
    """A place by its key: a NUTS code, a country, `EU`, or a locality as `{slug}-{geonames id}`."""
    found = Place.objects.find(key)
    if found is None:
        raise Http404
    return place_out(found, asked.lang)


def place_out(place: Place, lang: str) -> dict[str, Any]:
    """A place as the API shows it. The regions above it are known in the process: no query."""
    ancestors = tree.ancestors(place)
    region = None
    if place.kind == Place.Kind.LOCALITY:
        region = {"code": ancestors[0].code, "name": ancestors[0].name} if ancestors else None
    elif place.kind == Place.Kind.REGION:
        region = {"code": place.code, "name": place.name}
    with translation.override(lang):
        return {
            "key": place.key,
            "kind": place.kind,
            "name": _name(place, lang),
            "region": region,
            "country": place.country,
            "population": place.population or None,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "url": place.get_absolute_url(),
            "ancestors": [
                {
                    "key": wider.key,
                    "kind": wider.kind,
                    "name": _name(wider, lang),
                    "url": wider.get_absolute_url(),
                }
                for wider in ancestors
            ],
        }


def _name(place: Place, lang: str) -> str:
    return country_name(place.code, lang) if place.kind == Place.Kind.COUNTRY else place.name


def _candidate(item: gazetteer.Candidate, lang: str) -> dict[str, Any]:
    return {
        "key": item.key,
        "kind": item.kind,
        "name": item.name_in(lang),
        "region": {"code": item.nuts, "name": item.region_name} if item.level > 0 else None,
        "country": item.country,
        "population": item.population or None,
        "url": item.url,
        "match": item.match,
    }
