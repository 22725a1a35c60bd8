"""What is promised of the library: what it lists, how it is filtered, sorted and taken along; what search and places get of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from koinon.base.languages import ENDONYMS
from koinon.network.actions import demo
from koinon.people.actions import make_token
from koinon.places.models import Place
from koinon.practices import found, listing, nearby
from koinon.practices.models import Practice, Version
from koinon.practices.testing import make_adoption, make_practice, make_translation
from koinon.practices.tests.helping import somebody
from koinon.search import sources
from koinon.search.models import Change

pytestmark = pytest.mark.django_db


def titles(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/practices/?format=json&{query}")
    assert answer.status_code == 200, answer.content
    return [row["title"] for row in answer.json()["items"]]


def test_what_is_public_is_listed_and_nothing_else(client: Client) -> None:
    """I3: in every channel the same, and each of it can be opened."""
    shown = make_practice("Shown to all")
    for state in ("draft", "submitted", "changes", "declined", "withdrawn"):
        make_practice(f"Is {state}", state=state)

    channels = {
        "json": titles(client),
        "api": [row["title"] for row in client.get("/api/v1/practices").json()["items"]],
        "search": [
            document.texts[0].title
            for document in found.documents(list(Practice.objects.values_list("slug", flat=True)))
        ],
    }

    assert channels == {key: ["Shown to all"] for key in channels}
    for path in ("/practices/", "/practices/?format=csv", "/practices/?format=atom", "/practices/lineage/"):
        assert "Is draft" not in client.get(path).content.decode()
        assert "Is withdrawn" not in client.get(path).content.decode()
    assert client.get(f"/practices/{shown.slug}/").status_code == 200


def test_each_filter_says_how_many_it_would_leave(client: Client) -> None:
    make_practice(
        "A", places=("BE",), evidence=3, cost="under20", targets=("young",), objectives=("a",), language="fi"
    )
    make_practice(
        "B", places=("BE", "FI"), evidence=1, cost="more", targets=("young", "older"), kind="failed"
    )
    make_practice("C", places=("MT",), evidence=2, topics=("childcare",), stage="ended")

    assert titles(client, "country=BE") == ["B", "A"]
    assert titles(client, "country=BE&country=MT&evidence=2") == ["C", "A"]
    assert titles(client, "type=failed") == ["B"]
    assert titles(client, "target=older") == ["B"]
    assert titles(client, "objective=a&language=fi&cost=under20&stage=running") == ["A"]
    assert titles(client, "topic=childcare") == ["C"]
    facets = client.get("/api/v1/practices?country=BE").json()["facets"]
    assert {one["value"]: one["count"] for one in facets["country"]} == {"BE": 2, "MT": 1, "FI": 1}
    assert {one["value"]: one["count"] for one in facets["type"]} == {"worked": 1, "failed": 1}
    assert [one["count"] for one in facets["evidence"]] == [2, 1, 1, 0]
    page = client.get("/practices/?country=BE&sort=evidence").content.decode()
    assert 'name="country" value="BE" checked' in page
    assert '<input type="hidden" name="sort" value="evidence">' in page


def test_it_is_sorted_as_asked(client: Client) -> None:
    for title, evidence, cost in (("A", 1, "more"), ("B", 4, ""), ("C", 2, "under20")):
        make_practice(title, evidence=evidence, cost=cost)

    assert titles(client) == ["C", "B", "A"]
    assert titles(client, "sort=evidence") == ["B", "C", "A"]
    assert titles(client, "sort=cost") == ["C", "A", "B"]


def test_what_is_typed_finds_by_words_with_other_endings_and_accents(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from koinon.practices import finding

    monkeypatch.setattr(finding, "_searched", lambda typed: {})
    make_practice("Young people out of work")
    make_practice("Éducation de nuit", language="fr", challenge="La nuit.", summary="Le soir.")

    assert titles(client, "q=YOUNG+peo") == ["Young people out of work"]
    assert titles(client, "q=education") == ["Éducation de nuit"]
    assert titles(client, "q=nothing+of+the+kind+zzz") == []
    page = client.get("/practices/?q=zzz").content.decode()
    assert "No practice fits" in page
    assert "/ask/?text=zzz" in page


def test_a_search_that_fails_hides_no_practice(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    from types import ModuleType

    broken = ModuleType("koinon.search.service")
    broken.search = lambda *args, **more: 1 / 0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "koinon.search.service", broken)
    make_practice("Young people")

    assert titles(client, "q=young") == ["Young people"]


@pytest.mark.parametrize(
    "query",
    [
        "type=nonsense",
        "evidence=9",
        "sort=up",
        "language=xx",
        "cost=1",
        "target=x",
        "stage=x",
        "objective=zz",
        "format=exe",
    ],
)
def test_what_is_not_offered_is_400(client: Client, query: str) -> None:
    assert client.get(f"/practices/?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["q=" + "\ufdfa" * 300, "q=%00%ff", "topic=%00", "country=" + "x" * 500, "q=%ed%a0%80", "page=9"]
)
def test_hostile_searches_are_answered(client: Client, query: str) -> None:
    make_practice("=cmd|' /C calc'!A0")

    assert client.get(f"/practices/?{query}").status_code in {200, 400, 404}


def test_a_sheet_runs_nothing(client: Client) -> None:
    make_practice("=HYPERLINK(1)", summary="+1+1")

    text = client.get("/practices/?format=csv").content.decode()

    assert "'=HYPERLINK(1)" in text
    assert "'+1+1" in text


def test_the_queries_stay_the_same(client: Client, count_queries: Callable[[], Any]) -> None:
    make_practice(places=("BE",))
    client.get("/practices/")
    listing.forget()
    with count_queries() as one:
        client.get("/practices/")
    for place in ("FI", "MT", "AT"):
        make_adoption(make_practice(places=(place,)))
    listing.forget()
    with count_queries() as four:
        client.get("/practices/?sort=evidence")

    assert len(four) == len(one)


def test_pages_follow_each_other(client: Client) -> None:
    for number in range(21):
        make_practice(f"Number {number}")

    first, second = (client.get(f"/practices/?page={page}").content.decode() for page in (1, 2))

    assert "Number 20" in first
    assert "Number 0<" in second.replace("</a>", "<")
    assert client.get("/practices/?page=3").status_code == 404


def test_the_page_is_the_same_for_all_and_sets_no_cookie(client: Client) -> None:
    practice = make_practice()

    for path in ("/practices/", f"/practices/{practice.slug}/"):
        answer = client.get(path)
        assert answer.cookies == {}
        assert "X-Koinon-Shared" in answer.headers


def test_every_language_has_the_page(client: Client) -> None:
    practice = make_practice()

    for language in ENDONYMS:
        prefix = "" if language == "en" else f"/{language}"
        assert client.get(f"{prefix}/practices/{practice.slug}/").status_code == 200


def test_the_search_gets_each_language_with_its_state() -> None:
    practice = make_practice(
        "Eine Tür", language="de", places=("BE",), topics=("childcare",), objectives=("a",)
    )
    make_translation(practice.latest, "fi")

    (document,) = found.documents([practice.slug])

    assert [(text.language, text.state) for text in document.texts] == [("de", "original"), ("fi", "human")]
    assert (document.countries, document.places, document.topics) == (("BE",), ("BE",), ("childcare",))
    assert document.address == f"/practices/{practice.slug}/"
    assert "practice" in sources.sources
    assert list(sources.sources["practice"].keys()) == [practice.slug]


def test_what_changes_in_public_is_said_to_the_search() -> None:
    from koinon.network.testing import make_organisation
    from koinon.practices.actions import adopting, keeping, reviewing, translating
    from koinon.practices.tests.helping import as_visitor, findings

    centre = make_organisation()
    by = as_visitor("manager", centre)
    practice = make_practice(state="submitted", centre=centre)

    def touched() -> int:
        return Change.objects.filter(type="practice", key=practice.slug).count()

    steps = [touched()]
    reviewing.decide(practice.latest, by=by, findings=findings())
    steps.append(touched())
    practice.refresh_from_db()
    translating.translate(practice, by=by, language="fi", edits=0, texts={"title": "Ovi"})
    steps.append(touched())
    adoption = make_adoption(practice, confirmed=False)
    adopting.confirm(adoption, by=by)
    steps.append(touched())
    keeping.withdraw(practice, by=by, because="asked")
    steps.append(touched())

    assert steps == sorted(set(steps))


# From places like this one.


def place(key: str) -> Place:
    found_place = Place.objects.find(key)
    assert found_place is not None
    return found_place


def test_a_place_gets_what_was_done_in_it_around_it_and_in_places_like_it_each_with_why() -> None:
    bologna = place("bologna-3181928")
    like = Place.objects.filter(
        level=4, population__range=(bologna.population * 0.8, bologna.population * 1.2)
    )
    abroad = like.exclude(country="IT").order_by("pk")[0]
    at_home = like.filter(country="IT").exclude(pk=bologna.pk).order_by("pk")[0]
    small = Place.objects.filter(level=4, country="FI", population__range=(1000, 5000)).order_by("pk")[0]
    for title, code in (
        ("Here", bologna.pk),
        ("Around", "ITH5"),
        ("Home", at_home.pk),
        ("Far", abroad.pk),
        ("Small", small.pk),
    ):
        make_practice(title, places=(code,))

    shelf = nearby.worked_elsewhere(bologna)

    assert [(one.row.title, one.why) for one in shelf] == [
        ("Here", "here"),
        ("Around", "around"),
        ("Home", "near_and_like"),
        ("Far", "like"),
    ]
    assert shelf[0].because(bologna) == "It was done in Bologna itself."
    assert "about as many people as Bologna" in shelf[3].because(bologna)


def test_practices_of_the_same_kind_lead_to_each_other() -> None:
    one = make_practice("One", topics=("childcare",), targets=("young",))
    make_practice("Two", topics=("childcare",))
    make_practice("Three", targets=("young",))

    assert [row.title for row in nearby.alike(one.slug)] == ["Two"]


# Over the API.


def test_the_api_drafts_once_for_a_key_and_refuses_what_it_does_not_know() -> None:
    person = somebody()
    _token, secret = make_token(person, by=None, label="t", scopes=["read", "write"])
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "6f1f64a5-6a3a-4b53-9d3a-0d4a3a2f0001"}

    def post(body: dict[str, Any]) -> Any:
        return Client().post("/api/v1/practices", body, content_type="application/json", headers=headers)

    whole = {
        "title": "One door",
        "language": "en",
        "places": ["BE"],
        "objectives": ["a"],
        "links": [["L", "https://e.eu/x"]],
    }
    first, second = post(whole), post(whole)
    wrong = [
        post(body).status_code
        for body in ({"title": "x", "state": "published"}, {"title": "x", "places": ["?"]}, {})
    ]
    bare = Client().post("/api/v1/practices", whole, content_type="application/json")

    assert (first.status_code, second.status_code) == (201, 201), first.content
    assert first.json() == second.json()
    assert wrong == [422, 422, 422]
    assert bare.status_code == 401
    version = Version.objects.get(practice__owner=person)
    assert (version.objectives, version.links, version.state) == (["a"], [["L", "https://e.eu/x"]], "draft")
    assert [one.pk for one in version.places.all()] == ["BE"]
    assert Client().get("/api/v1/practices?nonsense=1").status_code == 422


# Invented for a demonstration.


def test_what_is_invented_says_so_and_goes_again_without_a_trace(client: Client) -> None:
    before = Practice.objects.count()
    demo.add()
    demo.add()
    listing.forget()

    rows = client.get("/practices/?format=json").json()["items"]
    assert len(rows) == 10
    assert all(row["invented"] and row["title"].startswith("Demonstration") for row in rows)
    assert len({row["language"] for row in rows}) >= 4
    page = client.get("/practices/demo-one-door/").content.decode()
    assert "Invented." in page
    assert "Dropped because:" in page
    assert "has changed since" in client.get("/practices/demo-one-door/?read=de").content.decode()
    demo.remove()
    assert Practice.objects.count() == before
