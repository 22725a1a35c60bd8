"""What worked elsewhere, on the page of a place: from places like it, with why; else that nothing fits, and no query more."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from koinon.calls import around
from koinon.calls.testing import make_call
from koinon.guide import stencils
from koinon.places.models import Place
from koinon.practices.testing import make_practice

pytestmark = pytest.mark.django_db


def test_the_shelf_of_a_place_shows_it_and_says_where_nothing_fits(client: Client) -> None:
    practice = make_practice("For Malta", places=("MT",))

    def shelf(key: str) -> dict[str, Any]:
        body = client.get(f"/api/v1/places/{key}/answer").json()
        found: dict[str, Any] = next(one for one in body["shelves"] if one["id"] == "practices")
        return found

    malta, other = shelf("MT"), shelf("FI")

    assert [(item["title"], item["level"]) for item in malta["items"]] == [("For Malta", "country")]
    assert malta["gap"] is None
    assert other["items"] == []
    assert "nobody has told of one that would fit" in other["gap"]["text"]
    page = client.get("/places/MT/").content.decode()
    assert f'href="/practices/{practice.slug}/"' in page
    assert "It was done in Malta itself." in page


def test_the_shelf_costs_a_places_page_no_query(client: Client, count_queries: Callable[[], Any]) -> None:
    client.get("/places/IT/")
    stencils.forget()
    with count_queries() as none:
        client.get("/places/IT/")
    for number in range(3):
        make_practice(f"P{number}", places=("IT",))
    client.get("/places/AT/")
    stencils.forget()
    with count_queries() as three:
        client.get("/places/IT/")

    assert len(three) == len(none)


def page_of(client: Client, key: str) -> str:
    """The shelf on the page of a place."""
    around.forget()
    stencils.forget()
    text = client.get(f"/places/{key}/").content.decode()
    return text.split('class="worked"')[1].split("</section>")[0] if 'class="worked"' in text else ""


def test_a_place_of_the_same_size_abroad_says_so_on_the_page(client: Client) -> None:
    bologna = Place.objects.find("bologna-3181928")
    assert bologna is not None
    sizes = (bologna.population * 0.8, bologna.population * 1.2)
    like = Place.objects.filter(level=4, population__range=sizes).exclude(country="IT").order_by("pk")[0]
    small = Place.objects.filter(level=4, country="FI", population__range=(1000, 5000)).order_by("pk")[0]
    same, other = (
        make_practice("Of the same size", places=(like.pk,)),
        make_practice("Small", places=(small.pk,)),
    )

    shelf = page_of(client, bologna.key)

    assert f"/practices/{same.slug}/" in shelf
    assert "has about as many people as Bologna." in shelf
    assert f"/practices/{other.slug}/" not in shelf


def test_what_serves_the_objective_of_a_call_for_the_place_says_so_on_the_page(client: Client) -> None:
    here = make_practice("Here", places=("ITH5",), objectives=("k",))
    serves = make_practice("Serves it", places=("FI",), objectives=("h", "k"))
    other = make_practice("Serves another", places=("FI",), objectives=("a",))
    before = page_of(client, "bologna-3181928")
    make_call(places=("IT",), objectives=("h",))

    shelf, elsewhere = page_of(client, "bologna-3181928"), page_of(client, "SE")

    assert f"/practices/{serves.slug}/" not in before
    # What is near stands first; a call for Italy is one for Bologna, and none for Sweden.
    assert shelf.index(f"/practices/{here.slug}/") < shelf.index(f"/practices/{serves.slug}/")
    assert "It serves objective (h), as a call for Bologna does." in shelf
    assert f"/practices/{other.slug}/" not in shelf
    assert "It serves objective" not in elsewhere


def test_of_two_as_near_the_one_that_serves_a_call_stands_first_with_both_reasons(client: Client) -> None:
    make_practice("One", places=("ITH5",))
    make_practice("Two", places=("ITH5",), objectives=("h",))
    make_call(places=("IT",), objectives=("h",))

    shelf = page_of(client, "bologna-3181928")

    assert shelf.index("Two") < shelf.index("One")
    assert "in which Bologna lies. It serves objective (h), as a call for Bologna does." in shelf


def test_objectives_cost_a_places_page_no_query(client: Client, count_queries: Callable[[], Any]) -> None:
    def asked() -> int:
        around.forget()
        client.get("/places/AT/")
        stencils.forget()
        with count_queries() as queries:
            client.get("/places/IT/")
        return len(queries)

    make_call(places=("IT",))
    make_practice("P", places=("FI",), objectives=("h",))
    asked()  # What a process asks once.
    none = asked()
    make_call(places=("IT",), objectives=("h",))

    assert asked() == none
