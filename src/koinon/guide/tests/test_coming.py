"""What comes up for a place: its sessions, nearest first, each with its level and why it is shown."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from koinon.agenda import around
from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.guide import stencils
from koinon.places.models import Place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _an_empty_programme(db: None) -> None:
    Session.objects.all().delete()
    around.forget()


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


def shelf(client: Client, key: str) -> dict[str, Any]:
    body = client.get(f"/api/v1/places/{key}/answer").json()
    found: dict[str, Any] = next(one for one in body["shelves"] if one["id"] == "coming")
    return found


def test_a_places_page_shows_what_comes_nearest_first_with_level_and_reason(client: Client) -> None:
    for_all, italy, bologna, hidden = (make_session(f"S{n}", starts=in_days(n)) for n in (1, 2, 3, 4))
    bologna.places.set([Place.objects.get(pk="3181928")])
    italy.places.set([Place.objects.get(pk="IT")])
    hidden.places.set([Place.objects.get(pk="IT")])
    Session.objects.filter(pk=hidden.pk).update(published=False)

    found = shelf(client, "bologna-3181928")

    assert [(item["title"], item["level"]) for item in found["items"]] == [
        (bologna.title, "city"),
        (italy.title, "country"),
        (for_all.title, "europe"),
    ]
    assert [item["because"] for item in found["items"]] == [
        "It is announced for Bologna.",
        "It is announced for Italy.",
        "It is open to every place.",
    ]
    assert found["gap"] is None
    page = client.get("/places/bologna-3181928/").content.decode()
    assert f'href="{bologna.get_absolute_url()}"' in page
    assert f'href="{bologna.get_absolute_url()}"' not in client.get("/places/IT/").content.decode()


def test_a_place_without_sessions_says_so(client: Client) -> None:
    make_session(starts=in_days(-2))

    assert "Nobody has announced a session here" in shelf(client, "MT")["gap"]["text"]


def test_sessions_cost_a_places_page_no_query(client: Client, count_queries: Callable[[], Any]) -> None:
    client.get("/places/AT/")
    stencils.forget()
    with count_queries() as none:
        client.get("/places/IT/")
    for number in range(3):
        make_session(starts=in_days(number + 1)).places.set([Place.objects.get(pk="IT")])
    around.forget()
    client.get("/places/AT/")
    stencils.forget()
    with count_queries() as three:
        client.get("/places/IT/")

    assert len(three) == len(none)
