"""The index of a running house: current two seconds after a commit, made anew when it is harmed, never broken by a kill."""

import json
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from koinon.search.engine import VERSION
from tests.faults.fallible import House

pytestmark = pytest.mark.server
SLUG = "ncc-it"
IN_TIME = 2.0


class Hand:
    """A process beside the house that does deeds on its database."""

    def __init__(self, house: House) -> None:
        self.process: subprocess.Popen[str] = house.beside(module="tests.faults.search_hand")

    def do(self, **told: Any) -> float:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        return float(json.loads(self.process.stdout.readline()))

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


@pytest.fixture
def hand(fallible: House) -> Iterator[Hand]:
    made = Hand(fallible)
    yield made
    made.end()


def search(house: House, words: str) -> tuple[int, list[str]]:
    """The status, and the titles that hold the words: what is only close in meaning does not count."""
    reply = house.get(f"/api/v1/search?q={quote(words)}&type=organisation&limit=100")
    if reply.status != 200:
        return reply.status, []
    titles = [item["title"] for item in json.loads(reply.body)["items"]]
    return 200, [title for title in titles if words.lower() in title.lower()]


def index_of(house: House) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(house.get("/health/ready").body)["search"]
    return state


def until(what: Callable[[], object], seconds: float) -> float:
    """Ask until it is so; the moment."""
    patience = time.time() + seconds
    while not what():
        assert time.time() < patience, "it did not come about"
        time.sleep(0.02)
    return time.time()


def ready(house: House) -> None:
    until(lambda: (index_of(house)["documents"] or 0) > 100 and not index_of(house)["rebuilding"], 60)


def called(number: int) -> str:
    """A word that nothing else is called."""
    return f"Kwadranto{number:04}x"


def test_what_is_committed_is_found_within_two_seconds(fallible: House, hand: Hand) -> None:
    ready(fallible)
    took = []
    for number in range(5):
        word = called(number)
        done = hand.do(rename=SLUG, to=f"{word} centre")
        took.append(until(lambda word=word: search(fallible, word)[1], 20) - done)  # type: ignore[misc]

    # On a machine that does other things too, the middle one counts.
    assert sorted(took)[2] <= IN_TIME, took
    assert index_of(fallible)["lag"] <= IN_TIME


def test_a_second_house_on_the_same_folder_reads_and_takes_over(fallible: House, hand: Hand) -> None:
    ready(fallible)
    second = House(fallible.data, fallible.database)
    second.start()
    try:
        word = called(100)
        hand.do(rename=SLUG, to=word)
        for house in (fallible, second):
            until(lambda house=house: search(house, word)[1] == [word], 20)  # type: ignore[misc]

        fallible.kill()
        word = called(101)
        done = hand.do(rename=SLUG, to=word)
        found = until(lambda: search(second, word)[1] == [word], 30)

        assert found - done < 10
    finally:
        second.end()
        fallible.start()


def test_a_kill_in_the_middle_leaves_an_index_that_answers(fallible: House, hand: Hand) -> None:
    chance = random.Random(5)
    for number in range(3):
        ready(fallible)
        hand.do(touch=400)
        if number % 2:
            hand.do(rebuild=1)
        time.sleep(chance.random())
        fallible.kill()
        word = called(200 + number)
        hand.do(rename=SLUG, to=word)
        fallible.start()
        # Whatever was half done: what stands answers at once, and what was said meanwhile comes.
        assert search(fallible, "centre")[0] == 200
        until(lambda word=word: search(fallible, word)[1] == [word], 60)  # type: ignore[misc]


def _garble(folder: Path) -> None:
    for file in folder.glob("g-*/*.term"):
        file.write_bytes(bytes(reversed(file.read_bytes())))


@pytest.mark.parametrize("harm", [shutil.rmtree, _garble], ids=["missing", "damaged"])
def test_an_index_that_was_harmed_is_made_anew(fallible: House, harm: Callable[[Path], None]) -> None:
    ready(fallible)
    fallible.end()
    harm(fallible.data / "search")
    fallible.start()

    ready(fallible)

    assert search(fallible, "university")[1]
    assert index_of(fallible)["version"] == VERSION


def test_it_is_made_anew_while_people_search(fallible: House, hand: Hand) -> None:
    ready(fallible)
    before = (fallible.data / "search" / "current").read_text()
    hand.do(rebuild=1)
    answers = []
    patience = time.time() + 30
    while (fallible.data / "search" / "current").read_text() == before and time.time() < patience:
        answers.append(search(fallible, "university"))
    answers += [search(fallible, "university") for _ in range(5)]

    assert (fallible.data / "search" / "current").read_text() != before
    assert {status for status, _ in answers} == {200}
    assert all(titles for _, titles in answers)
