"""Hostile HTTP, on the wire: a running Koinon answers it with a refusal or closes the line, and goes on answering others."""

import json
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

import pytest

from tests.hostile import CANARY, EVIL, PATIENCE, RAW, leads_away
from tests.serving import House, furnish, house

pytestmark = pytest.mark.server

OWN = b"Host: localhost\r\n"
CLOSE = b"Connection: close\r\n\r\n"
SUGGEST = "/network/ncc-it/suggest/"
PROGRAM = "/api/v1/organisations/ncc-it/corrections"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("hostile")
    furnish(data)
    with house(data) as started:
        yield started
        log = (started.data / "log").read_text(errors="replace")
        assert "Traceback" not in log, log[-3000:]


@dataclass
class Reply:
    """What came back on the line, and after how long. Nothing at all is an answer too: the line was closed."""

    raw: bytes
    seconds: float

    @property
    def statuses(self) -> list[int]:
        return [int(code) for code in re.findall(rb"(?:^|\n)HTTP/1\.[01] (\d{3})", self.raw)]

    @property
    def head(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0]


def say(running: House, *pieces: bytes, pause: float = 0.0, wait: float = PATIENCE) -> Reply:
    """Send the pieces on one line, then listen until it is closed, or silent for `wait` seconds."""
    parts: list[bytes] = []
    begun = time.perf_counter()
    with socket.create_connection(("127.0.0.1", running.port), timeout=wait) as line:
        try:
            for piece in pieces:
                line.sendall(piece)
                time.sleep(pause)
            while part := line.recv(65536):
                parts.append(part)
        except OSError:
            # Closed on us in the middle, or silent for too long; the caller looks at what came, and when.
            pass
    return Reply(b"".join(parts), time.perf_counter() - begun)


def is_alive(running: House) -> bool:
    """Whether others are answered: a machine that asks, and somebody who opens a page."""
    live = say(running, b"GET /health/live HTTP/1.1\r\n" + OWN + CLOSE)
    page = say(running, b"GET /places/ITH5/ HTTP/1.1\r\n" + OWN + CLOSE)
    return live.statuses == page.statuses == [200] and max(live.seconds, page.seconds) < PATIENCE


def get(path: bytes, *headers: bytes) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + OWN + b"".join(one + b"\r\n" for one in headers) + CLOSE


def post(path: str, body: bytes, *headers: bytes, length: int | None = None) -> bytes:
    said = [b"Content-Length: %d" % (len(body) if length is None else length), *headers]
    return f"POST {path} HTTP/1.1\r\n".encode() + OWN + b"".join(one + b"\r\n" for one in said) + CLOSE + body


FORM = b"Content-Type: application/x-www-form-urlencoded"
CHUNKED = b"POST %s HTTP/1.1\r\n" % SUGGEST.encode() + OWN + FORM + b"\r\nTransfer-Encoding: chunked\r\n"
WIRE = {
    "a request line of 100 kB": get(b"/" + b"a" * 100_000),
    "a query of 100 kB": get(b"/places/?q=" + b"a" * 100_000),
    "a method of 100 kB": b"A" * 100_000 + b" / HTTP/1.1\r\n" + OWN + CLOSE,
    "ten thousand headers": get(b"/", *[b"X-%d: a" % number for number in range(10_000)]),
    "a header of 1 MB": get(b"/", b"X-Long: " + b"a" * 1_000_000),
    "a thousand cookies": get(b"/account/", *[b"Cookie: koinon=a%d" % number for number in range(1_000)]),
    "no header ends": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half",
    "a header put in": get(b"/en/x\r\nX-Evil: 1"),
    "NUL in a header": get(b"/", b"X-Nul: a\x00b"),
    "a header without a colon": get(b"/", b"nothing"),
    "a header with a blank before its colon": get(b"/", b"Host : evil.example"),
    "a folded header": get(b"/", b"X-Fold: a\r\n b"),
    "bare line feeds": b"GET / HTTP/1.1\nHost: localhost\n\n",
    "letters beyond ASCII": get("/places/?q=Ünïcödé\ud83d".encode("utf-8", "surrogatepass")),
    "no version": b"GET /\r\n\r\n",
    "an unknown version": b"GET / HTTP/9.9\r\n" + OWN + CLOSE,
    "HTTP/1.0 without a host": b"GET / HTTP/1.0\r\n\r\n",
    "HTTP/1.1 without a host": b"GET / HTTP/1.1\r\n" + CLOSE,
    "two hosts": get(b"/", b"Host: evil.example"),
    "another host": b"GET /en/ HTTP/1.1\r\nHost: evil.example\r\n" + CLOSE,
    "another host as the target": b"GET http://evil.example/en/places/ HTTP/1.1\r\n" + OWN + CLOSE,
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    "a star": b"OPTIONS * HTTP/1.1\r\n" + OWN + CLOSE,
    "no slash": b"GET places HTTP/1.1\r\n" + OWN + CLOSE,
    "a fragment": get(b"/places/#a?b=%s" % CANARY.encode().replace(b" ", b"")),
    "two slashes": get(b"//evil.example/en//evil.example"),
    "an odd method": b"BREW / HTTP/1.1\r\n" + OWN + CLOSE,
    "noise": bytes(range(256)) * 40,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 500,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "another protocol": get(
        b"/", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13"
    ),
    "a chunk of no size": CHUNKED + CLOSE + b"ZZ\r\ntext=a\r\n0\r\n\r\n",
    "a negative chunk": CHUNKED + CLOSE + b"-5\r\ntext=a\r\n0\r\n\r\n",
    "a chunk beyond all size": CHUNKED + CLOSE + b"FFFFFFFFFFFFFFFFFF\r\na\r\n0\r\n\r\n",
    "chunks that never end": CHUNKED + CLOSE + b"5\r\ntext=\r\n",
    "chunks and a length": CHUNKED + b"Content-Length: 3\r\n" + CLOSE + b"6\r\ntext=a\r\n0\r\n\r\nGET /evil",
    "an odd coding": post(SUGGEST, b"a", FORM, b"Transfer-Encoding: xchunked"),
    "two lengths": post(SUGGEST, b"text=a", FORM, b"Content-Length: 60"),
    "a negative length": post(SUGGEST, b"text=a", FORM, length=-1),
    "a length beyond all size": post(SUGGEST, b"text=a", FORM, length=10**30),
    "less than was said": post(SUGGEST, b"text=a", FORM, length=5_000),
    "more than was said": post(SUGGEST, b"text=" + b"a" * 5_000, FORM, length=6),
    "two megabytes": post(SUGGEST, b"text=" + b"a" * 2_000_000, FORM),
    "two megabytes in chunks": CHUNKED + CLOSE + b"1E8480\r\n" + b"a" * 2_000_000 + b"\r\n0\r\n\r\n",
    "JSON of brackets": post(PROGRAM, b"[" * 500_000, b"Content-Type: application/json"),
    "garbage behind a request": b"GET / HTTP/1.1\r\n" + OWN + b"\r\n" + b"\x00garbage\r\n\r\n" * 50,
    "a hundred at once": (b"GET /health/live HTTP/1.1\r\n" + OWN + b"\r\n") * 99 + get(b"/health/live"),
    "an underscore for a hyphen": get(
        b"/en/", b"X_Forwarded_Host: evil.example", b"X-Forwarded-Host: evil.example"
    ),
}
TEXTS = (
    "from koinon.network.models import Correction as C; print(list(C.objects.values_list('text', flat=True)))"
)
# The house waits for the rest.
UNFINISHED = {"no header ends", "chunks that never end", "less than was said"}
SECRET = ("/etc/passwd", "../settings.py", "secret", "koinon.sqlite3", "../urls.py", "../../secret")
UP = ("", "..%2f", "%2e%2e/", "..%5c", "....//", "%252e%252e/", "/", "koinon/%2e%2e/%2e%2e/", "../../../")


@pytest.mark.parametrize("name", WIRE)
def test_what_is_no_http_is_refused_and_others_are_answered(running: House, name: str) -> None:
    reply = say(running, WIRE[name], wait=0.5 if name in UNFINISHED else PATIENCE)

    assert reply.statuses or name in UNFINISHED
    assert [status for status in reply.statuses if status >= 500] == []
    assert reply.seconds < PATIENCE
    assert b"Traceback" not in reply.raw
    assert EVIL.encode() not in reply.head
    assert CANARY.encode() not in reply.raw
    assert is_alive(running)


def test_half_a_request_and_then_silence_holds_nobody_up(running: House) -> None:
    """Fifty lines that say half of something, while others are answered; then they go away in the middle."""
    halves = (b"", b"GE", b"GET / HTTP/1.1\r\nHo", post(SUGGEST, b"text=", FORM, length=5_000))
    lines = []
    for number in range(48):
        line = socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE)
        line.sendall(halves[number % 4])
        lines.append(line)

    answered = [is_alive(running) for _ in range(3)]
    for number, line in enumerate(lines):
        if number % 2:
            # Cut, not closed: the other end is told that the line broke.
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        line.close()

    assert answered == [True] * 3
    assert is_alive(running)


def test_a_head_without_end_is_not_read_on(running: House) -> None:
    """Headers for ever, whole ones and one that never ends: the line is closed after a few hundred kB."""
    for start, piece in (
        (b"", b"X-A: " + b"a" * 10_000 + b"\r\n"),
        (b"X-A: ", b"a" * 10_000),
        (b"", b"A" * 10_000),
    ):
        sent = 0
        with socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE) as line:
            line.sendall((b"GET / HTTP/1.1\r\n" + OWN if piece[:1] != b"A" else b"") + start)
            try:
                while sent < 50_000_000:
                    line.sendall(piece)
                    sent += len(piece)
            except OSError:
                pass
        assert sent < 50_000_000
    assert is_alive(running)


def test_who_says_nothing_is_sent_away(running: House) -> None:
    begun = time.perf_counter()
    with ThreadPoolExecutor(3) as crowd:
        starts = (b"", b"GET / HTTP/1.1\r\nHo", post(SUGGEST, b"text=", FORM, length=5_000))
        replies = list(crowd.map(lambda start: say(running, start, wait=20), starts))

    assert [reply.statuses for reply in replies] == [[], [], [408]]
    assert 9 < time.perf_counter() - begun < 15


def test_half_a_form_writes_nothing(running: House) -> None:
    form = b"about=host&nonce=87654321&text=Half+of+what+was+meant"

    reply = say(running, post(SUGGEST, form, FORM, length=len(form) + 10), wait=0.5)

    texts = running.run("shell", "-v", "0", "-c", TEXTS)
    assert reply.raw == b""
    assert "Half" not in texts
    assert texts.startswith("[")


def test_a_form_in_pieces_is_taken(running: House) -> None:
    form = b"about=host&nonce=87654321&text=Whole"
    pieces = b"".join(b"%x\r\n%s\r\n" % (1, form[at : at + 1]) for at in range(len(form)))

    assert say(running, CHUNKED + CLOSE + pieces + b"0\r\n\r\n").statuses == [302]


def test_who_leaves_before_the_answer_breaks_nothing(running: House) -> None:
    for _ in range(10):
        with socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE) as line:
            line.sendall(get(b"/network/?kind=&q=a%d" % time.perf_counter_ns()))

    assert is_alive(running)


def test_nothing_of_the_disk_is_served(running: House) -> None:
    secret = (running.data / "secret").read_bytes()
    for up in UP:
        for name in SECRET:
            for before in ("/static/", "/", "/static/koinon/"):
                reply = say(running, get(f"{before}{up}{name}".encode()))
                assert reply.statuses != [200], f"{before}{up}{name}"
                assert secret not in reply.raw
                assert b"SECRET_KEY" not in reply.raw
                assert b"root:" not in reply.raw


def test_redirects_stay_here(running: House) -> None:
    base = f"http://localhost:{running.port}/"
    paths = [
        f"/en//{EVIL}/",
        f"/en/%5C{EVIL}",
        f"//{EVIL}",
        f"/places/GR/?next=//{EVIL}",
        "/en",
        "/en/?a=%0d%0aX:1",
    ]
    paths += [f"/en/{raw}" for raw in RAW.values() if len(raw) < 200]
    for path in paths:
        reply = say(
            running, b"GET %s HTTP/1.1\r\nHost: localhost:%d\r\n" % (path.encode(), running.port) + CLOSE
        )
        for location in re.findall(rb"(?im)^location: ([^\r]*)\r$", reply.head):
            assert not leads_away(location.decode("latin-1"), base), (path, location)
        assert re.search(rb"(?im)^x(-evil)?:", reply.head) is None
        assert [status for status in reply.statuses if status >= 500] == []


def test_the_same_key_at_the_same_time_acts_once(running: House) -> None:
    """Ten at once with one Idempotency-Key: one act, one receipt; later the same again, and another body is refused."""
    key = f"Idempotency-Key: {uuid4()}".encode()
    kind = b"Content-Type: application/json"
    one, other = (post(PROGRAM, json.dumps({"text": text}).encode(), kind, key) for text in ("One", "Other"))

    with ThreadPoolExecutor(10) as crowd:
        replies = list(crowd.map(lambda _: say(running, one, wait=20), range(10)))
    late, changed = say(running, one), say(running, other)

    # 409 is allowed while the first is still at it.
    assert {status for reply in replies for status in reply.statuses} <= {201, 409}
    receipts = {reply.raw.partition(b"\r\n\r\n")[2] for reply in (*replies, late) if reply.statuses == [201]}
    assert len(receipts) == 1
    assert late.statuses == [201]
    assert changed.statuses == [422]
    assert say(running, get(json.loads(receipts.pop())["receipt"].encode())).statuses == [200]


def test_one_address_writes_so_much_and_then_waits(running: House) -> None:
    """Last in this file, for it uses up what the address may: thirty in a minute at least, then 429 on page and API."""
    form = b"about=host&nonce=12345678&text=%d"
    with ThreadPoolExecutor(8) as crowd:
        replies = list(
            crowd.map(lambda number: say(running, post(SUGGEST, form % number, FORM), wait=20), range(80))
        )
    refused = [reply for reply in replies if reply.statuses == [429]]
    program = say(running, post(PROGRAM, b'{"text": "a"}', b"Content-Type: application/json"))

    assert {status for reply in replies for status in reply.statuses} == {302, 429}
    assert len(refused) < 80
    assert all(re.search(rb"(?im)^retry-after: [1-9]\d?\r$", reply.head) for reply in (*refused, program))
    assert program.statuses == [429]
    assert b"application/problem+json" in program.head
    assert is_alive(running)
