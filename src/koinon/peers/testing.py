"""How to make an offer, a need, a profile, an introduction and an exchange, for tests."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from koinon.network.models import Organisation
from koinon.network.testing import make_organisation, make_visitor
from koinon.network.visitor import Visitor
from koinon.peers.actions.known import next_stamp
from koinon.peers.models import Entry, Exchange, Match, Profile
from koinon.peers.words import HOLDS, Kind
from koinon.people.models import Person
from koinon.people.testing import make_person
from koinon.places.models import Place


def make_entry(
    kind: str = Kind.OFFER,
    *,
    organisation: Organisation | None = None,
    person: Person | None = None,
    place: Place | None = None,
    **more: Any,
) -> Entry:
    """An offer of a centre about homelessness, unless said otherwise."""
    if organisation is None and person is None:
        organisation = make_organisation()
    until: date | None = more.pop("until", None)
    values: dict[str, Any] = {
        "kind": kind,
        "title": f"What somebody says, {kind}",
        "topics": ["homelessness"],
        "formats": ["visit"],
        "languages": ["en"],
        "until": until,
        "expires_on": until or timezone.localdate() + HOLDS,
    }
    if kind == Kind.PARTNERS:
        deadline = until or timezone.localdate() + timedelta(days=40)
        values |= {"until": deadline, "expires_on": deadline, "call_title": "A call", "call_key": "call:a"}
    entry = Entry(organisation=organisation, person=person, place=place, **(values | more))
    entry.stamp = next_stamp()
    entry.save()
    return entry


def make_profile(person: Person | None = None, **more: Any) -> Profile:
    """Somebody listed in the expert directory."""
    values: dict[str, Any] = {
        "listed": True,
        "about": "Ten years of housing first.",
        "topics": ["homelessness"],
        "languages": ["en"],
    }
    return Profile.objects.create(person=person or make_person(), **(values | more))


def make_introduction(first: Entry | None = None, second: Entry | None = None) -> Match:
    """Two who both said yes."""
    one, two = first or make_entry(Kind.OFFER), second or make_entry(Kind.NEED)
    one, two = (one, two) if one.pk < two.pk else (two, one)
    now = timezone.now()
    yes = Match.Answer.YES
    return Match.objects.create(
        first=one,
        second=two,
        first_answer=yes,
        second_answer=yes,
        first_at=now,
        second_at=now,
        introduced_at=now,
    )


def make_exchange(match: Match | None = None, **more: Any) -> Exchange:
    """An exchange that both agreed on and that has been."""
    match = match or make_introduction()
    now, today = timezone.now(), timezone.localdate()
    values: dict[str, Any] = {
        "match": match,
        "first_organisation": match.first.organisation,
        "first_person": match.first.person,
        "second_organisation": match.second.organisation,
        "second_person": match.second.person,
        "title": "Two days in the one-door office",
        "format": "visit",
        "begins_on": today - timedelta(days=3),
        "ends_on": today - timedelta(days=2),
        "first_agreed": now,
        "second_agreed": now,
    }
    return Exchange.objects.create(**(values | more))


def make_public_exchange(match: Match | None = None, **more: Any) -> Exchange:
    """An exchange whose result both sides let be seen."""
    now = timezone.now()
    values = {
        "outcome": "helped",
        "public_text": "Bologna opens one door in spring.",
        "result_at": now,
        "first_consent": now,
        "second_consent": now,
    }
    return make_exchange(match, **(values | more))


def make_two_centres() -> tuple[Entry, Entry, Visitor, Visitor]:
    """Two centres that fit, with somebody on the staff of each: offer, need, who offers, who needs."""
    gent, bologna = make_organisation("Gent", country="BE"), make_organisation("Bologna", country="IT")
    offer = make_entry(Kind.OFFER, organisation=gent, title="Two days with the team of our one-door office")
    need = make_entry(
        Kind.NEED, organisation=bologna, title="Someone who moved youth services under one roof"
    )
    return offer, need, make_visitor("manager", gent), make_visitor("editor", bologna)
