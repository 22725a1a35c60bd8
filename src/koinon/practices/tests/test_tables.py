"""What is read of a file: the same table whatever program wrote it; what is no table is refused in plain words."""

from datetime import date

import pytest

from koinon.practices.exchange import columns, tables
from koinon.practices.tests.sheets import (
    GOOD,
    HOSTILE,
    SHEET,
    csv_of,
    repacked,
    rows_of,
    sheet_xml,
    xlsx_of,
)

WORDS = [{"title": "Één deur", "summary": "Żółty; and, more"}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_tables_of_every_program_are_the_same(delimiter: str, coding: str) -> None:
    table = tables.read(csv_of(WORDS, delimiter=delimiter, coding=coding))

    assert (table.kind, table.headers, table.rows) == (
        "csv",
        ["title", "summary"],
        [["Één deur", "Żółty; and, more"]],
    )


def test_the_letters_of_western_windows() -> None:
    table = tables.read(
        csv_of([{"title": "Één “deur” – €5", "summary": "x"}], delimiter=";", coding="cp1252")
    )

    assert table.rows == [["Één “deur” – €5", "x"]]


def test_the_kind_is_found_in_the_bytes() -> None:
    assert [tables.read(one).kind for one in (GOOD, b"title,b\nA,b\n", b'\n [{"title": "A"}]')] == [
        "xlsx",
        "csv",
        "json",
    ]


def test_days_numbers_and_answers_of_a_workbook() -> None:
    table = tables.read(
        xlsx_of([["title", "begun", "summary", "who", "law"], ["A", date(2019, 5, 3), 2019, 0.5, True]])
    )

    assert table.rows == [["A", "2019-05-03", "2019", "0.5", "yes"]]


def test_what_is_joined_downwards_holds_for_each_row() -> None:
    cells = [["places", "title"], ["FI", "One"], ["", "Two"], ["", "Three"], ["BE", "Four"]]

    assert [row[0] for row in tables.read(xlsx_of(cells, joined=("A2:A4",))).rows] == ["FI", "FI", "FI", "BE"]


def test_headings_beneath_a_title_and_empty_rows_between() -> None:
    cells = [["All that we did"], [], ["title", "summary"], ["One", "x"], [], ["Two", "y"]]

    table = tables.read(xlsx_of(cells))

    assert (table.headers, table.rows, table.numbers) == (
        ["title", "summary"],
        [["One", "x"], ["Two", "y"]],
        [4, 6],
    )


def test_a_formula_gives_what_was_saved_and_says_where_nothing_was() -> None:
    saved = repacked(
        GOOD,
        {
            SHEET: sheet_xml(
                '<row r="1"><c r="A1" t="str"><v>title</v></c></row>'
                '<row r="2"><c r="A2" t="str"><f>B2&amp;"x"</f><v>A door</v></c></row>'
                '<row r="3"><c r="A3"><f>B3</f></c></row><row r="4"><c r="A4" t="e"><v>#REF!</v></c></row>'
            )
        },
    )

    table = tables.read(saved)

    assert table.rows[0] == ["A door"]
    assert table.unread == {(3, 0): "", (4, 0): "#REF!"}


def test_a_hidden_sheet_is_not_the_one_that_is_meant() -> None:
    import io

    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    first, second = book.active, book.create_sheet("Practices")
    assert first is not None
    first.append(["title"])
    first.append(["Hidden"])
    first.sheet_state = "hidden"
    second.append(["title"])
    second.append(["Shown"])
    book.save(out)

    assert tables.read(out.getvalue()).rows == [["Shown"]]


def test_half_a_pair_of_surrogates_is_seen() -> None:
    table = tables.read(b'[{"title": "a\\ud800b", "na\\udc00me": "\\ud83d\\ude00"}]')

    assert (table.rows, table.headers) == ([["a\ufffdb", "\U0001f600"]], ["title", "na\ufffdme"])


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_table_is_refused_in_plain_words(name: str) -> None:
    with pytest.raises(tables.Refused) as refused:
        tables.read(HOSTILE[name]())

    assert str(refused.value).endswith(".")


def test_headings_are_guessed_in_many_languages() -> None:
    asked = {
        ("Titel", "Herausforderung", "Zielgruppe"): ["title", "challenge", "targets"],
        ("Otsikko", "Haaste", "Kohderyhmä", "Tulokset"): ["title", "challenge", "targets", "results"],
        ("Заглавие", "Предизвикателство", "Страна"): ["title", "challenge", "places"],
        ("ΤΙΤΛΟΣ", "Χώρα"): ["title", "places"],
        ("Name of the practice", "Evidence of success"): ["title", "evidence_text"],
    }

    assert {headings: list(_in_order(columns.guess(list(headings)))) for headings in asked} == asked


def _in_order(found: dict[str, int]) -> list[str]:
    return sorted(found, key=lambda name: found[name])


def test_the_headings_of_social_innovation_match_are_known() -> None:
    found = columns.guess([heading for heading, _names in columns.SIM])

    assert set(found) >= {
        "title", "summary", "challenge", "approach", "targets", "places", "funding", "partners", "results",
        "evidence_text", "may_change", "links", "begun",
    }  # fmt: skip


def test_our_own_names_win_over_others() -> None:
    assert columns.guess(["name", "title", "organisation", "who"]) == {"title": 1, "who": 3}


def test_as_many_rows_as_are_promised() -> None:
    assert len(tables.read(csv_of(rows_of(5000))).rows) == 5000
