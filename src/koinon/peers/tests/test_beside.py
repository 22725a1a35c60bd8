"""What peers bring to pages of lower floors, over the hooks that the house itself fills: calls and the self-check."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from koinon.calls.testing import make_call
from koinon.courses import self_check
from koinon.courses.testing import forget, make_course
from koinon.network.testing import make_organisation
from koinon.peers import beside
from koinon.peers.deadlines import call_key, deadline
from koinon.peers.testing import make_entry
from koinon.peers.words import Kind
from koinon.people.testing import make_person
from koinon.practices import listing
from koinon.practices.testing import make_practice
from koinon.topics.concepts import concept

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


FOUR = ["mapping", "interaction", "cocreation", "scaling"]
NONE = (
    "No course here builds it yet.",
    "No practice is told of it here yet.",
    "No body offers to share it today.",
)


def checked(client: Client, competence: str) -> str:
    forget()
    listing.forget()
    answer = client.post("/courses/self-check/", {f"{competence}-{at}": "0" for at in (1, 2, 3)})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("competence", FOUR)
def test_each_competence_leads_to_a_course_a_practice_and_a_body_that_shares_it(
    client: Client, competence: str
) -> None:
    for one in FOUR:
        make_course(f"Course for {one}", competences=[one])
        make_practice(f"Practice for {one}", topics=(sorted(self_check.TOPICS[one])[0],))
        make_entry(title=f"Offer for {one}", topics=[beside._COMPETENCES[one][0]])

    page = checked(client, competence)

    for kind in ("Course", "Practice", "Offer"):
        assert f">{kind} for {competence}</a>" in page
    for other in set(FOUR) - {competence}:
        assert f"Course for {other}" not in page
        assert f"Practice for {other}" not in page
    assert not any(sentence in page for sentence in NONE)


@pytest.mark.parametrize("competence", FOUR)
def test_of_what_kind_nothing_is_there_is_said(client: Client, competence: str) -> None:
    nothing = checked(client, competence)
    make_course("One course", competences=[competence])
    only_a_course = checked(client, competence)

    assert "Nothing that helps with this is offered here yet." in nothing
    assert "One course" in only_a_course
    assert [sentence in only_a_course for sentence in NONE] == [False, True, True]


def test_the_words_by_which_a_competence_finds_what_helps_are_words_of_the_field() -> None:
    words = {*(word for topics in self_check.TOPICS.values() for word in topics)}
    words |= {word for topics in beside._COMPETENCES.values() for word in topics}

    assert [word for word in sorted(words) if concept(word) is None] == []
    assert beside._COMPETENCES.keys() == self_check.STATEMENTS.keys() == self_check.TOPICS.keys()
