"""What ends, or is said by the other side, while somebody looks: it is told in plain words, and nothing typed is lost."""

import pytest
from django.test import Client

from koinon.calls.testing import make_call
from koinon.network.testing import make_visitor
from koinon.network.visitor import Visitor
from koinon.peers import matching
from koinon.peers.models import Entry
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
