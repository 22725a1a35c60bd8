"""From two sentences to a result on both pages: matched, both say yes, introduced, agreed, done, told."""

import pytest
from django.test import Client
from django.utils import timezone

from koinon.mail.models import Outbox
from koinon.network.visitor import Visitor
from koinon.peers import suggestions
from koinon.peers.actions import answering
from koinon.peers.models import Match
from koinon.peers.testing import make_two_centres
from koinon.people.testing import come_in

pytestmark = pytest.mark.django_db


def test_two_centres_are_matched_with_reasons_on_both_sides() -> None:
    offer, need, gent, bologna = make_two_centres()

    [seen_in_bologna] = suggestions.pairs_of(bologna)
    [seen_in_gent] = suggestions.pairs_of(gent)

    assert (seen_in_bologna.own, seen_in_bologna.there) == (need, offer)
    assert seen_in_gent.reasons == seen_in_bologna.reasons
    assert {reason.about for reason in seen_in_gent.reasons} >= {"topics", "formats", "languages"}


def address(visitor: Visitor) -> str:
    assert visitor.person is not None
    return visitor.person.email


def browser(visitor: Visitor) -> Client:
    client = Client(headers={"Sec-Fetch-Site": "same-origin"})
    assert visitor.person is not None
    come_in(client, visitor.person)
    return client


def test_both_say_yes_and_are_introduced_without_an_address() -> None:
    offer, need, gent, bologna = make_two_centres()

    answering.answer(need, offer, by=bologna, yes=True)
    match = answering.answer(offer, need, by=gent, yes=True)

    assert match.introduced_at is not None
    mails = Outbox.objects.order_by("pk")
    assert [mail.to for mail in mails] == [address(gent), address(gent), address(bologna)]
    for mail in mails:
        others = {address(gent), address(bologna)} - {mail.to}
        assert not any(address in mail.text + mail.subject for address in others)


def test_the_whole_way_by_the_pages() -> None:
    offer, need, gent, bologna = make_two_centres()
    in_gent, in_bologna = browser(gent), browser(bologna)

    page = in_bologna.get("/peers/mine/")
    assert offer.title in page.content.decode()
    asked = in_bologna.post(f"/peers/matches/{need.code}/{offer.code}/answer/", {"say": "yes"}, follow=True)
    assert "Asked, has until" in asked.content.decode()
    seen = in_gent.get(f"/peers/matches/{offer.code}/{need.code}/")
    assert "Said yes on" in seen.content.decode()
    there = in_gent.post(f"/peers/matches/{offer.code}/{need.code}/answer/", {"say": "yes"}, follow=True)
    match = Match.objects.get()
    assert there.redirect_chain[-1][0] == match.get_absolute_url()
    in_bologna.post(f"/peers/introductions/{match.code}/write/", {"text": "When could we come?"})
    assert "When could we come?" in in_gent.get(match.get_absolute_url()).content.decode()

    today = timezone.localdate().isoformat()
    terms = {
        "title": "Two days in Gent",
        "format": "visit",
        "begins_on": today,
        "ends_on": today,
        "language": "en",
    }
    made = in_gent.post(f"/peers/introductions/{match.code}/exchange/", terms)
    assert made.status_code == 302
    exchange = match.exchanges.get()
    in_bologna.post(f"/peers/exchanges/{exchange.code}/agree/", {"edits": "1"})
    sent = {
        "outcome": "helped",
        "result": "Between us.",
        "public_text": "Bologna opens one door in spring.",
        "consents": "on",
        "edits": "1",
    }
    in_bologna.post(f"/peers/exchanges/{exchange.code}/result/", sent)
    exchange.refresh_from_db()
    assert not exchange.is_public
    in_gent.post(f"/peers/exchanges/{exchange.code}/consent/", {"edits": str(exchange.edits)})

    anybody = Client()
    for body in (offer.organisation, need.organisation):
        assert body is not None
        assert "Bologna opens one door" in anybody.get(body.get_absolute_url()).content.decode()
    shown = anybody.get(exchange.get_absolute_url()).content.decode()
    assert "Bologna opens one door" in shown
    assert "Between us." not in shown
