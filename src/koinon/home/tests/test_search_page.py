"""The search page: one box, everything in the house, each search an address, and an honest word where nothing is there."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from koinon.home import pieces, unmet
from koinon.home.named import places_in
from koinon.journal.models import Gap
from koinon.peers.testing import make_profile
from koinon.people.models import Person
from koinon.people.testing import come_in, make_person
from koinon.search import engine, vectors
from koinon.search.documents import Document, Text
from koinon.search.encoder.testing import Fake
from koinon.search.testing import build, house, make_document, things
from koinon.search.tests.test_vectors import fake, make_all  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db

SHARED = Document(
    "practice",
    "shared-coach",
    "/practices/shared-coach/",
    (
        Text("bg", "Споделен треньор", "Един <b>треньор</b> за две малки общини."),
        Text("en", "A shared coach for small municipalities", "One <b>coach</b> for two towns.", "machine"),
        Text("fi", "Jaettu valmentaja", "Yksi valmentaja kahdelle kunnalle.", "outdated"),
    ),
    countries=("BG",),
    topics=("small-municipality",),
    objectives=("h",),
    targets=("young",),
    stage="running",
    cost="under20",
    evidence="2",
    on=date(2026, 5, 1),
)
HOUSE = (
    SHARED,
    make_document("1", "May one coach work for both?", "Yes, a coach may.", type="answer", countries=("IT",), on=date(2026, 11, 20)),
    *(make_document(f"S{n}", f"Session {n} for coaches", type="session", on=date(2026, 1, n)) for n in range(1, 13)),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_counted_before() -> Iterator[None]:
    unmet._counts.clear()
    yield
    unmet._counts.clear()


@pytest.fixture
def _index(tmp_path: Path, db: None) -> Iterator[None]:
    with house(tmp_path), things(*HOUSE):
        build()
        yield


@pytest.fixture
def page(_index: None, client: Client) -> Client:
    return client


def text(client: Client, query: str, *, path: str = "/search/", status: int = 200) -> str:
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == status
    assert answer.cookies == {}
    return answer.content.decode()


def test_a_practice_in_another_language_is_shown_as_what_it_is(page: Client) -> None:
    shown = text(page, "q=shared+coach")

    assert '<h3><a href="/practices/shared-coach/" lang="en" dir="auto">A shared coach for small' in shown
    assert '<span class="tag machine">Machine translation</span>' in shown
    assert "One &lt;b&gt;<mark>coach</mark>&lt;/b&gt; for two towns." in shown
    assert '<a href="/bg/practices/shared-coach/" lang="bg" hreflang="bg">Български</a>' in shown
    assert "In the title: “shared”, “coach”." in shown
    assert "<b>Practice</b></span> <span>Bulgaria, 1 May 2026</span>" in shown


def test_what_only_the_meaning_found_says_so(fake: Fake, page: Client) -> None:  # noqa: F811
    sentence = "It is close in meaning, as far as a machine can tell; no word is the same."
    assert "Nothing found" in text(page, "q=bakery")
    vectors.take(HOUSE)
    make_all()
    vectors.store.look()

    by_meaning, by_words = text(page, "q=bakery"), text(page, "q=shared+coach&type=practice")

    assert by_meaning.count("<article>") == by_meaning.count(sentence) == 10
    assert sentence not in by_words
    assert page.get("/api/v1/search?q=bakery").json()["items"][0]["why"] == [sentence]


def test_each_state_of_a_text_is_told(page: Client) -> None:
    assert "Translation out of date" in text(
        page, "q=valmentaja", path="/fi/search/"
    ) or 'class="tag old"' in text(page, "q=valmentaja", path="/fi/search/")
    assert '<span class="tag">' in text(page, "q=May+one", path="/de/search/")
    assert 'class="tag"' not in text(page, "q=both&type=answer")


def test_types_are_counted_and_chosen(page: Client) -> None:
    shown = text(page, "q=coach&type=answer")

    assert '<a href="?q=coach#res">Everything <b>14</b></a>' in shown
    assert '<a href="?q=coach&amp;type=answer#res" aria-current="true">Answers <b>1</b></a>' in shown
    assert '<a href="?q=coach&amp;type=session#res">Sessions <b>12</b></a>' in shown
    assert "1 found" in shown


def test_counts_that_are_only_near_the_truth_say_so(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MUCH", 5)
    monkeypatch.setattr(engine, "SAMPLED", 10)
    # A sample of one in ten that holds all.
    monkeypatch.setattr(engine.Engine, "_sampled", lambda self, query: query)

    shown = text(page, "q=coach")

    assert "Everything <b>14</b></a>" in shown
    assert "14 found" in shown
    assert "Sessions <b>≈ 120</b></a>" in shown
    assert page.get("/api/v1/search?q=coach").json()["about"] == ["cost", "country", "evidence", "lang", "objective", "stage", "target", "topic", "type"]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "shown"), [(7, 7), (48, 48), (123, 120), (1_960, 2_000), (99_999, 100_000)]
)
def test_a_number_near_the_truth_has_two_digits(number: int, shown: int) -> None:
    assert pieces.roughly(number) == shown


def test_the_frame_is_filled_in_for_each_search(page: Client) -> None:
    hostile = 'coach "><b id=x>\ue010body\ue011'
    answers = [page.get("/search/", {"q": q}).content.decode() for q in ("coach", hostile, "coach")]

    assert answers[0] == answers[2]
    assert "<b id=x>" not in answers[1]
    assert "<title>Search: coach &quot;&gt;&lt;b id=x&gt;body" in answers[1]
    assert answers[1].count("<main") == 1


def test_the_frame_of_one_who_is_signed_in_is_not_kept_for_the_next(page: Client) -> None:
    page.force_login(Person.objects.create_user("ana@example.org"))
    own = page.get("/search/?q=coach").content.decode()
    page.logout()
    page.cookies.clear()
    next_one = page.get("/search/?q=coach").content.decode()

    assert "My account" in own
    assert "Sign in" not in own
    assert "My account" not in next_one
    assert "Sign in" in next_one
    assert own.count("<article>") == next_one.count("<article>") == 10


@pytest.mark.parametrize(
    ("name", "heading", "value", "called"),
    [
        ("country", "Country", "BG", "Bulgaria"),
        ("language", "Language", "fi", "Finnish"),
        ("topic", "Topic", "small-municipality", "small municipality"),
        ("objective", "Objective of the ESF+", "h", "(h) Active inclusion"),
        ("target", "For whom", "young", "Young people"),
        ("stage", "Stage", "running", "running"),
        ("cost", "Cost in a year", "under20", "under €20 000"),
        ("evidence", "Evidence", "2", "Own data"),
    ],
)
def test_each_filter_has_its_heading_its_values_in_words_and_filters(
    page: Client, name: str, heading: str, value: str, called: str
) -> None:
    shown = text(page, f"q=coach&{name}={value}")

    assert (
        f'<details open><summary>{heading}</summary><fieldset><legend class="sr">{heading}</legend>' in shown
    )
    box = f'<input type="checkbox" name="{name}" value="{value}" checked>{called} <span class="num">1</span>'
    assert box in shown
    assert "1 found" in shown
    assert '<a href="/practices/shared-coach/"' in shown
    # Another value of the list lets it not through, and is counted as if this one were not chosen.
    assert "Nothing found" in text(page, f"q=shared+coach&{name}=nobody")
    # Programs filter by the same names.
    for given, total in ((value, 1), ("nobody", 0), ("", 14)):
        assert page.get("/api/v1/search", {"q": "coach", name: given}).json()["total"] == total
    assert page.get("/api/v1/search", {"q": "coach", name: ["nobody", value]}).json()["total"] == 1
    assert page.get("/api/v1/search", {"q": "coach", name: ["x"] * 31}).status_code == 422


def test_filters_keep_what_was_asked(page: Client) -> None:
    shown = text(page, "q=coach&country=BG")

    assert (
        '<input type="checkbox" name="country" value="BG" checked>Bulgaria <span class="num">1</span>'
        in shown
    )
    assert '<input type="checkbox" name="country" value="IT">Italy <span class="num">1</span>' in shown
    assert "1 found" in shown
    assert '<input type="hidden" name="q" value="coach">' in shown


def test_long_lists_have_pages(page: Client) -> None:
    first, second = text(page, "q=coach"), text(page, "q=coach&page=2")

    assert first.count("<article>") == 10
    assert second.count("<article>") == 4
    assert 'rel="next" href="?q=coach&amp;page=2#res"' in first
    assert 'rel="prev" href="?q=coach&amp;page=1#res"' in second
    text(page, "q=coach&page=3", status=404)
    text(page, "q=coach&page=0", status=404)
    text(page, "q=coach&page=999", status=404)


def test_it_leaves_as_files_and_as_a_feed(page: Client) -> None:
    items = json.loads(text(page, "q=coach&format=json"))["items"]
    assert len(items) == 14
    assert {item["type"] for item in items} == {"practice", "answer", "session"}
    assert text(page, "q=coach&format=csv").startswith("\ufefftype,title,url")
    feed = text(page, "q=coach&format=atom")
    assert feed.index("May one coach") < feed.index("Session 12")
    text(page, "q=coach&format=exe", status=400)


def test_a_place_that_is_named_comes_first(page: Client) -> None:
    shown = text(page, "q=coach+Bologna")

    assert '<a href="/places/bologna-3181928/"><bdi>Bologna</bdi></a>' in shown
    assert shown.index("bologna-3181928") < shown.index("<article>")
    assert "/ask/?text=coach+Bologna&amp;place=bologna-3181928" in shown


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("Bologna", ["3181928"]),
        ("housing first in Oulu", ["643492"]),
        ("ITH5", ["ITH5"]),
        ("help for care leavers in Helsinki and Turku", ["658225", "633679"]),
        ("Deutschland", ["DE"]),
        ("shared coach", []),
        ("", []),
        ("q" * 5000, []),
    ],
)
def test_places_are_found_among_other_words(words: str, codes: list[str]) -> None:
    assert [place.code for place in places_in(words)] == codes


def test_nothing_found_is_said_and_counted_without_the_words(page: Client) -> None:
    shown = text(page, "q=qwxyz+Oulu")
    text(page, "q=qwxyz")
    unmet.write()

    assert "Ask it" in shown
    assert "/ask/?text=qwxyz+Oulu&amp;place=oulu-643492" in shown
    assert list(
        Gap.objects.filter(shelf__startswith="search")
        .order_by("place")
        .values_list("place", "shelf", "times")
    ) == [
        ("643492", "search", 1),
        ("EU", "search", 1),
    ]


@pytest.mark.parametrize("address", ["/search/", "/api/v1/search"])
def test_a_concept_that_nobody_serves_is_counted(page: Client, address: str) -> None:
    text(page, "q=asunnottomuus", path=address)
    unmet.write()

    today = timezone.localdate()
    assert Gap.objects.get(day=today, place="EU", shelf="search:homelessness").times == 1


def test_a_concept_counts_once_however_many_places_are_named(page: Client) -> None:
    unmet.count(["643492", "MT"], ["homelessness"])
    unmet.write()

    cells = Gap.objects.filter(shelf__startswith="search").order_by("place")
    assert list(cells.values_list("place", "shelf", "times")) == [
        ("643492", "search", 1),
        ("EU", "search:homelessness", 1),
        ("MT", "search", 1),
    ]


def test_what_is_found_is_not_counted(page: Client) -> None:
    text(page, "q=coach")
    text(page, "q=coach&country=BG&topic=small-municipality")
    text(page, "")
    page.get("/api/v1/search?q=coach")
    unmet.write()

    assert not Gap.objects.filter(shelf__startswith="search").exists()


@pytest.mark.parametrize("name", ["country", "topic", "type", "language", "evidence"])
def test_what_is_no_text_is_no_value_of_a_filter(page: Client, name: str) -> None:
    """Of a search that finds nothing the countries are looked up, and PostgreSQL cannot even look for a NUL."""
    for address in ("/search/", "/api/v1/search"):
        answer = page.get(address, {"q": "zzqqxx", name: "a\x00b"})
        assert answer.status_code in {400, 422}


def test_nothing_is_counted_without_a_word(page: Client) -> None:
    for query in ("country=FI", "topic=homelessness", "q=%22%2A%22&country=FI"):
        text(page, query)
        assert page.get(f"/api/v1/search?{query}").json()["total"] == 0
    unmet.write()

    assert not Gap.objects.filter(shelf__startswith="search").exists()


AS_FILE = tuple(f"/search/?format={form}&" for form in ("json", "csv", "xlsx"))
AS_FEED = tuple(f"/search/?format={form}&" for form in ("atom", "feed.json"))


@pytest.mark.parametrize("address", ["/search/?", "/api/v1/search?", *AS_FILE])
@pytest.mark.parametrize(
    ("query", "cells"),
    [
        ("q=qwxyz", {("EU", "search")}),
        ("q=qwxyz+Oulu", {("643492", "search")}),
        # Found, but not in this country, or not on this topic.
        ("q=both&country=FI", {("FI", "search")}),
        ("q=both&country=FI&country=MT", {("FI", "search"), ("MT", "search")}),
        ("q=both&topic=homelessness", {("EU", "search"), ("EU", "search:homelessness")}),
        ("q=both&country=FI&topic=homelessness", {("FI", "search"), ("FI", "search:homelessness")}),
        ("q=both&type=answer&stage=idea", {("EU", "search")}),
        # The place in the words comes before the country that was chosen.
        ("q=qwxyz+Oulu&country=FI", {("643492", "search")}),
        # What is no country and no concept of the house may be words: nothing of it is kept.
        ("q=qwxyz&country=MY.SECRET&topic=my-secret", {("EU", "search")}),
    ],
)
def test_what_is_not_there_is_counted_with_filters_and_for_programs_too(
    page: Client, address: str, query: str, cells: set[tuple[str, str]]
) -> None:
    assert page.get(f"{address}{query}").status_code == 200
    unmet.write()

    gaps = Gap.objects.filter(shelf__startswith="search").values_list("place", "shelf", "times")
    assert set(gaps) == {(*cell, 1) for cell in cells}


@pytest.mark.parametrize("address", AS_FEED)
def test_a_feed_that_is_asked_each_hour_is_not_counted(page: Client, address: str) -> None:
    for _hour in range(3):
        assert page.get(f"{address}q=qwxyz+Oulu&country=FI").status_code == 200
    unmet.write()

    assert not Gap.objects.filter(shelf__startswith="search").exists()


@pytest.mark.parametrize("address", AS_FILE)
def test_a_file_in_which_something_stands_is_not_counted_and_one_without_words_neither(
    page: Client, address: str
) -> None:
    for query in ("q=coach", "country=FI", "q=%22%2A%22"):
        assert page.get(f"{address}{query}").status_code == 200
    assert page.get("/search/?format=exe&q=qwxyz").status_code == 400
    unmet.write()

    assert not Gap.objects.filter(shelf__startswith="search").exists()


def test_a_search_with_filters_that_finds_nothing_says_that_it_is_counted(page: Client) -> None:
    shown = text(page, "q=coach&country=FI")

    assert "Nothing fits these words and filters." in shown
    assert "That it was looked for is counted, without your words" in shown


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("q=%00", 200),
        ("q=%ED%A0%80", 200),
        ("q=" + "%EF%B7%BA" * 3000, 200),
        ("q=" + "a" * 50_000, 200),
        ("q=%22*%3A*%20OR%20%28", 200),
        ("q=%3Cscript%3E", 200),
        ("type=%3Cscript%3E", 400),
        ("country=" + "A" * 100, 400),
        ("place=nowhere", 400),
        ("by=votes", 400),
        ("q=a&q=b", 200),
        ("page=%F0%9F%98%80", 404),
        ("country=" + "&country=".join(["IT"] * 150), 200),
    ],
)
def test_bad_input_is_answered_plainly(page: Client, query: str, status: int) -> None:
    shown = text(page, query, status=status)

    assert "<script>" not in shown


def test_signs_alone_are_told_apart_from_nothing(page: Client) -> None:
    assert "There is no word in this" in text(page, "q=%22%2A%22")
    assert "Only the first 600 characters" in text(page, "q=" + "coach " * 200)


def test_other_languages_keep_the_search(page: Client) -> None:
    assert 'href="/fi/search/?q=coach"' in text(page, "q=coach")


def test_without_an_index_the_house_says_so(tmp_path: Path, client: Client) -> None:
    with house(tmp_path):
        assert "The index is being made" in text(client, "q=Bologna")
        assert "bologna-3181928" in text(client, "q=Bologna")
        text(client, "q=coach&format=json", status=503)
        assert client.get("/api/v1/search?q=coach").status_code == 503
        assert client.get("/health/ready").json()["search"]["version"] is None


def test_the_api_gives_the_same(page: Client) -> None:
    found = page.get("/api/v1/search?q=shared+coach&lang=fi&country=bg&limit=5").json()

    assert found["mode"] == "lexical"
    assert found["total"] == 1
    item = found["items"][0]
    assert (item["type"], item["url"], item["lang"]) == ("practice", "/fi/practices/shared-coach/", "fi")
    assert found["facets"]["country"]["BG"] == 1
    assert found["facets"]["type"] == {"practice": 1}
    assert isinstance(item["why"], list)
    assert "score" in item


def test_the_api_refuses_what_it_does_not_know(page: Client) -> None:
    assert page.get("/api/v1/search?q=a&colour=red").status_code == 422
    assert page.get("/api/v1/search?q=a&limit=1000").status_code == 422
    assert page.get("/api/v1/search?q=" + "a" * 20_000).status_code == 422
    assert page.get("/api/v1/search?q=%00%ED%A0%80").status_code == 200


def test_a_longer_list_asks_the_database_as_often(
    page: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        text(page, "q=coach")


def test_the_health_page_tells_of_the_index(page: Client) -> None:
    state = page.get("/health/ready").json()["search"]

    assert state["documents"] == len(HOUSE)
    assert state["rebuilding"] is False


def test_people_who_chose_to_be_found_are_found_by_whoever_has_an_account(page: Client) -> None:
    before = text(page, "q=housing")
    known = make_profile(about="Ten years of housing first.", topics=["homelessness"])
    make_profile(about="Housing first, not yet for all.", listed=False)

    assert text(page, "q=housing") == before

    browser = come_in(Client(), make_person())
    shown = text(browser, "q=housing")
    assert shown.count(known.get_absolute_url()) == 1
    assert "Only people fit" in shown
    assert "not yet for all" not in shown
    # By a word of the field in another language, which stands nowhere in the profile.
    assert known.get_absolute_url() in text(browser, "q=asunnottomuus", path="/fi/search/")
    assert known.get_absolute_url() not in text(browser, "q=bicycle")


def test_people_are_in_no_file_of_a_search(page: Client) -> None:
    known = make_profile(about="Ten years of housing first.")
    browser = come_in(Client(), make_person())

    for name in ("csv", "json", "atom"):
        answer = browser.get(f"/search/?q=housing&format={name}")
        assert answer.status_code == 200
        assert known.code not in b"".join(answer).decode()
