"""Calendar files that three parsers read alike, on both sides of every change of clocks until 2037."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import ics as ics_parser  # type: ignore[import-untyped]
import pytest
import vobject  # type: ignore[import-untyped]
from django.test import Client
from django.utils import timezone

from koinon.agenda import ics
from koinon.agenda.actions import feeds
from koinon.agenda.models import Registration, Session
from koinon.agenda.testing import make_session
from koinon.people.models import Person
from koinon.people.testing import make_person

SITE = "https://koinon.example"
ZONES = (
    "Europe/Brussels",
    "Europe/Dublin",
    "Europe/Helsinki",
    "Asia/Nicosia",
    "Atlantic/Canary",
    "Atlantic/Azores",
    "Atlantic/Madeira",
    "America/Martinique",
    "America/Cayenne",
    "Indian/Reunion",
    "Indian/Mayotte",
)
pytestmark = pytest.mark.django_db


def around_changes(zone: str) -> Iterator[datetime]:
    """Wall times an hour before and after each change of clocks, 2026 to 2037; where there is none, two a year."""
    here = ZoneInfo(zone)
    for year in range(2026, 2038):
        days = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(366)]
        changes = [
            hour + timedelta(hours=1)
            for day in days
            if _offset(day, here) != _offset(day + timedelta(days=1), here)
            for hour in (day + timedelta(hours=hours) for hours in range(24))
            if _offset(hour, here) != _offset(hour + timedelta(hours=1), here)
        ]
        for change in changes or [
            datetime(year, 3, 29, 1, tzinfo=UTC),
            datetime(year, 10, 25, 1, tzinfo=UTC),
        ]:
            for hours in (-3, -1, 0, 1, 3):
                yield (change + timedelta(hours=hours)).astimezone(here)


def _offset(moment: datetime, here: ZoneInfo) -> timedelta | None:
    return moment.astimezone(here).utcoffset()


def at(wall: datetime, **more: object) -> Session:
    """A session that is not kept: what a calendar needs of it."""
    session = Session(
        code=f"{wall:%d}TEST{wall:%y}{wall:%m%H}",
        title="Ask, and be answered",
        day=wall.date(),
        begins=wall.time().replace(tzinfo=None, fold=0),
        fold=wall.fold,
        zone=str(wall.tzinfo),
        **more,
    )
    session.starts_at, session.ends_at = session.moment.instant, session.moment.plus(session.minutes)
    return session


@pytest.mark.parametrize("zone", ZONES)
def test_three_parsers_read_the_same_moments_around_every_change_of_clocks(zone: str) -> None:
    walls = list(around_changes(zone))
    sessions = [at(wall) for wall in walls]
    for number, session in enumerate(sessions):
        session.code = f"C{number:05}"
    text = ics.calendar(sessions, name="All", site=SITE, now=timezone.now())
    wanted = [(wall.astimezone(UTC), wall.astimezone(UTC) + timedelta(hours=1)) for wall in walls]

    first = [
        (event.decoded("dtstart"), event.decoded("dtend"))
        for event in icalendar.Calendar.from_ical(text).walk("VEVENT")
    ]
    second = [
        (event.dtstart.value.astimezone(UTC), event.dtend.value.astimezone(UTC))
        for event in vobject.readOne(text).vevent_list
    ]
    third = sorted((event.begin.datetime, event.end.datetime) for event in ics_parser.Calendar(text).events)

    assert len(walls) >= 120
    assert first == wanted
    assert second == wanted
    assert third == sorted(wanted)


def test_the_founding_session_is_half_past_seven_in_utc() -> None:
    session = at(datetime(2021, 10, 13, 9, 30, tzinfo=ZoneInfo("Europe/Brussels")))

    text = ics.calendar([session], name="One", site=SITE, now=timezone.now())

    assert "DTSTART:20211013T073000Z\r\nDTEND:20211013T083000Z" in text


HARD = [
    "Ελευσίνα; Ask, and \\ be answered: “είπε”, " + "ακόμη " * 60,
    "line one\nline two\r\nBEGIN:VEVENT\r\nSUMMARY:forged",
    "\U0001f1ea\U0001f1fa" * 60,
    "a" * 74 + "é" + "b" * 74,
    "DTSTART:19700101T000000Z,;",
]


@pytest.mark.parametrize("title", HARD)
def test_hard_titles_come_back_whole_and_forge_nothing(title: str) -> None:
    session = at(datetime(2027, 3, 1, 9, 0, tzinfo=ZoneInfo("Europe/Brussels")), venue=title)
    session.title = title
    plain = title.replace("\r\n", "\n")

    text = ics.calendar([session], name=title, site=SITE, now=timezone.now())
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    (again,) = vobject.readOne(text).vevent_list
    (third,) = ics_parser.Calendar(text).events

    assert [str(event["SUMMARY"]), again.summary.value, third.name] == [plain, plain, plain]
    assert str(event["LOCATION"]) == plain
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert "\n" not in text.replace("\r\n", "")


def test_a_backslash_before_an_n_is_no_line_break() -> None:
    """Read by two: the third takes the marks of escaping away in the wrong order."""
    session = at(datetime(2027, 3, 1, 9, 0, tzinfo=ZoneInfo("Europe/Brussels")))
    session.title = "C:\\new"

    text = ics.calendar([session], name="One", site=SITE, now=timezone.now())

    assert str(icalendar.Calendar.from_ical(text).walk("VEVENT")[0]["SUMMARY"]) == session.title
    assert vobject.readOne(text).vevent.summary.value == session.title


def test_a_cancelled_and_an_unsure_one_say_so_and_versions_count() -> None:
    wall = datetime(2027, 3, 1, 9, 0, tzinfo=ZoneInfo("Europe/Brussels"))
    cancelled = at(wall, state="cancelled", cancelled_because="Nobody, alas", version=4)
    unsure = at(wall, time_certain=False, announced_time="9:00 (CET)")

    text = ics.calendar([cancelled, unsure], name="Two", site=SITE, now=timezone.now())
    first, second = icalendar.Calendar.from_ical(text).walk("VEVENT")

    assert (str(first["STATUS"]), str(first["SEQUENCE"])) == ("CANCELLED", "3")
    assert "Nobody, alas" in str(first["DESCRIPTION"])
    assert str(second["STATUS"]) == "TENTATIVE"
    assert "9:00 (CET)" in str(second["DESCRIPTION"])


def test_one_session_and_the_list_leave_as_calendars(client: Client) -> None:
    Session.objects.all().delete()
    one, _other = make_session(), make_session()
    make_session(published=False)

    alone = client.get(f"/sessions/{one.code}.ics")
    listed = client.get("/sessions/?format=ics&from=2025-01-01")

    assert alone.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert alone.content.decode().count("BEGIN:VEVENT") == 1
    assert listed.content.decode().count("BEGIN:VEVENT") == 2


def test_ones_own_calendar_has_an_address_nobody_guesses_and_that_can_be_made_anew(client: Client) -> None:
    person, other = make_person(), make_person()
    mine, _not_mine = make_session(audience="invited"), make_session()
    register(mine, person)
    secret = feeds.address_of(person)

    found = client.get(f"/sessions/mine/{secret}.ics")
    elses = client.get(f"/sessions/mine/{feeds.address_of(other)}.ics")
    forged = client.get(f"/sessions/mine/{secret[:-1]}{'0' if secret[-1] != '0' else '1'}.ics")
    feeds.renew(person)
    old = client.get(f"/sessions/mine/{secret}.ics")

    assert [line for line in found.content.decode().split("\r\n") if line.startswith("UID")] == [
        f"UID:{mine.code}@koinon.session"
    ]
    assert "BEGIN:VEVENT" not in elses.content.decode()
    assert (forged.status_code, old.status_code) == (404, 404)


@pytest.mark.parametrize("secret", ["x", "-", "1-", "9" * 30 + "-a", "1-é", "١-a", "\x00"])
def test_addresses_that_are_none_are_missing(client: Client, secret: str) -> None:
    assert client.get(f"/sessions/mine/{secret}.ics").status_code == 404


def register(session: Session, person: Person) -> Registration:
    return Registration.objects.create(
        session=session,
        person=person,
        email="ana@example.org",
        at=timezone.now(),
        seed="s" * 8,
        receipt="r" * 8,
    )


def test_the_days_of_a_wall_time_are_those_of_its_zone() -> None:
    session = make_session(day=date(2027, 1, 1), begins=time(0, 30), zone="Indian/Reunion")

    assert ics.utc(session.starts_at) == "20261231T203000Z"
