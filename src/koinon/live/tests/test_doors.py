"""What a door takes, what it refuses in plain words, and that the room goes on meanwhile. On a real server, over real lines."""

import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import pytest

from koinon.live import tickets
from koinon.live.limits import Bucket
from koinon.live.testing import Listener, Refused
from tests.faults.stream_readers import TinyHouse

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyHouse]:
    with TinyHouse(tmp_path_factory.mktemp("tiny"), TINY_SILENCE="0.5") as house:
        yield house


@pytest.fixture
def name() -> str:
    """A channel of the test's own."""
    return "a" + uuid.uuid4().hex[:8]


class Said:
    """An answer: status, headers by lower-case name, body."""

    def __init__(self, tiny: TinyHouse, method: str, path: str, body: Any = None, **headers: str) -> None:
        sent = body if isinstance(body, bytes | str | None) else json.dumps(body)
        line = HTTPConnection("127.0.0.1", tiny.port, timeout=20)
        try:
            line.request(method, path, sent, {name.replace("_", "-"): text for name, text in headers.items()})
            answer = line.getresponse()
            self.status, self.bytes = answer.status, answer.read()
            self.headers = {name.lower(): text for name, text in answer.getheaders()}
        finally:
            line.close()

    @property
    def json(self) -> Any:
        return json.loads(self.bytes)


def bearer(name: str, voice: str = "") -> str:
    return "Bearer " + tickets.issue(f"tiny:{name}", voice=voice or uuid.uuid4().hex)


def say(tiny: TinyHouse, name: str, said: Any, **headers: str) -> Said:
    headers.setdefault("Authorization", bearer(name))
    return Said(tiny, "POST", f"/tiny/{name}/say", {"said": said}, **headers)


def shown(tiny: TinyHouse, name: str) -> list[Any]:
    """All that was said on this channel."""
    with Listener(tiny.port, f"/tiny/{name}/events?ticket={tickets.issue(f'tiny:{name}')}") as listener:
        time.sleep(0.2)
        listener.until("snapshot")
        whole = list(listener.events[0].data["said"])
        while listener.read(0.2):
            pass
        return whole + [one.data["data"]["said"] for one in listener.events[1:]]


def test_many_are_committed_together_and_one_bad_job_harms_nobody(tiny: TinyHouse, name: str) -> None:
    before = len(tiny.figures()["batches"])
    words = [f"word {number}" if number % 20 else "bad" for number in range(200)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda word: say(tiny, name, word), words))

    good = [word for word in words if word != "bad"]
    assert [one.status for one in answers] == [500 if word == "bad" else 201 for word in words]
    assert len({one.json["reference"] for one in answers if one.status == 500}) == 10
    numbers = [one.json["number"] for one in answers if one.status == 201]
    assert sorted(numbers) == list(range(1, len(good) + 1))
    assert sorted(shown(tiny, name)) == sorted(good)
    batches = tiny.figures()["batches"][before:]
    assert sum(batches) == len(good)
    assert max(batches) > 1


def test_the_answer_comes_after_the_commit(tiny: TinyHouse, name: str) -> None:
    with Listener(tiny.port, f"/tiny/{name}/events?ticket={tickets.issue(f'tiny:{name}')}") as listener:
        listener.until("snapshot")
        for number in range(20):
            assert say(tiny, name, number).json["number"] == number + 1
            assert listener.until("change").data["data"]["said"] == number


def test_the_same_key_at_the_same_moment_is_told_to_wait(tiny: TinyHouse, name: str) -> None:
    key, who = str(uuid.uuid4()), bearer(name)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(say, tiny, name, "slow", Authorization=who, Idempotency_Key=key)
        time.sleep(0.2)
        second = say(tiny, name, "slow", Authorization=who, Idempotency_Key=key)
        other = say(tiny, name, "mine", Authorization=bearer(name), Idempotency_Key=key)

    assert (first.result().status, second.status, other.status) == (201, 409, 201)
    assert second.headers["retry-after"] == "1"
    assert first.result().json["key"] == key
    assert sorted(shown(tiny, name)) == ["mine", "slow"]


def test_who_goes_away_in_the_middle_keeps_the_key(tiny: TinyHouse, name: str) -> None:
    key, who = str(uuid.uuid4()), bearer(name)
    body = b'{"said": "slow"}'
    head = f"POST /tiny/{name}/say HTTP/1.1\r\nHost: x\r\nAuthorization: {who}\r\nIdempotency-Key: {key}\r\n"
    with socket.create_connection(("127.0.0.1", tiny.port)) as line:
        line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        time.sleep(0.2)

    assert say(tiny, name, "slow", Authorization=who, Idempotency_Key=key).status == 409
    time.sleep(0.6)
    assert shown(tiny, name) == ["slow"]


@pytest.mark.parametrize("key", ["1", "x" * 5000, "00000000-0000-0000-0000-00000000000g", "' OR 1=1"])
def test_a_key_that_is_no_uuid_is_refused(tiny: TinyHouse, name: str, key: str) -> None:
    refused = say(tiny, name, "x", Idempotency_Key=key)

    assert (refused.status, refused.json["detail"]) == (422, "Idempotency-Key is a UUID.")
    assert refused.headers["content-type"] == "application/problem+json"


def test_without_a_ticket_it_goes_on_to_django(tiny: TinyHouse, name: str) -> None:
    path = f"/tiny/{name}/say"

    assert Said(tiny, "POST", path, {"said": 1}).bytes == b"from inside"
    assert Said(tiny, "POST", path, {"said": 1}, Authorization="Bearer koinon_abc").bytes == b"from inside"
    assert Said(tiny, "POST", path, {"said": 1}, Authorization="Basic kt1.abc").bytes == b"from inside"
    assert Said(tiny, "PUT", path, {"said": 1}, Authorization=bearer(name)).bytes == b"from inside"
    assert Said(tiny, "GET", path).bytes == b"from inside"
    assert Said(tiny, "POST", f"/tiny/{name}/events").bytes == b"from inside"
    assert Said(tiny, "HEAD", f"/tiny/{name}/events?ticket=x").status == 200
    assert shown(tiny, name) == []


def test_a_door_has_every_language(tiny: TinyHouse, name: str) -> None:
    path = f"/el/tiny/{name}/say"

    assert Said(tiny, "POST", path, {"said": "γεια"}, Authorization=bearer(name)).status == 201
    assert shown(tiny, name) == ["γεια"]


@pytest.mark.parametrize("forged", ["kt1.", "kt1.abc.def", "kt1." + "x" * 3000])
def test_a_forged_ticket_writes_nothing(tiny: TinyHouse, name: str, forged: str) -> None:
    refused = say(tiny, name, "x", Authorization=f"Bearer {forged}")

    assert (refused.status, refused.json["status"], refused.json["title"]) == (401, 401, "Unauthorized")
    assert shown(tiny, name) == []


def test_an_old_ticket_still_writes_but_listens_no_more(
    tiny: TinyHouse, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 11 * 60)
    old = tickets.issue(f"tiny:{name}", voice="v")
    monkeypatch.setattr(time, "time", lambda: now - 25 * 3600)
    older = tickets.issue(f"tiny:{name}", voice="v")
    monkeypatch.undo()

    assert say(tiny, name, "x", Authorization=f"Bearer {old}").status == 201
    assert say(tiny, name, "x", Authorization=f"Bearer {older}").status == 401
    assert Said(tiny, "GET", f"/tiny/{name}/events?ticket={old}").status == 401


def test_a_ticket_of_another_room_opens_nothing(tiny: TinyHouse, name: str) -> None:
    foreign = tickets.issue("tiny:other", voice="v")

    assert say(tiny, name, "x", Authorization=f"Bearer {foreign}").status == 403
    assert Said(tiny, "GET", f"/tiny/{name}/events?ticket={foreign}").status == 403
    assert shown(tiny, name) == []


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 401), ("?ticket=", 401), ("?ticket=a&ticket=b", 422), ("?ticket=%00%ff", 401), ("?tick=x", 422)],
)
def test_a_stream_without_a_good_ticket_is_refused(
    tiny: TinyHouse, name: str, query: str, status: int
) -> None:
    refused = Said(tiny, "GET", f"/tiny/{name}/events{query}")

    assert refused.status == status
    assert refused.json["status"] == status
    assert refused.headers["content-type"] == "application/problem+json"


def test_what_is_not_there_is_404(tiny: TinyHouse) -> None:
    ticket = tickets.issue("tiny:nothing")

    assert Said(tiny, "GET", f"/tiny/nothing/events?ticket={ticket}").status == 404


def test_too_much_is_not_read(tiny: TinyHouse, name: str) -> None:
    who = bearer(name)
    announced = f"POST /tiny/{name}/say HTTP/1.1\r\nHost: x\r\nAuthorization: {who}\r\nContent-Length: 10000000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", tiny.port), timeout=5) as line:
        line.sendall(announced.encode())
        assert line.recv(100).startswith(b"HTTP/1.1 413")
    chunked = announced.replace("Content-Length: 10000000000", "Transfer-Encoding: chunked")
    with socket.create_connection(("127.0.0.1", tiny.port), timeout=5) as line:
        line.sendall(chunked.encode() + (b"4000\r\n" + b" " * 0x4000 + b"\r\n") * 5)
        assert line.recv(100).startswith(b"HTTP/1.1 413")
    assert say(tiny, name, "x" * 60_000).status == 201
    assert len(shown(tiny, name)) == 1


def test_a_body_that_is_cut_does_nothing(tiny: TinyHouse, name: str) -> None:
    who = bearer(name)
    head = f"POST /tiny/{name}/say HTTP/1.1\r\nHost: x\r\nAuthorization: {who}\r\nContent-Length: 16\r\n\r\n"
    with socket.create_connection(("127.0.0.1", tiny.port), timeout=5) as line:
        line.sendall(head.encode() + b'{"said":')
    with socket.create_connection(("127.0.0.1", tiny.port), timeout=5) as line:
        line.sendall(head.encode() + b'{"said":')
        assert line.recv(100).startswith(b"HTTP/1.1 408")
    assert shown(tiny, name) == []


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"\xff\xfe", 400), (b"[]", 422), (b'{"a":1}', 422)]
)
def test_what_cannot_be_understood_is_said_so(tiny: TinyHouse, name: str, body: bytes, status: int) -> None:
    refused = Said(tiny, "POST", f"/tiny/{name}/say", body, Authorization=bearer(name))

    assert (refused.status, refused.json["status"]) == (status, status)


def test_a_thousand_from_one_ticket_leave_the_room_unharmed(tiny: TinyHouse, name: str) -> None:
    who = bearer(name)
    answers: list[int] = []
    waits: list[str] = []

    def flood() -> None:
        line = HTTPConnection("127.0.0.1", tiny.port, timeout=20)
        for _ in range(250):
            line.request("POST", f"/tiny/{name}/say", '{"said":"flood"}', {"Authorization": who})
            answer = line.getresponse()
            answer.read()
            answers.append(answer.status)
            waits.append(answer.getheader("Retry-After") or "")
            if answer.getheader("Connection") == "close":
                line.close()
        line.close()

    with Listener(tiny.port, f"/tiny/{name}/events?ticket={tickets.issue(f'tiny:{name}')}") as listener:
        listener.until("snapshot")
        threads = [threading.Thread(target=flood) for _ in range(4)]
        for thread in threads:
            thread.start()
        begun = time.monotonic()
        assert say(tiny, name, "calm").status == 201
        assert time.monotonic() - begun < 2
        while listener.until("change").data["data"]["said"] != "calm":
            pass
        for thread in threads:
            thread.join()

    taken = answers.count(201)
    assert set(answers) == {201, 429}
    assert taken <= 40 + 3 * (time.monotonic() - begun + 1)
    assert {wait for status, wait in zip(answers, waits, strict=True) if status == 429} == {"1"}
    assert shown(tiny, name).count("flood") == taken


@pytest.mark.parametrize("last", ["-1", "aaaaaa-5", "9" * 4000, "aaaaaaaaaaaa--1", "x-1", "𝕏", "0"])
def test_an_id_that_is_not_ours_begins_anew(tiny: TinyHouse, name: str, last: str) -> None:
    say(tiny, name, "one")
    address = f"/tiny/{name}/events?ticket={tickets.issue(f'tiny:{name}')}"
    with Listener(tiny.port, address, last=last) as listener:
        listener.until("reset")
        assert listener.until("snapshot").number >= 0
    with Listener(tiny.port, f"{address}&last=-1") as listener:
        listener.until("reset")


def test_the_id_may_stand_in_the_address(tiny: TinyHouse, name: str) -> None:
    address = f"/tiny/{name}/events?ticket={tickets.issue(f'tiny:{name}')}"
    with Listener(tiny.port, address) as listener:
        first = listener.until("snapshot")
        say(tiny, name, "one")
        listener.until("change")
    with Listener(tiny.port, f"{address}&last={first.id}") as listener:
        assert listener.until("change").data["data"] == {"said": "one"}
        assert [one.kind for one in listener.events] == ["change"]


def test_answers_say_what_ours_always_say_and_nothing_to_foreign_pages(tiny: TinyHouse, name: str) -> None:
    written = say(tiny, name, "x", Origin="https://elsewhere.example")
    address = f"/tiny/{name}/events?ticket={tickets.issue(f'tiny:{name}')}"
    with Listener(tiny.port, address) as listener:
        listener.until("snapshot")
        head = listener.parser.head.lower()
    with pytest.raises(Refused) as refused, Listener(tiny.port, f"/tiny/{name}/events") as listener:
        listener.until("snapshot")

    for told in (
        "\r\n".join(f"{name}: {text}" for name, text in written.headers.items()),
        head,
        refused.value.head.lower(),
    ):
        assert "cache-control: no-store" in told
        assert "x-content-type-options: nosniff" in told
        assert "content-security-policy: default-src 'none'" in told
        assert "access-control" not in told
    assert "x-accel-buffering: no" in head
    assert "content-type: text/event-stream" in head


def test_a_bucket_fills_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from koinon.live import limits

    now = 1000.0
    monkeypatch.setattr(limits, "monotonic", lambda: now)
    bucket = Bucket(2, 3)
    assert [bucket.wait("a") for _ in range(4)] == [0, 0, 0, 1]
    assert bucket.wait("b") == 0
    now = 1000.5
    assert [bucket.wait("a") for _ in range(2)] == [0, 1]
    now = 2000.0
    assert [bucket.wait("a") for _ in range(4)] == [0, 0, 0, 1]
