"""Figures agree with the pages they count, say what they count, and tell of no fewer than five people."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from koinon.agenda.models import Registration, Session
from koinon.agenda.testing import make_registration, make_session
from koinon.courses.models import Course
from koinon.courses.testing import make_course
from koinon.network.models import Organisation
from koinon.network.testing import make_consortium, make_membership, make_organisation
from koinon.peers.models import Exchange
from koinon.peers.testing import make_public_exchange
from koinon.places.models import Place
from koinon.practices import listing
from koinon.practices.testing import make_practice
from koinon.questions import register
from koinon.questions.models import Answer
from koinon.questions.testing import make_question
from koinon.reports import facts, figures
from koinon.reports.facts import ANSWERS, COURSES, EXCHANGES, PRACTICES, SESSIONS
from koinon.reports.figures import ASKED, PEOPLE, of_body, of_place
from koinon.reports.periods import Period

pytestmark = pytest.mark.django_db
EVER = Period()


def held(came: int = 0, *places: str, days_ago: int = 1, **more: Any) -> Session:
    session = make_session(**more)
    rows = [make_registration(session) for _ in range(came)]
    session.day, session.state = timezone.localdate() - timedelta(days=days_ago), Session.State.ENDED
    session.save()
    session.places.set(Place.objects.filter(pk__in=places))
    Registration.objects.filter(pk__in=[row.pk for row in rows]).update(attended_at=timezone.now())
    return session


def values(scope: figures.Scope = figures.EVERYBODY, period: Period = EVER) -> dict[str, int | None]:
    facts.forget()
    return {figure.key: figure.value for figure in figures.figures_of(scope, period)}


def test_each_figure_is_what_the_page_it_names_counts(client: Client) -> None:
    body = make_organisation()
    for title in ("One", "Two"):
        held(title=title, organiser=body)
    held(organiser=body, audience=Session.Audience.INVITED)
    words = {"asked": "Who?", "text": "She.", "language": "en", "asked_language": "en"}
    Answer.objects.create(body=body, **words)
    Answer.objects.create(body=body, withdrawn_at=timezone.now(), withdrawn_because="wrong", **words)
    make_course(organiser=body)
    make_course(organiser=body, state="draft")
    make_public_exchange()
    make_practice(organisation=body)
    listing.forget()

    counted = values()

    sessions = client.get(reverse("sessions:list"), {"format": "json"}).json()["items"]
    assert counted[SESSIONS] == sum(item["state"] == "ended" for item in sessions)
    answers = client.get(reverse("questions:answers"), {"format": "json"}).json()["items"]
    assert counted[ANSWERS] == len(answers)
    courses = client.get(reverse("courses:list"), {"format": "json"}).json()["items"]
    assert counted[COURSES] == len(courses) == Course.objects.public().count()
    assert counted[EXCHANGES] == Exchange.objects.public().count() == 1
    practices = client.get(reverse("practices:list"), {"format": "json"}).json()["items"]
    assert counted[PRACTICES] == len(practices)


def test_questions_are_those_of_the_register(client: Client) -> None:
    for _ in range(6):
        make_question(place="MT")
    for _ in range(5):
        make_question(place="IT")
    rows = client.get(reverse("questions:register"), {"format": "json"}).json()["items"]
    by_country = Counter(row["country"] for row in rows)

    whole, malta = values(), values(of_place(Place.objects.get(pk="MT")))

    assert (
        whole[ASKED]
        == len(rows)
        == {one.label: one.number for one in register.tallies(register.cases())}["Questions"]
    )
    assert malta[ASKED] == by_country["MT"] == 6
    assert values(of_place(Place.objects.get(pk="ITH5")))[ASKED] is None


def test_fewer_than_five_questions_are_not_told_as_none() -> None:
    for _ in range(4):
        make_question(place="MT")

    assert (values()[ASKED], values(of_place(Place.objects.get(pk="MT")))[ASKED]) == (None, None)


def test_fewer_than_five_people_are_in_no_sum() -> None:
    body, other = make_organisation(), make_organisation()
    held(7, "MT", organiser=body)
    held(3, "MT", organiser=body)
    held(4, "MT", organiser=other)
    held(0, "MT", organiser=other)

    whole = figures.figures_of(figures.EVERYBODY, EVER)
    people = {figure.key: figure for figure in whole}[PEOPLE]

    assert people.value == 7
    assert "3 sessions" in people.note
    assert values(of_body(body))[PEOPLE] == 7
    assert values(of_body(other))[PEOPLE] is None
    assert values(of_place(Place.objects.get(pk="MT")))[PEOPLE] == 7


def test_nothing_held_is_nothing_and_not_unknown() -> None:
    assert values(of_body(make_organisation()))[PEOPLE] == 0


def test_a_consortium_counts_its_members_once() -> None:
    consortium = make_consortium("Alpha", "MT", since=date(2024, 1, 1))
    inside, outside = make_organisation(country="MT"), make_organisation(country="MT")
    make_membership(inside, consortium, since=date(2024, 1, 1))
    held(organiser=inside)
    held(organiser=consortium)
    held(organiser=outside)

    assert values(of_body(consortium))[SESSIONS] == 2
    assert values(of_body(inside))[SESSIONS] == 1


def test_a_consortium_counts_what_its_members_did_while_they_belonged_to_it(client: Client) -> None:

    def ago(days: int) -> date:
        return timezone.localdate() - timedelta(days=days)

    consortium = make_consortium("Alpha", "MT", since=date(2024, 1, 1))
    left, joined = make_organisation("Who left", country="MT"), make_organisation("Who came", country="MT")
    make_membership(left, consortium, since=date(2024, 1, 1), until=ago(10))
    make_membership(joined, consortium, since=ago(9))
    for days in (5, 10, 15):
        held(organiser=left, days_ago=days)
        held(organiser=joined, days_ago=days)

    assert values(of_body(consortium))[SESSIONS] == 3
    assert values(of_body(consortium), Period(ago(20), ago(10)))[SESSIONS] == 2
    assert values(of_body(left))[SESSIONS] == 3

    address = reverse("reports:body", args=[consortium.slug])
    then = client.get(address, {"from": ago(20).isoformat(), "to": ago(10).isoformat()})
    assert [(row.label, row.values[0]) for row in then.context["lines"].rows] == [("Who left", 2)]
    now = client.get(address, {"from": ago(9).isoformat()})
    assert [(row.label, row.values[0]) for row in now.context["lines"].rows] == [("Who came", 1)]


def test_rows_in_which_nothing_is_counted_are_folded_and_lead_on_all_the_same(client: Client) -> None:
    consortium, centre = make_consortium("Alpha", "MT"), make_organisation("Centre of Malta", country="MT")
    idle = make_organisation("Idle centre", country="MT")
    for body in (centre, idle):
        make_membership(body, consortium)
    held(0, "MT", organiser=centre)
    facts.forget()
    states = Place.objects.countries().count()

    seen = client.get("/reports/")
    of_body = client.get(f"/reports/bodies/{consortium.slug}/")
    before = client.get("/reports/", {"to": "2020-01-01"})

    countries, members = seen.context["countries"], of_body.context["lines"]
    assert [row.code for row in countries.rows] == ["MT"]
    assert len(countries.empty) == states - 1
    assert [[row.label for row in part] for part in (members.rows, members.empty)] == [
        ["Centre of Malta"],
        ["Idle centre"],
    ]
    shown = seen.content.decode()
    assert f"Nothing is counted yet for {states - 1} of them" in shown
    assert 'href="/reports/places/IT/"' in shown
    assert "Nothing is counted yet for 1 of them" in of_body.content.decode()
    assert f"In this period nothing is counted for {states} of them" in before.content.decode()
    assert "Figures by Member State" not in before.content.decode()
    # Of one kind, none says it; where it is narrow, a row is what is counted of it.
    assert "<small>National competence centre</small>" not in shown
    assert shown.count('<td class="r num" data-l="Sessions held">1</td>') == 3
    assert shown.count('<td class="r num nil" data-l="Courses offered">0</td>') == 3


def test_a_place_counts_what_lies_in_it() -> None:
    held(0, "ITH55")
    held(0, "IT")
    held(0)

    counted = {
        code: values(of_place(Place.objects.get(pk=code)))[SESSIONS] for code in ("EU", "IT", "ITH5", "ITC")
    }

    assert counted == {"EU": 3, "IT": 2, "ITH5": 1, "ITC": 0}


def test_a_period_counts_its_first_and_its_last_day() -> None:
    today = timezone.localdate()
    for days in (1, 10, 20):
        held(days_ago=days)

    assert values(period=Period(today - timedelta(days=10), today))[SESSIONS] == 2
    assert values(period=Period(None, today - timedelta(days=10)))[SESSIONS] == 2
    assert values(period=Period(today - timedelta(days=19), today - timedelta(days=11)))[SESSIONS] == 0


@pytest.mark.parametrize(
    ("first", "last", "held_whole"),
    [
        (None, None, True),
        (date(2025, 1, 1), date(2025, 3, 31), True),
        (date(2025, 1, 2), None, False),
        (None, date(2025, 3, 30), False),
        (date(2024, 12, 31), date(2025, 4, 1), True),
    ],
)
def test_only_whole_quarters_are_in_a_period(first: date | None, last: date | None, held_whole: bool) -> None:
    assert Period(first, last).holds_quarter(date(2025, 1, 1)) is held_whole


def test_the_last_quarter_of_a_year_ends_with_it() -> None:
    assert Period(None, date(2024, 12, 31)).holds_quarter(date(2024, 10, 1))
    assert not Period(None, date(2024, 12, 30)).holds_quarter(date(2024, 10, 1))


def test_where_whole_quarters_are_counted_the_day_is_the_end_of_the_last_one() -> None:
    assert Period(None, date(2025, 5, 15)).quarters_cut_off == date(2025, 3, 31)
    assert Period(None, date(2025, 3, 31)).quarters_cut_off == date(2025, 3, 31)
    assert Period(date(2025, 2, 1), date(2025, 3, 15)).quarters_cut_off == date(2025, 3, 15)
    assert EVER.quarters_cut_off == timezone.localdate()

    told = {
        row.key: row.cut_off for row in figures.figures_of(figures.EVERYBODY, Period(None, date(2025, 5, 15)))
    }
    assert (told[SESSIONS], told[ASKED]) == (date(2025, 5, 15), date(2025, 3, 31))


def test_one_steps_down_from_the_network_to_a_place(client: Client) -> None:
    consortium = make_consortium("Alpha", "MT", since=date(2024, 1, 1))
    centre = make_organisation("Centre of Malta", country="MT")
    make_membership(centre, consortium, since=date(2024, 1, 1))
    held(0, "MT", organiser=centre)
    facts.forget()

    steps = [
        reverse("reports:overview"),
        reverse("reports:body", args=[consortium.slug]),
        reverse("reports:body", args=[centre.slug]),
        reverse("reports:place", args=["MT"]),
    ]
    pages = [client.get(address).content.decode() for address in steps]

    for page, further in zip(pages, steps[1:], strict=False):
        assert f'href="{further}"' in page


def test_each_figure_says_what_it_counts_from_where_and_up_to_when(client: Client) -> None:
    page = client.get(reverse("reports:overview")).content.decode()
    items = client.get(reverse("reports:overview"), {"format": "json"}).json()["items"]

    assert [item["key"] for item in items] == list(figures.DEFINITIONS)
    for item in items:
        assert item["definition"]
        assert item["source"]
        assert f'href="{item["source_url"]}"' in page
        assert item["cut_off"] == timezone.localdate().isoformat()
        assert client.get(item["source_url"]).status_code == 200


def test_the_same_figure_stands_in_all_exits(client: Client) -> None:
    held()
    facts.forget()
    items = client.get(reverse("reports:overview"), {"format": "json"}).json()["items"]
    table = client.get(reverse("reports:overview"), {"format": "csv"}).content.decode()

    assert items[0]["value"] == figures.figures_of(figures.EVERYBODY, EVER)[0].value
    assert f"sessions,Sessions held,{items[0]['value']}," in table


def test_a_body_that_is_no_page_yet_has_no_figures(client: Client) -> None:
    draft: Organisation = make_organisation(published=False)

    assert client.get(reverse("reports:body", args=[draft.slug])).status_code == 404
    assert client.get(reverse("reports:place", args=["nowhere"])).status_code == 404


@pytest.mark.parametrize(
    "query", ["from=x", "to=2026-02-30", "from=1999-12-31", "from=2026-02-01&to=2026-01-01"]
)
def test_a_broken_period_is_said_plainly(client: Client, query: str) -> None:
    for address in (
        reverse("reports:overview"),
        reverse("reports:unmet"),
        reverse("reports:place", args=["MT"]),
    ):
        assert client.get(f"{address}?{query}").status_code == 400


def test_the_overview_asks_as_much_for_many_as_for_few(client: Client, count_queries: Any) -> None:
    held()
    facts.forget()
    client.get(reverse("reports:overview"))
    facts.forget()
    with count_queries() as few:
        client.get(reverse("reports:overview"))
    for _ in range(3):
        held(5, "MT")
    facts.forget()
    with count_queries() as many:
        client.get(reverse("reports:overview"))

    assert len(many) <= len(few) + 1
