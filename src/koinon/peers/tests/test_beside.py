"""What peers bring to pages of lower floors, over the hooks that the house itself fills: calls and the self-check."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from koinon.calls.testing import make_call
from koinon.network.testing import make_organisation
from koinon.peers.deadlines import call_key, deadline
from koinon.peers.testing import make_entry
from koinon.peers.words import Kind
from koinon.people.testing import make_person

pytestmark = pytest.mark.django_db


def test_the_page_of_a_call_names_who_looks_for_partners_for_it(client: Client) -> None:
    call, another = make_call(), make_call()
    gent = make_organisation("Gent", country="BE")
    search = make_entry(
        Kind.PARTNERS, organisation=gent, title="A partner in two countries", call_key=call_key(call)
    )
    make_entry(Kind.PARTNERS, title="For another call", call_key=call_key(another))
    make_entry(Kind.PARTNERS, person=make_person(), title="What a person says", call_key=call_key(call))

    page = client.get(f"/calls/{call.slug}/").content.decode()

    assert f'href="{search.get_absolute_url()}"' in page
    assert search.title in page
    assert "<bdi>Gent</bdi>" in page
    assert "For another call" not in page
    assert "What a person says" not in page


def test_after_the_deadline_the_page_of_a_call_says_that_the_searches_ended(client: Client) -> None:
    closed, without = (make_call(closes=timezone.now() - timedelta(days=2)) for _ in range(2))
    day = deadline(closed)
    make_entry(Kind.PARTNERS, title="A partner in two countries", call_key=call_key(closed), until=day)
    make_entry(
        Kind.PARTNERS,
        title="Closed by who said it",
        call_key=call_key(without),
        until=day,
        closed_at=timezone.now() - timedelta(days=5),
    )

    page = client.get(f"/calls/{closed.slug}/").content.decode()

    assert "the searches for partners have closed themselves" in page
    for words in ("A partner in two countries", "Nobody has said here yet", "Look for partners"):
        assert words not in page
    assert "have closed themselves" not in client.get(f"/calls/{without.slug}/").content.decode()


def test_the_self_check_names_who_shares_what_is_missing_and_why(client: Client) -> None:
    gent = make_organisation("Gent", country="BE")
    offer = make_entry(title="Two days with our reviewers", organisation=gent, topics=["peer-review"])
    make_entry(title="About something else", topics=["homelessness"])
    make_entry(Kind.NEED, title="Somebody who needs it too", topics=["peer-review"])
    make_entry(title="What a person says", person=make_person(), topics=["peer-review"])

    page = client.post("/courses/self-check/", {f"learning-{at}": "0" for at in (1, 2, 3)}).content.decode()

    assert f'href="{offer.get_absolute_url()}"' in page
    assert offer.title in page
    assert "Gent, Belgium, offers it." in page
    for other in ("About something else", "Somebody who needs it too", "What a person says"):
        assert other not in page
