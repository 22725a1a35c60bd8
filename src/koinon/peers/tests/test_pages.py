"""The pages of offers, needs and introductions, as who cannot see them all at once goes through them."""

import re
from itertools import pairwise

import pytest
from django.test import Client
from django.utils import timezone

from koinon.network.models import Role
from koinon.network.testing import make_organisation, make_visitor
from koinon.network.visitor import Visitor, visitor_for
from koinon.peers.permissions import may_end_profile
from koinon.peers.testing import make_entry, make_introduction, make_profile, make_two_centres
from koinon.peers.views import matches
from koinon.people.testing import come_in

pytestmark = pytest.mark.django_db


def levels(page: str) -> list[int]:
    """The levels of the headings of a page's main part, in their order."""
    return [
        int(level) for level in re.findall(r"<h([1-6])", page.partition("<main")[2].partition("</main>")[0])
    ]


def test_no_level_of_headings_is_left_out_where_there_is_nothing_yet() -> None:
    body = make_organisation()
    visitor = make_visitor("manager", body)
    assert visitor.person is not None
    client = come_in(Client(), visitor.person)
    empty = client.get("/peers/mine/").content.decode()
    alone = client.get(make_entry(organisation=body).get_absolute_url()).content.decode()

    for page in (empty, alone):
        found = levels(page)
        assert found[0] == 1
        assert all(later - before <= 1 for before, later in pairwise(found))


def test_of_a_long_talk_the_latest_words_are_shown_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    offer, need, gent, _bologna = make_two_centres()
    match = make_introduction(offer, need)
    for number in range(4):
        match.messages.create(side="second", text=f"Word-{number}")
    monkeypatch.setattr(matches, "MOST", 3)
    assert gent.person is not None

    page = come_in(Client(), gent.person).get(match.get_absolute_url()).content.decode()

    assert re.findall(r"Word-\d", page) == ["Word-1", "Word-2", "Word-3"]


def test_nobody_is_told_to_be_listed_whose_profile_was_taken_down() -> None:
    visitor = make_visitor()
    assert visitor.person is not None
    make_profile(visitor.person, removed_at=timezone.now())
    client = come_in(Client(), visitor.person)

    assert "My profile, not listed" in client.get("/peers/mine/").content.decode()
    assert "You are not listed in the expert directory." in client.get("/account/").content.decode()


def test_who_left_the_body_is_named_with_it_no_more_and_ends_the_listing_alone() -> None:
    body = make_organisation("Kanariebody")
    member, manager, reader = make_visitor("editor", body), make_visitor("manager", body), make_visitor()
    profile = make_profile(member.person, organisation=body)
    address = profile.get_absolute_url()

    def page(visitor: Visitor, of: str = address) -> str:
        return come_in(Client(), visitor.person).get(of).content.decode()  # type: ignore[arg-type]

    def ends(visitor: Visitor) -> bool:
        assert visitor.person is not None
        return may_end_profile(visitor_for(visitor.person), profile)

    assert ["Kanariebody" in page(reader), "Kanariebody" in page(reader, "/peers/people/")] == [True, True]
    assert [ends(member), ends(manager), ends(reader)] == [True, True, False]

    Role.objects.filter(person=member.person).update(until=timezone.localdate())

    assert ["Kanariebody" in page(reader), "Kanariebody" in page(reader, "/peers/people/")] == [False, False]
    assert [ends(member), ends(manager), ends(reader)] == [True, False, False]
    left = come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), member.person)  # type: ignore[arg-type]
    assert "List it no longer" in left.get(address).content.decode()
    assert left.post(f"{address}unlist/").status_code == 302
    profile.refresh_from_db()
    assert not profile.listed
