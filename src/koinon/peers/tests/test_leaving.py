"""Who closes the account takes the own words along, also those that lie in mails to others."""

import pytest
from django.utils import timezone

from koinon.mail.models import Outbox
from koinon.network.testing import make_organisation, make_visitor
from koinon.network.visitor import visitor_for
from koinon.peers.actions import answering, exchanging, writing
from koinon.peers.testing import make_entry
from koinon.peers.words import Kind
from koinon.people.actions import erase
from koinon.people.testing import make_person

pytestmark = pytest.mark.django_db


def test_the_words_of_who_leaves_are_in_no_mail_that_is_kept() -> None:
    person, centre = visitor_for(make_person(name="Canary Name")), make_organisation()
    staff = make_visitor("manager", centre)
    offer = make_entry(Kind.OFFER, person=person.person, title="Canary title")
    need = make_entry(Kind.NEED, organisation=centre, title="What the centre needs")
    answering.answer(offer, need, by=person, yes=True)
    match = answering.answer(need, offer, by=staff, yes=True)
    writing.write(match, by=person, text="Canary words", language="en", nonce="12345678")
    today = timezone.localdate()
    terms = exchanging.Terms("en", "Canary days", "visit", today, today)
    exchanging.propose(match, by=person, terms=terms)
    assert any("Canary" in mail.text for mail in Outbox.objects.all())
    assert person.person is not None

    erase(person.person, by=person)

    assert [mail.text for mail in Outbox.objects.all() if "Canary" in mail.text + mail.subject] == []
