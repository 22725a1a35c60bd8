"""The answer for a place: nearest first, each with level, reason and source; and what is missing, as plainly."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from koinon.guide import stencils
from koinon.journal import versions
from koinon.network.models import Organisation
from koinon.places.models import Place

pytestmark = pytest.mark.django_db

BOLOGNA, VALLETTA, TORINO = "bologna-3181928", "valletta-2562305", "3165524"
SHELVES = ["responsible", "coming", "money", "practices", "peers", "answered"]


def key_of(code: str) -> str:
    return Place.objects.get(pk=code).key


def answer(client: Client, key: str, **asked: str) -> dict[str, Any]:
    response = client.get(f"/api/v1/places/{key}/answer", asked)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def shelf(body: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in body["shelves"] if one["id"] == name)
    return found


def test_bologna_names_region_country_consortia_of_then_and_now_and_europe(client: Client) -> None:
    items = shelf(answer(client, BOLOGNA), "responsible")["items"]

    now = [item for item in items if item["relation"] == "now"]
    assert [item["level"] for item in now] == sorted(
        (item["level"] for item in now), key=["city", "region", "country", "consortium", "europe"].index
    )
    assert now[0]["title"].startswith("Regione Emilia-Romagna")
    assert "PR FSE+ Emilia-Romagna" in now[0]["because"]
    centre = next(item for item in now if item["type"] == "centre")
    assert centre["hosts"] == [
        "City of Turin",
        "Polytechnic University of Turin",
        "Polytechnic University of Milan",
        "University of Bologna",
        "Fondazione Giacomo Brodolini",
        "EURICSE",
    ]
    consortia = [
        (item["title"].split(":")[0], item["relation"]) for item in items if item["type"] == "consortium"
    ]
    assert consortia == [("SEED2SCALE", "now"), ("SEED", "former")]
    assert now[-1]["level"] == "europe"
    assert [
        item["title"] for item in items if not (item["because"] and item["source"] and item["checked_on"])
    ] == []


def test_the_page_says_what_the_api_says(client: Client) -> None:
    page = client.get(f"/places/{BOLOGNA}/").content.decode()

    for item in shelf(answer(client, BOLOGNA), "responsible")["items"]:
        assert item["title"].replace("'", "&#x27;") in page


def test_torino_then_and_now(client: Client) -> None:
    key = key_of(TORINO)

    def serving(**asked: str) -> list[str]:
        items = shelf(answer(client, key, **asked), "responsible")["items"]
        return [
            i["title"].split(":")[0] for i in items if i["type"] == "consortium" and i["relation"] == "now"
        ]

    assert serving(on="2022-06-01") == ["SEED"]
    assert serving() == ["SEED2SCALE"]
    assert serving(on="2024-01-01") == []


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("MT", "no host found"),
        ("NL", "no host found"),
        ("CY", "No consortium or project of the network covers Cyprus today."),
        ("BG", "No consortium or project of the network covers Bulgaria today."),
        ("LT", "No consortium or project of the network covers Lithuania today."),
    ],
)
def test_gaps_are_said(client: Client, place: str, said: str) -> None:
    assert said in client.get(f"/places/{place}/").content.decode()


@pytest.mark.parametrize("name", ["Valletta", "Luxembourg", "Vilnius", "Zagreb", "Nicosia"])
def test_capitals_show_every_shelf_or_its_gap(client: Client, name: str) -> None:
    place = Place.objects.filter(latin=name, feature="C").get()

    shelves = answer(client, place.key)["shelves"]

    assert [one["id"] for one in shelves] == SHELVES
    assert [one["id"] for one in shelves if not one["items"] and one["gap"] is None] == []


def test_shelves_that_are_not_built_invent_nothing(client: Client) -> None:
    shelves = answer(client, BOLOGNA)["shelves"]

    assert [one["id"] for one in shelves if one["items"]] == ["responsible", "money"]


@pytest.mark.parametrize("code", ["MT", "DE", "IT", "LU"])
def test_every_country_costs_the_same_queries(
    client: Client, count_queries: Callable[[], Any], code: str
) -> None:
    versions.look()
    client.get("/places/AT/")
    stencils.forget()

    with count_queries() as counted:
        client.get(f"/places/{code}/")

    assert len(counted) == 11


@pytest.mark.parametrize("key", [BOLOGNA, VALLETTA, "berlin-2950159"])
def test_every_city_costs_the_same_queries(
    client: Client, count_queries: Callable[[], Any], key: str
) -> None:
    client.get("/places/AT/")
    stencils.forget()

    with count_queries() as first:
        client.get(f"/places/{key}/")
    with count_queries() as again:
        client.get(f"/places/{key}/")

    assert (len(first), len(again)) == (9, 1)


def test_a_stencil_carries_nothing_from_one_place_to_the_next(client: Client) -> None:
    places = list(Place.objects.filter(parent="ITH55").order_by("-population")[:6])

    for place in places:
        page = client.get(place.get_absolute_url()).content.decode()
        others = [other for other in places if other.pk != place.pk]
        assert f'<a href="/news/?place={place.key}">What is new</a>' in page
        assert f'<h1 id="h"><bdi>{place.name}</bdi></h1>' in page
        assert [other.key for other in others if other.key in page] == []
        assert stencils.OPEN not in page
        assert stencils.KEY not in page


def test_names_are_escaped_where_they_are_filled_in(client: Client) -> None:
    Place.objects.filter(pk="3181928").update(name="<script>alert(1)</script>\"'&", latin="Bologna")

    page = client.get(f"/places/{BOLOGNA}/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;" in page


def test_a_change_of_facts_shows_at_once(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    client.get(f"/places/{BOLOGNA}/")

    with django_capture_on_commit_callbacks(execute=True):
        Organisation.objects.filter(slug="ncc-it").update(name="Centro cambiato")
        versions.raise_()

    assert "Centro cambiato" in client.get(f"/places/{BOLOGNA}/").content.decode()


def test_another_slug_and_other_letters_lead_to_the_one_address(client: Client) -> None:
    assert client.get("/places/x-3181928/").headers["Location"] == f"/places/{BOLOGNA}/"
    assert (
        client.get("/places/3181928/?on=2022-06-01").headers["Location"]
        == f"/places/{BOLOGNA}/?on=2022-06-01"
    )
    assert client.get("/places/GR/").headers["Location"] == "/places/EL/"
    assert client.get("/places/ith5/").headers["Location"] == "/places/ITH5/"


@pytest.mark.parametrize(
    "key", ["XX", "ITZZ", "bologna-1", "bologna-99999999999999999999", "%00", "a" * 300, "ﬀ"]
)
def test_what_is_no_place_is_told(client: Client, key: str) -> None:
    assert client.get(f"/places/{key}/").status_code == 404
    assert client.get(f"/api/v1/places/{key}/answer").status_code == 404


@pytest.mark.parametrize("day", ["2022-13-01", "yesterday", "2022-6-1", "9" * 500, "\x00"])
def test_a_day_that_is_none_is_refused(client: Client, day: str) -> None:
    assert client.get(f"/places/{BOLOGNA}/", {"on": day}).status_code == 400
    assert client.get(f"/api/v1/places/{BOLOGNA}/answer", {"on": day}).status_code == 422


@pytest.mark.parametrize("day", ["0001-01-01", "1990-01-01", "2200-01-01", "9999-12-31"])
def test_days_far_away_are_answered_too(client: Client, day: str) -> None:
    assert client.get(f"/places/{BOLOGNA}/", {"on": day}).status_code == 200


def test_unknown_fields_and_languages_are_refused(client: Client) -> None:
    assert client.get(f"/api/v1/places/{BOLOGNA}/answer", {"colour": "red"}).status_code == 422
    assert client.get(f"/api/v1/places/{BOLOGNA}/answer", {"lang": "xx"}).status_code == 422


def test_the_answer_speaks_the_language_asked_for(client: Client) -> None:
    with translation.override("de"):
        germany = Place.objects.get(pk="DE").display_name()

    assert answer(client, "DE", lang="de")["place"]["name"] == germany == "Deutschland"
    assert '<html lang="de">' in client.get("/de/places/DE/").content.decode()


def test_a_region_a_country_and_the_union_list_what_is_inside(client: Client) -> None:
    for path, inside in (
        ("/places/ITH5/", "/places/ITH55/"),
        ("/places/IT/", "/places/ITH/"),
        ("/places/EU/", "/places/MT/"),
    ):
        assert f'href="{inside}"' in client.get(path).content.decode()


def test_a_page_sets_no_cookie_and_may_be_shared(client: Client) -> None:
    response = client.get(f"/places/{BOLOGNA}/")

    assert response.cookies == {}
    assert response.headers["X-Koinon-Shared"] == "3181928 coming money practices peers answered"


def test_somebody_signed_in_gets_a_page_of_the_own(client: Client) -> None:
    from koinon.people.models import Person

    client.get(f"/places/{BOLOGNA}/")
    client.force_login(Person.objects.create_user("ana@example.org"))

    page = client.get(f"/places/{BOLOGNA}/").content.decode()

    assert "My account" in page
    client.logout()
    assert "My account" not in client.get(f"/places/{BOLOGNA}/").content.decode()


def test_the_code_on_the_sheet_is_a_picture(client: Client) -> None:
    response = client.get(f"/places/{BOLOGNA}/qr.svg")

    assert response.headers["Content-Type"] == "image/svg+xml"
    assert b"<path" in response.content


def test_everything_inside_is_listed_in_pages_and_files(
    client: Client, count_queries: Callable[[], Any]
) -> None:
    first = client.get("/places/FRL04/inside/")
    rows = client.get("/places/FRL04/inside/?format=json").json()["items"]

    assert first.status_code == 200
    assert len(rows) == Place.objects.filter(parent="FRL04").count()
    assert rows[0]["name"] == "Marseille"
    for path in ("/places/ITH5/inside/", "/places/FRL04/inside/"):
        with count_queries() as counted:
            client.get(path)
        assert len(counted) == 3


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "1e3", "٣", "9" * 400])
def test_pages_that_are_none_are_told(client: Client, page: str) -> None:
    assert client.get("/places/ITH5/inside/", {"page": page}).status_code == 404
