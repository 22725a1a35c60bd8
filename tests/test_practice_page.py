"""What a practice leads to beside answers: sessions, open calls, and for people with an account those who know of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from koinon.agenda.models import Material, Segment
from koinon.agenda.testing import make_session
from koinon.base.front import MARK
from koinon.calls.testing import make_call
from koinon.network.actions.roles import site
from koinon.network.models import Role
from koinon.peers.testing import make_profile
from koinon.people.models import Person
from koinon.people.testing import come_in, make_person
from koinon.practices.models import Practice
from koinon.practices.testing import make_practice
from tests.standing import forget_all

pytestmark = pytest.mark.django_db
TOPIC = "homelessness"


@pytest.fixture
def told() -> Practice:
    return make_practice("One door", topics=(TOPIC,), objectives=("h",))


def page_of(client: Client, practice: Practice, number: int = 0) -> str:
    forget_all()
    address = practice.get_absolute_url() + (f"versions/{number}/" if number else "")
    return client.get(address).content.decode()


def shelf(page: str, name: str) -> str:
    return page[page.index(f'id="{name}"') :].split("</section>")[0] if f'id="{name}"' in page else ""


def browser(person: Person) -> Client:
    return come_in(Client(), person, proved=True)


def listed(name: str, **more: Any) -> Any:
    return make_profile(make_person(name=name), **more)


def test_sessions_to_come_on_its_topics_stand_there_with_why(client: Client, told: Practice) -> None:
    now = timezone.now()
    later = make_session("Ending homelessness", starts=now + timedelta(days=9))
    sooner = make_session("Room for all", lead="On homeless people.", starts=now + timedelta(days=2))
    make_session("Cooking for beginners")
    make_session("Homelessness, last year", starts=now - timedelta(days=400))
    make_session("Homelessness, called off", state="cancelled", cancelled_because="Storm.")
    make_session("Homelessness, in private", audience="invited")
    make_session("Homelessness, not announced", published=False)

    found = shelf(page_of(client, told), "p-sessions")

    assert found.count("<li>") == 2
    assert found.index(sooner.title) < found.index(later.title)
    assert f'href="/sessions/{sooner.code}/"' in found
    assert found.count("It speaks of this: homelessness.") == 2


def test_a_session_that_names_it_stands_there(client: Client, told: Practice) -> None:
    then = timezone.now() - timedelta(days=300)
    in_programme = make_session("The spring hour", starts=then)
    Segment.objects.filter(session=in_programme, position=0).update(text=f"See /fi/practices/{told.slug}/.")
    in_material = make_session("The autumn hour", starts=then + timedelta(days=100))
    Material.objects.create(
        session=in_material, kind="slides", title="Slides", url=f"{site()}/practices/{told.slug}/"
    )
    elsewhere, hidden = (make_session(title, starts=then) for title in ("Elsewhere", "Hidden"))
    for session, host, published in ((elsewhere, "https://other.example", True), (hidden, site(), False)):
        Material.objects.create(
            session=session,
            kind="slides",
            title="Slides",
            url=f"{host}/practices/{told.slug}/",
            published=published,
        )

    found = shelf(page_of(client, told), "p-sessions")

    assert found.count("<li>") == found.count("Its programme names this practice.") == 2
    assert found.index("The autumn hour") < found.index("The spring hour")


def test_open_calls_on_its_topics_and_for_its_objectives_stand_there_with_why(
    client: Client, told: Practice
) -> None:
    by_letter = make_call("For the objective", objectives=["h"])
    by_topic = make_call("On the topic", topics=[TOPIC], objectives=["a"])
    make_call("Of something else", topics=["childcare"], objectives=["a"])
    make_call("Over", topics=[TOPIC], closes=timezone.now() - timedelta(days=3))
    make_call("A draft", topics=[TOPIC], state="draft")

    found = shelf(page_of(client, told), "p-calls")

    assert found.count("<li>") == 2
    assert found.index(by_topic.title) < found.index(by_letter.title)
    assert f'href="{by_topic.get_absolute_url()}"' in found
    assert "The call is about homelessness, as this is." in found
    assert "The call is for objective (h), which this serves." in found
    assert "Until " in found


def test_a_call_that_opens_later_says_so(client: Client, told: Practice) -> None:
    make_call("Soon", topics=[TOPIC], opens_on=timezone.localdate() + timedelta(days=5))

    assert "It opens on " in shelf(page_of(client, told), "p-calls")


def test_each_is_short(client: Client, told: Practice) -> None:
    for number in range(5):
        make_session(f"Homelessness, part {number}")
        make_call(f"Call {number}", topics=[TOPIC])
        listed(f"Expert {number}")

    page = page_of(browser(make_person()), told)

    assert [shelf(page, name).count("<li>") for name in ("p-sessions", "p-calls", "p-experts")] == [3, 3, 3]


def test_who_knows_of_it_stands_there_for_people_with_an_account(told: Practice) -> None:
    listed("Ana", topics=["childcare", TOPIC])
    listed("Bea", topics=["childcare"])
    listed("Cora", listed=False)
    listed("Dora", removed_at=timezone.now())
    me = make_profile(make_person(name="Myself"))

    found = shelf(page_of(browser(make_person()), told), "p-experts")

    assert found.count("<li>") == 2
    assert "Ana" in found
    assert "homelessness" in found
    own = shelf(page_of(browser(me.person), told), "p-experts")
    assert "Ana" in own
    assert "Myself" not in own


def test_for_who_has_no_account_the_page_stays_the_same_by_every_byte(client: Client, told: Practice) -> None:
    operator = make_person()
    Role.objects.create(person=operator, kind="administrator")
    make_call("On the topic", topics=[TOPIC])
    before = page_of(client, told)
    of_operator = page_of(browser(operator), told)

    one = listed("Ana Nobody")

    assert page_of(client, told) == before
    assert page_of(browser(operator), told) == of_operator
    assert one.code in page_of(browser(make_person()), told)


def test_the_page_is_kept_for_all_without_an_account(client: Client, told: Practice) -> None:
    make_session("Ending homelessness")
    forget_all()

    assert MARK in client.get(told.get_absolute_url()).headers
    assert MARK not in browser(make_person()).get(told.get_absolute_url()).headers


def test_where_there_is_nothing_nothing_is_said(client: Client) -> None:
    bare = make_practice("Of no topic")
    make_session("Ending homelessness")
    make_call("On the topic", topics=[TOPIC])
    listed("Ana")

    page = page_of(browser(make_person()), bare)

    assert [shelf(page, name) for name in ("p-sessions", "p-calls", "p-experts")] == ["", "", ""]


def test_a_draft_and_an_earlier_version_lead_to_nothing(client: Client) -> None:
    owner = make_person()
    draft = make_practice("A draft", state="draft", owner=owner, topics=(TOPIC,))
    make_session("Ending homelessness")
    make_call("On the topic", topics=[TOPIC])

    page = page_of(browser(owner), draft, 1)

    assert "A draft" in page
    assert [shelf(page, name) for name in ("p-sessions", "p-calls", "p-experts")] == ["", "", ""]


def test_many_cost_no_more_than_none(
    client: Client, told: Practice, count_queries: Callable[[], Any]
) -> None:
    hers = browser(make_person())

    def cost(who: Client) -> int:
        page_of(who, told)
        with count_queries() as counted:
            who.get(told.get_absolute_url())
        return len(counted)

    none = (cost(client), cost(hers))
    for number in range(4):
        make_session(f"Homelessness, part {number}")
        make_call(f"Call {number}", topics=[TOPIC])
        listed(f"Expert {number}")

    assert (cost(client), cost(hers)) == none
