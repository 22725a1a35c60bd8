"""What is followed by mail can be had as a feed or a calendar; who has it already is told so."""

import json
from datetime import UTC, date, datetime, time, timedelta
from time import time as wall_clock
from typing import Any
from xml.etree import ElementTree

import icalendar
import pytest
from django.test import Client
from django.utils.http import http_date

from koinon.agenda.actions import publishing
from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.base.when import Moment
from koinon.calls.actions import publishing as calls
from koinon.calls.actions import writing
from koinon.calls.actions.writing import When
from koinon.calls.testing import make_call, make_date
from koinon.journal import actions as journal
from koinon.network.models import Role
from koinon.network.testing import make_organisation, make_visitor
from koinon.news import recent, subjects
from koinon.places.models import Place
from koinon.practices.testing import make_practice
from tests.standing import forget_all

pytestmark = pytest.mark.django_db
FEED = "/news/feed.{}?kind=place&key=3104324"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
YESTERDAY, TODAY, TOMORROW = (http_date(wall_clock() + days * 86_400) for days in (-1, 0, 1))


@pytest.fixture(autouse=True)
def anew() -> None:
    forget_all()
    recent.forget()
    for title, code in {"In the city": "3104324", "Abroad": "IT"}.items():
        session = make_session(title)
        session.places.set(Place.objects.filter(pk=code))
        journal.record("session.published", by=None, what=session)


def test_atom_json_and_calendar_hold_what_a_digest_would(client: Client) -> None:
    atom = ElementTree.fromstring(client.get(FEED.format("atom")).content)
    feed = json.loads(client.get(FEED.format("json")).content)
    calendar = client.get(FEED.format("ics")).content.decode()

    assert [one.text for one in atom.findall("a:entry/a:title", ATOM)] == ["In the city"]
    assert (feed["version"], [one["title"] for one in feed["items"]]) == (
        "https://jsonfeed.org/version/1.1",
        ["In the city"],
    )
    assert (calendar.count("BEGIN:VEVENT"), "SUMMARY:In the city" in calendar) == (1, True)


@pytest.mark.parametrize("ending", ["atom", "json"])
def test_who_has_it_is_told_so_and_broken_conditions_are_none(client: Client, ending: str) -> None:
    first = client.get(FEED.format(ending))
    tag = first.headers["ETag"]

    def status(**headers: str) -> int:
        return client.get(FEED.format(ending), headers=headers).status_code

    assert status(if_none_match=tag) == 304
    assert status(if_none_match=f'W/{tag}, "other"') == 304
    assert status(if_none_match=tag, if_modified_since=YESTERDAY) == 304
    assert status(if_none_match='"other"', if_modified_since=TOMORROW) == 200
    broken = ['"', "W/", "*/*", "\x00", "é", '"' * 500, "a" * 4000]
    assert [status(if_none_match=one) for one in broken] == [200] * len(broken)
    days = ["yesterday", "32 Nov 2026", "Thu, 01 Jan 9999 99:99:99 GMT", "-1", "", "0" * 3000]
    assert [status(if_modified_since=one) for one in days] == [200] * len(days)
    assert [status(if_unmodified_since=one) for one in [*days, YESTERDAY]] == [200] * (len(days) + 1)


# Each list that leaves as a feed: its address, by the ending it is given.
FEEDS = {
    "followed": {ending: FEED.format(ending) for ending in ("atom", "json", "ics")},
    "news": {"atom": "/news/?format=atom&place=3104324", "json": "/news/?format=feed.json&place=3104324"},
    "calls": {
        "atom": "/calls/?format=atom&place=3104324",
        "json": "/calls/?format=feed.json&place=3104324",
        "ics": "/calls/?format=ics&place=3104324",
    },
}


@pytest.mark.parametrize(
    ("which", "ending"), [(which, ending) for which, addresses in FEEDS.items() for ending in addresses]
)
def test_what_is_withdrawn_is_gone_for_who_asks_by_a_date_alone(
    client: Client, which: str, ending: str
) -> None:
    body = make_organisation()
    by = make_visitor(Role.Kind.MANAGER, body)
    older, newer = (
        make_call(title, keeper=body, places=("3104324",), closes=date(2099, 3, 2))
        for title in ("An older call", "The newest of all")
    )
    for call in (older, newer):
        journal.record("call.published", by=by, what=call)
    forget_all()
    address = FEEDS[which][ending]

    first = client.get(address)
    calls.withdraw(newer, by=by, because="cancelled")
    forget_all()
    said = [day for day in (first.headers.get("Last-Modified"), TODAY, TOMORROW) if day]
    later = [client.get(address, headers={"if-modified-since": day}) for day in said]

    assert first.status_code == 200
    assert all(title in first.content.decode() for title in ("An older call", "The newest of all"))
    for answer in later:
        text = answer.content.decode()
        assert answer.status_code == 200
        assert ["An older call" in text, "The newest of all" in text] == [True, False]


KINDS = ("place", "topic", "objective", "organisation", "search", "practice")


def shown(ending: str, content: bytes) -> set[str]:
    """The titles of what a feed or a calendar holds."""
    if ending == "atom":
        return {str(one.text) for one in ElementTree.fromstring(content).findall("a:entry/a:title", ATOM)}
    if ending == "json":
        return {one["title"] for one in json.loads(content)["items"]}
    return {str(one["SUMMARY"]) for one in icalendar.Calendar.from_ical(content).walk("VEVENT")}


@pytest.mark.parametrize("ending", ["atom", "json", "ics"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_thing_has_its_feeds_with_what_fits_and_nothing_else(
    client: Client, kind: str, ending: str
) -> None:
    about: dict[str, Any] = {"places": ("MT",), "topics": ["childcare"], "objectives": ["k"]}
    else_about: dict[str, Any] = {"places": ("IT",), "topics": ["telemedicine"], "objectives": ["a"]}
    body, other = make_organisation("Who has lanterns"), make_organisation("Others")
    practice = make_practice("Lanterns that shine", organisation=body, **about)
    for thing in (
        make_call("Lanterns at night", opener=body, closes=date(2099, 3, 2), **about),
        make_call("Windows by day", opener=other, closes=date(2099, 3, 2), **else_about),
        practice,
        make_practice("Windows that close", organisation=other, **else_about),
    ):
        journal.record(f"{thing._meta.model_name}.published", by=None, what=thing)
    forget_all()
    keys = {
        "place": "MT",
        "topic": "childcare",
        "objective": "k",
        "organisation": body.slug,
        "search": subjects.search_key([("q", "lanterns")]),
        "practice": practice.slug,
    }

    answer = client.get(f"/news/feed.{ending}", {"kind": kind, "key": keys[kind]})

    # Nothing that has a date is about one practice: its calendar is one, and empty.
    call = {"Lanterns at night"} if kind != "practice" else set()
    dated = {f"Deadline: {title}" for title in call}
    assert answer.status_code == 200
    assert shown(ending, answer.content) == (dated if ending == "ics" else {"Lanterns that shine", *call})


def test_every_kind_that_can_be_followed_but_a_newsletter_has_feeds() -> None:
    assert set(KINDS) == set(subjects.kinds) - {subjects.LETTER}


def test_an_empty_feed_stays_the_same(client: Client) -> None:
    empty = "/news/feed.atom?kind=place&key=MT"
    first = client.get(empty)

    assert client.get(empty, headers={"if-none-match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "address",
    [
        "/news/feed.rss?kind=place&key=ES",
        "/news/feed.atom",
        "/news/feed.atom?kind=place&key=x",
        "/news/feed.ics?kind=no&key=1",
    ],
)
def test_what_is_no_feed_is_missing(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_level_that_is_none_is_told_so(client: Client) -> None:
    assert client.get(FEED.format("atom") + "&level=moon").status_code == 400


def deadlines(client: Client, address: str) -> dict[str, Any]:
    """The events of calls in a calendar, by their UIDs; none stands there twice."""
    text = client.get(address).content.decode()
    events: list[Any] = list(icalendar.Calendar.from_ical(text).walk("VEVENT"))
    own = [one for one in events if str(one["UID"]).endswith("@koinon.call")]
    found = {str(one["UID"]): one for one in own}
    assert len(found) == len(own)
    return found


def told_by(event: Any) -> list[str]:
    """Every line of an event but for when it was written."""
    lines = event.to_ical().decode().replace("\r\n ", "").splitlines()
    return [line for line in lines if not line.startswith("DTSTAMP")]


def test_a_deadline_that_is_moved_moves_in_the_followed_calendar(client: Client) -> None:
    body = make_organisation()
    closes = datetime(2027, 3, 2, 16, tzinfo=UTC)
    call = make_call(keeper=body, places=("3104324",), closes=closes, zone="Europe/Madrid")
    (uid,) = before = deadlines(client, FEED.format("ics"))

    writing.move_date(
        call.cutoffs.get(),
        by=make_visitor(Role.Kind.MANAGER, body),
        version=call.version,
        when=When(date(2027, 4, 9), time(12), "Europe/Madrid"),
    )
    forget_all()

    after = deadlines(client, FEED.format("ics"))
    assert list(after) == [uid]
    assert after[uid]["DTEND"].dt == datetime(2027, 4, 9, 10, tzinfo=UTC)
    assert after[uid]["DTSTART"].dt.date() == date(2027, 4, 9) > before[uid]["DTSTART"].dt.date()
    assert int(after[uid]["SEQUENCE"]) > int(before[uid]["SEQUENCE"])


def test_each_date_of_a_call_is_the_same_event_as_in_the_calendar_of_the_calls(client: Client) -> None:
    call = make_call("Care near home", places=("3104324",), closes=date(2027, 3, 2))
    make_date(call, datetime(2027, 9, 2, 15, tzinfo=UTC), label="second round")
    make_date(call, date(2020, 1, 7))

    followed = deadlines(client, FEED.format("ics"))
    of_calls = deadlines(client, "/calls/?format=ics&place=zaragoza-3104324")

    # What has gone by is no news.
    assert len(followed) == 2
    assert len(of_calls) == 3
    for uid, event in followed.items():
        assert told_by(event) == told_by(of_calls[uid])


def sessions_in(client: Client, address: str) -> dict[str, Any]:
    """The events of sessions in a calendar, by their UIDs."""
    events: list[Any] = list(icalendar.Calendar.from_ical(client.get(address).content).walk("VEVENT"))
    return {str(one["UID"]): one for one in events if str(one["UID"]).endswith("@koinon.session")}


def test_a_session_is_the_same_event_in_every_calendar_also_after_it_was_moved_and_cancelled(
    client: Client,
) -> None:
    session = Session.objects.get(title="In the city")
    assert session.organiser is not None
    by = make_visitor(Role.Kind.MANAGER, session.organiser)
    calendars = [FEED.format("ics"), f"/sessions/{session.code}.ics", "/sessions/?format=ics"]
    uid = f"{session.code}@koinon.session"

    def everywhere() -> list[Any]:
        forget_all()
        return [sessions_in(client, address)[uid] for address in calendars]

    first = everywhere()
    moved_to = session.day + timedelta(days=7)
    session = publishing.move(
        session,
        by=by,
        version=session.version,
        moment=Moment(moved_to, time(10), "Europe/Madrid"),
        minutes=session.minutes,
    )
    moved = everywhere()
    publishing.cancel(session, by=by, because="The hall is closed.")
    # The programme of what comes does not hold it any more; the other two say that it is cancelled.
    calendars = calendars[:2]
    cancelled = everywhere()

    for same in (first, moved, cancelled):
        assert all(told_by(one) == told_by(same[0]) for one in same)
    assert [int(same[0]["SEQUENCE"]) for same in (first, moved, cancelled)] == [0, 1, 2]
    assert [moved[0]["DTSTART"].dt.date(), str(cancelled[0]["STATUS"])] == [moved_to, "CANCELLED"]
