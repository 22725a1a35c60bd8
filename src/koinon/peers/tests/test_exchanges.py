"""An exchange is agreed by both, its result is seen by consent of both, and is asked for until somebody tells."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from koinon.calls.testing import make_call
from koinon.journal import fresh
from koinon.mail import incoming
from koinon.mail.models import Outbox
from koinon.network.testing import make_visitor
from koinon.notices.testing import make_notice
from koinon.peers import found, telling
from koinon.peers.actions import entries, exchanging
from koinon.peers.actions.exchanging import Result, Terms
from koinon.peers.deadlines import call_key, deadline
from koinon.peers.listing import LISTING, rows
from koinon.peers.models import Entry, Exchange, Message
from koinon.peers.telling import address_for
from koinon.peers.testing import (
    make_entry,
    make_exchange,
    make_introduction,
    make_public_exchange,
    make_two_centres,
)
from koinon.peers.views import exchanges
from koinon.peers.words import Kind
from koinon.people.testing import come_in, make_person

pytestmark = pytest.mark.django_db


def terms(**more: object) -> Terms:
    today = timezone.localdate()
    values = {"language": "en", "title": "Two days", "format": "visit", "begins_on": today, "ends_on": today}
    return Terms(**(values | more))  # type: ignore[arg-type]


def test_a_changed_word_asks_the_other_side_again() -> None:
    offer, need, gent, bologna = make_two_centres()
    exchange = exchanging.propose(make_introduction(offer, need), by=gent, terms=terms())
    exchange = exchanging.agree(exchange, by=bologna, edits=1)
    assert exchange.is_agreed

    exchange = exchanging.change(exchange, by=bologna, edits=1, terms=terms(title="Three days"))

    assert (exchange.is_agreed, exchange.agreed("second")) == (False, True)
    with pytest.raises(exchanging.Changed):
        exchanging.agree(exchange, by=gent, edits=1)
    assert exchanging.agree(exchange, by=gent, edits=2).is_agreed


def test_other_public_words_ask_both_for_their_consent_again() -> None:
    offer, need, gent, bologna = make_two_centres()
    exchange = make_public_exchange(make_introduction(offer, need))

    exchange = exchanging.record_result(
        exchange, by=gent, edits=1, result=Result("helped", "", "Something else."), consents=True
    )

    assert (exchange.is_public, exchange.consented("first"), exchange.consented("second")) == (
        False,
        True,
        False,
    )
    with pytest.raises(exchanging.Changed):
        exchanging.consent(exchange, by=bologna, edits=1)
    assert exchanging.consent(exchange, by=bologna, edits=2).is_public


def test_a_consent_can_be_taken_back() -> None:
    offer, need, gent, _bologna = make_two_centres()
    exchange = make_public_exchange(make_introduction(offer, need))
    assert Client().get(exchange.get_absolute_url()).status_code == 200

    exchanging.withdraw_consent(exchange, by=gent)

    assert Client().get(exchange.get_absolute_url()).status_code == 404
    assert offer.organisation is not None
    assert exchange.title not in Client().get(offer.organisation.get_absolute_url()).content.decode()


def test_no_result_before_it_was_agreed_and_begun_nor_once_called_off() -> None:
    offer, need, gent, _bologna = make_two_centres()
    match = make_introduction(offer, need)
    tomorrow = timezone.localdate() + timedelta(days=1)
    cases = [
        make_exchange(match, second_agreed=None),
        make_exchange(match, begins_on=tomorrow, ends_on=tomorrow),
        make_exchange(match, called_off_at=timezone.now()),
    ]

    for exchange in cases:
        with pytest.raises(exchanging.NotNow):
            exchanging.record_result(exchange, by=gent, edits=1, result=Result("helped", ""), consents=False)


def test_a_result_that_nobody_tells_is_asked_for_again_and_then_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer, need, _gent, _bologna = make_two_centres()
    make_exchange(make_introduction(offer, need))
    begin = timezone.now()
    asked = []

    for days in (1, 30, 31, 80, 100, 170, 300, 400):
        later = begin + timedelta(days=days)
        monkeypatch.setattr(timezone, "now", lambda later=later: later)
        asked.append(exchanging.ask_for_results())

    assert asked == [0, 1, 0, 0, 1, 1, 0, 0]
    assert Outbox.objects.count() == 6


def test_what_came_of_it_is_new_for_those_who_follow() -> None:
    offer, need, gent, bologna = make_two_centres()
    exchange = make_exchange(make_introduction(offer, need))
    exchange = exchanging.record_result(
        exchange, by=gent, edits=1, result=Result("helped", "", "Told."), consents=True
    )
    source = next(one for one in fresh.sources if one.name == "exchanges")
    assert list(source.load([str(exchange.pk)])) == []

    exchanging.consent(exchange, by=bologna, edits=2)

    assert [one.title for one in source.load([str(exchange.pk)])] == [exchange.title]


def letter(to: str | None, sender: str, text: str) -> bytes:
    return (
        f"From: {sender}\r\nTo: {to}\r\nSubject: Re: you are introduced\r\nMessage-ID: <{abs(hash((sender, text)))}@elsewhere>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode()


def test_a_reply_by_mail_reaches_the_other_side_without_an_address(settings: LazySettings) -> None:
    settings.MAIL_IN = "reply@koinon.example"
    offer, need, gent, bologna = make_two_centres()
    assert gent.person is not None
    assert bologna.person is not None
    match = make_introduction(offer, need)
    to = address_for(match, gent.person)

    incoming.receive(letter(to, gent.person.email, "The week of 13 April is free."))

    assert [(one.text, one.by_mail) for one in Message.objects.all()] == [
        ("The week of 13 April is free.", True)
    ]
    mail = Outbox.objects.get(to=bologna.person.email)
    assert gent.person.email not in mail.text + mail.subject + mail.reply_to
    assert re.fullmatch(r"reply\+[a-z0-9-]+@koinon.example", mail.reply_to)

    with pytest.raises(incoming.Refused):
        incoming.receive(letter(to, "somebody@else.example", "Not me."))
    assert Message.objects.count() == 1


def test_who_handles_a_notice_reads_the_reported_message_and_no_other() -> None:
    offer, need, gent, _bologna = make_two_centres()
    match = make_introduction(offer, need)
    bad = match.messages.create(side="second", text="Kanarie of the reported one")
    other = match.messages.create(side="second", text="Kanarie of the other one")
    coordinator = make_visitor("coordinator")
    client = Client()
    come_in(client, coordinator.person)  # type: ignore[arg-type]
    assert client.get(f"/peers/messages/{bad.pk}/").status_code == 404

    make_notice(kind="message", key=str(bad.pk))

    page = client.get(f"/peers/messages/{bad.pk}/")
    assert (page.status_code, "reported one" in page.content.decode()) == (200, True)
    assert "other one" not in page.content.decode()
    assert client.get(f"/peers/messages/{other.pk}/").status_code == 404
    assert client.get(match.get_absolute_url()).status_code == 404
    assert gent.person is not None


def test_a_search_for_partners_moves_with_its_call_and_ends_with_it() -> None:
    call = make_call()
    visitor = make_visitor()
    client = Client(headers={"Sec-Fetch-Site": "same-origin"})
    come_in(client, visitor.person)  # type: ignore[arg-type]
    sent = {"title": "A partner in two countries", "topics": "homelessness", "language": "en"}

    made = client.post(f"/peers/new/partners/?call={call.slug}", sent)

    assert made.status_code == 302, made.content.decode()
    entry = Entry.objects.get()
    assert (entry.call_title, entry.until) == (call.title, deadline(call))
    assert call.closes_at is not None
    moved = call.closes_at + timedelta(days=10)
    type(call).objects.filter(pk=call.pk).update(closes_at=moved)
    assert (entries.follow_calls(), entries.follow_calls()) == (1, 0)
    entry.refresh_from_db()
    assert entry.until == timezone.localtime(moved).date()
    type(call).objects.filter(pk=call.pk).update(state="withdrawn", withdrawn_because="cancelled")
    assert entries.follow_calls() == 1
    entry.refresh_from_db()
    assert not entry.is_open
    assert Exchange.objects.count() == 0
    mail = Outbox.objects.get(to=visitor.person.email)  # type: ignore[union-attr]
    assert (entries.follow_calls(), entries.end_over()) == (0, 0)
    assert (entry.title in mail.subject, "its call is not there" in mail.text) == (True, True)
    assert entry.get_absolute_url() in mail.text


def test_who_was_told_that_a_search_has_ended_is_not_told_that_its_call_is_gone() -> None:
    call = make_call()
    entry = make_entry(
        Kind.PARTNERS,
        person=make_person(),
        until=timezone.localdate() - timedelta(days=2),
        call_key=call_key(call),
        told_over=True,
    )
    type(call).objects.filter(pk=call.pk).update(state="withdrawn", withdrawn_because="cancelled")

    assert (entries.follow_calls(), Outbox.objects.count()) == (1, 0)
    entry.refresh_from_db()
    assert not entry.is_open


def test_where_they_met_is_the_two_sides_alone() -> None:
    offer, need, _gent, bologna = make_two_centres()
    exchange = make_public_exchange(make_introduction(offer, need), where="At my home, Kanariestraat 7")
    readers = [Client(), Client(), Client()]
    come_in(readers[1], make_visitor("coordinator").person)  # type: ignore[arg-type]
    come_in(readers[2], bologna.person)  # type: ignore[arg-type]

    pages = [client.get(exchange.get_absolute_url()).content.decode() for client in readers]

    assert ["Kanariestraat" in page for page in pages] == [False, False, True]


def test_a_day_is_the_one_of_the_clock_here() -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    exchange = make_public_exchange(result_at=late)
    entry = make_entry(changed_at=late)
    row = next(one for one in rows() if one.code == entry.code)

    told = [
        *(column.value(exchange) for column in exchanges.LISTING.columns if column.name == "recorded_on"),
        *(column.value(row) for column in LISTING.columns if column.name == "changed_on"),
        *(document.on for document in found.documents([entry.code])),
    ]

    assert told == [timezone.localdate(late)] * 3
    assert timezone.localdate(late) != late.date()


def test_what_is_called_off_while_others_are_asked_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = timezone.localdate() - timedelta(days=40)
    first, second = (make_exchange(begins_on=long_ago, ends_on=long_ago) for _ in range(2))
    told = []

    def tell(exchange: Exchange, side: str, what: str) -> None:
        told.append(exchange.pk)
        Exchange.objects.filter(pk=second.pk).update(called_off_at=timezone.now())

    monkeypatch.setattr(telling, "tell_exchange", tell)

    assert (exchanging.ask_for_results(), told) == (1, [first.pk, first.pk])
