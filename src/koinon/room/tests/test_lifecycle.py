"""The life of a room: open, close, rehearse and wipe, destroy the key a day after the close."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from koinon.agenda.testing import make_session
from koinon.live.models import Change
from koinon.live.testing import changes
from koinon.network.models import Role
from koinon.network.visitor import ANYONE, Visitor, visitor_for
from koinon.people.testing import make_person
from koinon.questions.models import Question
from koinon.room import hooks, state, voices
from koinon.room.actions import lifecycle
from koinon.room.models import Ballot, Contribution, Poll, Room, Vote
from koinon.room.testing import make_contribution, make_room

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]


def host_of(room: Room) -> Visitor:
    person = make_person()
    Role.objects.create(person=person, kind=Role.Kind.MANAGER, organisation=room.session.organiser)
    return visitor_for(person)


def test_a_host_opens_and_closes_and_nobody_else() -> None:
    room = make_room(state="waiting", session=make_session(starts=timezone.now()))
    session, host = room.session, host_of(room)
    with pytest.raises(PermissionDenied):
        lifecycle.open_room(session, by=ANYONE)

    opened = lifecycle.open_room(session, by=host)
    assert (opened.state, session.state) == ("open", "live")
    assert opened.segment == session.segments.first()

    closed = lifecycle.close_room(session, by=host)
    assert (closed.state, session.state) == ("closed", "ended")
    assert [about for about, _data in changes(room.channel)] == ["room", "segment", "room"]


def test_what_stayed_open_lies_at_a_desk_under_the_same_receipt() -> None:
    room = make_room()
    asked = make_contribution(room, place_id="BE")
    held = make_contribution(room, state="new", place_id="BE")
    make_contribution(room, state="answered", answer="So it is.")
    make_contribution(room, kind="experience")

    lifecycle.close_room(room.session, by=host_of(room))

    asked.refresh_from_db()
    held.refresh_from_db()
    assert {asked.question, held.question} == set(Question.objects.all())
    assert (asked.question.receipt, asked.state) == (asked.receipt, "follow_up")  # type: ignore[union-attr]
    assert held.state == "new"


def test_the_report_is_told_of_the_close_but_not_of_a_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Room] = []
    monkeypatch.setattr(hooks, "on_closed", [told.append])
    room = make_room()
    host = host_of(room)
    lifecycle.close_room(room.session, by=host)
    rehearsed = make_room(state="waiting")
    other = host_of(rehearsed)
    lifecycle.begin_rehearsal(rehearsed.session, by=other)

    lifecycle.close_room(rehearsed.session, by=other)

    assert told == [room]


def test_a_rehearsal_wipes_itself() -> None:
    room = make_room(state="waiting")
    host, session = host_of(room), room.session
    draft = Poll.objects.create(room=room, text="Who?", options=["A", "B"])
    before = Room.objects.get().key
    assert lifecycle.begin_rehearsal(session, by=host).is_open
    row = make_contribution(room)
    merged = make_contribution(room, state="merged", merged_into=row)
    Vote.objects.create(contribution=row, voice="x")
    Poll.objects.filter(pk=draft.pk).update(state="open")
    Ballot.objects.create(poll=draft, voice="x", choices=[0])
    Room.objects.update(stage=row)

    lifecycle.end_rehearsal(session, by=host)

    now = Room.objects.get()
    assert (now.state, now.rehearsal, now.stage_id, now.segment_id) == ("waiting", False, None, None)
    assert now.key != before
    assert not Contribution.objects.filter(pk__in=[row.pk, merged.pk]).exists()
    assert (Vote.objects.count(), Ballot.objects.count(), Change.objects.count()) == (0, 0, 0)
    assert Poll.objects.get().state == "draft"


def test_opening_after_a_rehearsal_begins_with_nothing() -> None:
    room = make_room(state="waiting")
    host = host_of(room)
    lifecycle.begin_rehearsal(room.session, by=host)
    make_contribution(room)

    now = lifecycle.open_room(room.session, by=host)

    assert (now.is_open, now.rehearsal, Contribution.objects.count()) == (True, False, 0)


def test_a_day_after_the_close_nothing_in_the_database_links_a_voice() -> None:
    room = make_room()
    key, mine = room.key, "the-voice-of-somebody"
    hashed = voices.hash_under(key, mine)
    one, other = make_contribution(room, voice=mine), make_contribution(room, voice=mine)
    poll = Poll.objects.create(room=room, text="Who?", options=["A", "B"], state="open")
    for row in (one, other):
        Vote.objects.create(contribution=row, voice=hashed)
        Contribution.objects.filter(pk=row.pk).update(votes=1)
    Ballot.objects.create(poll=poll, voice=hashed, choices=[0])
    lifecycle.close_room(room.session, by=host_of(room))
    lifecycle.run()
    assert Room.objects.get().key == key
    Room.objects.update(closed_at=timezone.now() - timedelta(hours=24, minutes=1))

    lifecycle.run()

    kept = "\n".join(
        str(row)
        for rows in (Room, Contribution, Vote, Ballot, Change, Question)
        for row in rows._default_manager.values_list()
    )
    assert Room.objects.get().key == ""
    assert key not in kept
    assert hashed not in kept
    assert len({row.voice for row in Vote.objects.all()}) == 2
    assert {row.votes for row in Contribution.objects.all()} == {1}
    assert voices.hash_of(Room.objects.get(), mine) == ""


def test_a_poll_whose_time_is_over_closes_itself() -> None:
    room = make_room()
    now = timezone.now()
    over = Poll.objects.create(room=room, text="Over", options=["A"], state="open", closes_at=now)
    still = Poll.objects.create(
        room=room, text="Still", options=["A"], state="open", closes_at=now + timedelta(1)
    )

    lifecycle.run()

    over.refresh_from_db()
    still.refresh_from_db()
    assert (over.state, still.state) == ("closed", "open")
    assert [data["state"] for about, data in changes(room.channel) if about == "poll"] == ["closed"]


def test_a_poll_that_another_closed_at_this_moment_is_not_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    first, second = (
        Poll.objects.create(room=make_room(), text="Over", options=["A"], state="open", closes_at=now)
        for _ in range(2)
    )
    told = []

    def tell(row: Poll) -> None:
        told.append(row.pk)
        Poll.objects.filter(pk=second.pk).update(state="closed")

    monkeypatch.setattr(state, "tell_poll", tell)

    lifecycle.run()

    assert told == [first.pk]


def test_how_many_are_there_goes_out_and_the_most_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    room = make_room()
    make_contribution(room)
    lifecycle.run()
    monkeypatch.setattr(state, "listening", [lambda channel: 7 if channel == room.channel else 0])

    lifecycle.run()

    assert changes(room.channel) == [("people", {"listening": 7, "asked": 1})]
    assert Room.objects.get().most_people == 7


def test_a_room_that_nobody_closes_closes_itself_after_six_hours() -> None:
    now = timezone.now()
    rooms = [
        make_room(
            make_session(starts=now - timedelta(hours=hours), state="live"),
            opened_at=now - timedelta(hours=hours),
        )
        for hours in (8, 2)
    ]

    lifecycle.run()

    for room in rooms:
        room.refresh_from_db()
    assert [room.state for room in rooms] == ["closed", "open"]
