"""The room as a plain page: read, ask, vote and answer polls with forms alone."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from koinon.room.models import Contribution, Poll, Room, Vote
from koinon.room.testing import make_contribution, make_room

pytestmark = pytest.mark.django_db


def test_the_page_of_an_open_room_shows_what_is_asked_and_shared_and_sets_no_cookie(client: Client) -> None:
    room = make_room()
    asked = make_contribution(room, "Which centre does a village hall call?")
    make_contribution(room, "A letter was enough.", kind="experience")
    room.polls.create(text="Who is in the room?", options=["A town", "A region"], state=Poll.State.OPEN)
    room.stage = asked
    room.save()

    page = client.get(reverse("room:room", args=[room.session.code]))

    assert page.status_code == 200
    words = page.content.decode()
    assert "Which centre does a village hall call?" in words
    assert "A letter was enough." in words
    assert "Who is in the room?" in words
    assert not page.cookies


@pytest.mark.parametrize(("state", "promised"), [("planned", True), ("ended", False), ("cancelled", False)])
def test_a_room_that_never_opened_promises_to_open_only_while_it_may(
    client: Client, state: str, promised: bool
) -> None:
    room = make_room(state=Room.State.WAITING)
    room.session.state = state
    room.session.cancelled_because = "Too few came." if state == "cancelled" else ""
    room.session.save()

    words = client.get(reverse("room:room", args=[room.session.code])).content.decode()

    assert ("It opens with the session" in words) is promised
    assert ("You ask and vote on this page." in words) is promised


def test_the_page_costs_the_same_with_one_and_with_many(client: Client, count_queries: Any) -> None:
    room = make_room()
    make_contribution(room)
    address = reverse("room:room", args=[room.session.code])
    client.get(address)
    with count_queries() as one:
        client.get(address)
    for _ in range(3):
        make_contribution(room)
        make_contribution(room, kind="offer")

    with count_queries() as many:
        client.get(address)

    assert len(many) == len(one)


def test_asking_leads_to_the_receipt_and_keeps_a_voice_for_a_day(client: Client) -> None:
    room = make_room(holds=True)
    code = room.session.code

    answer = client.post(
        reverse("room:say", args=[code]), {"text": "Who pays the travel?", "nonce": "nonce-of-page"}
    )

    row = Contribution.objects.get()
    assert answer.status_code == 302
    assert answer["Location"].startswith("/receipts/")
    assert (row.state, row.text, row.name, row.author_id) == ("new", "Who pays the travel?", "", None)
    cookie = answer.cookies[f"voice-{code}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (
        True,
        "Lax",
        "/",
        86400,
    )
    page = client.get(answer["Location"]).content.decode()
    assert "Who pays the travel?" in page
    own = client.get(reverse("room:room", args=[code])).content.decode()
    assert "With the moderator" in own


def test_the_same_form_sent_twice_says_it_once(client: Client) -> None:
    room = make_room()
    sent = {"text": "Who pays the travel?", "nonce": "nonce-of-page"}
    address = reverse("room:say", args=[room.session.code])
    first = client.post(address, sent)
    client.cookies.clear()

    second = client.post(address, sent)

    assert second["Location"] == first["Location"]
    assert Contribution.objects.count() == 1


def test_a_vote_is_one_a_browser_and_can_be_taken_back(client: Client) -> None:
    room = make_room()
    row = make_contribution(room)
    address = reverse("room:vote", args=[room.session.code, row.pk])
    client.post(address, {"nonce": "nonce-of-page", "voted": "1"})
    client.post(address, {"nonce": "another-page", "voted": "1"})
    row.refresh_from_db()
    assert (row.votes, Vote.objects.count()) == (1, 1)

    client.post(address, {"nonce": "another-page", "voted": "0"})

    row.refresh_from_db()
    assert (row.votes, Vote.objects.count()) == (0, 0)


def test_a_poll_is_answered_and_changed_and_shows_totals(client: Client) -> None:
    room = make_room()
    poll = room.polls.create(
        text="Who is in the room?", options=["A town", "A region"], state=Poll.State.OPEN
    )
    address = reverse("room:ballot", args=[room.session.code, poll.pk])
    client.post(address, {"nonce": "nonce-of-page", "choice": "0"})

    client.post(address, {"choice": "1"})

    assert [ballot.choices for ballot in poll.ballots.all()] == [[1]]
    page = client.get(reverse("room:room", args=[room.session.code])).content.decode()
    assert "One answer" in page


@pytest.mark.parametrize("number", [2**63, 10**40])
@pytest.mark.parametrize("door", ["room:ballot", "room:vote"])
def test_a_number_larger_than_any_is_missing(client: Client, door: str, number: int) -> None:
    address = reverse(door, args=[make_room().session.code, number])

    assert client.post(address, {"nonce": "nonce-of-page", "voted": "1"}).status_code == 404


@pytest.mark.parametrize("state", ["waiting", "closed"])
def test_a_room_that_is_not_open_takes_nothing_and_says_so(client: Client, state: str) -> None:
    room = make_room(state=state)
    row = make_contribution(room)
    code = room.session.code

    answers = [
        client.post(reverse("room:say", args=[code]), {"text": "Who pays?", "nonce": "nonce-of-page"}),
        client.post(reverse("room:vote", args=[code, row.pk]), {"nonce": "nonce-of-page"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert (Contribution.objects.count(), Vote.objects.count()) == (1, 0)
    assert client.get(reverse("room:room", args=[code])).status_code == 200


def test_a_session_for_the_invited_is_not_there_for_others(client: Client) -> None:
    room = make_room()
    row = make_contribution(room)
    room.session.audience = "invited"
    room.session.save()
    code = room.session.code

    answers = [
        client.get(reverse("room:room", args=[code])),
        client.post(reverse("room:say", args=[code]), {"text": "Who pays?"}),
        client.post(reverse("room:vote", args=[code, row.pk])),
        client.get(f"/api/v1/sessions/{code}/room"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
