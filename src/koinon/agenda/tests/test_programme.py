"""The programme: what comes first, what fits, who sees what; and a session's own page."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from koinon.agenda import around, outline
from koinon.agenda.actions import load, publishing
from koinon.agenda.models import Material, Segment, Session, Speaker
from koinon.agenda.testing import make_session
from koinon.journal.models import Entry
from koinon.network.actions.dump import dump
from koinon.network.actions.load import load_files
from koinon.network.actions.reading import LoadError
from koinon.network.models import Load
from koinon.network.testing import make_organisation
from koinon.people.testing import make_person
from koinon.places import zones
from koinon.places.models import Place

pytestmark = pytest.mark.django_db
FOUNDING = "13INFO21475"


@pytest.fixture(autouse=True)
def _an_empty_programme(db: None) -> None:
    Session.objects.all().delete()
    Load.objects.filter(pk=load.FILE).delete()
    around.forget()


@pytest.fixture
def founding() -> Session:
    load.load_sessions()
    return Session.objects.get(code=FOUNDING)


def codes(client: Client, **asked: Any) -> list[str]:
    answer = client.get("/sessions/", {"format": "json", **asked})
    assert answer.status_code == 200, answer.content
    return [item["code"] for item in json.loads(answer.content)["items"]]


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


# The list.


def test_what_comes_stands_first_and_soonest_first_then_the_past_latest_first(client: Client) -> None:
    past, older = make_session(starts=in_days(-3)), make_session(starts=in_days(-300))
    late, soon = make_session(starts=in_days(9)), make_session(starts=in_days(2))

    assert codes(client) == [soon.code, late.code, past.code, older.code]


def test_drafts_and_invited_ones_are_in_no_list_and_at_no_address(client: Client) -> None:
    shown = make_session()
    hidden = [make_session(published=False), make_session(audience="invited")]

    assert codes(client) == [shown.code]
    for session in hidden:
        for address in (f"/sessions/{session.code}/", f"/sessions/{session.code}.ics"):
            assert client.get(address).status_code == 404
        assert client.get(f"/api/v1/sessions/{session.code}").status_code == 404
    assert [item["code"] for item in client.get("/api/v1/sessions").json()["items"]] == [shown.code]


def test_a_place_finds_what_is_for_it_for_what_it_lies_in_and_for_all(client: Client) -> None:
    for_all, bologna, italy, france = (make_session(starts=in_days(n)) for n in (1, 2, 3, 4))
    bologna.places.set([Place.objects.get(pk="3181928")])
    italy.places.set([Place.objects.get(pk="IT")])
    france.places.set([Place.objects.get(pk="FR")])

    assert codes(client, place="bologna-3181928") == [for_all.code, bologna.code, italy.code]
    assert codes(client, place="Italy") == [for_all.code, italy.code]
    assert codes(client, place="no such place at all") == []
    assert [item["code"] for item in client.get("/api/v1/sessions", {"place": "IT"}).json()["items"]] == [
        for_all.code,
        italy.code,
    ]


def test_filters_of_day_format_theme_language_and_series(client: Client) -> None:
    one = make_session(
        day=date(2027, 3, 1),
        begins=time(9),
        format="clinic",
        theme="Money",
        spoken=["it"],
        interpreted=["de"],
        asked_in=["it"],
    )
    other = make_session(day=date(2027, 4, 1), begins=time(9), spoken=["en"], captioned=["en"])

    assert codes(client, **{"from": "2027-03-02"}) == [other.code]
    assert codes(client, to="2027-03-01") == [one.code]
    assert codes(client, kind="clinic") == [one.code]
    assert codes(client, theme="Money") == [one.code]
    assert codes(client, spoken="it") == [one.code]
    assert codes(client, interpreted="de") == [one.code]
    assert codes(client, captioned="en") == [other.code]
    # Where none is named, questions are taken in any language.
    assert codes(client, asked="fi") == [other.code]
    assert codes(client, asked="it") == [one.code, other.code]
    assert codes(client, spoken=["it", "en"]) == [one.code, other.code]


def test_a_facet_counts_what_its_box_would_show(client: Client) -> None:
    make_session(theme="Money", spoken=["it"])
    make_session(theme="Money", spoken=["en"])
    make_session(theme="Care", spoken=["en"])

    page = client.get("/sessions/", {"spoken": "en"}).context
    counts = {
        facet.name: {choice.value: choice.count for choice in facet.choices} for facet in page["facets"]
    }

    assert counts["theme"] == {"Money": 1, "Care": 1}
    assert counts["spoken"] == {"en": 2, "it": 1}


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "yesterday"},
        {"to": "2027-13-01"},
        {"kind": "party"},
        {"spoken": "xx"},
        {"format": "exe"},
        {"from": "\x00"},
    ],
)
def test_what_is_no_filter_is_refused(client: Client, asked: dict[str, str]) -> None:
    assert client.get("/sessions/", asked).status_code == 400


def test_the_list_leaves_in_every_form(client: Client) -> None:
    make_session(title="=HYPERLINK(1)")

    for form, kind in (
        ("json", "application/json"),
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("atom", "application/atom+xml; charset=utf-8"),
        ("ics", "text/calendar; charset=utf-8"),
    ):
        assert client.get("/sessions/", {"format": form}).headers["Content-Type"] == kind
    assert "'=HYPERLINK" in client.get("/sessions/?format=csv").content.decode()


def test_three_sessions_cost_the_queries_of_one(client: Client, count_queries: Callable[[], Any]) -> None:
    make_session()
    client.get("/sessions/?page=1")
    with count_queries() as one:
        client.get("/sessions/?page=1")
    for _number in range(2):
        make_session()
    with count_queries() as three:
        client.get("/sessions/?page=1")

    assert len(one) == len(three)


def test_an_empty_programme_says_so_and_pages_are_pages(client: Client) -> None:
    assert "No session is announced" in client.get("/sessions/").content.decode()
    assert "No session to come fits" in client.get("/sessions/?theme=x").content.decode()
    for page in ("0", "x", "99", "-1"):
        assert client.get("/sessions/", {"page": page}).status_code == 404
    for _number in range(31):
        make_session()
    assert client.get("/sessions/?page=2").status_code == 200


def test_the_list_and_a_session_set_no_cookie_and_may_be_shared(client: Client) -> None:
    session = make_session()

    for path in ("/sessions/", f"/sessions/{session.code}/"):
        response = client.get(path)
        assert response.cookies == {}
        assert response.headers["X-Koinon-Shared"] == "-"
    assert "X-Koinon-Shared" not in client.get(f"/sessions/{session.code}/?zone=Europe/Athens").headers
    client.force_login(make_person())
    assert "X-Koinon-Shared" not in client.get(f"/sessions/{session.code}/").headers


# The founding session.


def test_the_founding_session_stands_at_its_address_with_its_true_time(
    client: Client, founding: Session
) -> None:
    page = client.get(f"/sessions/{FOUNDING}/").content.decode()

    assert founding.starts_at == datetime(2021, 10, 13, 7, 30, tzinfo=UTC)
    assert "Announced as CET; Brussels was on CEST that day:" in page
    assert "<b>07:30 UTC</b>" in page
    assert "9:30</time>–" in page
    assert [part.minutes for part in founding.segments.all()] == [None, None, None]
    assert "The announcement gives this order, not the minutes inside the hour." in page
    assert page.count("not known") >= 4
    assert "Information session (followed by Q&amp;A)" in page


def test_loading_twice_changes_nothing_and_costs_one_query(
    founding: Session, count_queries: Callable[[], Any]
) -> None:
    entries = Entry.objects.count()

    with count_queries() as counted:
        again = load.load_sessions()
    whole = load.load(load.DATA / load.FILE)

    assert (bool(again), bool(whole), len(counted)) == (False, False, 1)
    assert Entry.objects.count() == entries


def test_a_change_of_the_file_comes_in_but_not_over_what_somebody_changed(
    founding: Session, tmp_path: Any
) -> None:
    content = json.loads((load.DATA / load.FILE).read_text())
    content["sessions"][0]["theme"] = "Another"
    file = tmp_path / "sessions.json"
    file.write_text(json.dumps(content))

    assert load.load(file).changed == 1
    assert Session.objects.get(code=FOUNDING).theme == "Another"
    Session.objects.filter(code=FOUNDING).update(version=2, theme="Mine")
    content["sessions"][0]["theme"] = "A third"
    file.write_text(json.dumps(content))
    assert load.load(file).kept == [FOUNDING]
    assert Session.objects.get(code=FOUNDING).theme == "Mine"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "../../x"),
        ("begins", "25:00"),
        ("zone", "../../etc/passwd"),
        ("zone", "Mars/Phobos"),
        ("minutes", -5),
        ("minutes", True),
        ("spoken", ["xx"]),
        ("format", "party"),
        ("notes", [["only one"]]),
        ("places", ["NOWHERE"]),
        ("organiser", "nobody-at-all"),
        ("day", "soon"),
        ("title", ""),
    ],
)
def test_a_broken_record_is_named_and_nothing_is_loaded(tmp_path: Any, key: str, value: Any) -> None:
    content = json.loads((load.DATA / load.FILE).read_text())
    second = content["sessions"][0] | {"id": "14INFO21476", key: value}
    content["sessions"].append(second)
    file = tmp_path / "sessions.json"
    file.write_text(json.dumps(content))

    with pytest.raises(LoadError):
        load.load(file)

    assert not Session.objects.filter(code=FOUNDING).exists()


def test_what_is_written_out_is_loaded_again_without_a_change(founding: Session, tmp_path: Any) -> None:
    written = dump(tmp_path)
    again = load_files([tmp_path / load.FILE])
    Session.objects.all().delete()
    anew = load_files([tmp_path / load.FILE])

    assert tmp_path / load.FILE in written
    assert (bool(again), anew.new) == (False, 1)
    assert Session.objects.get(code=FOUNDING).starts_at == founding.starts_at


# A session's page.


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Atlantic/Canary", "8:30–9:30"),
        ("Atlantic/Azores", "7:30–8:30"),
        ("Indian/Reunion", "11:30–12:30"),
        ("Europe/Rome", "The same time by your clock (Rome)."),
    ],
)
def test_ones_own_clock_stands_beside_the_events(client: Client, zone: str, shown: str) -> None:
    session = make_session(day=date(2027, 7, 1), begins=time(9, 30))

    assert shown in client.get(f"/sessions/{session.code}/", {"zone": zone}).content.decode()


def test_another_day_is_said(client: Client) -> None:
    session = make_session(day=date(2027, 7, 1), begins=time(23, 30))

    assert "Friday 2 July" in client.get(f"/sessions/{session.code}/?zone=Indian/Reunion").content.decode()


@pytest.mark.parametrize("zone", ["../../etc/passwd", "Mars/Phobos", "\x00", "x" * 5000, "Europe"])
def test_a_zone_that_is_none_changes_nothing(client: Client, zone: str) -> None:
    session = make_session()

    answer = client.get(f"/sessions/{session.code}/", {"zone": zone})

    assert (answer.status_code, answer.context["own"]) == (200, None)


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("IT", "Europe/Rome"),
        ("3181928", "Europe/Rome"),
        ("ES70", "Atlantic/Canary"),
        ("ES63", "Africa/Ceuta"),
        ("ES30", "Europe/Madrid"),
        ("PT20", "Atlantic/Azores"),
        ("PT30", "Atlantic/Madeira"),
        ("PT", "Europe/Lisbon"),
        ("FRY1", "America/Guadeloupe"),
        ("FRY2", "America/Martinique"),
        ("FRY3", "America/Cayenne"),
        ("FRY4", "Indian/Reunion"),
        ("FRY5", "Indian/Mayotte"),
        ("FRY", ""),
        ("EU", ""),
        ("CY", "Asia/Nicosia"),
        ("EL", "Europe/Athens"),
    ],
)
def test_a_place_knows_its_clock(code: str, zone: str) -> None:
    assert zones.zone_of(Place.objects.get(pk=code)) == zone


def test_every_country_of_the_union_has_a_clock_that_is_one() -> None:
    countries = Place.objects.countries().exclude(pk="EU")

    assert [place.pk for place in countries if not zones.is_zone(zones.zone_of(place))] == []
    assert len(countries) == 27


def test_a_recording_is_not_shown_without_captions(client: Client) -> None:
    session = make_session()
    Material.objects.create(session=session, kind="recording", title="Film", url="https://example.org/f")
    Material.objects.create(session=session, kind="slides", title="Slides", url="https://example.org/s")

    def titles() -> list[str]:
        return [one["title"] for one in client.get(f"/api/v1/sessions/{session.code}").json()["material"]]

    without = (titles(), "example.org/f" in client.get(f"/sessions/{session.code}/").content.decode())
    captions = Material.objects.create(
        session=session, kind="captions", title="Captions", url="https://example.org/c", published=False
    )
    unpublished = titles()
    Material.objects.filter(pk=captions.pk).update(published=True)

    assert without == (["Slides"], False)
    assert unpublished == ["Slides"]
    assert sorted(titles()) == ["Captions", "Film", "Slides"]
    assert "example.org/f" in client.get(f"/sessions/{session.code}/").content.decode()


def test_only_who_said_yes_or_was_named_stands_on_the_programme(client: Client) -> None:
    session = make_session()
    for state in Speaker.State.values:
        Speaker.objects.create(session=session, name=f"<b>{state}</b>", state=state, email="x@example.org")

    page = client.get(f"/sessions/{session.code}/").content.decode()

    assert "&lt;b&gt;named" in page
    assert "&lt;b&gt;accepted" in page
    assert "invited" not in page
    assert "declined" not in page
    assert "x@example.org" not in page


def test_what_people_type_runs_nowhere(client: Client) -> None:
    bad = "</script><img src=x onerror=alert(1)>"
    session = make_session(
        bad, lead=bad, theme=bad, outline=f"## {bad}\n\n{bad}", notes=[[bad, bad]], venue=bad
    )
    Segment.objects.create(session=session, position=9, title=bad, who=bad)

    page = client.get(f"/sessions/{session.code}/").content.decode()
    listed = client.get("/sessions/").content.decode()

    assert "<img src=x" not in page + listed
    assert page.count("</script>") == page.count("<script")


def test_minutes_give_the_times_of_the_parts(client: Client) -> None:
    session = make_session(day=date(2027, 7, 1), begins=time(9, 30))

    rows = client.get(f"/sessions/{session.code}/").context["rundown"]

    assert [f"{row['at']:%H:%M}" for row in rows] == ["09:30", "09:40", "10:10"]
    assert [row["units"] for row in rows] == ["m10", "m30", "m20"]


def test_headings_of_an_outline_are_sentences_where_it_is_words_alone() -> None:
    assert outline.plain("## Background\n\nSix of them.\n\n## What for?\n\n#hash") == (
        "Background.\n\nSix of them.\n\nWhat for?\n\n#hash"
    )


def test_notes_are_marked_where_their_word_first_stands() -> None:
    html = outline.rendered("ESF+ is it.\n\nAgain ESF+.", [["ESF+", "A fund."]], language="en")

    assert html.count("<sup>") == 1
    assert html.startswith('<p lang="en" dir="auto">ESF+<sup>')


def test_a_session_whose_time_is_over_counts_as_past_and_the_tick_writes_it_down(client: Client) -> None:
    session = make_session(starts=timezone.now() - timedelta(hours=2))
    running = make_session(starts=timezone.now() - timedelta(hours=2), state="live")

    before = client.get(f"/api/v1/sessions/{session.code}").json()["state"]
    ended = publishing.end_over()

    session.refresh_from_db()
    running.refresh_from_db()
    assert (before, ended, session.state, running.state) == ("ended", 1, "ended", "live")
    assert publishing.end_over() == 0


# The API.


def test_the_api_lists_by_day_and_refuses_what_it_does_not_know(client: Client) -> None:
    session = make_session(day=date(2027, 7, 1), begins=time(9, 30))

    item = client.get("/api/v1/sessions", {"from": "2027-07-01", "to": "2027-07-01"}).json()["items"][0]

    assert {key: item[key] for key in ("code", "state", "starts", "ends", "zone", "url")} == {
        "code": session.code,
        "state": "planned",
        "starts": "2027-07-01T07:30:00Z",
        "ends": "2027-07-01T08:30:00Z",
        "zone": "Europe/Brussels",
        "url": f"/sessions/{session.code}/",
    }
    assert client.get("/api/v1/sessions", {"from": "2027-07-02"}).json()["items"] == []
    for asked in ({"colour": "red"}, {"first": "2027-01-01"}, {"from": "x"}, {"place": "nowhere-1"}):
        assert client.get("/api/v1/sessions", asked).status_code == 422
    assert client.get(f"/api/v1/sessions/{session.code}", {"colour": "red"}).status_code == 422
    assert client.get("/api/v1/sessions/UNKNOWN").status_code == 404


# The body's page.


def test_a_bodys_page_lists_what_it_holds(client: Client) -> None:
    body = make_organisation()
    coming, past = make_session(organiser=body), make_session(organiser=body, starts=in_days(-9))
    draft = make_session(organiser=body, published=False)

    page = client.get(body.get_absolute_url()).content.decode()

    assert coming.get_absolute_url() in page
    assert past.get_absolute_url() not in page
    assert draft.code not in page
    assert "h-sessions" not in client.get(make_organisation().get_absolute_url()).content.decode()
