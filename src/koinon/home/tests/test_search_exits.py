"""Every way out of a search lists the same: the page, the API, files and feeds, under each filter; and counts beside a filter are true."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.utils.http import urlencode

from koinon.home.finding import CASES, FILTERS
from koinon.places.models import Place
from koinon.search.documents import Document, Text
from koinon.search.testing import build, house, things

pytestmark = pytest.mark.django_db
Asked = Mapping[str, Sequence[str]]
PLACE = "bologna-3181928"


def _document(number: int) -> Document:
    """Things that differ in everything a filter can ask, each by a lot of its own; every third or so speaks of a coach."""
    lot = Random(number)
    languages = ("en", *lot.sample(("fi", "bg", "de"), lot.randrange(3)))
    title = f"{lot.choice(('A coach', 'A door', 'An office'))} {number}"
    return Document(
        lot.choice(("practice", "answer", "session", "call")),
        f"n{number}",
        f"/things/n{number}/",
        tuple(Text(code, title, "") for code in languages),
        countries=tuple(lot.sample(("BG", "IT", "FI", "MT"), lot.randrange(1, 3))),
        places=(lot.choice(("3181928", "IT", "643492")),),
        topics=(lot.choice(("homelessness", "childcare", "co-creation")),),
        objectives=(lot.choice(("a", "h", "l")),),
        targets=(lot.choice(("young", "older", "women")),),
        stage=lot.choice(("idea", "running", "")),
        cost=lot.choice(("under20", "", "more")),
        evidence=lot.choice(("0", "2", "4", "")),
        on=date(2026, lot.randrange(1, 13), lot.randrange(1, 29)),
    )


THINGS = [_document(number) for number in range(1, 61)]
VALUES: dict[str, tuple[str, ...]] = {
    "type": ("practice", "session"),
    "country": ("BG", "FI"),
    "topic": ("homelessness", "childcare"),
    "objective": ("a", "h"),
    "target": ("young", "older"),
    "stage": ("idea", "running"),
    "cost": ("under20", "more"),
    "evidence": ("0", "4"),
    "language": ("fi", "bg"),
}


def of(document: Document, name: str) -> set[str]:
    if name == "language":
        return {text.language for text in document.texts}
    several = {"country": "countries", "topic": "topics", "objective": "objectives", "target": "targets"}
    value = getattr(document, several.get(name, name))
    return {value} if isinstance(value, str) else set(value)


def fitting(q: str, asked: Asked, place: Place | None) -> set[str]:
    """What has to be found, told from the things themselves."""
    around = {place.code, *place.ancestor_codes()} if place is not None else set()
    return {
        one.address
        for one in THINGS
        if (not q or any(q in text.title for text in one.texts))
        and all(of(one, name) & set(values) for name, values in asked.items())
        and (not around or around & set(one.places))
    }


@pytest.fixture
def ways(tmp_path: Path, client: Client) -> Iterator[Client]:
    with house(tmp_path), things(*THINGS):
        build()
        yield client


def pairs(q: str, asked: Asked, place: Place | None, **more: str) -> str:
    given: dict[str, Any] = ({"q": q} if q else {}) | dict(asked) | more
    return urlencode(given | ({"place": place.key} if place is not None else {}), doseq=True)


def on_the_page(client: Client, query: str) -> list[str]:
    """All its pages, following the way on."""
    found: list[str] = []
    address = f"?{query}"
    while address:
        shown = client.get(f"/search/{address}").content.decode()
        found += re.findall(r'<h3><a href="([^"]+)"', shown)
        further = re.search(r'rel="next" href="([^"#]+)', shown)
        address = html.unescape(further[1]) if further else ""
    return found


def by_every_way(client: Client, q: str, asked: Asked, place: Place | None) -> dict[str, list[str]]:
    def get(form: str) -> Any:
        return client.get(f"/search/?{pairs(q, asked, place, format=form)}")

    sheet = csv.DictReader(io.StringIO(get("csv").content.decode("utf-8-sig")))
    api = client.get(f"/api/v1/search?{pairs(q, asked, place, limit='100')}").json()
    assert api["total"] == len(api["items"])
    host = "http://testserver"
    return {
        "page": on_the_page(client, pairs(q, asked, place)),
        "API": [item["url"] for item in api["items"]],
        "JSON": [item["url"] for item in get("json").json()["items"]],
        "CSV": [row["url"] for row in sheet],
        "Atom": [
            found.removeprefix(host)
            for found in re.findall(
                r'<entry>.*?<link href="([^"]+)"', get("atom").content.decode(), re.DOTALL
            )
        ],
        "JSON Feed": [
            item["url"].removeprefix(host) for item in json.loads(get("feed.json").content)["items"]
        ],
    }


CASES_ASKED: list[Asked] = [
    {},
    *({name: values[:1]} for name, values in VALUES.items()),
    *({name: values} for name, values in VALUES.items()),
    {"type": ("practice", "call"), "country": ("BG", "IT"), "topic": ("childcare", "homelessness")},
    {"target": ("young", "older"), "objective": ("a", "h"), "language": ("fi", "de")},
]


def test_every_filter_of_the_page_is_tried() -> None:
    assert set(VALUES) == set(FILTERS)
    assert set(CASES) <= set(FILTERS)


@pytest.mark.parametrize("q", ["", "coach"])
@pytest.mark.parametrize("key", ["", PLACE], ids=["anywhere", "for Bologna"])
@pytest.mark.parametrize(
    "asked", CASES_ASKED, ids=lambda asked: "&".join(f"{k}={'+'.join(v)}" for k, v in asked.items())
)
def test_every_way_out_lists_the_same(ways: Client, q: str, key: str, asked: Asked) -> None:
    place = Place.objects.find(key) if key else None
    wanted = fitting(q, asked, place)

    listed = by_every_way(ways, q, asked, place)

    assert {way: sorted(found) for way, found in listed.items()} == dict.fromkeys(listed, sorted(wanted))
    assert listed["page"] == listed["API"] == listed["JSON"] == listed["CSV"]
    assert listed["Atom"] == listed["JSON Feed"]


def test_the_ways_out_would_be_told_apart() -> None:
    """The control: each filter lets something through and keeps something back."""
    for asked in CASES_ASKED[1:]:
        assert 0 < len(fitting("coach", asked, None)) < len(fitting("", asked, None)) < len(THINGS)


@pytest.mark.parametrize("name", ["", *VALUES])
def test_the_count_beside_each_choice_is_what_it_would_show(ways: Client, name: str) -> None:
    """On the page and over the API; a filter that is set does not change the counts of its own values."""
    asked: Asked = {name: VALUES[name][:1]} if name else {}
    query = pairs("coach", asked, None)
    shown = ways.get(f"/search/?{query}").content.decode()
    facets = ways.get(f"/api/v1/search?{query}").json()["facets"]

    boxes = re.findall(
        r'name="(\w+)" value="([^"]+)"(?: checked)?>[^<]* <span class="num">(\d+)</span>', shown
    )
    chips = re.findall(r'type=(\w+)#res"(?: aria-current="true")?>[^<]*<b>(\d+)</b>', shown)

    # Where only one value is left, a filter says nothing, unless it is set.
    assert {name} - {"", "type"} <= {box[0] for box in boxes} <= set(VALUES) - {"type"}
    assert len(boxes) >= 8
    assert len(chips) > 1
    for facet, value, count in [*boxes, *(("type", *chip) for chip in chips)]:
        with_it = fitting("coach", {**asked, facet: (value,)}, None)
        assert int(count) == len(with_it) == facets[FILTERS[facet]].get(value, 0), (facet, value)


@pytest.mark.parametrize(("name", "typed", "meant"), [("country", "bg", "BG"), ("language", "FI", "fi")])
def test_codes_may_be_typed_in_any_case_by_every_way(ways: Client, name: str, typed: str, meant: str) -> None:
    listed = by_every_way(ways, "", {name: (typed,)}, None)

    assert {len(found) for found in listed.values()} == {len(fitting("", {name: (meant,)}, None))}


def test_a_place_that_is_none_is_refused_by_every_way(ways: Client) -> None:
    assert ways.get("/search/?place=nowhere").status_code == 400
    assert ways.get("/search/?place=nowhere&format=csv").status_code == 400
    assert ways.get("/api/v1/search?place=nowhere").status_code == 422
