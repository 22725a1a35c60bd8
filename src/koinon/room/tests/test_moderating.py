"""What moderators do: each deed shows what it should, tells who comes second, and can be undone."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from koinon.live.testing import changes
from koinon.network.models import Role
from koinon.network.testing import make_consortium, make_membership, make_organisation, make_visitor
from koinon.network.visitor import ANYONE, Visitor
from koinon.people.models import Person
from koinon.questions.actions.steps import Changed, NotFrom
from koinon.room import voices
from koinon.room.actions import directing, lifecycle, moderating, undoing
from koinon.room.models import Contribution, Deed, Poll, Room, Vote
from koinon.room.permissions_moderating import hosts_among, may_moderate
from koinon.room.testing import make_contribution, make_room

pytestmark = pytest.mark.django_db
State = Contribution.State


def make_host(room: Room, kind: str = Role.Kind.EDITOR) -> Visitor:
    return make_visitor(kind, room.session.organiser)


def vote(contribution: Contribution, *names: str) -> None:
    for name in names:
        Vote.objects.create(contribution=contribution, voice=voices.hash_of(contribution.room, name))
    moderating.count_votes(contribution)


def now(contribution: Contribution) -> Contribution:
    return Contribution.objects.get(pk=contribution.pk)


def said_publicly(room: Room) -> str:
    return repr(changes(room.channel))


def test_what_waits_is_shown_only_when_it_is_released() -> None:
    room = make_room(holds=True)
    waits = make_contribution(room, "CANARY-PENDING", state=State.NEW)
    host = make_host(room)

    moderating.note(waits, by=host, text="CANARY-NOTE")
    before = said_publicly(room)
    moderating.release(now(waits), by=host)

    assert "CANARY" not in before
    assert "CANARY-PENDING" in said_publicly(room)
    assert "CANARY-NOTE" not in said_publicly(room) + repr(changes(room.desk_channel))


def test_what_is_held_back_is_gone_for_all_and_its_reason_is_told_to_nobody_else() -> None:
    room = make_room()
    shown = make_contribution(room, "CANARY-DECLINED")
    waits = make_contribution(room, "CANARY-NEVER-SHOWN", state=State.NEW)
    host = make_host(room)

    moderating.hold_back(shown, by=host, reason="person", words="CANARY-WORDS")
    moderating.hold_back(waits, by=host, reason="insults")

    assert changes(room.channel) == [("question", {"id": shown.pk, "gone": True})]
    assert "CANARY" not in repr(changes(room.desk_channel))
    assert (now(shown).state, now(shown).words) == (State.DECLINED, "CANARY-WORDS")


def test_another_reason_needs_words() -> None:
    room = make_room()

    with pytest.raises(ValueError, match="reason"):
        moderating.hold_back(make_contribution(room), by=make_host(room), reason="other")


def test_of_two_moderators_the_second_is_told_and_overwrites_nothing() -> None:
    room = make_room()
    row = make_contribution(room)
    drawn = row.version

    moderating.make_ready(row, by=make_host(room), version=drawn)
    with pytest.raises(Changed):
        moderating.hold_back(row, by=make_host(room), reason="person", version=drawn)

    assert now(row).state == State.READY


def test_what_goes_on_stage_takes_the_place_of_what_has_no_answer_yet() -> None:
    room = make_room()
    first, second = make_contribution(room), make_contribution(room)
    host = make_host(room)

    moderating.put_on_stage(first, by=host)
    moderating.put_on_stage(second, by=host, answering="Ana")

    assert (now(first).state, now(second).state) == (State.READY, State.STAGE)
    assert Room.objects.get(pk=room.pk).stage_id == second.pk
    assert [data["id"] for about, data in changes(room.channel) if about == "stage"] == [first.pk, second.pk]


def test_an_answer_on_stage_clears_it_and_names_who_answered() -> None:
    room = make_room()
    row = moderating.put_on_stage(make_contribution(room), by=make_host(room), answering="Ana")

    moderating.answer(row, by=make_host(room))

    assert (now(row).state, now(row).answered_live, now(row).answered_by) == (State.ANSWERED, True, "Ana")
    assert [data for about, data in changes(room.channel) if about == "stage"][-1] == {}


def test_a_written_answer_shows_what_waited() -> None:
    room = make_room(holds=True)
    row = make_contribution(room, state=State.NEW)

    moderating.answer(row, by=make_host(room), text="On the page.", language="en", live=False)

    about, data = changes(room.channel)[-1]
    assert (about, data["answer"]["text"], data["answer"]["live"]) == ("question", "On the page.", False)


def test_taken_down_it_is_the_first_that_is_ready() -> None:
    room = make_room()
    host = make_host(room)
    ready = moderating.make_ready(make_contribution(room), by=host)
    row = moderating.put_on_stage(make_contribution(room), by=host)

    moderating.take_down(row, by=host)

    order = room.contributions.filter(state=State.READY).order_by("position", "pk")
    assert list(order) == [row, ready]


def test_what_is_ready_is_reordered_one_place_at_a_time() -> None:
    room = make_room()
    host = make_host(room)
    one, two, three = (moderating.make_ready(make_contribution(room), by=host) for _ in range(3))

    moderating.reorder(three, by=host, way=-1)
    moderating.reorder(now(one), by=host, way=1)

    order = room.contributions.filter(state=State.READY).order_by("position", "pk")
    assert list(order) == [three, one, two]


def test_a_voice_for_both_counts_once_when_they_are_merged() -> None:
    room = make_room()
    wording, target = make_contribution(room), make_contribution(room)
    vote(wording, "ana", "ben")
    vote(target, "ben", "cem")

    moderating.merge(wording, by=make_host(room), into=target)

    assert now(target).votes == 3
    assert now(wording).votes == 2
    assert (now(wording).state, now(wording).merged_into_id) == (State.MERGED, target.pk)
    assert ("votes", {str(target.pk): 3}) in changes(room.channel)


def test_what_is_separated_has_its_right_totals_again() -> None:
    room = make_room()
    host = make_host(room)
    wording, other, target = (make_contribution(room) for _ in range(3))
    vote(wording, "ana", "ben")
    vote(other, "ana", "dan")
    vote(target, "ben", "cem")

    moderating.merge(wording, by=host, into=target)
    moderating.merge(other, by=host, into=now(target))
    together = now(target).votes
    undoing.separate(now(wording), by=host)

    assert together == 4
    assert [now(row).votes for row in (wording, other, target)] == [2, 2, 4]
    undoing.separate(now(other), by=host)
    assert [now(row).votes for row in (wording, other, target)] == [2, 2, 2]


def test_wordings_go_along_and_come_back() -> None:
    room = make_room()
    host = make_host(room)
    leaf, branch, root = (make_contribution(room) for _ in range(3))
    vote(leaf, "ana")
    moderating.merge(leaf, by=host, into=branch)

    moderating.merge(now(branch), by=host, into=root)
    joined = now(root).votes
    undoing.undo(room, by=host)

    assert joined == 1
    assert (now(leaf).merged_into_id, now(branch).state, now(root).votes) == (branch.pk, State.OPEN, 0)
    assert now(branch).votes == 1


def test_merging_what_is_on_stage_keeps_the_question_on_stage() -> None:
    room = make_room()
    host = make_host(room)
    target = make_contribution(room)
    row = moderating.put_on_stage(make_contribution(room), by=host)

    moderating.merge(row, by=host, into=target)
    on_stage = Room.objects.get(pk=room.pk).stage_id
    undoing.undo(room, by=host)

    assert on_stage == target.pk
    assert (Room.objects.get(pk=room.pk).stage_id, now(target).state) == (row.pk, State.OPEN)


def test_a_wording_of_another_room_is_not_there() -> None:
    room, other = make_room(), make_room()

    with pytest.raises(moderating.NotThere):
        moderating.merge(make_contribution(room), by=make_host(room), into=make_contribution(other))


def test_what_waits_is_not_sent_out_by_merging_it() -> None:
    room = make_room(holds=True)
    wording = make_contribution(room, "CANARY-ONE", state=State.NEW)
    target = make_contribution(room, "CANARY-TWO", state=State.NEW)

    moderating.merge(wording, by=make_host(room), into=target)

    assert changes(room.channel) == []


def test_kept_apart_is_kept_on_both() -> None:
    room = make_room()
    one, two = make_contribution(room), make_contribution(room)

    moderating.keep_apart(one, by=make_host(room), other=two)

    assert (now(one).kept_apart, now(two).kept_apart) == ([two.pk], [one.pk])


def test_a_follow_up_question_is_ready_right_behind_the_other() -> None:
    room = make_room()
    host = make_host(room)
    one, two = (moderating.make_ready(make_contribution(room), by=host) for _ in range(2))
    row = make_contribution(room)

    moderating.follow_on(row, by=host, other=one)

    order = room.contributions.filter(state=State.READY).order_by("position", "pk")
    assert list(order) == [one, row, two]
    assert now(row).kept_apart == [one.pk]


def test_ten_deeds_are_undone_and_no_more() -> None:
    room = make_room()
    host = make_host(room)
    rows = [make_contribution(room) for _ in range(11)]
    for row in rows:
        moderating.make_ready(row, by=host)

    for _ in range(10):
        undoing.undo(room, by=host)
    with pytest.raises(undoing.Nothing):
        undoing.undo(room, by=host)

    assert [now(row).state for row in rows] == [State.READY, *[State.OPEN] * 10]


def test_undoing_overwrites_nobody() -> None:
    room = make_room()
    mine, hers = make_host(room), make_host(room)
    row = make_contribution(room)
    moderating.make_ready(row, by=mine)
    moderating.put_on_stage(now(row), by=hers)

    with pytest.raises(Changed):
        undoing.undo(room, by=mine)

    assert now(row).state == State.STAGE


def test_held_back_and_undone_it_is_shown_again_where_it_was() -> None:
    room = make_room()
    host = make_host(room)
    row = moderating.make_ready(make_contribution(room), by=host)

    moderating.hold_back(row, by=host, reason="person")
    undoing.undo(room, by=host)

    assert (now(row).state, now(row).reason) == (State.READY, "")
    about, data = changes(room.channel)[-1]
    assert (about, data["id"], data["state"]) == ("question", row.pk, "ready")


def test_nothing_is_undone_once_the_report_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    room = make_room()
    host = make_host(room)
    moderating.make_ready(make_contribution(room), by=host)
    monkeypatch.setattr(undoing, "is_over", [lambda _room: True])

    with pytest.raises(undoing.Over):
        undoing.undo(room, by=host)


def test_the_hour_moves_on_and_back_and_no_further() -> None:
    room = make_room()
    host = make_host(room)
    parts = list(room.session.segments.all())

    for _ in parts:
        directing.move_on(room, by=host, way=1)
    with pytest.raises(NotFrom):
        directing.move_on(room, by=host, way=1)
    directing.move_on(room, by=host, way=-1)

    assert Room.objects.get(pk=room.pk).segment_id == parts[-2].pk


def test_a_word_to_the_speaker_goes_out_on_no_channel() -> None:
    room = make_room()

    directing.tell_speaker(room, by=make_host(room), text="CANARY-SPEAKER")

    assert "CANARY" not in said_publicly(room) + repr(changes(room.desk_channel))
    assert Room.objects.get(pk=room.pk).word_to_speaker == "CANARY-SPEAKER"


def test_nobody_sees_a_poll_before_it_is_opened() -> None:
    room = make_room()
    host = make_host(room)

    poll = directing.prepare_poll(
        room,
        by=host,
        kind="single",
        text="CANARY-POLL",
        language="en",
        options=["a", "b"],
        shows_results=True,
    )
    before = said_publicly(room) + repr(changes(room.desk_channel))
    directing.open_poll(poll, by=host, minutes=5)

    assert "CANARY" not in before
    assert "CANARY-POLL" in said_publicly(room)
    assert Room.objects.get(pk=room.pk).poll_id == poll.pk


def deeds_on(room: Room, row: Contribution, other: Contribution, poll: Poll, by: Visitor) -> list[Any]:
    return [
        lambda: moderating.release(row, by=by),
        lambda: moderating.make_ready(row, by=by),
        lambda: moderating.put_on_stage(row, by=by),
        lambda: moderating.take_down(row, by=by),
        lambda: moderating.answer(row, by=by),
        lambda: moderating.follow_up(row, by=by),
        lambda: moderating.hold_back(row, by=by, reason="person"),
        lambda: moderating.merge(row, by=by, into=other),
        lambda: moderating.keep_apart(row, by=by, other=other),
        lambda: moderating.follow_on(row, by=by, other=other),
        lambda: moderating.reorder(row, by=by, way=1),
        lambda: moderating.note(row, by=by, text="x"),
        lambda: undoing.undo(room, by=by),
        lambda: undoing.separate(row, by=by),
        lambda: directing.move_on(room, by=by, way=1),
        lambda: directing.switch(room, by=by, holds=True),
        lambda: directing.prompt(room, by=by, text="x"),
        lambda: directing.tell_speaker(room, by=by, text="x"),
        lambda: directing.say_who_answers(room, by=by, who="x", seconds=60),
        lambda: directing.open_poll(poll, by=by),
        lambda: directing.close_poll(poll, by=by),
        lambda: directing.show_on_wall(room, None, by=by),
        lambda: directing.hide_words(poll, by=by, words="x"),
    ]


def test_nobody_but_a_host_does_any_of_it() -> None:
    room = make_room()
    row, other = make_contribution(room), make_contribution(room)
    poll = Poll.objects.create(room=room, text="Which?", options=["a", "b"])
    stranger = make_visitor(Role.Kind.MANAGER, make_organisation())
    tried = [
        deed
        for by in (ANYONE, make_visitor(), make_visitor(Role.Kind.ADMINISTRATOR), stranger)
        for deed in deeds_on(room, row, other, poll, by)
    ]

    for deed in tried:
        with pytest.raises(PermissionDenied):
            deed()

    assert not Deed.objects.exists()
    assert changes(room.channel) == []


def test_who_hosts_is_the_same_one_by_one_and_for_many_at_once() -> None:
    organiser, elsewhere = make_organisation(), make_organisation()
    consortium = make_consortium("Here", "IT")
    make_membership(organiser, consortium)
    room = make_room()
    room.session.organiser = organiser
    room.session.save()
    kinds = [
        (Role.Kind.EDITOR, organiser),
        (Role.Kind.MANAGER, organiser),
        (Role.Kind.LEAD, consortium),
        (Role.Kind.COORDINATOR, None),
        (Role.Kind.EDITOR, elsewhere),
        (Role.Kind.LEAD, make_consortium("Elsewhere", "FR")),
        (Role.Kind.ADMINISTRATOR, None),
        (Role.Kind.AUTHORITY, organiser),
    ]
    visitors = [make_visitor(), *(make_visitor(kind, body) for kind, body in kinds)]

    alone = {v.person_id for v in visitors if may_moderate(v, room)}
    together = hosts_among(room.session, {0, *(v.person_id or 0 for v in visitors)})

    assert together == alone
    assert len(alone) == 4


def test_who_loses_the_role_may_no_longer_listen(django_assert_max_num_queries: Any) -> None:
    room = make_room()
    host = make_host(room)
    person = host.person_id or 0

    before = hosts_among(room.session, {person})
    Role.objects.filter(person=person).delete()
    after = hosts_among(room.session, {person})

    assert (before, after) == ({person}, set())
    people = {make_host(room).person_id or 0 for _ in range(5)}
    with django_assert_max_num_queries(4):
        assert hosts_among(room.session, people) == people
    Person.objects.filter(pk__in=people).update(is_active=False)
    assert hosts_among(room.session, people) == set()


def test_a_rehearsal_is_wiped_with_what_was_merged_in_it() -> None:
    room = make_room(rehearsal=True)
    host = make_host(room)
    wording, target = make_contribution(room), make_contribution(room)
    vote(wording, "ana")
    moderating.merge(wording, by=host, into=target)

    lifecycle.end_rehearsal(room.session, by=host)

    assert not Contribution.objects.exists()
    assert not Deed.objects.exists()
    assert not Vote.objects.exists()


def test_wordings_are_held_back_with_what_they_are_one_with() -> None:
    room = make_room()
    host = make_host(room)
    wording, target = make_contribution(room), make_contribution(room)
    moderating.merge(wording, by=host, into=target)

    moderating.hold_back(now(target), by=host, reason="person", words="Without the name.")
    told = (now(wording).state, now(wording).reason, now(wording).words)
    undoing.undo(room, by=host)

    assert told == (State.DECLINED, "person", "Without the name.")
    assert (now(wording).state, now(wording).merged_into_id) == (State.MERGED, target.pk)
