"""The public figures: what is below five is hidden, in every exit, and no difference leads to it."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from koinon.network.testing import make_organisation
from koinon.notices.tallies import FIRST_YEAR, tallies
from koinon.notices.testing import make_complained, make_decided, make_feedback, make_notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def some() -> None:
    centre = make_organisation()
    for _ in range(5):
        make_decided(centre)
    for _ in range(4):
        make_decided(centre, outcome="corrected", ground="facts")
    make_notice(centre)
    make_complained(
        centre,
        complaint_outcome="corrected",
        complaint_words="You were right.",
        complaint_decided_at=timezone.now(),
    )


def this_year(rows: Any) -> dict[str, Any]:
    year = timezone.localdate().year
    return {
        row["outcome"]: row["number"]
        for row in rows
        if int(row["year"]) == year and row["kind"] == "organisation"
    }


HIDDEN = ("corrected", "restricted", "complaint_stands", "complaint_changed")


@pytest.mark.usefixtures("some")
def test_figures_below_five_are_hidden_in_every_exit(client: Client) -> None:
    page = client.get("/notices/tallies/")
    items = client.get("/notices/tallies/?format=json").json()["items"]
    text = client.get("/notices/tallies/?format=csv").content.decode("utf-8-sig")
    feed = client.get("/notices/tallies/?format=atom").content.decode()

    assert this_year(items) == {"kept": 6} | dict.fromkeys(HIDDEN)
    assert this_year(csv.DictReader(io.StringIO(text))) == {"kept": "6"} | dict.fromkeys(HIDDEN, "")
    assert page.content.decode().count('<td class="r"') == page.content.decode().count("fewer than five") + 1
    assert feed.count(": 6<") == 1
    assert feed.count("&lt; 5<") == feed.count("<entry>") - 1
    assert client.get("/notices/tallies/?format=xlsx").status_code == 200
    assert client.get("/notices/tallies/?format=pdf").status_code == 400


@pytest.mark.usefixtures("some")
def test_no_sum_is_given_from_which_a_small_figure_follows(client: Client) -> None:
    """Ten decisions were taken and eleven notices came: neither figure is anywhere."""
    rows = tallies()

    assert [row.number for row in rows if row.number is not None] == [6]
    assert {row.outcome for row in rows if row.kind == "organisation"} == {"kept", *HIDDEN}


def test_a_year_with_one_notice_looks_like_one_with_none() -> None:
    before = tallies()
    make_decided(make_organisation())
    make_feedback()

    assert tallies() == before


def test_every_year_and_kind_has_its_rows_and_they_cost_two_queries(
    count_queries: Callable[[], Any],
) -> None:
    with count_queries() as counted:
        rows = tallies()

    years = range(FIRST_YEAR, timezone.localdate().year + 1)
    assert {row.year for row in rows} == set(years)
    assert len(counted) == 2
