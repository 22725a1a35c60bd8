"""The moderators' desk, the wall and the speaker's view as pages: for whom, without script, and what never stands there."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from koinon.agenda.actions.speaking import secret_of
from koinon.agenda.models import Session, Speaker
from koinon.agenda.testing import make_session
from koinon.network.models import Role
from koinon.network.testing import make_organisation, make_visitor
from koinon.network.visitor import Visitor
from koinon.people.testing import come_in
from koinon.questions.models import Question
from koinon.questions.testing import make_desk
from koinon.room.actions import directing, moderating
from koinon.room.models import Ballot, Contribution, Deed, Poll, Room
from koinon.room.testing import make_contribution, make_room

pytestmark = pytest.mark.django_db
State = Contribution.State


def make_host(room: Room) -> Visitor:
    return make_visitor(Role.Kind.EDITOR, room.session.organiser)


def comes(client: Client, visitor: Visitor) -> Client:
    assert visitor.person is not None
    return come_in(client, visitor.person)


def at_desk(client: Client, room: Room) -> Client:
    return comes(client, make_host(room))


def address(room: Room, name: str = "desk", *more: Any) -> str:
    return reverse(f"room:{name}", args=[room.session.code, *more])


def act(client: Client, row: Contribution, deed: str, **sent: Any) -> Any:
    return client.post(address(row.room, "desk_act", row.pk, deed), {"version": row.version} | sent)


def now(row: Contribution) -> Contribution:
    found = Contribution.objects.get(pk=row.pk)
    found.room = row.room
    return found


def test_only_hosts_see_the_desk(client: Client) -> None:
    room = make_room()
    make_contribution(room, "CANARY-PENDING", state=State.NEW)
    secret = make_room(make_session(audience=Session.Audience.INVITED))
    stranger = make_visitor(Role.Kind.MANAGER, make_organisation())
    pages = [address(room, name) for name in ("desk", "desk_inside", "desk_ticket")]

    nobody = [client.get(page) for page in pages]
    comes(client, stranger)
    foreign = [client.get(page) for page in pages]
    hidden = client.get(address(secret))

    assert [answer.status_code for answer in nobody] == [302] * 3
    assert [answer.status_code for answer in foreign] == [403] * 3
    assert hidden.status_code == 404
    assert not any(b"CANARY" in answer.content for answer in [*nobody, *foreign])


def test_only_hosts_act_there(client: Client) -> None:
    room = make_room()
    row = make_contribution(room)
    poll = Poll.objects.create(room=room, text="Which?", options=["a", "b"])
    comes(client, make_visitor(Role.Kind.MANAGER, make_organisation()))

    answers = [
        act(client, row, "hold", reason="person"),
        client.post(address(room, "desk_run", "close")),
        client.post(address(room, "desk_poll", poll.pk, "open")),
        client.post(address(room, "desk_here"), {"sel": row.pk}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert (now(row).state, Deed.objects.count()) == (State.OPEN, 0)


def test_the_queues_stand_on_the_page_with_what_is_selected(client: Client) -> None:
    room = make_room(holds=True)
    make_contribution(room, "Who pays for the train?", state=State.NEW, votes=2)
    row = make_contribution(room, "Wer zahlt die Reise?", state=State.NEW, language="de", votes=1)
    make_contribution(room, "What is ready", state=State.READY)
    make_contribution(room, "What was held", state=State.DECLINED, reason="person")

    page = at_desk(client, room).get(address(room), {"sel": row.pk})
    words = page.content.decode()

    assert page.status_code == 200
    assert re.search(rf'<li class="sel"[^>]*data-id="{row.pk}"', words)
    assert 'lang="de" dir="auto"' in words
    assert "it names a person" in words
    assert page["Cache-Control"] == "no-store"


def test_a_form_of_the_page_does_what_it_says_and_says_so(client: Client) -> None:
    room = make_room(holds=True)
    row = make_contribution(room, state=State.NEW)
    at_desk(client, room)

    answer = act(client, row, "ready")
    page = client.get(answer["Location"])

    assert now(row).state == State.READY
    assert "Ready for the stage." in page.content.decode()
    assert page.context["undo"][0].kind == "ready"


def test_every_deed_of_the_page_answers(client: Client) -> None:
    make_desk(country="IT")
    room = make_room(holds=True)
    other = make_contribution(room)
    at_desk(client, room)
    tried: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
        "release": ({"state": State.NEW}, {}, State.OPEN),
        "ready": ({}, {}, State.READY),
        "stage": ({"state": State.READY}, {}, State.STAGE),
        "answered": ({"state": State.STAGE}, {}, State.ANSWERED),
        "write": ({}, {"text": "It is on the page."}, State.ANSWERED),
        "down": ({"state": State.STAGE}, {}, State.READY),
        "follow": ({}, {}, State.FOLLOW_UP),
        "carry": ({}, {}, State.FOLLOW_UP),
        "hold": ({}, {"reason": "other", "words": "Twice the same."}, State.DECLINED),
        "merge": ({}, {"into": other.pk}, State.MERGED),
        "apart": ({}, {"into": other.pk}, State.OPEN),
        "then": ({}, {"into": other.pk}, State.READY),
        "up": ({"state": State.READY}, {}, State.READY),
        "lower": ({"state": State.READY}, {}, State.READY),
        "note": ({}, {"text": "Ask Ana."}, State.OPEN),
    }

    for deed, (made, sent, became) in tried.items():
        row = make_contribution(room, **made)
        answer = act(client, row, deed, **sent)
        assert (deed, answer.status_code, now(row).state) == (deed, 302, became)
        assert client.get(answer["Location"]).status_code == 200


def test_the_hour_is_run_by_forms(client: Client) -> None:
    session = make_session()
    at_desk(client, Room(session=session))
    page = reverse("room:desk", args=[session.code])

    def run(deed: str, **sent: Any) -> int:
        room = Room.objects.filter(pk=session.pk).first()
        made = {"version": room.version if room else 1} | sent
        status: int = client.post(reverse("room:desk_run", args=[session.code, deed]), made).status_code
        return status

    assert client.get(page).status_code == 200
    done = [
        run("rehearse"),
        run("rehearsed"),
        run("open"),
        run("next"),
        run("back"),
        run("hold_new"),
        run("show_new"),
        run("stop"),
        run("take"),
        run("prompt", text="What did you try?"),
        run("word", text="Louder, please."),
        run("who", who="Ana", seconds=120),
        run("poll", text="Which?", kind="single", language="en", options="a\nb"),
        run("undo"),
        run("close"),
    ]

    assert done == [302] * len(done)
    assert client.get(page).status_code == 200
    assert Room.objects.get(pk=session.pk).state == Room.State.CLOSED


def test_of_two_who_act_at_once_the_second_is_told(client: Client) -> None:
    room = make_room()
    row = make_contribution(room)
    drawn = row.version
    moderating.make_ready(row, by=make_host(room))

    answer = act(at_desk(client, room), row, "hold", reason="person", version=drawn)

    assert answer.status_code == 409
    assert "nothing was overwritten" in answer.content.decode()
    assert now(row).state == State.READY


def test_what_a_lost_network_sent_twice_is_done_once(client: Client) -> None:
    room = make_room()
    row = make_contribution(room)
    other = moderating.make_ready(make_contribution(room), by=make_host(room))
    row = moderating.make_ready(row, by=make_host(room))
    at_desk(client, room)
    key = uuid4().hex

    first = act(client, row, "up", key=key)
    again = act(client, row, "up", key=key)

    assert (first.status_code, again.status_code, again["Location"]) == (302, 302, first["Location"])
    assert Deed.objects.filter(kind="reorder").count() == 1
    assert (now(row).position, now(other).position) == (1, 2)


@pytest.mark.parametrize(
    ("deed", "sent", "status"),
    [
        ("hold", {}, 422),
        ("hold", {"reason": "other"}, 422),
        ("hold", {"reason": "nonsense"}, 422),
        ("write", {"text": ""}, 422),
        ("write", {"text": "Z" + "\u0301" * 40 + "algo"}, 422),
        ("merge", {"into": "x"}, 422),
        ("merge", {"into": 2**60}, 422),
        ("merge", {"into": 999_999}, 409),
        ("carry", {"to": "nowhere"}, 422),
        ("down", {}, 409),
        ("ready", {"version": "nine"}, 409),
        ("explode", {}, 404),
    ],
)
def test_bad_input_gets_a_plain_word(client: Client, deed: str, sent: dict[str, Any], status: int) -> None:
    room = make_room()
    row = make_contribution(room)

    answer = act(at_desk(client, room), row, deed, **sent)

    assert answer.status_code == status
    assert (now(row).state, Deed.objects.count()) == (State.OPEN, 0)


def test_a_contribution_of_another_room_is_not_there(client: Client) -> None:
    room = make_room()
    foreign = make_contribution(make_room())
    at_desk(client, room)

    answer = client.post(address(room, "desk_act", foreign.pk, "hold"), {"reason": "person", "version": 1})

    assert answer.status_code == 404
    assert now(foreign).state == State.OPEN


def test_a_full_queue_costs_no_more_questions_to_the_database(client: Client, count_queries: Any) -> None:
    room = make_room()
    make_contribution(room)
    at_desk(client, room)
    client.get(address(room))
    with count_queries() as one:
        client.get(address(room))
    for number in range(3):
        make_contribution(room, f"What about village {number}?", language="el")
        make_contribution(room, state=State.ANSWERED, answered_live=True)
    with count_queries() as many:
        client.get(address(room))

    assert len(many) <= len(one)


def test_moderators_see_each_other_and_what_each_has_selected(client: Client) -> None:
    room = make_room()
    row = make_contribution(room)
    ana = make_visitor(Role.Kind.EDITOR, room.session.organiser, name="Ana of the desk")
    comes(client, ana).post(address(room, "desk_here"), {"sel": row.pk})

    page = at_desk(Client(), room).get(address(room)).content.decode()

    assert page.count("Ana of the desk") == 2


def test_the_wall_shows_only_what_everybody_sees(client: Client) -> None:
    room = make_room(holds=True, word_to_speaker="CANARY-SPEAKER")
    host = make_host(room)
    make_contribution(room, "CANARY-PENDING", state=State.NEW, votes=99)
    make_contribution(room, "CANARY-DECLINED", state=State.DECLINED, reason="person", words="CANARY-WORDS")
    on_stage = make_contribution(room, "What is on stage?", note="CANARY-NOTE", contact="canary@example.eu")
    moderating.put_on_stage(on_stage, by=host)
    moderating.make_ready(make_contribution(room, "What is next?"), by=host)
    Poll.objects.create(room=room, text="CANARY-DRAFT", options=["a", "b"])

    pages = [client.get(address(room, name)).content.decode() for name in ("wall", "wall_inside")]

    for page in pages:
        assert "What is on stage?" in page
        assert "What is next?" in page
        assert "canary" not in page.lower()
        assert room.session.code in page
        assert 'class="qr"' in page


def test_the_wall_has_no_controls_and_renews_itself_without_script(client: Client) -> None:
    page = client.get(address(make_room(), "wall")).content.decode()

    assert not re.search(r"<(button|input|select|a )", page)
    assert '<noscript><meta http-equiv="refresh" content="15"></noscript>' in page


def test_a_wall_of_an_invited_session_is_not_there_for_others(client: Client) -> None:
    room = make_room(make_session(audience=Session.Audience.INVITED))

    assert [client.get(address(room, name)).status_code for name in ("wall", "speaker")] == [404, 404]


def test_a_long_text_is_set_smaller(client: Client) -> None:
    room = make_room()
    moderating.put_on_stage(make_contribution(room, "Why? " * 100), by=make_host(room))

    assert '<p class="q longest"' in client.get(address(room, "wall")).content.decode()


def test_a_poll_on_the_wall_has_bars_to_scale(client: Client) -> None:
    room = make_room()
    host = make_host(room)
    poll = directing.prepare_poll(
        room, by=host, kind="single", text="Which?", language="en", options=["one", "two"], shows_results=True
    )
    directing.open_poll(poll, by=host)
    Ballot.objects.bulk_create(
        Ballot(poll=poll, voice=str(number), choices=[int(number == 0)]) for number in range(4)
    )

    page = client.get(address(room, "wall")).content.decode()

    assert '<li class="v75"><span lang="en" dir="auto">one</span><b>75 %</b></li>' in page
    assert "<p>4 answers.</p>" in page


def test_words_that_were_taken_off_are_on_no_wall(client: Client) -> None:
    room = make_room()
    host = make_host(room)
    poll = directing.prepare_poll(
        room, by=host, kind="words", text="One word?", language="en", options=[], shows_results=True
    )
    directing.open_poll(poll, by=host)
    for number, words in enumerate(("trust", "CANARY", "canary")):
        Ballot.objects.create(poll=poll, voice=str(number), words=words)
    poll.room = room

    assert directing.hide_words(poll, by=host, words="Canary") == 2

    page = client.get(address(room, "wall")).content.decode()
    assert "trust" in page
    assert "canary" not in page.lower()


def test_a_speaker_sees_what_to_answer_and_the_word_of_the_moderator(client: Client) -> None:
    room = make_room(word_to_speaker="One town as an example, please.")
    moderating.put_on_stage(make_contribution(room, "What now?"), by=make_host(room))
    speaker = Speaker.objects.create(session=room.session, name="Ana", seed="a" * 64)
    gone = Speaker.objects.create(session=room.session, name="Ben", seed="b" * 64, state="declined")
    elsewhere = Speaker.objects.create(session=make_session(), name="Cem", seed="c" * 64)

    page = client.get(address(room, "speaker"), {"k": secret_of(speaker)})
    refused = [
        client.get(address(room, "speaker"), {"k": key})
        for key in ("", "x", secret_of(gone), secret_of(elsewhere))
    ]

    words = page.content.decode()
    assert (page.status_code, "What now?" in words, "One town as an example" in words) == (200, True, True)
    assert [answer.status_code for answer in refused] == [403] * 4
    assert not any("One town" in answer.content.decode() for answer in refused)


def test_a_speaker_who_is_signed_in_needs_no_link(client: Client) -> None:
    room = make_room()
    somebody = make_visitor()
    Speaker.objects.create(session=room.session, name="Ana", person=somebody.person)

    assert comes(client, somebody).get(address(room, "speaker")).status_code == 200
    assert comes(Client(), make_visitor()).get(address(room, "speaker")).status_code == 403


def test_three_languages_are_grouped_as_one_by_the_moderator(client: Client) -> None:
    room = make_room(holds=True)
    greek = make_contribution(
        room, "Σε ποιο κέντρο απευθύνεται ένας μικρός δήμος;", language="el", state=State.NEW
    )
    italian = make_contribution(
        room, "A quale centro si rivolge un piccolo comune?", language="it", state=State.NEW
    )
    english = make_contribution(room, "Which centre does a small municipality call?", state=State.NEW)
    at_desk(client, room)

    act(client, english, "release")
    act(client, greek, "merge", into=english.pk)
    act(client, italian, "merge", into=english.pk)
    act(client, now(english), "stage")
    wall = client.get(address(room, "wall")).content.decode()
    act(client, now(english), "carry")

    assert "Which centre does a small municipality call?" in wall
    assert {now(row).merged_into_id for row in (greek, italian)} == {english.pk}
    assert Question.objects.count() == 3
    assert set(Question.objects.values_list("state", flat=True)) == {"waiting", "merged"}


@pytest.mark.parametrize("language", ["de", "el"])
def test_the_pages_speak_other_languages(client: Client, language: str) -> None:
    room = make_room()
    make_contribution(room)
    at_desk(client, room)

    for name in ("desk", "wall", "speaker"):
        assert client.get(f"/{language}{address(room, name)}").status_code == 200
