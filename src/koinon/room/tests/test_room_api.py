"""The room over the API: tickets and their renewal, asking and voting with them, running the hour."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from koinon.agenda.testing import make_session
from koinon.live import tickets as live_tickets
from koinon.network.models import Role
from koinon.people.actions import make_token
from koinon.people.models import Person
from koinon.people.testing import make_person
from koinon.room import tickets
from koinon.room.models import Contribution, Room, Vote
from koinon.room.testing import make_contribution, make_room

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]


@pytest.fixture(autouse=True)
def _new_voices() -> Iterator[None]:
    tickets.new_voices.forget()
    yield
    tickets.new_voices.forget()


def bearer(secret: str, key: str = "") -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"} | ({"Idempotency-Key": key} if key else {})


def send(client: Client, method: str, path: str, headers: dict[str, str], **sent: Any) -> Any:
    body = json.dumps(sent) if sent else ""
    return client.generic(
        method, f"/api/v1/sessions/{path}", body, content_type="application/json", headers=headers
    )


def token_of(person: Person) -> str:
    return make_token(person, by=None, label="test", scopes=["read", "write"])[1]


def test_a_ticket_is_renewed_with_the_same_voice_and_knows_what_is_its_own(client: Client) -> None:
    room = make_room(holds=True)
    row = make_contribution(room)
    code = room.session.code
    first = client.get(f"/api/v1/sessions/{code}/room").json()
    ticket = first["ticket"]
    assert first["state"] == "open"
    assert first["mine"] == {"voted": [], "said": [], "ballots": {}}
    send(client, "PUT", f"{code}/questions/{row.pk}/vote", bearer(ticket))
    said = send(
        client, "POST", f"{code}/questions", bearer(ticket, str(uuid.uuid4())), text="Who pays?"
    ).json()

    second = client.get(f"/api/v1/sessions/{code}/room", headers=bearer(ticket)).json()

    old, new = (live_tickets.read(text, max_age=60) for text in (ticket, second["ticket"]))
    assert (old.voice, old.channel) == (new.voice, new.channel)
    assert second["mine"]["voted"] == [row.pk]
    assert [(one["id"], one["state"], one["receipt"]) for one in second["mine"]["said"]] == [
        (said["id"], "new", said["receipt"])
    ]
    assert "Who pays?" not in json.dumps(second["snapshot"])


def test_a_ticket_of_another_room_or_a_forged_one_opens_nothing(client: Client) -> None:
    room, other = make_room(), make_room()
    row = make_contribution(room)
    code = room.session.code
    foreign = client.get(f"/api/v1/sessions/{other.session.code}/room").json()["ticket"]

    answers = [
        send(client, "PUT", f"{code}/questions/{row.pk}/vote", bearer(shown))
        for shown in (foreign, "kt1.forged", "kt1." + "a" * 3000, "nonsense")
    ]
    none = send(client, "PUT", f"{code}/questions/{row.pk}/vote", {})
    listening = client.get(f"/api/v1/sessions/{code}/room", headers=bearer(foreign))

    assert [answer.status_code for answer in answers] == [401, 401, 401, 401]
    assert (none.status_code, listening.status_code) == (401, 401)
    assert Vote.objects.count() == 0


def test_new_voices_are_limited_for_one_address(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets.new_voices, "most", 2)
    room = make_room()
    address = f"/api/v1/sessions/{room.session.code}/room"
    ticket = client.get(address).json()["ticket"]
    client.get(address)

    refused = client.get(address)

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert client.get(address, headers=bearer(ticket)).status_code == 200
    assert client.get(f"/sessions/{room.session.code}/room/").status_code == 200


def test_asking_needs_a_key_and_acts_once(client: Client) -> None:
    room = make_room()
    code = room.session.code
    ticket = client.get(f"/api/v1/sessions/{code}/room").json()["ticket"]
    key = str(uuid.uuid4())

    def ask(key: str, text: str = "Who pays?", **more: Any) -> Any:
        return send(client, "POST", f"{code}/questions", bearer(ticket, key), text=text, **more)

    first = ask(key)
    assert (first.status_code, set(first.json())) == (201, {"id", "state", "receipt"})
    assert ask(key).json() == first.json()
    assert [ask(key, "Another").status_code, ask("").status_code, ask("no-uuid").status_code] == [
        422,
        422,
        422,
    ]
    assert ask(str(uuid.uuid4()), praise=True).status_code == 422
    assert ask(str(uuid.uuid4()), place="nowhere").status_code == 422
    assert client.get(first.json()["receipt"]).status_code == 200
    assert Contribution.objects.count() == 1


def test_a_program_with_a_persons_token_leaves_no_voice(client: Client) -> None:
    room = make_room()
    row = make_contribution(room)
    code, secret = room.session.code, token_of(make_person())

    said = send(client, "POST", f"{code}/questions", bearer(secret, str(uuid.uuid4())), text="Who pays?")
    for _ in range(2):
        voted = send(client, "PUT", f"{code}/questions/{row.pk}/vote", bearer(secret))

    assert (said.status_code, voted.status_code) == (201, 200)
    mine = Contribution.objects.get(pk=said.json()["id"])
    assert (mine.voice, mine.author_id, mine.name) == ("", None, "")
    assert Vote.objects.filter(contribution=row).count() == 1


def test_a_host_runs_the_hour_and_nobody_else(client: Client) -> None:
    session = make_session(starts=timezone.now())
    host, other = make_person(), make_person()
    Role.objects.create(person=host, kind=Role.Kind.EDITOR, organisation=session.organiser)
    part = session.segments.last()
    assert part is not None
    path = session.code

    refused = [
        send(client, "PATCH", path, headers, state="live").status_code
        for headers in ({}, bearer(token_of(other)))
    ]
    mine = bearer(token_of(host))
    opened = send(client, "PATCH", path, mine, state="live", segment=part.pk, open=False)
    wrong = [
        send(client, "PATCH", path, mine, segment=10**30).status_code,
        send(client, "PATCH", path, mine, segment=999_999).status_code,
        send(client, "PATCH", path, mine, state="paused").status_code,
        send(client, "PATCH", path, mine, colour="red").status_code,
    ]
    ended = send(client, "PATCH", path, mine, state="ended")
    again = send(client, "PATCH", path, mine, state="ended")

    assert refused == [401, 403]
    assert (opened.status_code, opened.json()["segment"]["id"]) == (200, part.pk)
    assert opened.json()["room"]["takes_questions"] is False
    assert wrong == [422, 422, 422, 422]
    assert (ended.json()["state"], ended.json()["room"]["state"], again.status_code) == (
        "ended",
        "closed",
        409,
    )
    assert Room.objects.get().state == "closed"
