"""The library for a place like one's own: what fits it, why, and what is said where it is not known which place is meant."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from koinon.places.models import Place
from koinon.practices.testing import make_practice

pytestmark = pytest.mark.django_db
BOLOGNA = "bologna-3181928"


@pytest.fixture
def bologna() -> Place:
    found = Place.objects.find(BOLOGNA)
    assert found is not None
    return found


@pytest.fixture
def told(bologna: Place) -> Place:
    """In the region of Bologna, in a city abroad of its size, and where nothing is like it. Gives the city abroad."""
    size = bologna.population
    abroad = Place.objects.filter(level=4, population__range=(size * 0.8, size * 1.2)).exclude(country="IT")
    twin = abroad.order_by("pk")[0]
    make_practice("Region", places=("ITH5",), evidence=1)
    make_practice("Twin", places=(twin.pk,), evidence=3, targets=("young",))
    make_practice("Elsewhere", places=("MT",), evidence=4)
    return twin


def test_what_fits_comes_closest_first_with_why(client: Client, told: Place) -> None:
    rows = client.get(f"/practices/?format=json&like={BOLOGNA}").json()["items"]
    sorted_otherwise = client.get(f"/practices/?format=json&like={BOLOGNA}&sort=evidence").json()["items"]
    page = client.get(f"/practices/?like={BOLOGNA}").content.decode()

    assert [(row["title"], row["why"]) for row in rows] == [
        ("Region", "It was done in Emilia-Romagna, in which Bologna lies."),
        ("Twin", f"{told.display_name()} has about as many people as Bologna."),
    ]
    assert [row["title"] for row in sorted_otherwise] == ["Twin", "Region"]
    assert page.count("Why here:") == 2
    assert "<b>Closest to Bologna first</b>" in page
    assert 'value="Bologna, Italy"' in page
    assert f'href="?like={BOLOGNA}&amp;format=csv"' in page
    assert f"/ask/?place={BOLOGNA}" in page


def test_without_a_place_nothing_says_why(client: Client, told: Place) -> None:
    rows = client.get("/practices/?format=json&sort=near").json()["items"]

    assert [(row["title"], row["why"]) for row in rows] == [("Elsewhere", ""), ("Twin", ""), ("Region", "")]
    assert "Why here:" not in client.get("/practices/").content.decode()


def test_other_filters_count_only_what_fits_the_place(client: Client, told: Place) -> None:
    answer = client.get(f"/api/v1/practices?like={BOLOGNA}").json()

    assert answer["total"] == 2
    assert [one["count"] for one in answer["facets"]["evidence"]] == [2, 1, 1, 0]
    assert [
        row["title"] for row in client.get(f"/api/v1/practices?like={BOLOGNA}&target=young").json()["items"]
    ] == ["Twin"]


@pytest.mark.parametrize(
    ("sent", "goes_on_to"),
    [
        ("like=Bologna&chosen=&shown=&q=door", f"q=door&like={BOLOGNA}"),
        (f"like=Here&chosen={BOLOGNA}&shown=Here&type=worked", f"type=worked&like={BOLOGNA}"),
        (f"like=Malta&chosen={BOLOGNA}&shown=Bologna", "like=MT"),
        ("like=&chosen=&shown=&evidence=2", "evidence=2"),
        (f"like=&chosen={BOLOGNA}&shown=Bologna", ""),
        ("like=bolonia-3181928", f"like={BOLOGNA}"),
    ],
)
def test_what_the_form_sends_becomes_one_address(client: Client, sent: str, goes_on_to: str) -> None:
    """Chosen from the list, typed, typed over, taken away, spelt otherwise: it ends at the same address."""
    answer: Any = client.get(f"/practices/?{sent}", follow=True)

    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] == "/practices/"
    assert answer.request["QUERY_STRING"] == goes_on_to


def test_where_several_may_be_meant_each_is_a_link_and_nothing_else_is_listed(
    client: Client, told: Place
) -> None:
    answer = client.get("/practices/?like=San+Lorenzo&evidence=1")
    page = answer.content.decode()

    assert answer.status_code == 200
    assert "Which place?" in page
    assert len(re.findall(r'href="\?evidence=1&amp;like=[a-z0-9-]+#results"><bdi>San Lorenzo', page)) >= 2
    assert '<ol class="results">' not in page


def test_a_place_that_is_not_known_is_said_plainly(client: Client, told: Place) -> None:
    answer = client.get("/practices/?like=%3Cb%3Eqqzzqq")
    page = answer.content.decode()

    assert answer.status_code == 404
    assert "We know no place called “&lt;b&gt;qqzzqq”" in page
    assert '<ol class="results">' not in page
    assert client.get("/practices/?format=csv&like=qqzzqq").status_code == 400
    assert client.get("/api/v1/practices?like=qqzzqq").status_code == 422


@pytest.mark.parametrize("typed", ["%00", "%ff%fe", "x" * 5000, "%ed%a0%80", "9" * 400, "&like=IT&like=MT"])
def test_whatever_is_typed_for_a_place_is_answered(client: Client, typed: str) -> None:
    assert client.get(f"/practices/?like={typed}").status_code in {200, 302, 404}


def test_nothing_that_fits_is_said_of_the_place(client: Client, told: Place) -> None:
    page = client.get("/practices/?like=FI").content.decode()

    assert "No practice from a place like Finland is told here yet" in page


def test_three_that_fit_cost_no_more_than_one(client: Client, count_queries: Callable[[], Any]) -> None:
    make_practice("A", places=("ITH5",))
    client.get(f"/practices/?like={BOLOGNA}")
    with count_queries() as one:
        client.get(f"/practices/?like={BOLOGNA}")
    make_practice("B", places=("ITH5",))
    make_practice("C", places=("IT",))
    client.get(f"/practices/?like={BOLOGNA}")
    with count_queries() as three:
        client.get(f"/practices/?like={BOLOGNA}")

    assert len(three) == len(one)


def test_the_page_of_a_place_leads_to_all_that_fit_it(client: Client, told: Place) -> None:
    page = client.get(f"/places/{BOLOGNA}/").content.decode()

    assert f'href="/practices/?like={BOLOGNA}"' in page
