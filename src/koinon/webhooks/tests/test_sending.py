"""Webhooks: everything, in order, signed, again until it arrived; nothing that not everybody may read."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.base import outward
from koinon.base.governance import matrix
from koinon.calls.actions import publishing
from koinon.calls.testing import make_call
from koinon.journal import actions as journal
from koinon.journal import fresh
from koinon.journal.models import Entry
from koinon.mail.models import Outbox
from koinon.network.models import Organisation, Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.news.models import Item
from koinon.people.testing import make_person
from koinon.places.models import Place
from koinon.questions.testing import make_question, make_request
from koinon.webhooks import actions, gone, kinds, sending
from koinon.webhooks.events import Queue
from koinon.webhooks.models import Delivery, Hook
from koinon.webhooks.signing import secret_from
from koinon.webhooks.testing import Receiver, Taken, make_hook, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(settings: LazySettings) -> None:
    settings.OUTWARD_LOOPBACK = True


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def hook(receiver: Receiver) -> Hook:
    return make_hook(make_organisation(), receiver.url)


def happens(verb: str = "session.published", **more: Any) -> Session:
    session = make_session(**more)
    journal.record(verb, by=None, what=session)
    return session


def titles(receiver: Receiver) -> list[str]:
    return [one.said["title"] for one in receiver.taken]


def test_what_happens_arrives_in_order_signed_as_the_api_gives_it(
    client: Client, hook: Hook, receiver: Receiver
) -> None:
    made = [happens() for _ in range(3)]

    arrived = sending.run()

    assert arrived == 3
    assert titles(receiver) == [session.title for session in made]
    first = receiver.taken[0]
    assert first.is_signed_with(secret_from(hook.seed))
    assert not first.is_signed_with(secret_from("another"))
    assert first.said["id"] == first.id
    assert first.said["type"] == "session.published"
    assert first.said["api"] == f"/api/v1/sessions/{made[0].code}"
    assert first.said["data"] == client.get(first.said["api"]).json()
    assert len(set(receiver.ids)) == 3
    assert sending.run() == 0
    assert len(receiver.taken) == 3


def test_each_kind_that_the_api_gives_is_given_as_it_gives_it(
    client: Client, hook: Hook, receiver: Receiver
) -> None:
    body, call = make_organisation(), make_call()
    item = Item.objects.create(
        slug="new", organisation=body, state="published", title="A title", published_at=timezone.now()
    )
    journal.record("organisation.published", by=None, what=body)
    journal.record("call.published", by=None, what=call)
    journal.record("news.published", by=None, what=item)

    sending.run()

    said = [one.said for one in receiver.taken]
    assert [one["kind"] for one in said] == ["network", "calls", "news"]
    for one in said[:2]:
        assert one["data"] == client.get(one["api"]).json()
    assert said[2]["data"] == client.get("/api/v1/news?kind=news").json()["items"][0]


def test_down_for_a_day_and_nothing_is_lost(hook: Hook, receiver: Receiver) -> None:
    receiver.answer = lambda _taken: (503, {}, b"later")
    begin = timezone.now()
    made = []
    for hour in range(26):
        made.append(happens())
        for minute in range(0, 60, 10):
            sending.run(begin + timedelta(hours=hour, minutes=minute))
    tries = len(receiver.taken)
    # One and the same event was tried, seldom, and nothing else went before it.
    assert len(set(receiver.ids)) == 1
    assert 5 < tries < 15

    receiver.answer = lambda _taken: (200, {}, b"")
    sending.run(begin + timedelta(hours=40))

    hook.refresh_from_db()
    assert titles(receiver)[tries:] == [session.title for session in made]
    assert receiver.ids[tries] == receiver.ids[0]
    assert (hook.state, hook.failures, hook.failing_since) == ("active", 0, None)


def test_after_three_days_it_is_paused_with_a_mail_and_goes_on_where_it_stopped(
    hook: Hook, receiver: Receiver
) -> None:
    receiver.answer = lambda _taken: (500, {}, b"")
    made = [happens() for _ in range(3)]
    begin = timezone.now()
    for hour in range(0, 80, 2):
        sending.run(begin + timedelta(hours=hour))

    hook.refresh_from_db()
    assert (hook.state, hook.because) == ("paused", "failing")
    mail = Outbox.objects.get()
    assert hook.answerable is not None
    assert mail.to == hook.answerable.email
    assert "Nothing is lost" in mail.text
    assert hook.code in mail.text
    assert hook.address not in mail.text
    tries = len(receiver.taken)
    sending.run(begin + timedelta(days=30))
    assert len(receiver.taken) == tries

    receiver.answer = lambda _taken: (204, {}, b"")
    actions.go_on(hook, by=visitor_for(hook.answerable))
    sending.run()

    assert titles(receiver)[tries:] == [session.title for session in made]


def test_an_address_that_is_gone_is_paused_at_once(hook: Hook, receiver: Receiver) -> None:
    receiver.answer = lambda _taken: (410, {}, b"")
    happens()

    sending.run()

    hook.refresh_from_db()
    assert (hook.state, hook.because, Outbox.objects.count()) == ("paused", "gone", 1)


def test_an_answer_elsewhere_counts_as_not_taken(hook: Hook, receiver: Receiver) -> None:
    receiver.answer = lambda taken: (307, {"Location": receiver.url + "/other"}, b"")
    happens()

    sending.run()

    delivery = Delivery.objects.get()
    assert (delivery.arrived, delivery.status, delivery.trouble) == (False, 307, "redirect")
    assert len(receiver.taken) == 1


def test_a_name_that_leads_inside_by_now_is_not_spoken_to(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    Hook.objects.update(address="https://hooks.example/in")
    monkeypatch.setattr(outward, "ask_for_name", lambda *_a, **_m: [(2, 1, 6, "", ("169.254.169.254", 443))])
    happens()

    sending.run()

    delivery = Delivery.objects.get()
    assert (delivery.arrived, delivery.trouble) == (False, "inside")


def test_who_asks_to_wait_is_given_time(hook: Hook, receiver: Receiver) -> None:
    receiver.answer = lambda _taken: (429, {"Retry-After": "7200"}, b"")
    begin = timezone.now()
    happens()
    sending.run(begin)
    sending.run(begin + timedelta(hours=1))
    assert len(receiver.taken) == 1

    sending.run(begin + timedelta(hours=2, minutes=1))

    assert len(receiver.taken) == 2
    assert sending.wait_after(1, 10**7) == timedelta(days=1)


def test_who_may_no_longer_answer_for_it_is_told_nothing_more(hook: Hook, receiver: Receiver) -> None:
    happens()
    other = Role.objects.create(person=make_keeper(), kind=Role.Kind.MANAGER, organisation=hook.organisation)
    Role.objects.filter(person=hook.answerable).update(until=timezone.localdate())

    sending.run()

    hook.refresh_from_db()
    assert (hook.state, hook.because, receiver.taken) == ("paused", "nobody", [])
    assert Outbox.objects.get().to == other.person.email

    actions.go_on(hook, by=visitor_for(other.person))
    sending.run()

    assert len(receiver.taken) == 1


def make_keeper() -> Any:
    from koinon.people.testing import make_person

    return make_person()


def test_only_the_events_that_are_wanted(hook: Hook, receiver: Receiver) -> None:
    Hook.objects.update(types=["session.moved"])
    happens()
    moved = happens("session.moved")

    sending.run()

    assert titles(receiver) == [moved.title]


def test_only_what_is_for_its_place_its_topic_and_its_body(receiver: Receiver) -> None:
    body = make_organisation()
    make_hook(body, receiver.url, place="IT", levels=["country"])
    make_hook(body, receiver.url, body=body.slug, place="IT")
    bologna, berlin = Place.objects.get(pk="3181928"), Place.objects.get(pk="2950159")
    for place, organiser in ((bologna, None), (berlin, body), (bologna, body)):
        session = make_session(organiser=organiser, title=f"{place.display_name()} {organiser is not None}")
        session.places.set([place])
        journal.record("session.published", by=None, what=session)

    sending.run()

    assert sorted(titles(receiver)) == ["Bologna False", "Bologna True", "Bologna True"]


def test_what_was_withdrawn_meanwhile_is_not_told_and_holds_nothing_up(
    hook: Hook, receiver: Receiver
) -> None:
    hidden, shown = happens(), happens()
    Session.objects.filter(pk=hidden.pk).update(published=False)

    sending.run()

    assert titles(receiver) == [shown.title]


def test_what_is_withdrawn_while_it_waits_its_turn_is_not_told(hook: Hook, receiver: Receiver) -> None:
    first, second = happens(), happens()
    queue = Queue(hook, fresh.newest())
    assert queue.next() is not None

    Session.objects.filter(pk__in=[first.pk, second.pk]).update(published=False)

    assert queue.next() is None
    assert queue.cursor == fresh.newest()


def test_what_is_withdrawn_is_told_without_its_words_and_so_is_what_comes_back(
    hook: Hook, receiver: Receiver
) -> None:
    call = make_call(title="Kanarientitel")
    journal.record("call.published", by=None, what=call)
    sending.run()
    make_hook(hook.organisation, receiver.url, types=["call.published"], person=hook.answerable)
    make_hook(hook.organisation, receiver.url, types=["call.withdrawn"], place="MT", person=hook.answerable)
    publishing.withdraw_after_notice(call)
    sending.run()
    publishing.restore_after_complaint(call)
    sending.run()

    first, held, gone, back = (
        one.said for one in sorted(receiver.taken, key=lambda one: one.said["timestamp"])
    )
    assert [one["type"] for one in (first, held, gone, back)] == [
        "call.published", "call.withdrawn", "call.withdrawn", "call.restored",
    ]  # fmt: skip
    for one in (held, gone):
        assert (one["thing"], one["url"], one["api"]) == (first["thing"], first["url"], first["api"])
        assert (one["title"], one["data"], one["places"]) == ("", None, [])
        assert "anarie" not in str({name: one[name] for name in one if name not in {"url", "api"}})
    assert back["title"] == "Kanarientitel"


def test_withdrawn_and_back_before_its_turn_it_is_not_gone(hook: Hook, receiver: Receiver) -> None:
    call = make_call()
    publishing.withdraw_after_notice(call)
    publishing.restore_after_complaint(call)

    sending.run()

    assert [one.said["type"] for one in receiver.taken] == ["call.restored"]


def test_of_what_was_never_for_everybody_it_is_not_told_that_it_is_gone(
    hook: Hook, receiver: Receiver
) -> None:
    from koinon.peers.testing import make_entry, make_public_exchange
    from koinon.spaces.actions import keeping
    from koinon.spaces.testing import make_space

    shown, hidden = make_public_exchange(), make_public_exchange()
    for exchange, details in ((shown, {"shown": True}), (hidden, {"shown": False})):
        exchange.removed_at = timezone.now()
        exchange.save(update_fields=["removed_at"])
        journal.record("peers.result_withdrawn", by=None, what=exchange, details=details)
    spaces = [make_space(), make_space(is_closed=True)]
    for space in spaces:
        keeping.take_down_after_notice(space)
    entries = [make_entry(), make_entry(person=make_person())]
    for entry in entries:
        entry.closed_at = timezone.now()
        entry.save(update_fields=["closed_at"])
        journal.record("peers.offer_closed", by=None, what=entry)

    sending.run()

    assert [one.said["thing"] for one in receiver.taken] == [
        f"exchanges:{shown.pk}", f"spaces:{spaces[0].pk}", f"peers:{entries[0].pk}",
    ]  # fmt: skip


def test_each_kind_that_takes_away_says_where_the_thing_stood() -> None:
    for name, ends in gone.GONE.items():
        assert name in kinds.ROWS
        assert bool(ends.away) == (ends.stood is not None)
        assert gone.addresses(name, ["1", "x", "9" * 30]) == {}


def test_signed_with_a_secret_that_nobody_was_given_nothing_is_sent(
    hook: Hook, receiver: Receiver, settings: LazySettings
) -> None:
    session = happens()
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another-secret-of-this-installation"

    sending.run()

    hook.refresh_from_db()
    assert receiver.taken == []
    assert (hook.state, hook.because) == ("paused", "secret")
    assert "Make a new secret, then go on." in Outbox.objects.get().text
    assert hook.answerable is not None
    actions.renew(hook, by=visitor_for(hook.answerable), version=1)
    hook.refresh_from_db()
    actions.go_on(hook, by=visitor_for(hook.answerable))
    sending.run()
    assert titles(receiver) == [session.title]
    assert len(receiver.taken[0].headers["webhook-signature"].split()) == 1
    assert receiver.taken[0].is_signed_with(secret_from(hook.seed))
    settings.SECRET_KEY = before


def test_nothing_of_a_request_or_a_question_is_ever_told(hook: Hook, receiver: Receiver) -> None:
    make_request()
    make_question()
    for entry in Entry.objects.filter(pk__gt=hook.cursor):
        assert entry.verb not in kinds.known()

    sending.run()

    assert receiver.taken == []


def test_every_kind_of_event_is_of_a_row_that_everybody_may_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kinds.everybody_reads_it() == []
    closed = {"B9", "B10", "C1", "C2", "C3", "C4", "C5", "E2"}
    assert set(kinds.ROWS.values()) & closed == set()

    monkeypatch.setitem(kinds.ROWS, "calls", "C2")
    assert [one.id for one in kinds.everybody_reads_it()] == ["koinon.E010"]

    monkeypatch.delitem(kinds.ROWS, "calls")
    assert [one.id for one in kinds.everybody_reads_it()] == ["koinon.E010"]
    assert "R" not in matrix()["C2"]["ANON"]


def test_for_a_day_both_secrets_hold(hook: Hook, receiver: Receiver) -> None:
    assert hook.answerable is not None
    before = secret_from(hook.seed)
    after = actions.renew(hook, by=visitor_for(hook.answerable), version=1)
    happens()
    sending.run()
    happens()
    sending.run(timezone.now() + timedelta(hours=25))

    first, second = receiver.taken
    assert (first.is_signed_with(before), first.is_signed_with(after)) == (True, True)
    assert (second.is_signed_with(before), second.is_signed_with(after)) == (False, True)


def test_of_two_runs_at_once_one_has_it(hook: Hook, receiver: Receiver) -> None:
    happens()
    now, upto = timezone.now(), fresh.newest()
    mine = sending.take(hook.pk, now, upto)

    assert mine is not None
    assert sending.take(hook.pk, now, upto) is None
    assert sending.run(now) == 0
    # Who was killed holds it no longer than its lease.
    assert sending.run(now + timedelta(minutes=6)) == 1


def test_when_the_time_is_over_nobody_is_taken_any_more(hook: Hook, receiver: Receiver) -> None:
    happens()

    assert sending.run(seconds=0) == 0

    hook.refresh_from_db()
    assert (receiver.taken, hook.lease, hook.leased_until) == ([], "", None)
    assert sending.run() == 1


def test_who_was_told_goes_behind_who_still_waits(hook: Hook, receiver: Receiver) -> None:
    other = make_hook(make_organisation(), receiver.url)
    happens()
    now = timezone.now()
    going = sending.take(hook.pk, now, fresh.newest())
    assert going is not None
    parcel = going.queue.next()
    assert parcel is not None
    assert sending.note(going, parcel, sending.Result(True, 204), now)
    sending.let_go(going)
    happens()

    assert list(Hook.objects.due(now, fresh.newest())) == [other, hook]


def test_who_lost_its_lease_moves_nothing(hook: Hook, receiver: Receiver) -> None:
    happens()
    now, upto = timezone.now(), fresh.newest()
    slow = sending.take(hook.pk, now, upto)
    assert slow is not None
    parcel = slow.queue.next()
    assert parcel is not None
    sending.run(now + timedelta(minutes=6))
    happens()

    sending.note(slow, parcel, sending.Result(False, trouble="timeout"), now)

    hook.refresh_from_db()
    assert (hook.failures, hook.cursor, hook.state) == (0, upto, "active")


def test_one_that_is_taken_away_meanwhile_is_no_fault(hook: Hook, receiver: Receiver) -> None:
    happens()
    now = timezone.now()
    going = sending.take(hook.pk, now, fresh.newest())
    assert going is not None
    parcel = going.queue.next()
    assert parcel is not None
    Hook.objects.all().delete()

    assert sending.note(going, parcel, sending.Result(True, 204), now) is False
    assert Delivery.objects.count() == 0


def test_one_that_is_taken_away_while_it_is_taken_keeps_no_other_waiting(hook: Hook) -> None:
    happens()

    def gone(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        if sql.startswith("UPDATE"):
            Hook.objects.all().delete()
        return done

    with connection.execute_wrapper(gone):
        assert sending.take(hook.pk, timezone.now(), fresh.newest()) is None


def test_paused_in_the_middle_it_stops_after_the_event_that_was_under_way(
    hook: Hook, receiver: Receiver
) -> None:
    happens()
    second = happens()
    now = timezone.now()
    going = sending.take(hook.pk, now, fresh.newest())
    assert going is not None
    parcel = going.queue.next()
    assert parcel is not None
    assert hook.answerable is not None
    by = visitor_for(hook.answerable)
    actions.pause(hook, by=by)

    assert sending.note(going, parcel, sending.Result(True, 204), now) is False

    actions.go_on(hook, by=by)
    sending.run()
    assert titles(receiver) == [second.title]


@pytest.mark.parametrize("status", [410, 500])
def test_a_failure_of_the_address_before_is_not_held_against_the_new_one(
    hook: Hook, receiver: Receiver, status: int
) -> None:
    session = happens()
    now = timezone.now()
    Hook.objects.update(failures=8, failing_since=now - timedelta(days=4))
    going = sending.take(hook.pk, now, fresh.newest())
    assert going is not None
    parcel = going.queue.next()
    assert parcel is not None
    assert hook.answerable is not None
    wish = actions.Wish("Ours", receiver.url, types=["session.published"])
    actions.change(hook, wish, by=visitor_for(hook.answerable), version=1)

    assert sending.note(going, parcel, sending.Result(False, status, "status"), now) is False

    hook.refresh_from_db()
    assert (hook.state, hook.failures, hook.failing_since, hook.lease) == ("active", 0, None, "")
    assert Delivery.objects.get().status == status
    assert sending.run() == 1
    assert titles(receiver) == [session.title]


def test_one_that_cannot_be_written_keeps_no_other_waiting(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = make_hook(make_organisation(), receiver.url)
    make_hook(make_organisation(), receiver.url)
    happens()
    honest = Queue.next

    def failing(self: Queue) -> Any:
        if self.hook.pk == broken.pk:
            raise RuntimeError
        return honest(self)

    monkeypatch.setattr(Queue, "next", failing)

    assert sending.run() == 1
    broken.refresh_from_db()
    assert (broken.state, broken.failures, broken.is_failing) == ("active", 1, True)

    monkeypatch.undo()
    assert sending.run(timezone.now() + timedelta(minutes=16)) == 1
    broken.refresh_from_db()
    assert (broken.failures, broken.is_failing) == (0, False)


def test_what_the_api_cannot_answer_now_waits_and_is_not_passed_over(
    hook: Hook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = happens()
    busy = SimpleNamespace(
        func=lambda _request: HttpResponse(status=503), url_name="session", args=(), kwargs={}
    )
    with monkeypatch.context() as patch:
        patch.setattr("koinon.webhooks.events.resolve", lambda _address: busy)
        assert sending.run() == 0

    assert sending.run(timezone.now() + timedelta(minutes=16)) == 1
    assert titles(receiver) == [session.title]


def test_what_cannot_be_written_down_comes_again_and_keeps_no_other_waiting(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = make_hook(make_organisation(), receiver.url)
    make_hook(make_organisation(), receiver.url)
    happens()
    honest = sending.note

    def failing(going: sending.Run, *more: Any) -> bool:
        if going.hook.pk == broken.pk:
            raise DatabaseError
        return honest(going, *more)

    with monkeypatch.context() as patch:
        patch.setattr(sending, "note", failing)
        assert sending.run() == 1

    assert sending.run(timezone.now() + timedelta(minutes=6)) == 1
    ids = [one for one in receiver.ids if broken.code in one]
    assert (len(ids), len(set(ids))) == (2, 1)


def test_only_the_last_deliveries_are_kept_and_little_of_each_answer(
    hook: Hook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "KEPT", 3)
    receiver.answer = lambda _taken: (200, {}, b"<b>\x00\x1b[31m" + b"x" * 5000)
    for _ in range(5):
        happens()

    sending.run()

    rows = list(Delivery.objects.latest_first())
    assert [row.event for row in rows] == receiver.ids[:1:-1]
    assert all(len(row.answer) == 300 and row.answer.isprintable() for row in rows)


def test_a_thing_too_large_is_told_without_its_whole(
    hook: Hook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("koinon.webhooks.events.MOST_BYTES", 100)
    session = happens()

    sending.run()

    assert receiver.taken[0].said["data"] is None
    assert receiver.taken[0].said["api"] == f"/api/v1/sessions/{session.code}"


def test_many_that_wait_long_are_told_bit_by_bit(
    hook: Hook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("koinon.webhooks.events.STRETCH", 2)
    made = [happens() for _ in range(7)]
    Session.objects.filter(pk__in=[made[2].pk, made[3].pk]).update(published=False)

    sending.run()

    assert titles(receiver) == [session.title for session in made if session not in made[2:4]]
    hook.refresh_from_db()
    assert hook.cursor == fresh.newest()


def test_what_happened_before_it_was_set_up_is_not_told(receiver: Receiver) -> None:
    happens()
    make_hook(make_organisation(), receiver.url)

    assert sending.run() == 0


def test_the_example_of_the_documentation_verifies(hook: Hook, receiver: Receiver) -> None:
    from pathlib import Path

    import koinon

    page = (Path(koinon.__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    example = page.split("```python\n")[1].split("```")[0]
    space: dict[str, Any] = {}
    exec(example, space)
    happens()
    sending.run()
    taken: Taken = receiver.taken[0]

    assert space["verified"](secret_from(hook.seed), taken.headers, taken.body) == json.loads(taken.body)
    with pytest.raises(ValueError, match="signature"):
        space["verified"](secret_from("another"), taken.headers, taken.body)
    with pytest.raises(ValueError, match="signature"):
        space["verified"](secret_from(hook.seed), taken.headers, taken.body + b" ")
    old: datetime = timezone.now() - timedelta(minutes=10)
    late = taken.headers | {"webhook-timestamp": str(int(old.timestamp()))}
    with pytest.raises(ValueError, match="old"):
        space["verified"](secret_from(hook.seed), late, taken.body)


def test_an_organisation_goes_with_its_webhooks(hook: Hook) -> None:
    Organisation.objects.filter(pk=hook.organisation_id).delete()

    assert Hook.objects.count() == 0
