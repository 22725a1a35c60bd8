"""Promised days fall due on days on which somebody works."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koinon.base.workdays import add_working_days, is_working_day, working_days_between

EU_27 = "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
COUNTRIES = st.sampled_from([*EU_27, "EU", "", "XX"])
DAYS = st.dates(date(1999, 1, 1), date(2099, 1, 1))


def off(country: str, first: date, last: date) -> list[date]:
    """The weekdays in a span on which nobody works."""
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in span if day.weekday() < 5 and not is_working_day(day, country)]


@pytest.mark.parametrize("country", EU_27)
def test_every_country_has_its_holidays(country: str) -> None:
    new_year = is_working_day(date(2027, 1, 1), country)
    christmas = is_working_day(date(2026, 12, 25), country)

    holidays = off(country, date(2026, 1, 1), date(2026, 12, 31))

    assert (new_year, christmas) == (False, False)
    assert 6 <= len(holidays) <= 16
    assert is_working_day(date(2026, 11, 26), country)
    assert not is_working_day(date(2026, 11, 28), country)


@pytest.mark.parametrize(
    ("country", "days"),
    [
        ("IT", [25]),  # 26 December 2026 is a Saturday
        ("MT", [25]),
        ("BG", [24, 25, 28]),  # the 26th, a Saturday, is made up for on the Monday
        ("EL", [25]),
    ],
)
def test_the_days_round_christmas(country: str, days: list[int]) -> None:
    holidays = off(country, date(2026, 12, 21), date(2026, 12, 31))

    assert holidays == [date(2026, 12, day) for day in days]


def test_orthodox_easter_is_off_where_it_is_kept() -> None:
    good_friday, easter_monday = date(2026, 4, 10), date(2026, 4, 13)

    for country in ("BG", "EL", "CY", "RO"):
        assert off(country, date(2026, 4, 6), date(2026, 4, 17))[-2:] == [good_friday, easter_monday]
    assert off("IT", date(2026, 4, 1), date(2026, 4, 17)) == [date(2026, 4, 6)]


def test_greece_goes_by_both_codes() -> None:
    assert not is_working_day(date(2026, 3, 25), "EL")
    assert not is_working_day(date(2026, 3, 25), "GR")


def test_the_european_institutions_follow_belgium() -> None:
    year = date(2026, 1, 1), date(2026, 12, 31)

    assert off("EU", *year) == off("", *year) == off("BE", *year)
    assert date(2026, 7, 21) in off("EU", *year)


def test_the_start_does_not_count() -> None:
    wednesday = date(2026, 11, 25)

    assert add_working_days(wednesday, 0, "IT") == wednesday
    assert add_working_days(wednesday, 1, "IT") == date(2026, 11, 26)
    assert add_working_days(wednesday, 3, "IT") == date(2026, 11, 30)
    assert add_working_days(wednesday, 10, "IT") == date(2026, 12, 10)  # 8 December is off


def test_from_a_saturday_it_goes_on_at_the_next_working_day() -> None:
    saturday = date(2026, 12, 26)

    assert add_working_days(saturday, 0, "IT") == date(2026, 12, 28)
    assert add_working_days(saturday, 1, "IT") == date(2026, 12, 28)
    assert add_working_days(saturday, 0, "BG") == date(2026, 12, 29)


def test_days_are_not_taken_away() -> None:
    with pytest.raises(ValueError, match="added"):
        add_working_days(date(2026, 1, 1), -1, "IT")


def test_years_that_nobody_knows_have_weekends_only() -> None:
    for country in ("IT", "BG", "EU", "XX"):
        assert off(country, date(1, 1, 1), date(1, 12, 31)) == []
        assert off(country, date(9999, 1, 1), date(9999, 12, 31)) == []
    assert working_days_between(date(9998, 12, 31), date(9999, 12, 31), "IT") == 261


@given(DAYS, st.integers(0, 80), COUNTRIES)
def test_adding_and_counting_agree(start: date, days: int, country: str) -> None:
    due = add_working_days(start, days, country)

    assert is_working_day(due, country)
    # Nothing added on a day off moves to the next working day, which is one.
    expected = days or int(not is_working_day(start, country))
    assert working_days_between(start, due, country) == expected
    assert working_days_between(due, start, country) == -expected


@given(DAYS, st.integers(0, 60), st.integers(0, 60), COUNTRIES)
def test_counting_adds_up(start: date, first: int, second: int, country: str) -> None:
    middle = start + timedelta(days=first)
    end = middle + timedelta(days=second)

    whole = working_days_between(start, end, country)

    assert whole == working_days_between(start, middle, country) + working_days_between(middle, end, country)
