"""What everybody may see and nothing more: in the snapshot, in what goes out live, on the page and over the API."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from koinon.agenda.models import Session, Speaker
from koinon.agenda.models.registrations import Invitation
from koinon.agenda.testing import make_session
from koinon.live.models import Change
from koinon.live.tickets import Ticket
from koinon.network.models import Membership, Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import ANYONE, visitor_for
from koinon.people.testing import come_in, make_person
from koinon.room import source, state
from koinon.room.actions import polling, saying
from koinon.room.actions.lifecycle import room_of
from koinon.room.models import Ballot, Contribution, Poll, Room
from koinon.room.permissions import EVERYBODY, may_see
from koinon.room.testing import make_contribution, make_room

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]

CANARIES = {
    part: f"kanarie{part}9x"
    for part in (
        "pending",
        "declined",
        "withdrawn",
        "reason",
        "note",
        "contact",
        "word",
        "poll",
        "hidden",
        "name",
    )
}


def nest() -> Room:
    """A room with a canary in each thing that is not for everybody, and one thing that is."""
    room = make_room(word_to_speaker=CANARIES["word"], holds=True)
    ana = make_person(name=CANARIES["name"])
    shown = make_contribution(
        room, "Shown to all", contact=f"{CANARIES['contact']}@example.org", note=CANARIES["note"]
    )
    make_contribution(room, CANARIES["declined"], state="declined", reason="other", words=CANARIES["reason"])
    Poll.objects.create(room=room, text=CANARIES["poll"], options=["A", "B"])
    words = Poll.objects.create(room=room, kind="words", text="In a word?", state="open")
    Ballot.objects.create(poll=words, voice="v", words=CANARIES["hidden"], hidden=True)
    ticket = Ticket(room.channel, "voice", ana.pk, timezone.now())
    code = room.session.code
    said = saying.say(saying.Saying(code, "question", CANARIES["pending"]), by=ticket, key="1")
    gone = saying.say(saying.Saying(code, "question", CANARIES["withdrawn"]), by=ticket, key="2")
    saying.withdraw(Contribution.objects.get(pk=(gone.body or {})["id"]))
    state.tell_question(Contribution.objects.get(pk=(said.body or {})["id"]))
    state.tell_question(shown)
    for poll in room.polls.all():
        state.tell_poll(poll)
    polling.answer(polling.Balloting(code, words.pk, (), "trust"), by=ticket)
    state.tell_room(room)
    return room


def found_in(text: str) -> set[str]:
    return {part for part, canary in CANARIES.items() if canary in text}


def test_no_canary_is_in_what_everybody_gets(client: Client) -> None:
    room = nest()
    code = room.session.code

    everything = {
        "snapshot": json.dumps(state.snapshot(Room.objects.get())),
        "changes": "\n".join(Change.objects.filter(channel=room.channel).values_list("data", flat=True)),
        "desk": "\n".join(Change.objects.filter(channel=room.desk_channel).values_list("data", flat=True)),
        "page": client.get(reverse("room:room", args=[code])).content.decode(),
        "german": client.get(f"/de/sessions/{code}/room/?order=newest&all=1").content.decode(),
        "api": client.get(f"/api/v1/sessions/{code}/room").content.decode(),
    }

    assert "Shown to all" in everything["snapshot"]
    assert "trust" in everything["changes"]
    assert {where: found_in(text) for where, text in everything.items()} == {key: set() for key in everything}


def test_a_withdrawn_text_is_nowhere() -> None:
    nest()

    kept = "\n".join(str(row) for row in [*Contribution.objects.values_list(), *Change.objects.values_list()])

    assert CANARIES["withdrawn"] not in kept


def test_the_snapshot_is_the_shape_that_was_promised() -> None:
    room = make_room(prompt="Tell us.")
    head = make_contribution(room, "Which centre?", place_id="BE")
    make_contribution(room, "Quale centro?", language="it", state="merged", merged_into=head)
    Poll.objects.create(room=room, text="Who?", options=["A"], state="open")
    Room.objects.update(stage=head, segment=room.session.segments.first(), segment_since=timezone.now())

    shown = state.snapshot(room_of(room.session))

    assert list(shown) == ["room", "segments", "segment", "stage", "questions", "polls", "people", "prompt"]
    assert list(shown["room"]) == [
        "code", "title", "state", "holds", "takes_questions", "rehearsal", "votes_need_account"
    ]  # fmt: skip
    [item] = shown["questions"]
    assert list(item) == [
        "id", "kind", "text", "lang", "place", "name", "votes", "state", "position", "at", "answer", "wordings", "desk"
    ]  # fmt: skip
    assert item["wordings"] == [{"text": "Quale centro?", "lang": "it", "place": ""}]
    assert item["place"] == "Belgium"
    assert shown["stage"]["id"] == head.pk
    assert shown["people"]["asked"] == 1
    assert json.loads(json.dumps(shown)) == shown


def everybody_of(session: Session) -> dict[str, int]:
    """Somebody of each kind that may or may not see a session."""
    organiser = session.organiser
    assert organiser is not None
    people = {
        name: make_person() for name in "nobody editor lead foreign coordinator invited speaker".split()
    }
    consortium = make_organisation(kind="consortium")
    Membership.objects.create(
        member=organiser, within=consortium, role="centre", checked_on=timezone.localdate()
    )
    kinds = Role.Kind
    for name, kind, where in [
        ("editor", kinds.EDITOR, organiser),
        ("lead", kinds.LEAD, consortium),
        ("foreign", kinds.MANAGER, make_organisation()),
        ("coordinator", kinds.COORDINATOR, None),
    ]:
        Role.objects.create(person=people[name], kind=kind, organisation=where)
    Invitation.objects.create(session=session, person=people["invited"], at=timezone.now())
    Speaker.objects.create(session=session, name="S", person=people["speaker"])
    return {name: person.pk for name, person in people.items()}


@pytest.mark.parametrize(
    ("published", "audience"), [(True, "public"), (True, "invited"), (False, "invited"), (False, "public")]
)
def test_who_may_listen_is_who_sees_the_session(published: bool, audience: str, count_queries: Any) -> None:
    session = make_session(published=published, audience=audience)
    people = everybody_of(session)
    persons = {EVERYBODY, *people.values()}

    with count_queries() as many:
        seeing = may_see(session, persons)
    with count_queries() as one:
        may_see(session, {people["editor"]})

    by_rows = {
        pk
        for pk in people.values()
        if Session.objects.filter(pk=session.pk)
        .seen_by(visitor_for(type(make_person())._default_manager.get(pk=pk)))
        .exists()
    }
    if Session.objects.filter(pk=session.pk).seen_by(ANYONE).exists():
        by_rows.add(EVERYBODY)
    assert seeing == by_rows
    assert source.may_listen(f"room:{session.code}", persons) == by_rows
    assert len(many) == len(one)


def test_there_is_no_stream_and_no_ticket_of_a_room_one_does_not_see(client: Client) -> None:
    session = make_session(audience="invited")

    assert source.snapshot("room:NOSUCH") is None
    assert source.may_listen("room:NOSUCH", {EVERYBODY}) == set()
    assert source.may_listen(f"room:{session.code}", {EVERYBODY}) == set()
    assert client.get(f"/api/v1/sessions/{session.code}/room").status_code == 404
    missing = client.get("/sessions/NOSUCH/room/").content
    assert (
        client.get(f"/sessions/{session.code}/room/").content.replace(session.code.encode(), b"NOSUCH")
        == missing
    )


def test_what_is_mine_is_on_my_page_only(client: Client) -> None:
    room = make_room(holds=True)
    client.post(
        reverse("room:say", args=[room.session.code]), {"text": "Mine alone", "nonce": "nonce-of-page"}
    )
    address = reverse("room:room", args=[room.session.code])

    assert "Mine alone" in client.get(address).content.decode()
    other = Client(headers={"Sec-Fetch-Site": "same-origin"})
    come_in(other, make_person())
    assert "Mine alone" not in other.get(address).content.decode()
