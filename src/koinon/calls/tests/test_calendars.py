"""Deadlines in calendars: three parsers read them alike; a moved date moves, and keeps its name."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import ics as ics_parser  # type: ignore[import-untyped]
import pytest
import vobject  # type: ignore[import-untyped]
from django.test import Client
from django.utils import timezone

from koinon.calls import fresh, ics
from koinon.calls.actions import publishing, writing
from koinon.calls.actions.writing import When
from koinon.calls.models import Call
from koinon.calls.models.calls import TOLD_TO_CALENDARS
from koinon.calls.testing import make_call, make_date
from koinon.network.models import Role
from koinon.network.testing import make_organisation, make_visitor

pytestmark = pytest.mark.django_db
MOMENTS = [
    (datetime(2027, 3, 27, 22, 59, tzinfo=UTC), "Europe/Rome"),
    (datetime(2027, 3, 28, 0, 59, tzinfo=UTC), "Europe/Rome"),
    (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "Europe/Rome"),
    (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "Europe/Dublin"),
    (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), "Asia/Nicosia"),
    (datetime(2027, 6, 1, 15, 0, tzinfo=UTC), "America/Martinique"),
    (datetime(2027, 6, 1, 15, 0, tzinfo=UTC), "Atlantic/Azores"),
]
NASTY = "Care; near, home \\ «ü» 🏠\r\nX-EVIL:1 " + "Zusammenarbeitsvereinbarung " * 4


def by_icalendar(text: str) -> dict[str, tuple[Any, str]]:
    events: list[Any] = list(icalendar.Calendar.from_ical(text).walk("VEVENT"))
    return {str(one["UID"]): (one["DTEND"].dt, str(one["SUMMARY"])) for one in events}


def by_ics(text: str) -> dict[str, tuple[Any, str]]:
    return {one.uid: (one.end.datetime, one.name) for one in ics_parser.Calendar(text).events}


def by_vobject(text: str) -> dict[str, tuple[Any, str]]:
    events = vobject.readOne(text).contents.get("vevent", [])
    return {one.uid.value: (one.dtend.value, one.summary.value) for one in events}


def test_three_parsers_read_the_same_moments_on_both_sides_of_changes_of_clocks(client: Client) -> None:
    wanted = {}
    for moment, zone in MOMENTS:
        here = moment.astimezone(ZoneInfo(zone))
        call = make_call(closes=None, title=NASTY[:200].replace("\r\n", " "))
        made = make_date(call, moment, zone=zone, fold=here.fold)
        wanted[f"{made.key}@koinon.call"] = moment

    text = client.get("/calls/", {"format": "ics"}).content.decode()

    for read in (by_icalendar, by_ics, by_vobject):
        found = read(text)
        assert {uid: when.astimezone(UTC) for uid, (when, _name) in found.items()} == wanted
        assert all("Care; near, home \\ «ü» 🏠" in name for _when, name in found.values())


def test_a_day_without_a_time_is_a_whole_day(client: Client) -> None:
    call = make_call(closes=date(2027, 3, 2))

    text = client.get(f"/calls/{call.slug}.ics").content.decode()

    assert "DTSTART;VALUE=DATE:20270302\r\n" in text
    assert "DTEND;VALUE=DATE:20270303\r\n" in text
    uid = f"{call.cutoffs.get().key}@koinon.call"
    assert by_icalendar(text)[uid][0] == date(2027, 3, 3)
    assert by_vobject(text)[uid][0] == date(2027, 3, 3)


def test_several_dates_are_several_events(client: Client) -> None:
    call = make_call("Care near home", closes=date(2027, 3, 2))
    make_date(call, date(2027, 9, 2), label="second round")

    names = {
        name for _when, name in by_icalendar(client.get(f"/calls/{call.slug}.ics").content.decode()).values()
    }

    assert names == {"Deadline 1 of 2: Care near home", "Deadline: Care near home (second round)"}


def test_a_moved_date_keeps_its_name_and_its_sequence_rises(client: Client) -> None:
    body = make_organisation()
    call = make_call(keeper=body, closes=datetime(2027, 3, 2, 16, tzinfo=UTC))
    before = event(client, call)

    writing.move_date(
        call.cutoffs.get(),
        by=make_visitor(Role.Kind.MANAGER, body),
        version=call.version,
        when=When(date(2027, 4, 9), time(12), "Europe/Rome"),
    )

    after = event(client, call)
    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1
    assert after["DTEND"].dt == datetime(2027, 4, 9, 10, tzinfo=UTC)


def event(client: Client, call: Call) -> Any:
    text = client.get("/calls/", {"format": "ics", "place": "IT"}).content.decode()
    events: list[Any] = list(icalendar.Calendar.from_ical(text).walk("VEVENT"))
    (found,) = events
    assert f"/calls/{call.slug}/" in str(found["URL"])
    return found


def test_a_withdrawn_call_is_cancelled_in_its_own_calendar_and_nothing_else_of_it_is_told(
    client: Client,
) -> None:
    body = make_organisation()
    call = make_call(
        "A secret of the call",
        keeper=body,
        summary="Nobody knows",
        closes=datetime(2027, 3, 2, 16, tzinfo=UTC),
    )
    Call.objects.filter(pk=call.pk).update(slug="a-secret-of-the-call")
    call.refresh_from_db()
    address = f"/calls/{call.slug}.ics"
    before = only_event(client.get(address).content.decode())

    publishing.withdraw(call, by=make_visitor(Role.Kind.MANAGER, body), because="cancelled")

    answer = client.get(address)
    after = only_event(answer.content.decode())
    assert answer.status_code == 200
    assert (after["UID"], after["DTEND"].dt) == (before["UID"], before["DTEND"].dt)
    assert (before["STATUS"], after["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1
    assert "Its authority took it back." in str(after["DESCRIPTION"])
    text = answer.content.decode().replace("\r\n ", "").lower()
    assert all(word not in text for word in ("secret", "nobody knows", body.name.lower()))


def only_event(text: str) -> Any:
    events: list[Any] = list(icalendar.Calendar.from_ical(text).walk("VEVENT"))
    (found,) = events
    return found


def test_lists_of_deadlines_say_for_a_time_that_a_withdrawn_call_is_cancelled(client: Client) -> None:
    body = make_organisation()
    by = make_visitor(Role.Kind.MANAGER, body)
    call = make_call("A secret", keeper=body, places=("ITH5",), closes=date(2027, 3, 2))
    publishing.withdraw(call, by=by, because="mistake")
    wanted = {"format": "ics", "place": "ITH5", "stage": "open"}

    told = client.get("/calls/", wanted).content.decode()
    elsewhere = client.get("/calls/", wanted | {"place": "MT"}).content.decode()
    other_forms = [client.get("/calls/", {"format": form}).content for form in ("json", "atom", "csv")]
    Call.objects.update(withdrawn_at=timezone.now() - TOLD_TO_CALENDARS)
    later = client.get("/calls/", wanted).content.decode()

    event = only_event(told)
    assert (event["STATUS"], str(event["SUMMARY"])) == ("CANCELLED", "This call was taken away")
    assert "secret" not in told
    assert ["VEVENT" in text for text in (elsewhere, later)] == [False, False]
    assert not any(call.slug.encode() in content for content in other_forms)
    assert by_vobject(told).keys() == by_icalendar(told).keys() == by_ics(told).keys()


@pytest.mark.parametrize(("because", "cancelled"), [("cancelled", True), ("notice", False)])
def test_calendars_of_who_follows_hear_that_a_call_was_withdrawn(because: str, cancelled: bool) -> None:
    body = make_organisation()
    call = make_call("A secret", keeper=body)
    publishing.withdraw(call, by=make_visitor(Role.Kind.MANAGER, body), because=because)

    told = [(one.key, one.title, one.about, one.cancelled) for one in fresh.coming()]

    assert told == ([(str(call.pk), "This call was taken away", "", True)] if cancelled else [])


def test_the_feed_follows_the_filters_and_holds_no_draft(client: Client) -> None:
    here = make_call("Here", places=("ITH5",), closes=date(2027, 3, 2))
    make_call("Elsewhere", places=("MT",), closes=date(2027, 3, 2))
    make_call("A draft", places=("ITH5",), closes=date(2027, 3, 2), state="draft")
    europe = make_call("Everywhere", places=("EU",), closes=date(2027, 3, 2))

    text = client.get("/calls/", {"format": "ics", "place": "bologna-3181928"}).content.decode()

    names = {name for _when, name in by_icalendar(text).values()}
    assert names == {f"Deadline: {one.title}" for one in (here, europe)}


def test_what_is_unsure_is_tentative() -> None:
    make_call(closes=None, certain=False)
    call = Call.objects.get()
    make_date(call, datetime(2027, 3, 2, 16, tzinfo=UTC), announced="17:00 CET")

    text = ics.calendar(
        [call], name="Calls", site="https://koinon.example", now=datetime(2026, 11, 27, tzinfo=UTC)
    )

    assert "STATUS:TENTATIVE" in text
    assert "17:00 CET" in text.replace("\r\n ", "")


def test_no_line_is_longer_than_the_rule_allows(client: Client) -> None:
    make_call("ü" * 190, closes=date(2027, 3, 2), summary="€" * 290)

    for line in client.get("/calls/", {"format": "ics"}).content.split(b"\r\n"):
        assert len(line) <= 75


def test_an_event_stands_before_its_end_and_blocks_no_time() -> None:
    call = make_call(closes=datetime(2027, 3, 2, 16, tzinfo=UTC))

    events: list[Any] = list(icalendar.Calendar.from_ical(ics.calendar_of([call])).walk("VEVENT"))
    (found,) = events

    assert found["DTEND"].dt - found["DTSTART"].dt == timedelta(minutes=30)
    assert found["TRANSP"] == "TRANSPARENT"
