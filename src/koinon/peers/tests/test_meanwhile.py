"""What ends, or is said by the other side, while somebody looks: it is told in plain words, and nothing typed is lost."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from koinon.calls.testing import make_call
from koinon.network.testing import make_visitor
from koinon.network.visitor import Visitor
from koinon.peers import matching
from koinon.peers.actions import answering, entries
from koinon.peers.models import Entry, Exchange
from koinon.peers.testing import make_entry, make_introduction, make_two_centres
from koinon.peers.words import Kind
from koinon.people.testing import come_in

pytestmark = pytest.mark.django_db


def browser(visitor: Visitor) -> Client:
    client = Client(headers={"Sec-Fetch-Site": "same-origin"})
    assert visitor.person is not None
    return come_in(client, visitor.person)


def test_who_answers_a_search_for_a_call_of_the_house_seeks_for_the_same_call() -> None:
    call = make_call()
    sent = {"title": "A partner in two countries", "topics": "homelessness", "language": "en"}
    browser(make_visitor()).post(f"/peers/new/partners/?call={call.slug}", sent)
    first = Entry.objects.get()
    other = browser(make_visitor())
    address = f"/peers/new/partners/?like={first.code}"

    page = other.get(address).content.decode()
    answered = other.post(address, sent | {"title": "We would take part"})

    assert (call.title in page, answered.status_code) == (True, 302)
    second = Entry.objects.exclude(pk=first.pk).get()
    assert (second.call_key, second.until) == (first.call_key, first.until)
    assert [found.pk for found in matching.fitting([first.pk])[first.pk]] == [second.pk]


@pytest.mark.parametrize("query", ["like=%00", "call=%00", "call=" + "x" * 500])
def test_what_an_address_names_that_cannot_be_is_not_there_and_harms_nothing(query: str) -> None:
    assert browser(make_visitor()).get(f"/peers/new/partners/?{query}").status_code == 200


def test_of_two_who_propose_at_once_the_second_sees_both_and_loses_nothing() -> None:
    offer, need, gent, bologna = make_two_centres()
    match = make_introduction(offer, need)
    address = f"/peers/introductions/{match.code}/exchange/"
    today = timezone.localdate().isoformat()
    terms = {"format": "visit", "begins_on": today, "ends_on": today, "language": "en"}
    in_gent, in_bologna = browser(gent), browser(bologna)
    first = terms | {"title": "Two days in Gent"}
    assert [in_gent.post(address, first).status_code for _ in range(2)] == [302, 302]

    second = in_bologna.post(address, terms | {"title": "A call first"})

    exchange = Exchange.objects.get()
    page = second.content.decode()
    change = f"/peers/exchanges/{exchange.code}/change/"
    assert (second.status_code, exchange.title) == (409, "Two days in Gent")
    assert all(words in page for words in ("Two days in Gent", "A call first", f'action="{change}"'))
    assert in_bologna.post(change, terms | {"title": "A call first", "edits": "1"}).status_code == 302
    exchange.refresh_from_db()
    assert (exchange.title, exchange.agreed("first"), exchange.agreed("second")) == (
        "A call first",
        False,
        True,
    )


@pytest.mark.parametrize("says_no", [False, True])
def test_who_comes_by_the_mail_after_the_other_has_ended_is_told_so(says_no: bool) -> None:
    offer, need, gent, bologna = make_two_centres()
    answering.answer(need, offer, by=bologna, yes=not says_no)
    entries.close(need, by=make_visitor("manager", need.organisation))
    client, address = browser(gent), f"/peers/matches/{offer.code}/{need.code}/"

    pages = [client.get(address), client.post(f"{address}answer/", {"say": "yes"})]

    assert [page.status_code for page in pages] == [410, 410]
    for page in pages:
        assert "This need has ended" in page.content.decode()
        assert need.title not in page.content.decode()
    assert client.get(f"/peers/matches/{offer.code}/nothing/").status_code == 404


def test_what_was_taken_down_is_read_by_nobody_who_answered_it() -> None:
    offer, need, _gent, bologna = make_two_centres()
    answering.answer(need, offer, by=bologna, yes=True)
    introduction = make_introduction(
        make_entry(Kind.OFFER, organisation=need.organisation), make_entry(title="Kanarie")
    )
    entries.take_down(offer, by=make_visitor("coordinator"), words="Why.")
    entries.take_down(introduction.second, by=make_visitor("coordinator"), words="Why.")
    client = browser(bologna)

    pages = [
        client.get(f"/peers/matches/{need.code}/{offer.code}/"),
        client.get(introduction.get_absolute_url()),
        client.get("/peers/mine/"),
    ]

    assert [page.status_code for page in pages] == [200, 200, 200]
    for page in pages:
        assert offer.title not in page.content.decode()
        assert "Kanarie" not in page.content.decode()


def test_who_goes_back_and_says_it_otherwise_loses_nothing() -> None:
    client = browser(make_visitor())
    sent = {"title": "An offer", "topics": "homelessness", "language": "en", "nonce": "nonce-of-the-test"}
    client.post("/peers/new/offer/", sent)

    for _ in range(2):
        assert client.post("/peers/new/offer/", sent | {"topics": "youth"}).status_code == 302

    assert [entry.topics for entry in Entry.objects.order_by("pk")] == [["homelessness"], ["youth"]]


def test_a_deadline_that_is_moved_when_it_was_over_lets_the_search_stand_again() -> None:
    call = make_call()
    sent = {"title": "A partner in two countries", "topics": "homelessness", "language": "en"}
    own = browser(make_visitor())
    own.post(f"/peers/new/partners/?call={call.slug}", sent)
    yesterday = timezone.localdate() - timedelta(days=1)
    Entry.objects.update(until=yesterday, expires_on=yesterday)
    type(call).objects.filter(pk=call.pk).update(closes_at=timezone.now() - timedelta(days=1))
    assert (entries.follow_calls(), entries.end_over()) == (0, 1)
    # Nobody is asked for a later day that cannot be typed: it is the call's.
    said = own.get(Entry.objects.get().get_absolute_url()).content.decode()
    assert "When the deadline of its call is moved, it stands again by itself." in said
    assert "Let it stand again" not in said

    type(call).objects.filter(pk=call.pk).update(closes_at=timezone.now() + timedelta(days=10))

    assert (entries.follow_calls(), entries.follow_calls(), entries.end_over()) == (1, 0, 0)
    entry = Entry.objects.get()
    assert (entry.is_open, entry.told_over) == (True, False)
