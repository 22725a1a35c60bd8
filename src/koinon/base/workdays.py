"""Working days: which days a desk works, and when a promise of so many of them falls due.

Dates only, no hours, so that summer time does not matter. What is off is Saturday, Sunday and the public
holidays of the whole country; holidays of one region, of one faith, of banks or schools, and half days
are worked. These are the calendars of the library `holidays`; where it has none (another country, a year
it does not know) only weekends are off.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from koinon.base.languages import iso_country

# The institutions of the EU have days of their own each year; the ones of Belgium, where they sit, come nearest.
_SEAT_OF_THE_EU: Final = "BE"
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


def is_working_day(day: date, country: str) -> bool:
    """Whether desks in this country work that day.

    `country` is an EU code (`EL` is Greece). `EU` or nothing stands for the European institutions and follows
    the public holidays of Belgium, and nothing besides.

    >>> is_working_day(date(2026, 12, 24), "IT"), is_working_day(date(2026, 12, 25), "IT")
    (True, False)
    """
    return day.weekday() < _SATURDAY and day not in _holidays(country, day.year)


def add_working_days(start: date, days: int, country: str) -> date:
    """The day on which so many working days have passed since `start`, which itself does not count.

    No days at all: `start`, or the next working day where it is none. From a Saturday, one working day
    therefore ends on the Monday as well. Raises `ValueError` for days below zero, `OverflowError` after the
    last day that the calendar knows (31 December 9999).

    >>> add_working_days(date(2026, 12, 23), 2, "IT")
    datetime.date(2026, 12, 28)
    """
    if days < 0:
        raise ValueError("Working days are added, not taken away.")
    day = start
    if not days:
        while not is_working_day(day, country):
            day += _DAY
    while days:
        day += _DAY
        days -= is_working_day(day, country)
    return day


def working_days_between(start: date, end: date, country: str) -> int:
    """How many working days have passed on `end` since `start`, which itself does not count; below zero before it.

    >>> working_days_between(date(2026, 12, 23), date(2026, 12, 28), "IT")
    2
    >>> working_days_between(date(2026, 12, 28), date(2026, 12, 23), "IT")
    -2
    """
    if end < start:
        return -working_days_between(end, start, country)
    return sum(
        is_working_day(date.fromordinal(number), country)
        for number in range(start.toordinal() + 1, end.toordinal() + 1)
    )


def warm(country: str = "EU") -> None:
    """Load the library and this year's holidays, which takes a good second the first time in a process."""
    _holidays(country, date.today().year)  # noqa: DTZ011 — any year near this one will do


@lru_cache(maxsize=1024)
def _holidays(country: str, year: int) -> frozenset[date]:
    # Not at the top: the library is slow to import, and starting must be quick.
    import holidays

    code = _SEAT_OF_THE_EU if country in {"", "EU"} else iso_country(country)
    try:
        return frozenset(holidays.country_holidays(code, years=year))
    except (
        NotImplementedError,
        OverflowError,
        ValueError,
    ):  # a country or a year that the library does not know
        return frozenset()
