"""No question is lost: from the room to a desk, under the receipt that its asker holds already."""

import pytest
from django.core.exceptions import PermissionDenied

from koinon.live.testing import changes
from koinon.mail.models import Outbox
from koinon.network.models import Role
from koinon.network.testing import make_organisation, make_visitor
from koinon.network.visitor import Visitor
from koinon.places.models import Place
from koinon.questions.actions.receipts import code_from
from koinon.questions.models import Question
from koinon.questions.testing import make_desk
from koinon.room.actions import carrying, moderating, undoing
from koinon.room.models import Contribution, Room
from koinon.room.testing import make_contribution, make_room

pytestmark = pytest.mark.django_db
State = Contribution.State


def make_host(room: Room) -> Visitor:
    return make_visitor(Role.Kind.EDITOR, room.session.organiser)


def now(contribution: Contribution) -> Contribution:
    return Contribution.objects.get(pk=contribution.pk)


def test_one_key_hands_it_to_the_centre_of_its_place_and_the_receipt_goes_on() -> None:
    centre, _people = make_desk(country="FR")
    room = make_room()
    row = make_contribution(room, place=Place.objects.get(pk="FR"), language="fr", page_language="fr")

    carrying.carry(row, by=make_host(room))

    question = Question.objects.get()
    assert (question.desk, question.channel, question.language) == (centre, "session", "fr")
    assert question.page_language == "fr"
    assert Question.objects.with_code(code_from(row.seed)).get() == question
    assert (now(row).state, now(row).question) == (State.FOLLOW_UP, question)
    assert changes(room.channel)[-1][1]["desk"]["name"] == centre.name


def test_handing_it_on_twice_gives_one_question() -> None:
    make_desk(country="IT")
    room = make_room()
    row = make_contribution(room)
    host = make_host(room)

    carrying.carry(row, by=host)
    carrying.carry(now(row), by=host)
    carrying.carry_all_open(room)

    assert Question.objects.count() == 1


def test_moderators_choose_another_desk_and_the_asker_reads_why() -> None:
    make_desk(country="IT")
    chosen, _people = make_desk(country="FR")
    room = make_room()

    carrying.carry(make_contribution(room), by=make_host(room), to=chosen)

    question = Question.objects.get()
    assert (question.desk, question.because["rung"]) == (chosen, "session")


def test_a_desk_where_nobody_works_takes_nothing() -> None:
    room = make_room()

    with pytest.raises(carrying.NoDesk):
        carrying.carry(make_contribution(room), by=make_host(room), to=make_organisation())

    assert not Question.objects.exists()


def test_what_was_never_shown_is_not_shown_by_handing_it_on() -> None:
    make_desk(country="IT")
    room = make_room(holds=True)
    row = make_contribution(room, "CANARY-PENDING", state=State.NEW)

    carrying.carry(row, by=make_host(room))

    assert changes(room.channel) == []
    assert "CANARY" not in repr(changes(room.desk_channel))
    assert (now(row).state, Question.objects.get().text) == (State.NEW, "CANARY-PENDING")


def test_who_asked_in_other_words_keeps_a_receipt_too() -> None:
    centre, _people = make_desk(country="IT")
    room = make_room()
    host = make_host(room)
    row, wording = make_contribution(room), make_contribution(room, language="el")
    moderating.merge(wording, by=host, into=row)

    carrying.carry(now(row), by=host)

    main = Question.objects.with_code(code_from(row.seed)).get()
    twin = Question.objects.with_code(code_from(wording.seed)).get()
    assert (twin.state, twin.merged_into, twin.desk) == ("merged", main, centre)
    # The desk is told of one question, not of each wording.
    assert Outbox.objects.filter(key__contains=":desk:").count() == 1


def test_at_the_close_nothing_that_is_open_is_lost() -> None:
    make_desk(country="IT")
    room = make_room()
    states = (State.NEW, State.OPEN, State.READY, State.STAGE, State.FOLLOW_UP)
    rows = {state: make_contribution(room, state=state) for state in states}
    shared = make_contribution(room, kind="experience")
    answered = make_contribution(room, state=State.ANSWERED, answered_live=True)
    given, _people = make_desk(country="FR")
    Contribution.objects.filter(pk=rows[State.FOLLOW_UP].pk).update(carry_to=given)

    carrying.carry_all_open(room)
    carrying.carry_all_open(room)

    assert Question.objects.count() == len(states)
    assert {state: now(row).state for state, row in rows.items()} == {
        state: State.NEW if state == State.NEW else State.FOLLOW_UP for state in states
    }
    assert all(now(row).question is not None for row in rows.values())
    follow = now(rows[State.FOLLOW_UP]).question
    assert follow is not None
    assert follow.desk == given
    assert (now(shared).question, now(answered).question) == (None, None)


def test_a_rehearsal_hands_nothing_to_anybody() -> None:
    make_desk(country="IT")
    room = make_room(rehearsal=True)
    row = make_contribution(room)

    carrying.carry(row, by=make_host(room))
    carrying.carry_all_open(room)

    assert not Question.objects.exists()
    assert now(row).state == State.FOLLOW_UP


def test_undone_it_is_back_in_the_room_and_the_desk_keeps_its_promise() -> None:
    make_desk(country="IT")
    room = make_room()
    host = make_host(room)
    row = make_contribution(room)
    carrying.carry(row, by=host)

    undoing.undo(room, by=host)
    back = now(row)
    carrying.carry(back, by=host)

    assert (back.state, back.question is not None) == (State.OPEN, True)
    assert now(row).state == State.FOLLOW_UP
    assert Question.objects.count() == 1


def test_the_place_is_its_own_else_the_sessions_only_one_else_the_organisers_country_else_europe() -> None:
    room = make_room()
    row = make_contribution(room, place=Place.objects.get(pk="FR"))
    bare = make_contribution(room)
    found = [carrying.place_of(row).pk, carrying.place_of(bare).pk]
    room.session.places.add(Place.objects.get(pk="DE"))
    found.append(carrying.place_of(bare).pk)
    room.session.places.add(Place.objects.get(pk="AT"))
    found.append(carrying.place_of(bare).pk)
    room.session.organiser = make_organisation(country="")
    found.append(carrying.place_of(bare).pk)

    assert found == ["FR", "IT", "DE", "IT", "EU"]


def test_only_a_host_hands_on() -> None:
    room = make_room()

    with pytest.raises(PermissionDenied):
        carrying.carry(make_contribution(room), by=make_visitor())

    assert not Question.objects.exists()


def test_what_is_merged_into_something_at_a_desk_follows_it_at_the_close() -> None:
    make_desk(country="IT")
    room = make_room()
    host = make_host(room)
    row, wording = make_contribution(room), make_contribution(room, language="el")
    carrying.carry(row, by=host)
    moderating.merge(wording, by=host, into=now(row))

    carrying.carry_all_open(room)
    carrying.carry_all_open(room)

    twin = Question.objects.with_code(code_from(wording.seed)).get()
    assert (twin.state, twin.merged_into) == ("merged", now(row).question)
    assert Question.objects.count() == 2
