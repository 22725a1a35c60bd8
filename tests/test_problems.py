"""When something goes wrong: the right status, in words for people and in RFC 9457 for programs."""

import json

import pytest
from django.db import OperationalError
from django.test import Client

from koinon.places.models import PlaceSet

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiet() -> Client:
    return Client(raise_request_exception=False, headers={"Sec-Fetch-Site": "same-origin"})


def test_a_database_that_is_away_is_a_503_in_the_reader_s_language(
    quiet: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: PlaceSet, key: str) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(PlaceSet, "find", away)

    page, data = quiet.get("/el/places/IT/"), quiet.get("/api/v1/places/IT/answer")

    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
    assert '<html lang="el">' in page.content.decode()
    assert (data.status_code, data.headers["Content-Type"]) == (503, "application/problem+json")


def test_a_fault_of_ours_has_a_reference_and_tells_nothing_else(
    quiet: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: PlaceSet, key: str) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(PlaceSet, "find", broken)

    page, data = quiet.get("/places/IT/"), quiet.get("/api/v1/places/IT/answer")

    assert (page.status_code, data.status_code) == (500, 500)
    assert "reference" in page.content.decode()
    assert "reference" in json.loads(data.content)
    assert b"secret detail" not in page.content + data.content


def test_what_is_missing_offers_a_search(client: Client) -> None:
    page = client.get("/nothing/here/")

    assert page.status_code == 404
    assert 'name="q"' in page.content.decode()


def test_a_problem_for_programs_is_rfc_9457(client: Client) -> None:
    answer = client.get("/api/v1/places/XX")

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(answer.json())
