"""Every list leaves the house in five forms, and no cell of it runs in somebody's spreadsheet."""

import csv
import io
import json
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.test import RequestFactory
from openpyxl import load_workbook

from koinon.base.exits import Column, Listing

Row = dict[str, Any]
ROWS: list[Row] = [
    {"slug": "a", "name": "Avise", "on": date(2026, 11, 22), "hosts": ["one", "two"], "n": 3},
    {"slug": "b", "name": "=HYPERLINK(1)", "on": date(2025, 1, 1), "hosts": [], "n": None},
]
LISTING: Listing[Row] = Listing(
    name="things",
    title="Things",
    columns=[
        Column("name", lambda row: row["name"]),
        Column("on", lambda row: row["on"]),
        Column("hosts", lambda row: row["hosts"]),
        Column("n", lambda row: row["n"]),
    ],
    entry_title=lambda row: row["name"],
    entry_url=lambda row: f"/things/{row['slug']}/",
    entry_updated=lambda row: row["on"],
)


def ask(form: str) -> HttpResponse:
    answer = LISTING.answer(RequestFactory().get("/things/", {"format": form}), ROWS)
    assert answer is not None
    return answer


def test_no_format_means_a_page() -> None:
    assert LISTING.answer(RequestFactory().get("/things/"), ROWS) is None


def test_json_keeps_types() -> None:
    assert json.loads(ask("json").content)["items"][0] == {
        "name": "Avise",
        "on": "2026-11-22",
        "hosts": ["one", "two"],
        "n": 3,
    }


def test_csv_is_read_back_and_runs_no_formula() -> None:
    text = ask("csv").content.decode("utf-8-sig")

    rows = list(csv.reader(io.StringIO(text)))

    assert rows == [
        ["name", "on", "hosts", "n"],
        ["Avise", "2026-11-22", "one; two", "3"],
        ["'=HYPERLINK(1)", "2025-01-01", "", ""],
    ]


def test_xlsx_is_read_back_and_runs_no_formula() -> None:
    sheet = load_workbook(io.BytesIO(ask("xlsx").content)).active
    assert sheet is not None

    assert [cell.value for cell in sheet[2]] == ["Avise", "2026-11-22", "one; two", 3]
    assert (sheet["A3"].value, sheet["A3"].data_type) == ("'=HYPERLINK(1)", "s")


def test_atom_has_the_newest_first_with_whole_addresses() -> None:
    feed = ElementTree.fromstring(ask("atom").content)
    atom = "{http://www.w3.org/2005/Atom}"

    assert [entry.findtext(f"{atom}title") for entry in feed.iter(f"{atom}entry")] == [
        "Avise",
        "=HYPERLINK(1)",
    ]
    assert feed.find(f"{atom}entry/{atom}link").attrib["href"] == "http://testserver/things/a/"  # type: ignore[union-attr]


@pytest.mark.parametrize("form", ["pdf", "JSON", "../x", "x" * 5000])
def test_another_format_is_refused(form: str) -> None:
    with pytest.raises(SuspiciousOperation):
        LISTING.answer(RequestFactory().get("/things/", {"format": form}), ROWS)
