"""What everybody sees: the list and its filters, a call's page, places' shelves, the table of Member States, the API."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from koinon.calls import article14, hooks, invented
from koinon.calls.actions import publishing, writing
from koinon.calls.actions.writing import When
from koinon.calls.around import calls_around, forget
from koinon.calls.listing import line
from koinon.calls.models import Call
from koinon.calls.testing import make_call, make_date
from koinon.calls.words import Stage
from koinon.network.models import Organisation, Programme, Role, Stand
from koinon.network.testing import make_organisation, make_programme, make_visitor
from koinon.people.actions import make_token
from koinon.places.models import Place
from koinon.practices.testing import make_practice

pytestmark = pytest.mark.django_db
BOLOGNA = "bologna-3181928"


def place(key: str = BOLOGNA) -> Place:
    found = Place.objects.find(key)
    assert found is not None
    return found


def slugs(client: Client, **query: Any) -> list[str]:
    return [item["slug"] for item in client.get("/calls/", {"format": "json"} | query).json()["items"]]


# The list.


def test_open_ones_by_their_next_date_then_those_to_come_then_closed(client: Client) -> None:
    now, today = timezone.now(), timezone.localdate()
    closed = make_call(closes=now - timedelta(days=3), state="closed")
    coming = make_call(opens_on=today + timedelta(days=5))
    late, soon = make_call(closes=now + timedelta(days=50)), make_call(closes=now + timedelta(days=5))
    none = make_call(closes=None, no_deadline="Until the money is spent.")

    assert slugs(client) == [one.slug for one in (soon, late, none, coming, closed)]


def test_each_filter_leaves_what_it_says(client: Client) -> None:
    here = make_call(places=("ITH5",), who=["municipality"], topics=["job-coaching"], objectives=["a"])
    there = make_call(places=("MT",), who=["company"], topics=["housing"], objectives=["k"])

    assert slugs(client, place=BOLOGNA) == [here.slug]
    assert slugs(client, who="company") == [there.slug]
    assert slugs(client, topic="job-coaching") == [here.slug]
    assert slugs(client, objective="k") == [there.slug]
    assert slugs(client, stage="closed") == []
    assert slugs(client, place="Atlantis of the tests") == []


def test_what_is_open_is_said_in_whole_sentences(client: Client) -> None:
    today = timezone.localdate()
    make_call(places=("ITH5",))
    for days in (5, 6):
        make_call(places=("EU",), opens_on=today + timedelta(days=days))

    said = client.get("/calls/").content.decode()
    here = client.get("/calls/", {"place": BOLOGNA}).content.decode()

    assert '<p class="lead">1 call is open. 2 open later.</p>' in said
    assert '<p class="lead">1 call is open to <bdi>Bologna</bdi>. 2 open later.</p>' in here


@pytest.mark.parametrize("query", ["stage=soon", "who=king", "objective=z", "format=pdf"])
def test_a_filter_that_is_none_is_told(client: Client, query: str) -> None:
    assert client.get(f"/calls/?{query}").status_code == 400


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "atom", "ics"])
def test_the_list_leaves_in_every_form(client: Client, form: str) -> None:
    call = make_call("=cmd|' /C calc'!A0")

    answer = client.get("/calls/", {"format": form})

    assert answer.status_code == 200
    if form == "csv":
        assert "'=cmd" in answer.content.decode()
    if form == "atom":
        assert f"/calls/{call.slug}/" in answer.content.decode()


def test_one_call_or_three_take_the_same_queries(client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get("/calls/", {"stage": "open"})
        return len(seen)

    make_call(objectives=["a"])
    client.get("/calls/")
    one = count()
    for _more in range(2):
        make_call(places=("ITH5", "MT"), objectives=["a", "b"])

    assert count() == one


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (datetime(2027, 3, 1, 21, 0, tzinfo=UTC), 1),
        (datetime(2027, 3, 1, 23, 30, tzinfo=UTC), 0),
        (datetime(2027, 3, 2, 15, 0, tzinfo=UTC), 0),
        (datetime(2027, 2, 27, 8, 0, tzinfo=UTC), 3),
    ],
)
def test_today_is_today_by_the_clocks_of_the_call(now: datetime, days: int) -> None:
    call = make_call(closes=datetime(2027, 3, 2, 16, tzinfo=UTC), zone="Europe/Rome")

    assert line(call, now).days == days


# A call's page.


def test_the_page_says_what_is_not_known(client: Client) -> None:
    call = make_call(who=[], share=None, most=None, conditions_whole=False)

    page = client.get(f"/calls/{call.slug}/").content.decode()

    assert "Which kinds of bodies may apply is not stated here." in page
    assert "Whether these are all the conditions is not known" in page
    assert "Not confirmed by who opened it." in page


def test_sources_that_disagree_are_shown(client: Client) -> None:
    call = make_call(disagree=["The notice says 2 March, the form 13 March."])

    page = client.get(f"/calls/{call.slug}/").content.decode()

    assert call.stand == Stand.SPLIT
    assert "The notice says 2 March, the form 13 March." in page


def test_what_people_wrote_does_nothing_to_the_page(client: Client) -> None:
    evil = "<script>alert(1)</script>"
    call = make_call(
        evil,
        summary=evil,
        text=evil,
        who_text=evil,
        places_says=evil,
        note=evil,
        disagree=[evil],
        conditions=({"kind": "unchecked", "question": evil, "says": evil, "section": evil},),
    )

    for address in ("", "check/", "history/", "ask/"):
        assert evil not in client.get(f"/calls/{call.slug}/{address}").content.decode()
    assert evil not in client.get("/calls/").content.decode()


def test_practices_stand_beside_it_with_why_and_what_shares_nothing_does_not(client: Client) -> None:
    call = make_call(topics=["job-coaching"], objectives=["a"], places=("BE",))
    make_practice("Like it", topics=("job-coaching",), places=("BE",))
    make_practice("Of the same objective", objectives=("a",), places=("MT",))
    make_practice("Of something else", topics=("housing",), places=("BE",))

    page = client.get(f"/calls/{call.slug}/").content.decode()

    assert page.index("Like it") < page.index("Of the same objective")
    assert "It was done in Belgium, to which the call is open, and is about job coaching." in page
    assert "Of something else" not in page


def test_where_an_earlier_deadline_had_no_time_it_was_the_end_of_the_day(client: Client) -> None:
    call = make_call(closes=date(2027, 4, 9))
    call.cutoffs.update(moved_from=[["2027-03-02", "", "Europe/Rome"]])

    page = client.get(f"/calls/{call.slug}/").content.decode()

    assert "It had been 2027-03-02 end of the day, Europe/Rome." in page


def test_others_add_panels_to_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    call = make_call()
    monkeypatch.setattr(
        hooks, "panels", [lambda _request, _call: hooks.Panel("calls/_crumbs.html", {}), lambda *_: None]
    )

    assert client.get(f"/calls/{call.slug}/").status_code == 200


def test_a_draft_is_missing_to_others_in_every_form(client: Client) -> None:
    draft = make_call("Not yet for others", state="draft")

    for address in ("", "check/", "history/", "ask/", "edit/"):
        assert client.get(f"/calls/{draft.slug}/{address}").status_code in {302, 404}
    assert client.get(f"/calls/{draft.slug}.ics").status_code == 404
    for form in ("json", "csv", "atom", "ics"):
        assert b"Not yet for others" not in client.get("/calls/", {"format": form}).content


def test_the_page_of_who_opened_it_lists_what_is_alive(client: Client) -> None:
    opener = make_organisation("The authority", kind="authority")
    make_call("Alive", opener=opener, opener_text="")
    make_call("Over", opener=opener, opener_text="", closes=timezone.now() - timedelta(minutes=1))

    page = client.get(f"/network/{opener.slug}/").content.decode()

    assert "Alive" in page
    assert "Over" not in page


# The shelf of a place.


def test_a_place_shows_the_nearest_first_with_why_and_until_when(client: Client) -> None:
    make_call("For Europe", places=("EU",), closes=date(2027, 3, 1))
    make_call("For the country", places=("IT",), closes=date(2027, 3, 2))
    make_call("For the region", places=("ITH5",), closes=date(2027, 3, 3))
    make_call("For Malta", places=("MT",))
    make_call("Closed", places=("IT",), closes=timezone.now() - timedelta(minutes=1))
    make_call("A draft", places=("IT",), state="draft")

    found = [(code, row.title) for code, row in calls_around(place())]
    page = client.get(f"/places/{BOLOGNA}/").content.decode()

    assert found == [("ITH5", "For the region"), ("IT", "For the country"), ("EU", "For Europe")]
    assert "It is open to Emilia-Romagna." in page
    assert "3 Mar 2027" in page
    assert "Can Bologna apply?" in page
    assert "For Malta" not in page


def test_where_no_call_is_known_the_gap_says_so(client: Client) -> None:
    page = client.get(f"/places/{BOLOGNA}/").content.decode()

    assert "No open call is known for Bologna" in page


def test_a_moved_deadline_moves_on_the_place_and_a_closed_call_leaves_it(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    body = make_organisation()
    by = make_visitor(Role.Kind.MANAGER, body)
    call = make_call("Care near home", keeper=body, closes=date(2027, 3, 2))
    assert "2 Mar 2027" in client.get(f"/places/{BOLOGNA}/").content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        writing.move_date(
            call.cutoffs.get(), by=by, version=1, when=When(date(2027, 4, 9), None, "Europe/Rome")
        )
    assert "9 Apr 2027" in client.get(f"/places/{BOLOGNA}/").content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        publishing.withdraw(call, by=by, because="cancelled")
    assert "Care near home" not in client.get(f"/places/{BOLOGNA}/").content.decode()


def test_asking_for_places_again_asks_the_database_nothing() -> None:
    make_call(places=("IT",))
    calls_around(place())
    somewhere = [place(), place("MT"), place("DE")]

    with CaptureQueriesContext(connection) as seen:
        for one in somewhere:
            calls_around(one)

    assert len(seen) == 0


def test_before_the_tick_a_place_shows_nothing_that_is_over() -> None:
    make_call(closes=timezone.now() + timedelta(hours=1))
    assert calls_around(place())
    ((_code, row),) = calls_around(place())

    assert row.stage(timezone.now() + timedelta(hours=2)) == Stage.CLOSED


# How Member States organise the priority.


def test_the_table_has_every_member_state_and_says_what_is_not_known(client: Client) -> None:
    found = article14.table(timezone.localdate())

    assert len(found.states) == 27
    assert found.unknown == sum(not state.cells for state in found.states) > 0
    page = client.get("/calls/article-14/").content.decode()
    assert page.count("Not found.") == found.unknown
    assert "Sources disagree." in page


def test_each_cell_carries_its_source_its_date_and_how_sure_it_is(client: Client) -> None:
    cells = [cell for state in article14.table(timezone.localdate()).states for cell in state.cells]

    assert cells
    assert all(cell.source and cell.checked_on for cell in cells)
    unsure = {row.title for row in Programme.objects.filter(art14_certain=False)}
    assert all(cell.stand == Stand.UNSURE for cell in cells if cell.programme in unsure)


def test_a_country_whose_programmes_differ_is_not_smoothed() -> None:
    make_programme("One", art14_status="dedicated_priority", art14_certain=True, country="MT")
    make_programme("Another", art14_status="no_priority_by_that_name", country="MT")

    state = next(one for one in article14.table(timezone.localdate()).states if one.code == "MT")

    assert state.is_mixed


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "atom"])
def test_the_table_leaves_in_every_form(client: Client, form: str) -> None:
    answer = client.get("/calls/article-14/", {"format": form})

    assert answer.status_code == 200
    if form == "json":
        assert {item["country"] for item in answer.json()["items"]} >= {"IT", "EL", "MT"}


# Invented calls.


def test_with_demo_every_member_state_has_one_and_all_are_marked(client: Client) -> None:
    invented.add()
    forget()

    states = list(Place.objects.filter(level=0).exclude(pk="EU"))
    assert len(states) == 27
    assert all(calls_around(one) for one in states)
    assert all("Demonstration" in title for title in Call.objects.values_list("title", flat=True))
    for call in Call.objects.all():
        assert client.get(f"/calls/{call.slug}/").status_code == 200
    invented.remove()
    assert not Call.objects.exists()


def test_without_demo_there_is_none() -> None:
    assert not Call.objects.exists()


# The API.


def token(kind: str, body: Organisation) -> dict[str, str]:
    by = make_visitor(kind, body)
    assert by.person is not None
    _row, secret = make_token(by.person, by=None, label="test", scopes=["read", "write"])
    return {"Authorization": f"Bearer {secret}"}


def sent(body: Organisation, **more: Any) -> dict[str, Any]:
    return {
        "keeper": body.slug,
        "title": "Care near home",
        "opener": body.name,
        "places": ["ITH5"],
        "who": ["municipality"],
        "url": "https://example.eu/call",
        "checked_on": "2026-11-22",
        "most": 120000,
        "deadline": {"day": "2027-03-02", "at": "17:00", "zone": "Europe/Rome"},
    } | more


def test_a_program_drafts_publishes_and_corrects(client: Client) -> None:
    body = make_organisation("The authority", kind="authority")
    headers = token(Role.Kind.AUTHORITY, body)
    key = {"Idempotency-Key": "11111111-1111-4111-8111-111111111111"}

    made = client.post("/api/v1/calls", sent(body), "application/json", headers=headers | key)
    again = client.post("/api/v1/calls", sent(body), "application/json", headers=headers | key)
    slug = made.json()["slug"]
    assert (made.status_code, again.json()) == (201, made.json())
    assert client.get(f"/api/v1/calls/{slug}").status_code == 404

    assert client.post(f"/api/v1/calls/{slug}/publish", headers=headers).status_code == 200
    read = client.get(f"/api/v1/calls/{slug}").json()
    assert (read["stage"], read["stand"], read["dates"]) == ("open", "held", ["2027-03-02T17:00 Europe/Rome"])

    change = {"version": read["version"], "title": "Care nearer home"}
    assert (
        client.patch(f"/api/v1/calls/{slug}", change, "application/json", headers=headers).status_code == 200
    )
    late = client.patch(f"/api/v1/calls/{slug}", change, "application/json", headers=headers)
    assert (late.status_code, late.json()["current"]["version"]) == (409, read["version"] + 1)
    after = client.get(f"/api/v1/calls/{slug}").json()
    assert after["title"] == "Care nearer home"
    assert {k: after[k] for k in ("places", "who", "most", "opener")} == {
        k: read[k] for k in ("places", "who", "most", "opener")
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"most": -1},
        {"most": 1e300},
        {"share": 101},
        {"deadline": {"day": "2020-01-01"}},
        {"deadline": {"day": "2027-03-28", "at": "02:30", "zone": "Europe/Rome"}},
        {"deadline": {"day": "2027-03-28", "zone": "Europe/Atlantis"}},
        {"who": ["king"]},
        {"places": ["Atlantis of the tests"]},
        {"state": "published"},
        {"version": 7},
    ],
)
def test_a_program_hears_what_is_wrong(client: Client, wrong: dict[str, Any]) -> None:
    body = make_organisation(kind="authority")
    headers = token(Role.Kind.AUTHORITY, body)

    answer = client.post("/api/v1/calls", sent(body, **wrong), "application/json", headers=headers)

    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")
    assert not Call.objects.exists()


def test_a_program_asks_whether_a_place_may_apply(client: Client) -> None:
    call = make_call(places=("ITH5",))

    found = client.get(f"/api/v1/calls/{call.slug}/check", {"place": BOLOGNA, "who": "municipality"}).json()

    assert found["outcome"] == "yes"
    assert client.get(f"/api/v1/calls/{call.slug}/check", {"place": "MT"}).json()["outcome"] == "no"
    assert client.get(f"/api/v1/calls/{call.slug}/check", {"magic": "1"}).status_code == 422


def test_the_list_over_the_api_follows_its_filters(client: Client) -> None:
    call = make_call(places=("ITH5",))
    make_call(places=("MT",))
    make_date(call, date(2027, 9, 1))

    found = client.get("/api/v1/calls", {"place": BOLOGNA}).json()

    assert (found["total"], [one["slug"] for one in found["items"]]) == (1, [call.slug])
    assert len(found["items"][0]["dates"]) == 2
    assert client.get("/api/v1/calls", {"place": "Atlantis of the tests"}).status_code == 422
    assert client.get("/api/v1/calls", {"stage": "soon"}).status_code == 422
