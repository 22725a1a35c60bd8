"""Unmet demand is told by place and shelf, never of fewer than five, and never in words that somebody typed."""

from collections import defaultdict
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from koinon.journal.models import Gap
from koinon.network.testing import make_organisation
from koinon.places.models import Place
from koinon.questions.testing import make_question
from koinon.reports import demand
from koinon.reports.demand import LEAST, OTHERS, Row
from koinon.reports.periods import Period
from koinon.reports.testing import make_gaps

pytestmark = pytest.mark.django_db
EVER = Period()
QUARTER = date(2026, 1, 1)


def told(*, period: Period = EVER) -> list[tuple[str, str, str, int]]:
    return [(row.shelf, row.country, row.place, row.times) for row in demand.rows(period)]


def test_gaps_are_told_by_place_and_shelf() -> None:
    make_gaps(4, "ITH5")
    make_gaps(3, "ITH5")
    make_gaps(9, "3181928")

    assert told() == [("money", "IT", "3181928", 9), ("money", "IT", "ITH5", 7)]


def test_fewer_than_five_are_put_together_first_in_the_country() -> None:
    for place, times in (("ITH5", 8), ("ITC1", 2), ("ITC4", 3)):
        make_gaps(times, place)

    assert told() == [("money", "IT", "ITH5", 8), ("money", "IT", OTHERS, 5)]


def test_a_small_rest_takes_the_next_smallest_with_it() -> None:
    for place, times in (("ITH5", 8), ("ITC1", 2), ("ITC4", 6)):
        make_gaps(times, place)

    assert told() == [("money", "IT", "ITH5", 8), ("money", "IT", OTHERS, 8)]


def test_a_country_with_few_is_not_named() -> None:
    for place, times in (("IT", 20), ("MT", 3), ("LU", 4)):
        make_gaps(times, place)

    assert told() == [("money", "IT", "IT", 20), ("money", OTHERS, OTHERS, 7)]


def test_a_quarter_with_few_is_not_told() -> None:
    make_gaps(4, "IT")

    assert told() == []


def test_a_quarter_that_is_cut_is_not_told() -> None:
    make_gaps(9, "IT", day=date(2025, 2, 10))

    assert told(period=Period(date(2025, 2, 1), None)) == []
    assert told(period=Period(date(2025, 1, 1), date(2025, 3, 31))) == [("money", "IT", "IT", 9)]


def test_what_was_searched_for_is_told_by_its_concept() -> None:
    make_gaps(6, "MT", shelf="search:homelessness")
    make_gaps(2, "MT", shelf="search:childcare")
    make_gaps(7, "MT", shelf="search")

    rows = demand.rows(EVER)

    assert [(row.shelf, row.country, row.times) for row in rows] == [
        ("search", "MT", 7),
        ("search:others", "EU", 8),
    ]


PLACES = ("IT", "ITH5", "ITC1", "MT", "LU", "FR", "FR10", "EU")


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(["money", "coming"])),
        st.integers(1, 12),
        max_size=12,
    )
)
def test_no_row_and_no_difference_tells_of_fewer_than_five(counted: dict[tuple[str, str], int]) -> None:
    countries = {place: place[:2] for place in PLACES}
    for shelf in ("money", "coming"):
        places = {place: times for (place, kind), times in counted.items() if kind == shelf}
        rows = demand._told(QUARTER, shelf, places, countries) if places else []
        total = sum(places.values())

        assert all(row.times >= LEAST for row in rows)
        assert sum(row.times for row in rows) == (total if total >= LEAST else 0)
        by_country: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_country[row.country].append(row)
        for country, inside in by_country.items():
            if country != OTHERS:
                true = sum(times for place, times in places.items() if countries[place] == country)
                assert sum(row.times for row in inside) == true


def test_the_page_names_places_and_leaves_as_a_file(client: Client) -> None:
    make_gaps(9, "3181928")
    make_gaps(5, "MT", shelf="coming")

    page = client.get(reverse("reports:unmet")).content.decode()
    items = client.get(reverse("reports:unmet"), {"format": "json", "country": "IT"}).json()["items"]

    bologna = Place.objects.get(pk="3181928")
    assert bologna.name in page
    assert reverse("reports:place", args=[bologna.key]) in page
    assert [(item["place"], item["times"]) for item in items] == [("3181928", 9)]


def test_each_entry_of_a_feed_is_told_from_the_others(client: Client) -> None:
    for place, shelf in (("MT", "coming"), ("MT", "money"), ("IT", "money")):
        make_gaps(9, place, shelf=shelf)

    for address in (reverse("reports:unmet"), reverse("reports:overview")):
        items = client.get(address, {"format": "feed.json"}).json()["items"]
        assert len({item["id"] for item in items}) == len(items) > 2


def test_open_questions_are_those_of_the_register(client: Client) -> None:
    for _ in range(5):
        make_question(place="MT")
    rows = client.get(reverse("questions:register"), {"format": "json"}).json()["items"]

    assert dict(demand.open_questions(EVER)) == {"MT": sum(row["result"] == "open" for row in rows)}


def test_the_page_says_up_to_which_day_its_quarters_are_counted(client: Client) -> None:
    page = client.get(reverse("reports:unmet"), {"to": "2025-05-15"}).content.decode()

    assert "counted up to 31 March 2025" in page


def test_nothing_is_said_to_be_nothing(client: Client) -> None:
    Gap.objects.all().delete()

    assert "Nothing can be told yet" in client.get(reverse("reports:unmet")).content.decode()


@pytest.mark.parametrize("query", ["shelf=gold", "country=XX", "format=pdf", "from=x"])
def test_a_broken_address_is_said_plainly(client: Client, query: str) -> None:
    assert client.get(f"{reverse('reports:unmet')}?{query}").status_code == 400


def test_pages_that_tell_what_is_missing_are_not_kept(client: Client) -> None:
    for address in (reverse("reports:overview"), reverse("reports:place", args=["MT"])):
        assert "X-Koinon-Shared" not in client.get(address).headers

    body = make_organisation()
    assert "X-Koinon-Shared" in client.get(reverse("reports:body", args=[body.slug])).headers


def test_the_page_of_a_place_tells_what_was_missing_there(client: Client) -> None:
    make_gaps(9, "ITH5")

    make_gaps(6, "IT")
    make_gaps(5, "IT", shelf="coming")

    assert "Money" in client.get(reverse("reports:place", args=["IT"])).content.decode()
    rows = demand.of_place(demand.rows(EVER), Place.objects.get(pk="IT"))
    assert [(row.shelf, row.place, row.times) for row in rows] == [("coming", "IT", 5), ("money", "IT", 15)]
    assert [row.times for row in demand.of_place(demand.rows(EVER), Place.objects.get(pk="ITH5"))] == [9]
