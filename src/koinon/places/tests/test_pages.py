"""A place is found over the web: one clear hit leads on, the rest is said plainly, by page and by API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_one_clear_hit_leads_on_in_the_language_of_the_page(client: Client) -> None:
    english, german = client.get("/places/?q=Torino"), client.get("/de/places/?q=Turin")

    assert (english.status_code, english["Location"]) == (302, "/places/torino-3165524/")
    assert (german.status_code, german["Location"]) == (302, "/de/places/torino-3165524/")
    assert client.get("/places/?lat=44.494&lon=11.343")["Location"] == "/places/bologna-3181928/"


def test_several_are_shown_with_region_and_country(client: Client) -> None:
    page = client.get("/places/?q=Frankfurt")

    text = page.content.decode()
    assert page.status_code == 200
    assert "Which <bdi>Frankfurt</bdi>?" in text
    assert text.index("frankfurt-am-main-2925533") < text.index("frankfurt-oder-2925535")
    assert "DE403" in text
    assert "Germany" in text


def test_outside_unknown_and_old_codes_are_said_plainly(client: Client) -> None:
    outside, unknown, old = (
        client.get(f"/places/?q={typed}").content.decode() for typed in ("Bern", "qwzfrtl", "PT17")
    )

    assert "<bdi>Bern</bdi> lies outside the European Union" in outside
    assert "Switzerland" in outside
    assert "We know no place called “<bdi>qwzfrtl</bdi>”" in unknown
    assert "PT17 is a code of 2021" in old
    assert "/places/PT1B/" in old


def test_without_words_one_begins_from_a_country(client: Client) -> None:
    page = client.get("/fr/places/")

    text = page.content.decode()
    assert text.count("<section") == 27
    assert text.index("Allemagne") < text.index("Autriche") < text.index("Tchéquie")
    assert 'href="/fr/places/DE2/"' in text
    assert not page.cookies


def test_the_list_leaves_the_house_in_every_format(client: Client) -> None:
    rows = client.get("/places/?format=json").json()["items"]

    assert len(rows) == 1529
    assert rows[0]["code"] == "EU"
    for kind in ("csv", "xlsx", "atom"):
        assert client.get(f"/places/?format={kind}").status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("q=" + "a" * 10_000, 400),
        ("lat=1", 400),
        ("lat=a&lon=b", 400),
        ("lat=nan&lon=1", 400),
        ("lat=91&lon=1", 400),
        ("q=%00%FF%ED%A0%80", 200),
        ("q=%", 200),
        ("q=%E2%80%AEangoloB", 200),
        ("q='%3B+DROP+TABLE", 200),
        ("q=<script>alert(1)</script>", 200),
        ("format=doc", 400),
    ],
)
def test_bad_input_gets_a_plain_page(client: Client, query: str, status: int) -> None:
    page = client.get(f"/places/?{query}")

    assert page.status_code == status
    assert b"<script>alert" not in page.content


def test_other_methods_are_refused(client: Client) -> None:
    assert client.post("/places/").status_code == 405


@pytest.mark.parametrize("typed", ["Neustadt", "Bern", "qwzfrtl", "Halle"])
def test_a_page_of_candidates_costs_no_query(
    client: Client, count_queries: Callable[[], Any], typed: str
) -> None:
    client.get("/places/?q=Bologna")
    client.get("/places/?q=Neustadt")

    with count_queries() as counted:
        client.get(f"/places/?q={typed}")

    assert len(counted) == 0


def test_the_api_answers_a_keystroke(client: Client) -> None:
    answer = client.get("/api/v1/places?q=bolog&lang=de&limit=3").json()

    assert answer["clear"] is False
    assert answer["outside"] is None
    assert answer["items"][0] == {
        "key": "bologna-3181928",
        "kind": "locality",
        "name": "Bologna",
        "region": {"code": "ITH55", "name": "Bologna"},
        "country": "IT",
        "population": 394843,
        "url": "/de/places/bologna-3181928/",
        "match": "prefix",
    }
    assert len(answer["items"]) == 3


def test_the_api_tells_codes_countries_and_what_lies_outside(client: Client) -> None:
    greece = client.get("/api/v1/places?q=gr&lang=fr").json()["items"][0]
    bern = client.get("/api/v1/places?q=Bern").json()
    point = client.get("/api/v1/places?lat=44.494&lon=11.343").json()

    assert (greece["key"], greece["kind"], greece["name"], greece["region"]) == (
        "EL",
        "country",
        "Grèce",
        None,
    )
    assert (bern["outside"], bern["clear"]) == ({"name": "Bern", "country": "CH"}, False)
    assert [(item["key"], item["match"]) for item in point["items"][:2]] == [
        ("bologna-3181928", "near"),
        ("ITH55", "near"),
    ]


def test_the_api_shows_one_place_with_what_it_lies_in(client: Client) -> None:
    bologna = client.get("/api/v1/places/bologna-3181928").json()
    union = client.get("/api/v1/places/EU?lang=it").json()

    assert bologna["region"] == {"code": "ITH55", "name": "Bologna"}
    assert [wider["key"] for wider in bologna["ancestors"]] == ["ITH55", "ITH5", "ITH", "IT", "EU"]
    assert (union["kind"], union["name"], union["ancestors"]) == ("country", "Unione europea", [])
    assert client.get("/api/v1/places/gr30").json()["key"] == "EL30"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("places?q=Roma&lang=xx", 422),
        ("places?q=Roma&limit=0", 422),
        ("places?q=Roma&limit=-5", 422),
        ("places?q=Roma&limit=9999999999", 422),
        ("places?q=Roma&colour=red", 422),
        ("places?lat=44", 422),
        ("places?lat=44&lon=999", 422),
        ("places?lat=nan&lon=1", 422),
        ("places?lat=a&lon=b", 422),
        ("places?q=Roma&lat=1&lon=1", 422),
        ("places", 422),
        ("places?q=" + "a" * 10_000, 422),
        ("places/XX", 404),
        ("places/bologna-0", 404),
        ("places/" + "9" * 300, 404),
        ("places/bologna-3181928?lang=xx", 422),
        ("places/bologna-3181928?colour=red", 422),
    ],
)
def test_the_api_refuses_with_a_problem(client: Client, address: str, status: int) -> None:
    answer = client.get(f"/api/v1/{address}")

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


@pytest.mark.parametrize("query", ["q=", "q=%00", "q=%ED%A0%80", "q=%E2%80%AE", "q='%20OR%201=1"])
def test_the_api_takes_odd_words(client: Client, query: str) -> None:
    answer = client.get(f"/api/v1/places?{query}")

    assert answer.status_code == 200
    assert answer.json()["clear"] is False
