"""Digests come at the hour of the follower's own clock, in summer and in winter."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from koinon.news.rhythm import next_after


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        # Clocks go forward in the night to 28 March 2027, back in the night to 31 October.
        (at("2027-03-27T07:00"), "Europe/Madrid", at("2027-03-28T07:00", "Europe/Madrid")),
        (at("2027-10-30T07:00"), "Europe/Madrid", at("2027-10-31T07:00", "Europe/Madrid")),
        (at("2027-03-28T06:00"), "Atlantic/Azores", at("2027-03-28T07:00", "Atlantic/Azores")),
    ],
)
def test_seven_stays_seven_when_clocks_change(now: datetime, zone: str, expected: datetime) -> None:
    found = next_after(now, rhythm="daily", weekday=0, hour=7, zone=zone)

    assert found == expected
    assert found.astimezone(ZoneInfo(zone)).hour == 7


def test_an_hour_that_is_left_out_in_spring_comes_later_and_one_that_comes_twice_counts_once() -> None:
    spring = next_after(at("2027-03-28T00:00"), rhythm="daily", weekday=0, hour=2, zone="Europe/Madrid")
    autumn = next_after(at("2027-10-30T23:00"), rhythm="daily", weekday=0, hour=2, zone="Europe/Madrid")
    after = next_after(autumn, rhythm="daily", weekday=0, hour=2, zone="Europe/Madrid")

    assert spring == at("2027-03-28T01:00")
    assert (autumn, after) == (at("2027-10-31T00:00"), at("2027-11-01T01:00"))


def test_weekly_is_ones_own_day_and_monthly_the_first_of_them() -> None:
    # 1 March 2027 is a Monday.
    now = at("2027-03-01T12:00")

    weekly = next_after(now, rhythm="weekly", weekday=2, hour=9, zone="Europe/Rome")
    monthly = next_after(now, rhythm="monthly", weekday=0, hour=9, zone="Europe/Rome")

    assert weekly == at("2027-03-03T09:00", "Europe/Rome")
    assert monthly == at("2027-04-05T09:00", "Europe/Rome")


def test_at_once_is_an_hour_after_the_last_and_now_after_none() -> None:
    now = at("2027-03-01T12:00")

    assert next_after(now, rhythm="at_once", weekday=0, hour=7, zone="Europe/Rome") == at("2027-03-01T13:00")
    assert next_after(now, rhythm="at_once", weekday=0, hour=7, zone="Europe/Rome", told=False) == now
