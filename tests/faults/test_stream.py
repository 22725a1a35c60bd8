"""The stream under faults: cuts, restarts, readers that do not read, rights that end, two processes, and the order of commits."""

import os
import socket
import threading
import time
import uuid
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


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyHouse]:
    yield from _running(TinyHouse(tmp_path_factory.mktemp("tiny"), TINY_STUCK="5"))


@pytest.fixture
def tiny(shared: TinyHouse) -> TinyHouse:
    """A small house that tests share, and may end: then it is started again."""
    if shared.process is None or shared.process.poll() is not None:
        shared.start()
    return shared


@pytest.fixture
def name() -> str:
    """A channel of the test's own."""
    return "a" + uuid.uuid4().hex[:8]


def _running(house: TinyHouse) -> Iterator[TinyHouse]:
    house.start()
    try:
        yield house
    finally:
        house.end()


def stream(name: str, *, person: int | None = None) -> str:
    return f"/tiny/{name}/events?ticket=" + tickets.issue(f"tiny:{name}", person=person)


def speaks(port: int, name: str) -> Speaker:
    voices = [tickets.issue(f"tiny:{name}", voice=uuid.uuid4().hex) for _ in range(200)]
    return Speaker(port, voices, name)


def end_of(listener: Listener) -> Ended:
    """Read until the stream ends."""
    patience = time.monotonic() + 10
    while time.monotonic() < patience:
        try:
            listener.read(1)
        except Ended as ended:
            return ended
    raise AssertionError("the stream did not end")


def talk(
    port: int, name: str, over: threading.Event, said: list[str], votes: dict[str, int], pause: float
) -> None:
    """Say one thing after the other, and vote, until it is over; keep what was acknowledged."""
    speaker = speaks(port, name)
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


def test_who_is_cut_at_any_byte_misses_nothing_and_gets_nothing_twice(each_way: TinyHouse, name: str) -> None:
    raise_limit()
    cuts = CUTS if each_way.more["KOINON_STREAM_WAY"] == "descriptors" else CUTS // 4
    crowd = Crowd(each_way.port, stream(name), readers=READERS, cuts=cuts, seed=1310)
    said: list[str] = []
    votes: dict[str, int] = {}
    over = threading.Event()
    speaking = threading.Thread(target=talk, args=(each_way.port, name, over, said, votes, 0.002))
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


def test_a_server_that_was_killed_begins_a_new_epoch(tiny: TinyHouse, name: str) -> None:
    speaker = speaks(tiny.port, name)
    with Listener(tiny.port, stream(name)) as listener:
        listener.until("snapshot")
        speaker.say("before")
        before = listener.until("change")
        speaker.say("unseen")
        tiny.kill()
    tiny.start()
    with Listener(tiny.port, stream(name), last=before.id) as listener:
        reset, snapshot = listener.until("reset"), listener.until("snapshot")

        assert snapshot.data["said"] == ["before", "unseen"]
        assert reset.id == before.id, "who is cut after the reset must begin anew again"
        assert snapshot.id.split("-")[0] != before.id.split("-")[0]
        speaker.close()
        speaker = speaks(tiny.port, name)
        speaker.say("after")
        assert listener.until("change").data["data"] == {"said": "after"}
    speaker.close()


def test_a_server_that_is_told_to_stop_ends_its_streams(tiny: TinyHouse, name: str) -> None:
    with Listener(tiny.port, stream(name)) as one, Listener(tiny.port, stream(name)) as other:
        one.until("snapshot")
        other.until("snapshot")
        begun = time.monotonic()
        tiny.end()
        took = time.monotonic() - begun

        assert end_of(one).clean
        assert end_of(other).clean
        # It would wait ten seconds for streams that do not end.
        assert took < 8, took


def test_what_was_acknowledged_is_there_after_kills(tiny: TinyHouse, name: str) -> None:
    said: list[str] = []
    votes: dict[str, int] = {}
    for turn in range(4):
        over = threading.Event()
        speaking = [
            threading.Thread(target=talk, args=(tiny.port, name, over, said, votes, 0.0), daemon=True)
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

    with Listener(tiny.port, stream(name)) as listener:
        held = listener.until("snapshot").data["said"]
    assert len(said) > 50
    assert {word: held.count(word) >= said.count(word) for word in said} == dict.fromkeys(said, True)


def test_a_right_that_ends_cuts_the_stream_within_a_second(tiny: TinyHouse, name: str) -> None:
    with (
        Listener(tiny.port, stream(name, person=5)) as revoked,
        Listener(tiny.port, stream(name, person=7)) as other,
        Listener(tiny.port, stream(name)) as anybody,
    ):
        for listener in (revoked, other, anybody):
            listener.until("snapshot")
        begun = time.monotonic()
        (tiny.data / "revoked").write_text("5")
        assert end_of(revoked).clean
        took = time.monotonic() - begun

        assert took < 1, took
        speaker = speaks(tiny.port, name)
        speaker.say("still here")
        assert [one.until("change").data["data"]["said"] for one in (other, anybody)] == ["still here"] * 2
        with Listener(tiny.port, stream(name, person=5)) as again, pytest.raises(Refused) as refused:
            again.read()
        assert refused.value.status == 403

        (tiny.data / "revoked").write_text("0 5")
        end_of(anybody)
        speaker.say("among ourselves")
        assert other.until("change").data["data"]["said"] == "among ourselves"
        speaker.close()
    (tiny.data / "revoked").unlink()


def test_who_never_reads_harms_nobody_and_is_freed(tiny: TinyHouse, name: str) -> None:
    deaf = []
    for _ in range(30):
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", tiny.port))
        line.sendall(f"GET {stream(name)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        deaf.append(line)
    speaker = speaks(tiny.port, name)
    try:
        with Listener(tiny.port, stream(name)) as listener:
            listener.until("snapshot")
            begun = tiny.figures()
            for number in range(60):
                speaker.say(f"{number} " + "x" * 10_000)
            asked = time.monotonic()
            speaker.say("the last", at_once=True)
            while listener.until("change").data["data"]["said"] != "the last":
                pass
            waited = time.monotonic() - asked
            full = tiny.figures()
            end = time.monotonic() + 20
            while (figures := tiny.figures())["readers"] > 1 and time.monotonic() < end:
                time.sleep(0.2)
            speaker.say("and one more")
            assert listener.until("change").data["data"]["said"] == "and one more"
        heard = [one.data["data"]["said"].split()[0] for one in listener.events if one.kind == "change"]
    finally:
        for line in deaf:
            line.close()
        speaker.close()

    assert begun["readers"] == 31
    assert full["behind"] >= 30, full
    assert waited < 2, waited
    assert heard == [*map(str, range(60)), "the", "and"]
    assert (figures["readers"], figures["stuck"] - begun["stuck"]) == (1, 30)
    # A copy of its own for each of them would be 18 MB.
    assert full["memory"] - begun["memory"] < 12_000_000, (begun, full)


def test_who_is_slow_gets_all_in_the_end(tiny: TinyHouse, name: str) -> None:
    words = [f"{number} " + "y" * 8000 for number in range(60)]
    said: list[str] = []
    with Listener(tiny.port, stream(name)) as slow:
        slow.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        slow.until("snapshot")
        speaker = speaks(tiny.port, name)
        speaking = threading.Thread(target=lambda: [speaker.say(word) for word in [*words, "the last"]])
        speaking.start()
        slow.line.settimeout(1)
        end = time.monotonic() + 60
        while (not said or said[-1] != "the last") and time.monotonic() < end:
            time.sleep(0.002)
            try:
                data = slow.line.recv(4000)
            except TimeoutError:
                continue
            assert data, "it was cut"
            for event in slow.parser.feed(data):
                if event.kind == "snapshot":
                    said = list(event.data["said"])
                elif event.kind == "change":
                    said.append(event.data["data"]["said"])
        speaking.join()
        speaker.close()

    assert said == [*words, "the last"]


@pytest.fixture
def untouched(tmp_path: Path) -> Iterator[TinyHouse]:
    """A house where nothing was written: as long as one connection stays open, SQLite keeps the descriptors of others too."""
    yield from _running(TinyHouse(tmp_path))


def test_idle_readers_hold_no_database_connection(untouched: TinyHouse, name: str) -> None:
    tiny = untouched
    count = 10_000 if LONG else 1000
    most = raise_limit()
    assert most > count + 200, "this machine lets a process have too few descriptors"
    crowd = Crowd(tiny.port, stream(name), readers=count, cuts=0, seed=1)
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
        speaker = speaks(first.port, "both")
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
