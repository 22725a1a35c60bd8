"""Both say yes, or nothing happens; a no is known to nobody else; what ends meanwhile ends for both."""

import re
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.utils import timezone

from koinon.mail.models import Outbox
from koinon.network.models import Role
from koinon.network.testing import make_organisation, make_visitor
from koinon.network.visitor import Visitor, visitor_for
from koinon.peers import account, suggestions
from koinon.peers.actions import answering, entries
from koinon.peers.models import Entry, Match
from koinon.peers.testing import make_entry, make_two_centres
from koinon.peers.words import Kind
from koinon.people.actions import erase
from koinon.people.testing import come_in, make_person

pytestmark = pytest.mark.django_db


def at(monkeypatch: pytest.MonkeyPatch, days: int) -> datetime:
    """Let the clock show a later day."""
    later = timezone.now() + timedelta(days=days)
    monkeypatch.setattr(timezone, "now", lambda: later)
    return later


def browser(visitor: Visitor) -> Client:
    client = Client(headers={"Sec-Fetch-Site": "same-origin"})
    assert visitor.person is not None
    come_in(client, visitor.person)
    return client


def all_pages(client: Client, own: Entry, there: Entry) -> list[str]:
    """What a side sees of a pair anywhere, without what differs at each answer (tokens of forms)."""
    addresses = [
        "/peers/mine/",
        f"/peers/matches/{own.code}/{there.code}/",
        own.get_absolute_url(),
        there.get_absolute_url(),
        "/account/",
    ]
    pages = [client.get(address).content.decode() for address in addresses]
    return [re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page) for page in pages]


@pytest.mark.parametrize("asks_first", [True, False])
def test_no_side_can_tell_that_the_other_said_no(asks_first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two twins, one of whose counterparts says no and the other nothing: whatever the twins see is the same, byte by byte."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    offer, need, gent, bologna = make_two_centres()
    in_bologna = browser(bologna)
    if asks_first:
        answering.answer(need, offer, by=bologna, yes=True)
    before = all_pages(in_bologna, need, offer)

    answering.answer(offer, need, by=gent, yes=False)

    assert all_pages(in_bologna, need, offer) == before
    if not asks_first:
        mails = Outbox.objects.count()
        answering.answer(need, offer, by=bologna, yes=True)
        assert Outbox.objects.count() == mails, "who said no is not asked again"
        assert "Asked, has until" in all_pages(in_bologna, need, offer)[1]
    declined = all_pages(in_bologna, need, offer)
    Match.objects.update(first_answer="", first_at=None)
    assert all_pages(in_bologna, need, offer) == declined


def test_after_two_weeks_a_yes_lapses_the_same_whether_the_other_said_no_or_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer, need, gent, bologna = make_two_centres()
    match = answering.answer(need, offer, by=bologna, yes=True)
    answering.answer(offer, need, by=gent, yes=False)

    at(monkeypatch, 15)

    match.refresh_from_db()
    stands = answering.standing(match, need)
    assert (stands.lapsed, stands.waits) == (True, False)
    assert (
        "No answer by" in browser(bologna).get(f"/peers/matches/{need.code}/{offer.code}/").content.decode()
    )


def test_a_yes_is_not_taken_back_while_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    offer, need, _gent, bologna = make_two_centres()
    answering.answer(need, offer, by=bologna, yes=True)

    with pytest.raises(answering.YesHolds):
        answering.answer(need, offer, by=bologna, yes=False)
    page = browser(bologna).post(f"/peers/matches/{need.code}/{offer.code}/answer/", {"say": "no"})
    assert page.status_code == 409
    assert "Your yes holds until" in page.content.decode()

    at(monkeypatch, 15)
    assert answering.answer(need, offer, by=bologna, yes=False).answer("second") == "no"


def test_a_no_can_be_changed_and_stands_until_then() -> None:
    offer, need, gent, bologna = make_two_centres()
    answering.answer(offer, need, by=gent, yes=False)
    answering.answer(need, offer, by=bologna, yes=True)
    assert [pair.standing.declined for pair in suggestions.pairs_of(gent)] == [True]

    assert answering.answer(offer, need, by=gent, yes=True).introduced_at is not None


def test_a_yes_that_lapsed_does_not_introduce_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    offer, need, gent, bologna = make_two_centres()
    answering.answer(need, offer, by=bologna, yes=True)

    at(monkeypatch, 15)
    match = answering.answer(offer, need, by=gent, yes=True)

    assert match.introduced_at is None
    assert answering.standing(match, need).is_asked is False
    assert answering.standing(match, need).other_said_yes is not None, "now the first is asked again"
    assert answering.answer(need, offer, by=bologna, yes=True).introduced_at is not None


def test_saying_it_twice_asks_and_introduces_once() -> None:
    offer, need, gent, bologna = make_two_centres()
    for _ in range(2):
        answering.answer(need, offer, by=bologna, yes=True)
    assert Outbox.objects.count() == 1

    first = answering.answer(offer, need, by=gent, yes=True)
    again = answering.answer(need, offer, by=bologna, yes=True)

    assert (Match.objects.count(), again.introduced_at) == (1, first.introduced_at)
    assert Outbox.objects.count() == 3


def test_what_ended_meanwhile_introduces_nobody_and_says_so() -> None:
    offer, need, gent, bologna = make_two_centres()
    answering.answer(need, offer, by=bologna, yes=True)
    yesterday = timezone.localdate() - timedelta(days=1)
    Entry.objects.filter(pk=offer.pk).update(until=yesterday, expires_on=yesterday)
    offer.refresh_from_db()

    with pytest.raises(answering.NoMatch):
        answering.answer(offer, need, by=gent, yes=True)
    answered = browser(gent).post(f"/peers/matches/{offer.code}/{need.code}/answer/", {"say": "yes"})
    assert answered.status_code == 409
    assert "cannot be answered any more" in answered.content.decode()
    seen = browser(bologna).get(f"/peers/matches/{need.code}/{offer.code}/")
    assert (seen.status_code, "Has ended" in seen.content.decode()) == (200, True)


def test_what_says_something_else_by_now_introduces_nobody() -> None:
    offer, need, gent, bologna = make_two_centres()
    answering.answer(need, offer, by=bologna, yes=True)
    said = entries.Said(kind=Kind.OFFER, language="en", title="Something else", topics=("youth",))
    entries.change(offer, by=gent, edits=1, said=said)

    with pytest.raises(answering.NoMatch):
        answering.answer(offer, need, by=gent, yes=True)


def test_who_left_the_body_speaks_for_it_no_more() -> None:
    offer, need, gent, bologna = make_two_centres()
    answering.answer(need, offer, by=bologna, yes=True)
    match = answering.answer(offer, need, by=gent, yes=True)
    in_bologna = browser(bologna)
    assert in_bologna.get(match.get_absolute_url()).status_code == 200

    Role.objects.filter(person=bologna.person_id).update(until=timezone.localdate())

    left = visitor_for(bologna.person)  # type: ignore[arg-type]
    assert in_bologna.get(match.get_absolute_url()).status_code == 404
    assert list(Match.objects.seen_by(left)) == []
    with pytest.raises(Http404):
        answering.answer(need, offer, by=left, yes=False)


def test_nobody_answers_for_both_sides() -> None:
    offer, need, gent, _bologna = make_two_centres()
    assert gent.person is not None
    Role.objects.create(person=gent.person, kind="editor", organisation=need.organisation)
    both = visitor_for(gent.person)

    with pytest.raises(Http404):
        answering.answer(offer, need, by=both, yes=True)
    assert [pair.there for pair in suggestions.pairs_of(both)] == []


def test_a_body_is_not_introduced_to_its_own_people() -> None:
    centre = make_organisation()
    colleague, manager = make_visitor("editor", centre), make_visitor("manager", centre)
    need = make_entry(Kind.NEED, organisation=centre)
    offer = make_entry(Kind.OFFER, person=colleague.person)

    with pytest.raises((answering.NoMatch, Http404)):
        answering.answer(need, offer, by=manager, yes=True)


def test_at_most_ten_are_asked_at_the_same_time() -> None:
    centre = make_organisation()
    visitor = make_visitor("manager", centre)
    need = make_entry(Kind.NEED, organisation=centre)
    offers = [make_entry(Kind.OFFER) for _ in range(answering.MOST_ASKED + 1)]
    for offer in offers[:-1]:
        answering.answer(need, offer, by=visitor, yes=True)

    with pytest.raises(answering.AskedEnough):
        answering.answer(need, offers[-1], by=visitor, yes=True)


def test_who_closes_the_account_leaves_no_words_and_no_name_and_the_other_side_keeps_its_own() -> None:
    from koinon.peers.actions import writing

    person = visitor_for(make_person("canary-address@example.eu", name="Canary Name"))
    centre = make_organisation()
    staff = make_visitor("manager", centre)
    offer = make_entry(Kind.OFFER, person=person.person, title="Canary title")
    open_one = make_entry(Kind.OFFER, person=person.person, title="Canary other", topics=["youth"])
    need = make_entry(Kind.NEED, organisation=centre)
    answering.answer(need, offer, by=staff, yes=True)
    match = answering.answer(offer, need, by=person, yes=True)
    writing.write(match, by=person, text="Canary words", language="en", nonce="12345678")
    writing.write(match, by=staff, text="Our own words", language="en", nonce="12345678")

    erase(person.person, by=person)  # type: ignore[arg-type]

    page = browser(staff).get(match.get_absolute_url()).content.decode()
    assert "Canary" not in page
    assert "canary-address" not in page
    assert "Our own words" in page
    assert not Entry.objects.filter(pk=open_one.pk).exists()
    assert suggestions.pairs_of(staff) == []


def test_nobody_else_answers() -> None:
    offer, need, _gent, _bologna = make_two_centres()
    stranger = make_visitor("coordinator")

    for own, there in ((offer, need), (need, offer)):
        with pytest.raises((PermissionDenied, Http404)):
            answering.answer(own, there, by=stranger, yes=True)
    assert browser(stranger).get(f"/peers/matches/{offer.code}/{need.code}/").status_code == 404


@pytest.mark.parametrize("say", ["", "maybe", "YES", "\x00", "yes" * 1000])
def test_what_is_neither_yes_nor_no_is_told_so(say: str) -> None:
    offer, need, gent, _bologna = make_two_centres()

    answered = browser(gent).post(f"/peers/matches/{offer.code}/{need.code}/answer/", {"say": say})

    assert (answered.status_code, Match.objects.count()) == (422, 0)


def test_the_copy_of_ones_data_does_not_tell_that_the_other_side_said_no() -> None:
    person = visitor_for(make_person())
    centre = make_organisation()
    offer = make_entry(Kind.OFFER, person=person.person)
    need = make_entry(Kind.NEED, organisation=centre)
    assert person.person is not None
    answering.answer(need, offer, by=make_visitor("manager", centre), yes=False)

    assert account.matches_of(person.person) == []
    answering.answer(offer, need, by=person, yes=True)

    assert [(row["own"], row["answer"]) for row in account.matches_of(person.person)] == [(offer.code, "yes")]
