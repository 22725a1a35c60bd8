"""Faults of the room: killed, cut, and eight at once. What was acknowledged is kept once, and each total is its rows."""

import json
import os
import random
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.faults.fallible import House, Reply
from tests.faults.room_hall import Beside, Hall, come_in, kill
from tests.faults.siege import wrong

pytestmark = pytest.mark.server
LONG = bool(os.environ.get("KOINON_TEST_LONG"))
WRITES, KILLS = (6000, 60) if LONG else (300, 6)
TOGGLES = 10_000 if LONG else 1000
AT_ONCE = 8
SEED = int(os.environ.get("KOINON_SIEGE_SEED", "1310"))


@pytest.fixture(scope="module")
def beside(fallible: House) -> Iterator[Beside]:
    """A process on the database of the house."""
    made = Beside(fallible)
    yield made
    made.end()


def a_saying() -> tuple[str, str]:
    """A new key, and words that were never said."""
    key = str(uuid.uuid4())
    return key, f"Which costs count for {key}?"


def test_no_acknowledged_question_vote_or_ballot_is_lost_or_doubled(fallible: House, beside: Beside) -> None:
    found = Hall(fallible, beside, writes=WRITES, kills=KILLS, seed=SEED).run()

    figures = found["figures"]
    print(figures)
    assert wrong(found) == {}, wrong(found)
    assert figures["acknowledged"] >= WRITES, figures
    assert figures["kills"] == KILLS, figures
    # Whoever is cut by a restart begins anew: in a new epoch, after a reset.
    assert figures["resets"] >= figures["starts from nothing"] >= 2, figures
    assert figures["epochs"] > figures["starts from nothing"], figures
    assert figures["cuts of the onlooker"] >= KILLS - 1, figures


def test_a_total_is_its_rows_after_a_thousand_toggles_at_once(fallible: House, beside: Beside) -> None:
    made = beside.call("open_room", contributions=1)
    pk = made["ids"][0]
    # So many that nobody is told to wait; each is used by all threads.
    voices = [come_in(fallible, made["code"], number) for number in range(TOGGLES // 30 + 1)]

    def toggle(turn: int) -> dict[str, Any]:
        chance = random.Random(SEED + turn)
        voting = voices[turn // 2 % len(voices)].voting(pk, voted=chance.random() < 0.5)
        return voting.until_acknowledged(fallible)[0]

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        answers = list(crowd.map(toggle, range(TOGGLES)))

    assert len(answers) == TOGGLES
    assert {answer["id"] for answer in answers} == {pk}
    assert max(answer["votes"] for answer in answers) <= len(voices)
    total, rows = beside.call("totals", code=made["code"])[str(pk)]
    assert total == rows

    for number, voice in enumerate(voices):
        voice.voting(pk, voted=number % 2 == 0).until_acknowledged(fallible)

    wanted = (len(voices) + 1) // 2
    assert beside.call("totals", code=made["code"]) == {str(pk): [wanted, wanted]}


def test_one_vote_a_voice_however_often_at_once(fallible: House, beside: Beside) -> None:
    made = beside.call("open_room", contributions=1)
    pk = made["ids"][0]
    voice = come_in(fallible, made["code"], 1)
    voting = voice.voting(pk, voted=True)

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        answers = [crowd.submit(voting.until_acknowledged, fallible) for _ in range(AT_ONCE * 4)]

    assert [answer.result()[0] for answer in answers] == [{"id": pk, "votes": 1, "voted": True}] * len(
        answers
    )
    assert beside.call("totals", code=made["code"]) == {str(pk): [1, 1]}


def test_the_same_key_eight_times_at_once_acts_once(fallible: House, beside: Beside) -> None:
    code = beside.call("open_room")["code"]
    key, text = a_saying()
    request = come_in(fallible, code, 1).saying(key, text)

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        first = [reply.status for reply in crowd.map(lambda _: request.send(fallible), range(AT_ONCE))]
        answers = list(crowd.map(lambda _: request.until_acknowledged(fallible)[0], range(AT_ONCE)))

    # Who comes while it is being done is told so, and gets the same answer afterwards.
    assert set(first) <= {201, 409}
    assert 201 in first
    assert len({(answer["id"], answer["receipt"]) for answer in answers}) == 1
    assert beside.call("count", code=code, text=text) == 1


def test_the_same_key_with_other_words_is_refused(fallible: House, beside: Beside) -> None:
    code = beside.call("open_room")["code"]
    key, text = a_saying()
    voice, other = (come_in(fallible, code, number) for number in (1, 2))
    answer, _times = voice.saying(key, text).until_acknowledged(fallible)

    replies = [voice.saying(key, f"{text} And which do not?").send(fallible) for _ in range(2)]
    of_another = json.loads(_answered(other.saying(key, f"{text} Says another.").send(fallible)).body)

    assert [reply.status for reply in replies] == [422, 422]
    assert beside.call("count", code=code, text=f"{text} And which do not?") == 0
    # A key is a voice's own.
    assert of_another["id"] != answer["id"]
    assert beside.call("count", code=code, text=f"{text} Says another.") == 1


@pytest.mark.parametrize("killed", [False, True])
def test_cut_between_commit_and_reply_it_acts_once(fallible: House, beside: Beside, killed: bool) -> None:
    made = beside.call("open_room", contributions=1)
    code, pk = made["code"], made["ids"][0]
    voice = come_in(fallible, code, 1)
    key, text = a_saying()

    def wait_for_the_commit() -> None:
        patience = time.monotonic() + 60
        while not beside.call("count", code=code, text=text) and time.monotonic() < patience:
            time.sleep(0.01)
        if killed:
            kill(fallible)

    voice.saying(key, text).hang_up(fallible, until=wait_for_the_commit)
    assert beside.call("count", code=code, text=text) == 1
    if killed:
        fallible.start()
    answers = [voice.saying(key, text).until_acknowledged(fallible)[0] for _ in range(2)]
    votes = [voice.voting(pk, voted=True).until_acknowledged(fallible)[0] for _ in range(2)]

    assert answers[0] == answers[1]
    assert beside.call("count", code=code, text=text) == 1
    assert votes == [{"id": pk, "votes": 1, "voted": True}] * 2


@pytest.mark.parametrize("after", [0, 0.001, 0.01, 0.2])
def test_cut_at_some_moment_and_sent_again_it_acts_once(
    fallible: House, beside: Beside, after: float
) -> None:
    made = beside.call("open_room", contributions=1)
    code, pk = made["code"], made["ids"][0]
    voice = come_in(fallible, code, 1)
    key, text = a_saying()

    for request in (voice.saying(key, text), voice.voting(pk, voted=True)):
        request.hang_up(fallible, until=lambda: time.sleep(after))
        request.until_acknowledged(fallible)

    assert beside.call("count", code=code, text=text) == 1
    assert beside.call("totals", code=code)[str(pk)] == [1, 1]


def _answered(reply: Reply) -> Reply:
    assert reply.status == 201, reply
    return reply
