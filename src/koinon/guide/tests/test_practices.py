"""What worked elsewhere, on the page of a place: from places like it, with why; else that nothing fits, and no query more."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from koinon.guide import stencils
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
