"""What people type leads to the right place; what cannot be known is never claimed."""

import csv
import time
from collections import Counter
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from koinon.base.languages import iso_country
from koinon.places import gazetteer
from koinon.places.gazetteer import Answer, coordinates, find, near

INPUTS = Path(__file__).with_name("inputs.tsv")
pytestmark = pytest.mark.django_db


def is_right(key: str, answer: Answer) -> bool:
    """Whether an answer is what inputs.tsv wants: `code|code`, `?` not surely, `-outside:CC`, or `-` nothing for sure."""
    if key == "-":
        return not answer.clear and answer.outside is None
    if key.startswith("-outside:"):
        outside = answer.outside
        return outside is not None and iso_country(outside.country) == key[9:] and not answer.clear
    return bool(answer.items) and answer.items[0].code in key.lstrip("?").split("|")


def rows(part: str) -> list[dict[str, str]]:
    with INPUTS.open(encoding="utf-8", newline="") as file:
        return [
            row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["part"] == part
        ]


@pytest.mark.parametrize("part", ["tune", "report"])
def test_at_least_95_of_100_inputs_lead_to_the_right_place(part: str) -> None:
    asked = rows(part)

    answers = [(row, find(row["input"])) for row in asked]

    missed = [(row, answer) for row, answer in answers if not is_right(row["key"], answer)]
    listed = "\n".join(
        f"{row['kind']}: {row['input']} is {row['key']}, found {[item.code for item in answer.items[:3]]} {answer.outside}"
        for row, answer in missed
    )
    assert len(asked) > 600
    assert 1 - len(missed) / len(asked) >= 0.95, f"{Counter(row['kind'] for row, _ in missed)}\n{listed}"


@pytest.mark.parametrize("part", ["tune", "report"])
def test_what_is_called_clear_is_right(part: str) -> None:
    wrong = [
        (row["input"], answer.items[0].code)
        for row in rows(part)
        if (answer := find(row["input"])).clear and not is_right(row["key"], answer)
    ]

    assert len(wrong) <= 0.02 * len(rows(part)), wrong


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Torino", "3165524"),
        ("Turin", "3165524"),
        ("Τορίνο", "3165524"),
        ("torino, italia", "3165524"),
        ("torino italia", "3165524"),
        ("ITC11", "ITC11"),
        ("itc11", "ITC11"),
        ("IT C1", "ITC1"),
        ("Bavière", "DE2"),
        ("Toskana", "ITI1"),
        ("Vlaanderen", "BE2"),
        ("Monaco di Baviera", "2867714"),
        ("Лайпциг", "2879139"),
        ("Tavira", "2262744"),
        ("GR30", "EL30"),
        ("GR", "EL"),
        ("Greece", "EL"),
        ("Ελλάδα", "EL"),
        ("koeln", "2886242"),
        ("malmoe", "2692969"),
        ("Århus", "2624652"),
        ("aarhus", "2624652"),
        ("st. polten", "2766429"),
        ("Bologa", "3181928"),
        ("Stutgart", "2825297"),
        ("Comune di Matera", "3173721"),
        ("Landkreis München", "DE21H"),
        ("Stadt München", "2867714"),
        ("Provincia di Bologna", "ITH55"),
        ("Valencia", "2509954"),
        ("Paris", "2988507"),
        ("Roma", "3169070"),
        ("FI197", "FI19B"),
        ("44.494, 11.343", "3181928"),
        ("44,494; 11,343", "3181928"),
        ("44°29′38″N 11°20′20″E", "3181928"),
    ],
)
def test_leads_straight_there(typed: str, code: str) -> None:
    answer = find(typed)

    assert (answer.items[0].code, answer.clear, answer.outside) == (code, True, None)


def test_an_own_name_outranks_the_alternate_of_another() -> None:
    marburg = find("Marburg")

    assert [item.name for item in marburg.items[:2]] == ["Marburg an der Lahn", "Maribor"]
    assert find("Tavira").items[0].country == "PT"


@pytest.mark.parametrize(
    "typed", ["Neustadt", "Luxembourg", "San Martino", "PT17", "frank", "Frankfurt", "Bergen", "Vienne"]
)
def test_what_may_be_several_is_never_clear(typed: str) -> None:
    answer = find(typed)

    assert len(answer.items) > 1
    assert not answer.clear


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("Zürich", "CH"),
        ("Bern, Schweiz", "CH"),
        ("Bern Schweiz", "CH"),
        ("Лондон", "UK"),
        ("Londra", "UK"),
        ("UKI3", "UK"),
        ("gb", "UK"),
        ("Schottland", "UK"),
        ("Švýcarsko", "CH"),
        ("Valencia, Venezuela", "VE"),
        ("47.37, 8.54", "CH"),
        ("Oslo", "NO"),
        ("Zurih", "CH"),
    ],
)
def test_outside_the_union_is_said_plainly(typed: str, country: str) -> None:
    answer = find(typed)

    assert answer.outside is not None
    assert (answer.outside.country, answer.clear) == (country, False)


def test_a_small_namesake_inside_does_not_hide_the_large_place_outside() -> None:
    answer = find("Bergen")

    assert answer.outside is not None
    assert answer.outside.country == "NO"
    assert "NL" in {item.country for item in answer.items}


@pytest.mark.parametrize(
    "typed", ["qwzfrtl", "xxxxx", "DE000", "XX12", "?!", "😀😀", "http://example.org", " ", ""]
)
def test_nonsense_finds_nothing(typed: str) -> None:
    answer = find(typed)

    assert (answer.items, answer.clear, answer.outside) == ((), False, None)


def test_an_old_code_that_was_split_offers_its_successors() -> None:
    answer = find("PT17")

    assert [item.code for item in answer.items] == ["PT1B", "PT1A"]
    assert (answer.clear, answer.former) == (False, "PT17")


def test_a_city_and_the_region_of_its_name_do_not_stand_in_each_others_way() -> None:
    answer = find("Bologna")

    assert [item.code for item in answer.items[:2]] == ["3181928", "ITH55"]
    assert answer.clear


def test_one_region_under_several_codes_is_shown_once() -> None:
    assert [item.code for item in find("Madeira").items if item.kind == "region"] == ["PT3"]


def test_a_qualifier_chooses_among_namesakes() -> None:
    assert find("Halle, België").items[0].country == "BE"
    assert find("Halle (Saale)").items[0].nuts == "DEE02"
    assert find("Frankfurt (Oder)").items[0].nuts == "DE403"
    assert find("Frankfurt a.M.").items[0].nuts == "DE712"
    assert find("Córdoba, Spanien").items[0].nuts == "ES613"


def test_a_beginning_offers_what_begins_so() -> None:
    answer = find("bolo", limit=8)

    assert answer.items[0].name == "Bologna"
    assert {item.match for item in answer.items} <= {"name", "alias", "prefix"}
    assert len(answer.items) == 8


def test_the_word_that_starts_within_a_name_is_found_but_not_the_middle_of_a_word() -> None:
    names = {item.name for item in find("Hertogenbosch").items}

    assert "'s-Hertogenbosch" in names
    assert "Wiesbaden" not in {item.name for item in find("baden", limit=50).items}


def test_a_point_finds_the_nearest_town_and_its_region() -> None:
    answer = near(44.494, 11.343)

    assert [(item.code, item.match) for item in answer.items[:2]] == [("3181928", "near"), ("ITH55", "near")]


@pytest.mark.parametrize(
    ("lat", "lon", "country"),
    [
        (28.1, -15.43, "ES"),
        (38.66, -27.22, "PT"),
        (-20.88, 55.45, "FR"),
        (43.73, 7.43, "FR"),
        (35.9, 14.51, "MT"),
    ],
)
def test_a_point_on_islands_overseas_and_at_a_border(lat: float, lon: float, country: str) -> None:
    answer = near(lat, lon)

    assert answer.outside is None or answer.outside.country == "MC"
    assert answer.outside or answer.items[0].country == country


@pytest.mark.parametrize(
    ("lat", "lon"), [(45.0, -30.0), (0.0, 0.0), (90.0, 0.0), (-52.0, -170.0), (-90.0, 180.0)]
)
def test_a_point_at_sea_is_neither_inside_nor_outside(lat: float, lon: float) -> None:
    answer = near(lat, lon)

    assert (answer.items, answer.clear, answer.outside) == ((), False, None)


@pytest.mark.parametrize(
    ("written", "point"),
    [
        ("44.49, 11.34", (44.49, 11.34)),
        ("44.49 11.34", (44.49, 11.34)),
        ("44,49; 11,34", (44.49, 11.34)),
        ("44.49° N, 11.34° E", (44.49, 11.34)),
        ("38.7,-9.1", (38.7, -9.1)),
        ("38.7N 9.1W", (38.7, -9.1)),
        ("91.5, 11.3", None),
        ("44, 11", None),
        ("1/2", None),
        ("Via Roma 44, 11", None),
    ],
)
def test_reads_coordinates(written: str, point: tuple[float, float] | None) -> None:
    assert coordinates(written) == point


HOSTILE = [
    "a" * 10_000,
    "ß" * 200,
    "A, " * 60,
    "(" * 200,
    "st " * 66,
    "ae" * 100,
    "\ud800Bologna",
    "\u202eangoloB\u202c",
    "Bologna\x00\x07",
    "'; DROP TABLE places_place; --",
    '"Bologna" OR NEAR(*) AND NOT',
    "%' OR 1=1 --",
    "-" * 150,
    "e\u0301" * 100,
    "ﷺ" * 200,
    "1e999, 1e999",
    "nan, nan",
    "999.999, 999.999",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_anything_is_taken_quickly(typed: str) -> None:
    start = time.perf_counter()

    answer = find(typed)

    assert time.perf_counter() - start < 2
    assert len(answer.query) <= gazetteer.LONGEST
    answer.query.encode()


def test_hidden_characters_do_not_hinder() -> None:
    assert find("\u202eBo\u200blogna\x00").items[0].code == "3181928"


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(st.one_of(st.text(max_size=250), st.text(alphabet="abeorst ,()/-.'°0123456789ΑαИи", max_size=60)))
@example("0,0")
@example("a" * 201)
def test_never_fails(typed: str) -> None:
    answer = find(typed)

    assert not (answer.clear and not answer.items)
    assert not (answer.clear and answer.outside)
    assert all(item.key.isascii() and item.url for item in answer.items)


def test_a_question_costs_no_query(count_queries) -> None:  # type: ignore[no-untyped-def]
    gazetteer.warm()

    with count_queries() as counted:
        for typed in ("Torino", "bolo", "Bolgona", "Halle, België", "Zürich", "qwzfrtl"):
            find(typed)

    assert len(counted) == 0


def test_countries_are_called_as_in_the_language_of_the_page() -> None:
    with translation.override("de"):
        assert find("Ελλάδα").items[0].display_name == "Griechenland"
        assert find("Grecia").items[0].url == "/de/places/EL/"
