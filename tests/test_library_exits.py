"""Every way out of the library lists the same under each filter: page, API, files and feeds; the search agrees where it has the filter."""

import csv
import html
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.http import urlencode

from koinon.home.finding import FILTERS
from koinon.network.models import Organisation
from koinon.network.testing import make_organisation
from koinon.practices.listing import NAMES
from koinon.practices.models import Practice
from koinon.practices.testing import make_adoption, make_practice, make_translation
from koinon.search.testing import build, house
from tests.standing import forget_all

pytestmark = pytest.mark.django_db
Asked = Mapping[str, Sequence[str]]
HOST = "http://testserver"


def told() -> tuple[list[Practice], Organisation]:
    """Practices that differ in everything a filter can ask; some were taken over elsewhere, some are told in Finnish too."""
    body = make_organisation("Centre of Belgium", country="BE")
    made = []
    for number in range(24):

        def one_of(*values: Any, number: int = number) -> Any:
            return values[number % len(values)]

        practice = make_practice(
            f"{one_of('A door', 'A bus', 'An office')} {number}",
            places=(one_of("BE", "IT", "ITH5", "MT"),),
            kind=one_of("worked", "worked", "failed"),
            topics=(one_of("homelessness", "childcare"),),
            objectives=(one_of("a", "h", "l"),),
            targets=(one_of("young", "older"),),
            stage=one_of("running", "ended", "running", "tried", "ended"),
            cost=one_of("under20", "", "more"),
            evidence=one_of(0, 2, 4, 1, 3),
            language=one_of("en", "en", "bg"),
            organisation=one_of(body, None, None, None),
        )
        if number % 5 == 0:
            make_adoption(practice, place="FI")
            make_adoption(practice, place="PL", confirmed=False)
        if number % 6 == 0:
            make_translation(practice.latest, "fi")
        made.append(practice)
    return made, body


def cases(body: Organisation) -> list[Asked]:
    values: dict[str, tuple[str, ...]] = {
        "type": ("failed", "worked"),
        "country": ("FI", "IT"),
        "topic": ("homelessness", "childcare"),
        "objective": ("a", "h"),
        "target": ("young", "older"),
        "stage": ("running", "tried"),
        "cost": ("under20", "more"),
        "language": ("fi", "bg"),
        "body": (body.slug,),
    }
    assert set(values) == set(NAMES)
    return [
        {},
        *({name: given[:1]} for name, given in values.items()),
        *({name: given} for name, given in values.items()),
        *({"evidence": (str(least),)} for least in range(5)),
        {"q": ("door",)},
        {"like": ("bologna-3181928",)},
        *({"sort": (order,)} for order in ("newest", "evidence", "cost")),
        {"q": ("door",), "country": ("BE",), "topic": ("childcare", "homelessness"), "evidence": ("1",)},
        {"like": ("bologna-3181928",), "target": ("older",), "sort": ("near",)},
    ]


def of(practice: Practice, name: str) -> set[str]:
    """What a practice holds of a filter, told from the practice itself."""
    version = practice.latest
    if name == "country":
        taken = [one.place for one in practice.adoptions.all() if one.confirmed_at is not None]
        return {place.country for place in (*version.places.all(), *taken)}
    if name == "language":
        return {version.language, *practice.latest.translations.values_list("language", flat=True)}
    if name == "body":
        return {practice.organisation.slug} if practice.organisation is not None else set()
    field = {"type": "kind", "topic": "topics", "objective": "objectives", "target": "targets"}.get(
        name, name
    )
    value = getattr(version, field)
    return set(value) if isinstance(value, list) else {value}


def on_the_page(client: Client, query: str) -> list[str]:
    """All its pages, following the way on."""
    found: list[str] = []
    address = f"?{query}"
    while address:
        shown = client.get(f"/practices/{address}").content.decode()
        found += re.findall(r'<h3><a href="/practices/([^"/]+)/"', shown)
        further = re.search(r'rel="next" href="([^"]+)"', shown)
        address = html.unescape(further[1]) if further else ""
    return found


def by_every_way(client: Client, asked: Asked) -> dict[str, list[str]]:
    query = urlencode(asked, doseq=True)

    def get(form: str) -> Any:
        return client.get(f"/practices/?{query}&format={form}")

    sheet = csv.DictReader(io.StringIO(get("csv").content.decode("utf-8-sig")))
    api = client.get(f"/api/v1/practices?{query}").json()
    assert api["total"] == len(api["items"])
    entries = re.findall(r'<entry>.*?<link href="([^"]+)"', get("atom").content.decode(), re.DOTALL)
    items = json.loads(get("feed.json").content)["items"]
    return {
        "page": on_the_page(client, query),
        "API": [item["slug"] for item in api["items"]],
        "JSON": [item["slug"] for item in get("json").json()["items"]],
        "CSV": [row["slug"] for row in sheet],
        "Atom": [url.removeprefix(f"{HOST}/practices/").strip("/") for url in entries],
        "JSON Feed": [one["url"].removeprefix(f"{HOST}/practices/").strip("/") for one in items],
    }


def test_every_way_out_lists_the_same(client: Client) -> None:
    practices, body = told()
    forget_all()

    for asked in cases(body):
        listed = by_every_way(client, asked)
        assert {way: sorted(found) for way, found in listed.items()} == dict.fromkeys(
            listed, sorted(listed["page"])
        ), asked
        assert listed["page"] == listed["API"] == listed["JSON"] == listed["CSV"], asked
        assert listed["page"], asked
        if not {"q", "like"} & set(asked):
            wanted = {
                one.slug
                for one in practices
                if all(of(one, name) & set(values) for name, values in asked.items() if name in NAMES)
                and one.latest.evidence >= int("".join(asked.get("evidence", ("0",))))
            }
            assert set(listed["page"]) == wanted, asked


def test_the_count_beside_each_box_is_what_it_would_show(client: Client) -> None:
    _practices, body = told()
    forget_all()

    for asked in (
        {},
        {"country": ("FI",)},
        {"target": ("young",), "evidence": ("1",)},
        {"body": (body.slug,)},
    ):
        shown = client.get(f"/practices/?{urlencode(asked, doseq=True)}").content.decode()
        boxes = re.findall(
            r'name="(\w+)" value="([^"]+)"(?: checked)?><bdi>[^<]*</bdi> <span class="num">(\d+)<', shown
        )
        assert len(boxes) > 20
        for name, value, count in boxes:
            with_it = {**asked, name: (value,)}
            assert int(count) == len(on_the_page(client, urlencode(with_it, doseq=True))), (
                asked,
                name,
                value,
            )


def test_the_search_lists_the_same_practices_where_it_has_the_filter(client: Client, tmp_path: Path) -> None:
    """What is one of a practice's countries, topics … here is one there."""
    _practices, body = told()
    forget_all()
    # In the library a kind of practice, there a kind of thing; at least so much evidence here, exactly so much there.
    other = {"type", "evidence", "body"}
    same = [one for one in cases(body) if one and set(one) <= set(FILTERS) - other]
    assert len(same) == 14

    with house(tmp_path):
        build()
        for asked in same:
            query = urlencode(asked, doseq=True)
            found = client.get(f"/search/?type=practice&format=json&{query}").json()["items"]
            urls = {item["url"] for item in found}
            assert urls == {f"/practices/{slug}/" for slug in on_the_page(client, query)}, asked
