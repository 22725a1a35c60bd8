"""The reports' part of the API: figures with their definitions, and unmet demand; for everybody, nothing of a person."""

from datetime import date
from typing import Annotated, Any

from django.http import Http404
from django.utils import translation
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError
from pydantic import AfterValidator, ConfigDict

from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.text import plain
from koinon.base.visitor import HttpRequest
from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.reports import demand, figures
from koinon.reports.periods import EARLIEST, LATEST, Period

router = Router(tags=["reports"])
Plain = Annotated[str, AfterValidator(plain)]


class _Days(Schema):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first: date | None = Field(None, alias="from", ge=EARLIEST, le=LATEST, description="not before this day")
    to: date | None = Field(None, ge=EARLIEST, le=LATEST, description="not after this day")
    lang: str = Field("", max_length=2, description="language of the words")

    @property
    def period(self) -> Period:
        if self.first and self.to and self.to < self.first:
            raise HttpError(422, "to is not before from")
        return Period(self.first, self.to)

    @property
    def language(self) -> str:
        if self.lang and self.lang not in ENDONYMS:
            raise HttpError(422, "lang is one of the 24 official languages")
        return self.lang or DEFAULT


class FiguresAsked(_Days):
    """Whose figures: of the network, or of one body, or for one place."""

    body: Plain = Field("", max_length=120, description="slug of an organisation")
    place: Plain = Field("", max_length=200, description="key of a place")


class FigureOut(Schema):
    """One figure. `value` is null where it is not known; `unknown` says why."""

    key: str
    label: str
    value: int | None
    unknown: str
    note: str
    definition: str
    source: str
    source_url: str
    cut_off: date


class FigureList(Schema):
    items: list[FigureOut]


class DemandOut(Schema):
    """How often something was missing in a quarter. `others`: several together, because fewer than five would show."""

    quarter: str
    shelf: str
    words: str
    country: str
    place: str
    times: int


class DemandList(Schema):
    items: list[DemandOut]


@router.get("/figures", response=FigureList, url_name="figures")
@governed("F3")
def list_figures(request: HttpRequest, asked: Query[FiguresAsked]) -> Any:
    """The figures of the network, of a body or for a place, each with what it counts, where from, and up to which day."""
    scope = _scope(asked)
    with translation.override(asked.language):
        found = figures.figures_of(scope, asked.period)
        names = tuple(FigureOut.model_fields)
        return {"items": [{name: getattr(row, name) for name in names} for row in found]}


def _scope(asked: FiguresAsked) -> figures.Scope:
    if asked.body and asked.place:
        raise HttpError(422, "Ask for a body or for a place.")
    if asked.body:
        body = Organisation.objects.public().filter(slug=asked.body).first()
        if body is None:
            raise Http404
        return figures.of_body(body)
    if asked.place:
        place = Place.objects.find(asked.place)
        if place is None:
            raise Http404
        return figures.of_place(place)
    return figures.EVERYBODY


@router.get("/unmet", response=DemandList, url_name="unmet")
@governed("F3")
def list_unmet(request: HttpRequest, asked: Query[_Days]) -> Any:
    """What was looked for and is not there, by quarter, shelf and place; nothing of fewer than five."""
    with translation.override(asked.language):
        return {
            "items": [
                {
                    "quarter": row.quarter_words,
                    "shelf": row.shelf,
                    "words": row.shelf_words,
                    "country": row.country,
                    "place": row.place,
                    "times": row.times,
                }
                for row in demand.rows(asked.period)
            ]
        }
