"""What the audience writes: one thing said a key, one vote a voice, the total right, nothing after the close."""

import json
import random
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from koinon.live.testing import changes
from koinon.live.tickets import Ticket
from koinon.live.writer import Answer, Job
from koinon.people.testing import make_person
from koinon.room import quick, voices
from koinon.room.actions import polling, saying, voting
from koinon.room.models import Ballot, Contribution, Poll, Room, Vote
from koinon.room.testing import make_contribution, make_room

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def ticket(room: Room, voice: str = "a-voice", person: int | None = None) -> Ticket:
    return Ticket(room.channel, voice, person, NOW)


def saying_in(room: Room, text: str = "Who pays the travel?", **more: Any) -> saying.Saying:
    return saying.Saying(room.session.code, more.pop("kind", "question"), text, **more)


def vote_jobs(room: Room, wishes: list[tuple[str, int, bool]]) -> list[Job]:
    return [
        Job(voting.Voting(room.session.code, pk, wish), ticket(room, voice)) for voice, pk, wish in wishes
    ]


def statuses(answers: list[Answer]) -> list[int]:
    return [answer.status for answer in answers]


def test_the_same_key_says_it_once_and_another_body_is_refused() -> None:
    room = make_room()

    first = saying.say(saying_in(room), by=ticket(room), key="key-1")
    again = saying.say(saying_in(room), by=ticket(room), key="key-1")
    other = saying.say(saying_in(room, "Something else"), by=ticket(room), key="key-1")
    somebody = saying.say(saying_in(room), by=ticket(room, "another"), key="key-1")

    assert (first.status, other.status, somebody.status) == (201, 422, 201)
    assert again == first
    assert Contribution.objects.count() == 2


def test_the_same_key_in_one_batch_says_it_once() -> None:
    room = make_room()
    jobs = [Job(saying_in(room), ticket(room), "key-1") for _ in range(3)]

    answers = saying.commit(jobs)

    assert statuses(answers) == [201, 201, 201]
    assert Contribution.objects.count() == 1


def test_a_retry_after_the_close_still_finds_its_receipt() -> None:
    room = make_room()
    first = saying.say(saying_in(room), by=ticket(room), key="key-1")
    Room.objects.update(state=Room.State.CLOSED)

    assert saying.say(saying_in(room), by=ticket(room), key="key-1") == first
    assert saying.say(saying_in(room), by=ticket(room), key="key-2").status == 403


@pytest.mark.parametrize(("holds", "state", "told"), [(True, "new", []), (False, "open", ["question"])])
def test_it_is_held_or_shown_as_the_room_is(holds: bool, state: str, told: list[str]) -> None:
    room = make_room(holds=holds)

    answer = saying.say(saying_in(room), by=ticket(room), key="key-1")

    assert (answer.body or {})["state"] == state
    assert [about for about, _data in changes(room.channel)] == told


def test_nobody_is_named_but_who_is_signed_in_and_chose_it() -> None:
    room = make_room()
    ana = make_person(name="Ana Kos")

    saying.say(saying_in(room, named=True), by=ticket(room, person=ana.pk), key="1")
    saying.say(saying_in(room, named=True), by=ticket(room), key="2")
    saying.say(saying_in(room), by=ticket(room, person=ana.pk), key="3")

    rows = Contribution.objects.order_by("pk").values_list("name", "author")
    assert list(rows) == [("Ana Kos", ana.pk), ("", None), ("", None)]


def test_the_language_is_guessed_and_the_place_is_a_key() -> None:
    room = make_room()

    saying.say(
        saying_in(room, "Wer berät unsere Gemeinde beim Antrag?", place="BE"), by=ticket(room), key="1"
    )
    wrong = saying.say(saying_in(room, place="nowhere-1"), by=ticket(room), key="2")

    row = Contribution.objects.get()
    assert (row.language, row.place_id) == ("de", "BE")
    assert wrong.status == 422


def test_the_total_is_the_number_of_rows_after_a_thousand_toggles() -> None:
    room = make_room()
    rows = [make_contribution(room) for _ in range(3)]
    chance = random.Random(7)
    wishes = [
        (f"voice-{chance.randrange(40)}", chance.choice(rows).pk, chance.random() < 0.6) for _ in range(1000)
    ]

    start = 0
    while start < len(wishes):
        size = chance.randrange(1, 120)
        with transaction.atomic():
            voting.commit(vote_jobs(room, wishes[start : start + size]))
        start += size

    last = {(voice, pk): wish for voice, pk, wish in wishes}
    for row in rows:
        row.refresh_from_db()
        wanted = sum(wish for (_voice, pk), wish in last.items() if pk == row.pk)
        assert row.votes == Vote.objects.filter(contribution=row).count() == wanted


def test_one_change_a_batch_carries_the_totals() -> None:
    room = make_room()
    one, other = make_contribution(room), make_contribution(room)

    voting.commit(vote_jobs(room, [("a", one.pk, True), ("b", one.pk, True), ("a", other.pk, True)]))
    voting.commit(vote_jobs(room, [("a", one.pk, True)]))

    assert changes(room.channel) == [("votes", {str(one.pk): 2, str(other.pk): 1})]


def test_a_vote_is_only_for_what_one_sees_in_this_room_while_it_is_open() -> None:
    room, other = make_room(), make_room()
    shown, foreign = make_contribution(room), make_contribution(other)
    hidden = [
        make_contribution(room, state=state, reason="other") for state in ("new", "declined", "withdrawn")
    ]

    answers = voting.commit(vote_jobs(room, [("a", row.pk, True) for row in [shown, foreign, *hidden]]))
    wrong_ticket = voting.vote(room, shown.pk, by=ticket(other), voted=True)
    Room.objects.update(state=Room.State.CLOSED)
    late = voting.vote(room, shown.pk, by=ticket(room, "b"), voted=True)

    assert statuses(answers) == [200, 404, 404, 404, 404]
    assert (wrong_ticket.status, late.status) == (404, 403)
    assert Vote.objects.count() == 1


def test_a_key_that_no_database_holds_is_a_key_of_nothing() -> None:
    room = make_room()
    shown = make_contribution(room, "Who pays?")

    answers = voting.commit(vote_jobs(room, [("a", 10**39, True), ("a", shown.pk, True)]))

    assert statuses(answers) == [404, 200]


def test_where_a_session_wants_it_a_person_votes_once_whatever_the_voice() -> None:
    room = make_room()
    room.session.votes_need_account = True
    room.session.save()
    row = make_contribution(room)
    ana = make_person()

    answers = [
        voting.vote(room, row.pk, by=ticket(room, "a"), voted=True),
        voting.vote(room, row.pk, by=ticket(room, "b", ana.pk), voted=True),
        voting.vote(room, row.pk, by=ticket(room, "c", ana.pk), voted=True),
    ]

    assert statuses(answers) == [401, 200, 200]
    assert Vote.objects.count() == 1


def test_who_may_not_see_a_session_any_more_writes_nothing_with_an_old_ticket() -> None:
    room = make_room()
    row = make_contribution(room)
    room.session.audience = "invited"
    room.session.save()

    assert voting.vote(room, row.pk, by=ticket(room), voted=True).status == 404
    assert saying.say(saying_in(room), by=ticket(room), key="1").status == 404


def test_a_ballot_is_one_a_voice_and_changed_while_the_poll_is_open() -> None:
    room = make_room()
    poll = Poll.objects.create(room=room, text="Who?", options=["A", "B"], state=Poll.State.OPEN)
    draft = Poll.objects.create(room=room, text="Next", options=["A", "B"])
    code = room.session.code

    def given(voice: str, choices: tuple[int, ...], of: Poll = poll, words: str = "") -> int:
        return polling.answer(polling.Balloting(code, of.pk, choices, words), by=ticket(room, voice)).status

    assert [given("a", (0,)), given("a", (1,)), given("b", (1,))] == [200, 200, 200]
    assert [given("a", (5,)), given("a", (0, 1)), given("a", ()), given("a", (), words="Hm")] == [422] * 4
    assert given("a", (0,), draft) == 404
    assert Ballot.objects.count() == 2
    about, data = changes(room.channel)[-1]
    assert (about, data["results"], data["answers"]) == ("poll", [0, 2], 2)
    Poll.objects.filter(pk=poll.pk).update(state=Poll.State.CLOSED)
    assert given("c", (0,)) == 403


def test_a_ballot_for_a_number_larger_than_any_harms_none_beside_it() -> None:
    room = make_room()
    poll = Poll.objects.create(room=room, text="Who?", options=["A", "B"], state=Poll.State.OPEN)
    code = room.session.code
    jobs = [
        Job(polling.Balloting(code, pk, (0,)), ticket(room, voice))
        for voice, pk in (("a", 10**40), ("b", poll.pk), ("c", 2**63))
    ]

    answers = polling.commit(jobs)

    assert statuses(answers) == [404, 200, 404]
    assert Ballot.objects.get().poll == poll


def test_words_that_were_taken_off_stay_off_when_they_are_changed() -> None:
    room = make_room()
    poll = Poll.objects.create(room=room, kind="words", text="In a word?", state=Poll.State.OPEN)
    code = room.session.code
    polling.answer(polling.Balloting(code, poll.pk, (), "rude"), by=ticket(room, "a"))
    Ballot.objects.update(hidden=True)

    polling.answer(polling.Balloting(code, poll.pk, (), "ruder"), by=ticket(room, "a"))
    polling.answer(polling.Balloting(code, poll.pk, (), "trust"), by=ticket(room, "b"))

    assert changes(room.channel)[-1][1]["results"] == {"words": ["trust"]}


HOSTILE: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"\xff\xfe", 400),
    (b"[1]", 422),
    (b'"text"', 422),
    (b"{}", 422),
    (b"[" * 10_000, 400),
    (json.dumps({"text": "ab"}).encode(), 422),
    (json.dumps({"text": "a" * 20_000}).encode(), 422),
    (json.dumps({"text": "Who\x00 pays?"}).encode(), 422),
    (json.dumps({"text": "Who ‮pays?"}).encode(), 422),
    (b'{"text": "Who \\ud800 pays?"}', 422),
    (json.dumps({"text": 7}).encode(), 422),
    (json.dumps({"text": "Who pays?", "kind": "praise"}).encode(), 422),
    (json.dumps({"text": "Who pays?", "lang": "xx"}).encode(), 422),
    (json.dumps({"text": "Who pays?", "contact": "nobody"}).encode(), 422),
    (json.dumps({"text": "Who pays?", "votes": 99}).encode(), 422),
    (json.dumps({"text": "Who pays?", "named": "yes"}).encode(), 422),
    (b'{"text": ' + b"9" * 5000 + b"}", 400),
]


@pytest.mark.parametrize(("body", "status"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_cannot_be_understood_is_refused_in_plain_words_before_the_database(
    body: bytes, status: int
) -> None:
    room = make_room()
    found = re.fullmatch(r"/(?P<code>.+)", f"/{room.session.code}")
    assert found is not None

    answer = quick.parse_saying(found, {"idempotency-key": "x"}, body, ticket(room))

    assert isinstance(answer, Answer)
    assert answer.status == status


def test_a_voice_is_kept_as_a_hash_under_the_rooms_key_only() -> None:
    room = make_room()
    saying.say(saying_in(room), by=ticket(room, "my-secret-voice"), key="a-key")

    row = Contribution.objects.get()

    assert row.voice == voices.hash_of(room, "my-secret-voice")
    kept = " ".join(map(str, Contribution.objects.values_list().get()))
    assert "my-secret-voice" not in kept
    assert "a-key" not in kept
