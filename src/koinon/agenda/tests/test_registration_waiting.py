"""Places and the waiting list: fair, by itself, offers that lapse, never more than there is."""

from datetime import datetime, timedelta
from threading import Barrier, Event, Thread
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from koinon.agenda.actions import registering, waiting
from koinon.agenda.models import Registration, Session
from koinon.agenda.registration_codes import code_of
from koinon.agenda.testing import make_registration, make_session
from koinon.base.ticking import due
from koinon.mail.models import Outbox
from koinon.network.limits import anonymous_writes
from koinon.network.testing import make_visitor
from koinon.network.visitor import ANYONE
from koinon.people.actions import erase
from koinon.people.models import Person

pytestmark = pytest.mark.django_db
State = Registration.State
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _all_pass() -> None:
    """Many tests write from one address within a minute."""
    anonymous_writes.forget()


def states(session: Session) -> list[str]:
    return list(session.registrations.order_by("pk").values_list("state", flat=True))


def full(capacity: int, waits: int = 0, **more: Any) -> tuple[Session, list[Registration]]:
    """A session in a week whose places are taken, and so many who wait."""
    session = make_session(starts=timezone.now() + timedelta(days=7), capacity=capacity, **more)
    return session, [make_registration(session) for _ in range(capacity + waits)]


def later(session: Session, by: timedelta) -> None:
    """As if offers had been made so long ago."""
    for row in session.registrations.filter(state=State.OFFERED):
        assert row.offer_until is not None
        row.offer_until -= by
        row.save()


def page(registration: Registration, name: str = "place") -> str:
    return reverse(f"sessions:{name}", args=[code_of(registration)])


def test_beyond_the_capacity_one_waits_and_sees_the_rank(client: Client) -> None:
    session, rows = full(1, waits=2)

    assert states(session) == [State.COMING, State.WAITING, State.WAITING]
    assert [waiting.rank_of(row) for row in rows] == [None, 1, 2]
    assert "Number 2 in line, of 2 who wait." in client.get(page(rows[2])).content.decode()
    assert "You are number 2 in line." in Outbox.objects.get(to=rows[2].email).text


def test_a_place_given_back_is_offered_to_who_waits_longest() -> None:
    session, rows = full(1, waits=2)

    registering.cancel(rows[0])

    assert states(session) == [State.CANCELLED, State.OFFERED, State.WAITING]
    offer = Outbox.objects.get(subject__startswith="A place is free for you")
    assert offer.to == rows[1].email
    assert code_of(rows[1]) in offer.text


def test_who_comes_new_does_not_overtake_who_waits() -> None:
    session, _rows = full(1, waits=1)
    Session.objects.filter(pk=session.pk).update(capacity=2)

    make_registration(session)

    assert states(session) == [State.COMING, State.OFFERED, State.WAITING]


def test_the_offer_is_taken_by_the_button_once(client: Client) -> None:
    session, rows = full(1, waits=1)
    registering.cancel(rows[0])

    opened = client.get(page(rows[1], "place_accept")).status_code
    answers = [client.post(page(rows[1], "place_accept")).status_code for _ in range(2)]

    assert (opened, answers) == (405, [302, 302])
    assert states(session) == [State.CANCELLED, State.COMING]


def test_an_offer_that_nobody_took_passes_on_by_the_tick(client: Client) -> None:
    session, rows = full(1, waits=2)
    registering.cancel(rows[0])
    later(session, 25 * HOUR)

    late = client.post(page(rows[1], "place_accept"))
    for work in due:
        work()
    for work in due:
        work()

    assert late.status_code == 409
    assert "The offer is over" in late.content.decode()
    assert states(session) == [State.CANCELLED, State.LAPSED, State.OFFERED]
    assert Outbox.objects.filter(to=rows[1].email, subject__startswith="The place has passed on").count() == 1
    assert Outbox.objects.filter(to=rows[2].email, subject__startswith="A place is free").count() == 1


def test_an_offer_in_time_is_not_taken_away() -> None:
    session, rows = full(1, waits=1)
    registering.cancel(rows[0])
    later(session, 23 * HOUR)

    waiting.run()

    assert states(session) == [State.CANCELLED, State.OFFERED]


def test_declining_passes_it_on_at_once() -> None:
    session, rows = full(1, waits=2)
    registering.cancel(rows[0])

    registering.cancel(rows[1])

    assert states(session) == [State.CANCELLED, State.CANCELLED, State.OFFERED]


def test_places_that_hosts_add_fill_by_the_tick() -> None:
    session, _rows = full(1, waits=3)
    Session.objects.filter(pk=session.pk).update(capacity=3)

    waiting.run()

    assert states(session) == [State.COMING, State.OFFERED, State.OFFERED, State.WAITING]


def test_who_lapsed_goes_to_the_end_of_the_line() -> None:
    session, rows = full(1, waits=2)
    registering.cancel(rows[0])
    later(session, 25 * HOUR)
    waiting.run()

    again = make_registration(session, rows[1].email)

    assert (again.state, waiting.rank_of(again)) == (State.WAITING, 1)
    assert states(session) == [State.CANCELLED, State.LAPSED, State.OFFERED, State.WAITING]


@pytest.mark.parametrize(
    ("before", "holds"),
    [
        (timedelta(days=30), 24 * HOUR),
        (timedelta(days=2), 12 * HOUR),
        (timedelta(hours=4), HOUR),
        (timedelta(hours=1), HOUR / 2),
        (timedelta(minutes=5), HOUR / 2),
    ],
)
def test_offers_hold_a_day_and_less_near_the_beginning(before: timedelta, holds: timedelta) -> None:
    session = make_session(starts=timezone.now() + timedelta(days=3))
    now: datetime = session.starts_at - before

    assert waiting.offer_until(session, now) - now == holds


def test_no_offer_reaches_beyond_the_end() -> None:
    session = make_session()

    assert waiting.offer_until(session, session.ends_at - HOUR / 6) == session.ends_at


def test_places_on_site_and_online_are_counted_apart() -> None:
    session = make_session(venue="Bologna", video="https://video.example/1", here_capacity=1, capacity=3)

    rows = [make_registration(session, mode=mode) for mode in ("here", "here", "online", "online", "online")]

    assert [row.state for row in rows] == [
        State.COMING, State.WAITING, State.COMING, State.COMING, State.WAITING,
    ]  # fmt: skip


def test_a_place_online_passes_who_waits_for_one_on_site() -> None:
    session = make_session(venue="Bologna", video="https://video.example/1", here_capacity=1, capacity=2)
    here, wants, online = (make_registration(session, mode=mode) for mode in ("here", "here", "online"))
    also = make_registration(session, mode="online")
    assert [row.state for row in (here, wants, online, also)] == [
        State.COMING, State.WAITING, State.COMING, State.WAITING,
    ]  # fmt: skip

    registering.cancel(online)

    assert states(session) == [State.COMING, State.WAITING, State.CANCELLED, State.OFFERED]


def test_who_waits_for_a_place_on_site_may_come_online_instead(client: Client) -> None:
    session = make_session(venue="Bologna", video="https://video.example/1", here_capacity=1)
    make_registration(session, mode="here")
    mine = make_registration(session, mode="here")

    answer = client.post(page(mine, "place_change"), {"mode": "online"})

    mine.refresh_from_db()
    assert answer.status_code == 302
    assert (mine.state, mine.mode) == (State.COMING, "online")


def test_changing_to_a_full_house_keeps_what_one_has(client: Client) -> None:
    session = make_session(venue="Bologna", video="https://video.example/1", here_capacity=1)
    make_registration(session, mode="here")
    mine = make_registration(session, mode="online")

    answer = client.post(page(mine, "place_change"), {"mode": "here"})

    mine.refresh_from_db()
    assert answer.status_code == 409
    assert "No place on site is free" in answer.content.decode()
    assert (mine.state, mine.mode) == (State.COMING, "online")


def test_a_cancelled_session_offers_nothing() -> None:
    session, rows = full(1, waits=1)
    registering.cancel(rows[0])
    Session.objects.filter(pk=session.pk).update(state="cancelled", cancelled_because="No interpreter.")

    with pytest.raises(waiting.NotOffered):
        waiting.accept(rows[1])
    assert waiting.fill(session) == 0


def test_a_long_line_is_served_in_its_order() -> None:
    session, rows = full(2, waits=20)
    order = []

    for _round in range(20):
        holder = session.registrations.filter(state__in=[State.COMING]).order_by("pk").first()
        assert holder is not None
        registering.cancel(holder)
        offered = session.registrations.get(state=State.OFFERED)
        waiting.accept(offered)
        order.append(offered.pk)

    assert order == [row.pk for row in rows[2:]]


def at_once(deeds: list[Any]) -> list[BaseException]:
    """Do all of this in the same moment, each on a connection of its own; what failed comes back."""
    barrier, failed = Barrier(len(deeds)), []

    def run(deed: Any) -> None:
        try:
            barrier.wait(10)
            deed()
        except BaseException as trouble:
            failed.append(trouble)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failed


needs_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="in memory, SQLite has one connection"
)


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_many_who_want_the_last_place_one_has_it() -> None:
    session = make_session(capacity=3)

    def deed(number: int) -> Any:
        return lambda: registering.register(
            session, by=ANYONE, email=f"racer{number}@example.org", nonce=f"nonce-race-{number:04}"
        )

    failed = at_once([deed(number) for number in range(12)])

    assert failed == []
    assert sorted(states(session)) == [State.COMING] * 3 + [State.WAITING] * 9
    ranks = sorted(waiting.rank_of(row) or 0 for row in session.registrations.waiting())
    assert ranks == list(range(1, 10))


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_same_address_many_times_at_once_is_one_registration() -> None:
    session = make_session(capacity=3)

    def deed(number: int) -> Any:
        return lambda: registering.register(
            session, by=ANYONE, email="racer@example.org", nonce=f"nonce-same-{number % 3:04}"
        )

    failed = at_once([deed(number) for number in range(9)])

    assert failed == []
    assert states(session) == [State.COMING]


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_giving_back_and_taking_at_once_never_overbooks() -> None:
    session, rows = full(4, waits=6)

    def new(number: int) -> Any:
        return lambda: registering.register(
            session, by=ANYONE, email=f"new{number}@example.org", nonce=f"nonce-new-{number:04}"
        )

    deeds: list[Any] = [lambda row=row: registering.cancel(row) for row in rows[:4]]
    deeds += [new(number) for number in range(4)] + [waiting.run, waiting.run]
    failed = at_once(deeds)

    assert failed == []
    assert session.registrations.taking_places().count() == 4
    offered = session.registrations.filter(state=State.OFFERED).order_by("pk")
    assert list(offered) == rows[4:8]


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_who_closes_the_account_while_it_registers_leaves_no_address_behind() -> None:
    session, ana = make_session(capacity=3), make_visitor(email="racer@example.org")
    is_written = Event()

    def registers() -> None:
        with transaction.atomic():
            registering.register(session, by=ana, email="racer@example.org", nonce="nonce-race-0001")
            is_written.set()
            sleep(0.5)

    def ends() -> None:
        assert is_written.wait(10)
        erase(Person.objects.get(pk=ana.person_id or 0), by=ana)

    failed = at_once([registers, ends])

    assert failed == []
    left = session.registrations.get()
    assert (left.email, left.person_id, left.state) == ("", None, State.CANCELLED)
