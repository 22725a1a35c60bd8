"""What a host's token does over the API: as on the desk, each key once."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from koinon.network.models import Role
from koinon.network.testing import make_organisation, make_visitor
from koinon.network.visitor import Visitor
from koinon.people.actions import make_token
from koinon.people.models import Token
from koinon.questions.testing import make_desk
from koinon.room.models import Contribution, Room
from koinon.room.testing import make_contribution, make_room

pytestmark = pytest.mark.django_db
State = Contribution.State


def make_host(room: Room) -> Visitor:
    return make_visitor(Role.Kind.EDITOR, room.session.organiser)


def tell(
    client: Client, by: Visitor | None, row: Contribution, what: str, body: dict[str, Any], key: str = ""
) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    if by is not None and by.person is not None:
        scopes = [Token.Scope.READ, Token.Scope.WRITE]
        headers["Authorization"] = f"Bearer {make_token(by.person, by=None, label='t', scopes=scopes)[1]}"
    path = f"/api/v1/sessions/{row.room.session.code}/questions/{row.pk}/{what}"
    return client.post(path, body, content_type="application/json", headers=headers)


def now(row: Contribution) -> Contribution:
    return Contribution.objects.get(pk=row.pk)


def test_each_deed_is_there_with_the_body_that_is_promised(client: Client) -> None:
    centre, _people = make_desk(country="IT")
    room = make_room()
    host = make_host(room)
    other = make_contribution(room)
    tried: list[tuple[str, dict[str, Any], str]] = [
        ("approve", {}, State.OPEN),
        ("stage", {}, State.STAGE),
        ("answer", {"live": True}, State.ANSWERED),
        ("answer", {"text": "It is on the page.", "live": False}, State.ANSWERED),
        ("merge", {"into": other.pk}, State.MERGED),
        ("decline", {"reason": "person", "words": "Without the name, please."}, State.DECLINED),
        ("carry", {"to": centre.slug}, State.FOLLOW_UP),
        ("carry", {"to": ""}, State.FOLLOW_UP),
        ("carry", {"to": "operators"}, State.FOLLOW_UP),
    ]

    for what, body, became in tried:
        row = make_contribution(room, state=State.NEW if what == "approve" else State.OPEN)
        answer = tell(client, host, row, what, body)
        assert (what, answer.status_code, answer.json()["state"]) == (what, 200, became)
        assert now(row).state == became


def test_the_same_key_acts_once_and_another_body_is_refused(client: Client) -> None:
    room = make_room()
    row, one, two = (make_contribution(room) for _ in range(3))
    host, key = make_host(room), str(uuid4())

    first = tell(client, host, row, "merge", {"into": one.pk}, key)
    again = tell(client, host, row, "merge", {"into": one.pk}, key)
    other = tell(client, host, row, "merge", {"into": two.pk}, key)

    assert (first.json(), other.status_code) == (again.json(), 422)
    assert now(row).merged_into_id == one.pk


def test_others_are_refused_and_nothing_is_done(client: Client) -> None:
    room = make_room()
    row = make_contribution(room, state=State.NEW)
    stranger = make_visitor(Role.Kind.MANAGER, make_organisation())

    answers = [tell(client, by, row, "approve", {}).status_code for by in (None, make_visitor(), stranger)]

    assert answers == [401, 403, 403]
    assert now(row).state == State.NEW


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("approve", {"state": "open"}, 422),
        ("answer", {"live": False}, 422),
        ("answer", {"live": False, "text": "a\u0000b c d"}, 422),
        ("merge", {"into": 0}, 422),
        ("merge", {"into": 999_999}, 422),
        ("decline", {"reason": "because"}, 422),
        ("decline", {"reason": "other"}, 422),
        ("carry", {"to": "nowhere"}, 422),
        ("carry", {"to": "a\u202eb"}, 422),
        ("explode", {}, 404),
    ],
)
def test_what_is_not_as_described_is_refused(
    client: Client, what: str, body: dict[str, Any], status: int
) -> None:
    room = make_room()
    row = make_contribution(room)

    answer = tell(client, make_host(room), row, what, body)

    assert answer.status_code == status
    assert now(row).state == State.OPEN


def test_what_has_ended_says_so(client: Client) -> None:
    room = make_room()
    row = make_contribution(room, state=State.DECLINED, reason="person")

    answer = tell(client, make_host(room), row, "stage", {})

    assert (answer.status_code, answer.json()["state"]) == (409, "declined")


def test_a_question_of_another_session_is_not_there(client: Client) -> None:
    room, other = make_room(), make_room()
    row = make_contribution(other)
    row.room = room

    assert tell(client, make_host(room), row, "approve", {}).status_code == 404
