"""The stream under faults: cuts, restarts, readers that do not read, rights that end, two processes, and the order of commits."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from koinon.live import tickets
from koinon.live.testing import Ended, Listener, Refused
from tests import postgresql
from tests.faults.stream_readers import Crowd, Speaker, TinyHouse, raise_limit

pytestmark = pytest.mark.server
LONG = bool(os.environ.get("KOINON_TEST_LONG"))
READERS, CUTS = (1000, 100) if LONG else (100, 20)


@pytest.fixture(params=["descriptors", "transport", "asgi"])
def each_way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TinyHouse]:
    """A small house that writes in one of the three ways."""
    yield from _running(TinyHouse(tmp_path, KOINON_STREAM_WAY=request.param))


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[TinyHouse]:
    yield from _running(TinyHouse(tmp_path))


def _running(house: TinyHouse) -> Iterator[TinyHouse]:
    house.start()
    try:
        yield house
    finally:
        house.end()


def stream(name: str = "a", *, person: int | None = None) -> str:
    return f"/tiny/{name}/events?ticket=" + tickets.issue(f"tiny:{name}", person=person)


def voices(count: int = 200, name: str = "a") -> list[str]:
    return [tickets.issue(f"tiny:{name}", voice=f"voice{number}") for number in range(count)]


def end_of(listener: Listener) -> Ended:
    """Read until the stream ends."""
    patience = time.monotonic() + 10
    while time.monotonic() < patience:
        try:
            listener.read(1)
        except Ended as ended:
            return ended
    raise AssertionError("the stream did not end")


def talk(port: int, over: threading.Event, said: list[str], votes: dict[str, int], pause: float) -> None:
    """Say one thing after the other, and vote, until it is over; keep what was acknowledged."""
    speaker = Speaker(port, voices())
    count = 0
    while not over.is_set():
        count += 1
        word = f"word {count}"
        if count % 3 == 0:
            status, _ = speaker.say({str(count % 7): count})
            if status == 201:
                votes[str(count % 7)] = count
        elif speaker.say(word, at_once=count % 5 == 0)[0] == 201:
            said.append(word)
        time.sleep(pause)
    speaker.close()


def test_who_is_cut_at_any_byte_misses_nothing_and_gets_nothing_twice(each_way: TinyHouse) -> None:
    raise_limit()
    cuts = CUTS if each_way.more["KOINON_STREAM_WAY"] == "descriptors" else CUTS // 4
    crowd = Crowd(each_way.port, stream(), readers=READERS, cuts=cuts, seed=1310)
    said: list[str] = []
    votes: dict[str, int] = {}
    over = threading.Event()
    speaking = threading.Thread(target=talk, args=(each_way.port, over, said, votes, 0.002))
    speaking.start()
    try:
        end = time.monotonic() + (3600 if LONG else 100)
        while crowd.cuts_left and not crowd.wrong and time.monotonic() < end:
            crowd.turn(0.02)
    finally:
        over.set()
        speaking.join()

    others = crowd.until_all_hold(said, votes)
    crowd.end()
    figures = each_way.figures()
    assert crowd.wrong == []
    assert crowd.cuts_left == 0
    assert len(said) > 30
    assert [(len(reader.said), len(said)) for reader in others] == []
    assert sum(reader.resets for reader in crowd.readers) == 0
    assert figures["replays"] > READERS * cuts / 2, figures


def test_a_server_that_was_killed_begins_a_new_epoch(tiny: TinyHouse) -> None:
    speaker = Speaker(tiny.port, voices())
    with Listener(tiny.port, stream()) as listener:
        listener.until("snapshot")
        speaker.say("before")
        before = listener.until("change")
        speaker.say("unseen")
        tiny.kill()
    tiny.start()
    with Listener(tiny.port, stream(), last=before.id) as listener:
        reset, snapshot = listener.until("reset"), listener.until("snapshot")

        assert snapshot.data["said"] == ["before", "unseen"]
        assert reset.id == before.id, "who is cut after the reset must begin anew again"
        assert snapshot.id.split("-")[0] != before.id.split("-")[0]
        speaker.close()
        speaker = Speaker(tiny.port, voices())
        speaker.say("after")
        assert listener.until("change").data["data"] == {"said": "after"}
    speaker.close()


def test_what_was_acknowledged_is_there_after_kills(tiny: TinyHouse) -> None:
    said: list[str] = []
    votes: dict[str, int] = {}
    for turn in range(4):
        over = threading.Event()
        speaking = [
            threading.Thread(target=talk, args=(tiny.port, over, said, votes, 0.0), daemon=True)
            for _ in range(3)
        ]
        for one in speaking:
            one.start()
        time.sleep(0.4 + turn / 10)
        tiny.kill()
        over.set()
        for one in speaking:
            one.join()
        tiny.start()

    with Listener(tiny.port, stream()) as listener:
        held = listener.until("snapshot").data["said"]
    assert len(said) > 50
    assert {word: held.count(word) >= said.count(word) for word in said} == dict.fromkeys(said, True)


def test_a_right_that_ends_cuts_the_stream_within_a_second(tiny: TinyHouse) -> None:
    with (
        Listener(tiny.port, stream(person=5)) as revoked,
        Listener(tiny.port, stream(person=7)) as other,
        Listener(tiny.port, stream()) as anybody,
    ):
        for listener in (revoked, other, anybody):
            listener.until("snapshot")
        begun = time.monotonic()
        (tiny.data / "revoked").write_text("5")
        assert end_of(revoked).clean
        took = time.monotonic() - begun

        assert took < 1, took
        speaker = Speaker(tiny.port, voices())
        speaker.say("still here")
        assert [one.until("change").data["data"]["said"] for one in (other, anybody)] == ["still here"] * 2
        with Listener(tiny.port, stream(person=5)) as again, pytest.raises(Refused) as refused:
            again.read()
        assert refused.value.status == 403

        (tiny.data / "revoked").write_text("0 5")
        end_of(anybody)
        speaker.say("among ourselves")
        assert other.until("change").data["data"]["said"] == "among ourselves"
        speaker.close()


def test_who_never_reads_harms_nobody_and_is_freed(tmp_path: Path) -> None:
    with TinyHouse(tmp_path, TINY_STUCK="5") as tiny:
        deaf = []
        for _ in range(30):
            line = socket.socket()
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.connect(("127.0.0.1", tiny.port))
            line.sendall(f"GET {stream()} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            deaf.append(line)
        speaker = Speaker(tiny.port, voices())
        with Listener(tiny.port, stream()) as listener:
            listener.until("snapshot")
            begun = tiny.figures()
            for number in range(60):
                speaker.say(f"{number} " + "x" * 10_000)
            begun_waiting = time.monotonic()
            speaker.say("the last", at_once=True)
            while listener.until("change").data["data"]["said"] != "the last":
                pass
            waited = time.monotonic() - begun_waiting
            full = tiny.figures()
            end = time.monotonic() + 15
            while (figures := tiny.figures())["readers"] > 1 and time.monotonic() < end:
                time.sleep(0.2)
            speaker.say("and one more")
            assert listener.until("change").data["data"]["said"] == "and one more"
        heard = [one.data["data"]["said"].split()[0] for one in listener.events if one.kind == "change"]
        for line in deaf:
            line.close()
        speaker.close()

    assert begun["readers"] == 31
    assert full["behind"] >= 30, full
    assert waited < 1, waited
    assert heard == [*map(str, range(60)), "the", "and"]
    assert (figures["readers"], figures["stuck"]) == (1, 30)
    # What 30 held of 600 kB each: less than a twentieth of that beyond what the kept changes take.
    assert full["memory"] - begun["memory"] < 12_000_000, (begun, full)


def test_who_is_slow_gets_all_in_the_end(tmp_path: Path) -> None:
    with TinyHouse(tmp_path, TINY_STUCK="3") as tiny, Listener(tiny.port, stream()) as slow:
        slow.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        slow.until("snapshot")
        speaker = Speaker(tiny.port, voices())
        words = [f"{number} " + "y" * 8000 for number in range(60)]
        for word in words:
            speaker.say(word)
        said: list[str] = []
        speaker.say("the last")
        end = time.monotonic() + 30
        seen = 0
        while (not said or said[-1] != "the last") and time.monotonic() < end:
            slow.line.settimeout(1)
            try:
                data = slow.line.recv(4000)
                assert data, "it was cut"
                slow.events += slow.parser.feed(data)
            except TimeoutError:
                continue
            for event in slow.events[seen:]:
                seen += 1
                said = list(event.data["said"]) if event.kind == "snapshot" else said
                if event.kind == "change":
                    said.append(event.data["data"]["said"])
            time.sleep(0.002)
        speaker.close()

        assert said == [*words, "the last"]


def test_idle_readers_hold_no_database_connection(tiny: TinyHouse) -> None:
    count = 10_000 if LONG else 1000
    most = raise_limit()
    assert most > count + 200, "this machine lets a process have too few descriptors"
    crowd = Crowd(tiny.port, stream(), readers=count, cuts=0, seed=1)
    assert crowd.until_all_hold([], {}, seconds=120) == []
    for reader in crowd.readers:
        while not reader.parser.last:
            crowd.turn(0.1)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        crowd.turn(0.1)

    held = []
    for _ in range(12):
        held.append(tiny.figures()["databases"])
        time.sleep(0.11)
    readers = tiny.figures()["readers"]
    crowd.end()
    assert readers == count
    assert sum(held) <= 2, held
    assert max(held) <= 1, held


@pytest.fixture(scope="module")
def cluster() -> Iterator[postgresql.Cluster]:
    if postgresql.programs() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) were not found")
    with postgresql.Cluster() as made:
        yield made


def test_two_processes_on_postgresql_hear_each_other(cluster: postgresql.Cluster, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    # The second does not look by itself, so that only NOTIFY can tell it.
    with (
        TinyHouse(here, cluster.url) as first,
        TinyHouse(there, cluster.url, TINY_LOOK="3600") as second,
        Listener(second.port, stream("both")) as listener,
    ):
        listener.until("snapshot")
        speaker = Speaker(first.port, voices(name="both"), "both")
        took = []
        for number in range(20):
            begun = time.monotonic()
            speaker.say(number, at_once=True)
            assert listener.until("change").data["data"] == {"said": number}
            took.append(time.monotonic() - begun)
            time.sleep(0.02)
        assert sorted(took)[10] < 0.3, took

        _end_listening(cluster)
        speaker.say("while nobody listened")
        assert listener.until("change", seconds=8).data["data"] == {"said": "while nobody listened"}
        speaker.close()


def _end_listening(cluster: postgresql.Cluster) -> None:
    """Break the lines on which processes listen, as a network does."""
    import psycopg

    with psycopg.connect(cluster.url, autocommit=True) as line:
        ended = line.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        ).fetchall()
    assert len(ended) == 2


def test_no_change_is_skipped_by_the_order_of_commits(cluster: postgresql.Cluster, tmp_path: Path) -> None:
    import json
    import subprocess
    import sys

    pairs = 100_000 if LONG else 1000
    house = TinyHouse(tmp_path, cluster.url)
    words = [sys.executable, "-m", "tests.faults.stream_order", str(pairs)]
    done = subprocess.run(words, env=house.environment(), capture_output=True, text=True, timeout=3600)

    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["naive"] == pairs, "the naive build must fail, else this proves nothing"
    assert found["ours"] == 0
    assert found["seen"] == 2 * pairs
