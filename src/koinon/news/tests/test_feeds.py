"""What is followed by mail can be had as a feed or a calendar; who has it already is told so."""

import json
from xml.etree import ElementTree

import pytest
from django.test import Client

from koinon.agenda.testing import make_session
from koinon.journal import actions as journal
from koinon.news import recent
from koinon.places.models import Place
from tests.standing import forget_all

pytestmark = pytest.mark.django_db
FEED = "/news/feed.{}?kind=place&key=3104324"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


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
    tag, day = first.headers["ETag"], first.headers["Last-Modified"]

    def status(**headers: str) -> int:
        return client.get(FEED.format(ending), headers=headers).status_code

    assert status(if_none_match=tag) == 304
    assert status(if_none_match=f'W/{tag}, "other"') == 304
    assert status(if_modified_since=day) == 304
    assert status(if_none_match='"other"', if_modified_since=day) == 200
    broken = ['"', "W/", "*/*", "\x00", "é", '"' * 500, "a" * 4000]
    assert [status(if_none_match=one) for one in broken] == [200] * len(broken)
    days = ["yesterday", "32 Nov 2026", "Thu, 01 Jan 9999 99:99:99 GMT", "-1", "", "0" * 3000]
    assert [status(if_modified_since=one) for one in days] == [200] * len(days)


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
