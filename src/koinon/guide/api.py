"""The answer for a place, as data."""

from datetime import date
from typing import Any, Literal

from django.http import Http404, HttpResponse
from django.http import HttpRequest as DjangoRequest
from django.utils import timezone, translation
from ninja import Router, Schema

from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.headers import read_by_anybody
from koinon.base.languages import DEFAULT
from koinon.guide.items import Item, Shelf
from koinon.guide.shelves import shelves
from koinon.places.api import Language, PlaceOut, place_out
from koinon.places.models import Place

router = Router(tags=["places"])
Level = Literal["city", "region", "country", "consortium", "europe"]


class GapOut(Schema):
    """What is not there, and what to do next."""

    text: str
    ask: str


class ItemOut(Schema):
    """One thing shown for a place: `level` says for which level it holds, `because` why it is shown."""

    type: str
    title: str
    url: str
    level: Level
    holds_for: str
    because: str
    source: list[str]
    checked_on: date | None
    confirmed_on: date | None
    certain: bool
    stand: str
    note: str
    period: str
    relation: str
    hosts: list[str]


class ShelfOut(Schema):
    """One of the six shelves. A gap may stand beside items; `gaps` has all of them, `gap` the first."""

    id: Literal["responsible", "coming", "money", "practices", "peers", "answered"]
    title: str
    gap: GapOut | None
    gaps: list[GapOut]
    items: list[ItemOut]


class AnswerOut(Schema):
    """Everything that is there for a place, nearest first."""

    place: PlaceOut
    on: date
    shelves: list[ShelfOut]


@router.get("/places/{key}/answer", response=AnswerOut, url_name="answer")
@governed("A5", GET="R")
def answer(
    request: DjangoRequest,
    response: HttpResponse,
    key: str,
    lang: Language = DEFAULT,
    on: date | None = None,
) -> dict[str, Any]:
    """The answer for a place: six shelves, each with its items and what is missing.

    `key` is a NUTS code, a country, `EU`, or a locality as `{slug}-{geonames id}`. `on` asks for another day.
    Scripts on other sites may read it; it is the same for everybody.
    """
    place = Place.objects.find(key)
    if place is None:
        raise Http404
    today = timezone.localdate()
    day = on or today
    # A program asked, perhaps for a page that was opened for something else: no gap is counted.
    shared(read_by_anybody(response))
    with translation.override(lang):
        return {
            "place": place_out(place, lang),
            "on": day,
            "shelves": [_shelf(shelf) for shelf in shelves(place, day, today)],
        }


def _shelf(shelf: Shelf) -> dict[str, Any]:
    gaps = [{"text": gap.text, "ask": gap.url or gap.ask} for gap in shelf.gaps]
    return {
        "id": shelf.id,
        "title": shelf.title,
        "gap": gaps[0] if gaps else None,
        "gaps": gaps,
        "items": [_item(one) for item in shelf.items for one in (item, *item.others)],
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "type": item.type,
        "title": item.title,
        "url": item.url,
        "level": item.level,
        "holds_for": item.holds_for,
        "because": item.because,
        "source": list(item.sources),
        "checked_on": item.checked_on,
        "confirmed_on": item.confirmed_on,
        "certain": item.certain,
        "stand": str(item.stand),
        "note": " ".join(filter(None, (item.note, item.said))),
        "period": item.period,
        "relation": item.relation,
        "hosts": [host.label for host in item.hosts],
    }
