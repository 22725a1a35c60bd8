"""A whole Koinon that may be killed at any moment and started again on the same data and the same port."""

import http.client
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from bench._server import ROOT, ask, free_port


class Cut(Exception):
    """No whole answer came: whoever asked cannot know whether it was done."""


@dataclass(frozen=True)
class Reply:
    status: int
    place: str
    body: bytes


class House:
    """`koinon up` on SQLite in `data`, or on the PostgreSQL of `database`; ended by its process id."""

    def __init__(self, data: Path, database: str = "") -> None:
        self.data, self.database, self.port = data, database, free_port()
        self.process: subprocess.Popen[bytes] | Forked | None = None

    def environment(self) -> dict[str, str]:
        """Its own data, no settings of the test run. It stands behind a proxy, as in life, so that each asker has an address."""
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("KOINON_") and name not in {"DATABASE_URL", "PYTHONDONTWRITEBYTECODE"}
        }
        if self.database:
            env["DATABASE_URL"] = self.database
        return env | {
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
            "PYTHONPYCACHEPREFIX": str(self.data / "bytecode"),
            "DJANGO_SETTINGS_MODULE": "koinon.settings",
            "KOINON_DATA": str(self.data),
            "KOINON_HTTPS": "1",
        }

    def start(self, *, largest_file: int | None = None, nursery: "Nursery | None" = None) -> None:
        """Start it and wait until it answers. `largest_file`: no file of it grows beyond so many bytes, as on a full disk.

        With a `nursery` it is forked, not started from nothing.
        """
        self.begin(largest_file=largest_file, nursery=nursery)
        self.wait_until_ready()

    def begin(self, *, largest_file: int | None = None, nursery: "Nursery | None" = None) -> None:
        """Start it and do not wait."""

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file or 0, largest_file or 0))

        if nursery is not None:
            self.process = nursery.fork(["serve", str(self.port)], self.data / "log")
            return
        words = ["up", "--port", str(self.port), "--data", str(self.data)]
        with (self.data / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "koinon", *words],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
                # Not beside threads that run, as in a siege.
                preexec_fn=limit if largest_file is not None else None,
            )

    def wait_until_ready(self) -> None:
        patience = time.monotonic() + 300
        while True:
            if self.process is None or self.process.poll() is not None or time.monotonic() > patience:
                raise RuntimeError(f"it did not start: {(self.data / 'log').read_text()[-3000:]}")
            with suppress(OSError):
                if ask(self.port, "/health/live").startswith(b"HTTP/1.1 200"):
                    return
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=20)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def beside(self, *words: str, module: str = "tests.faults.inside") -> subprocess.Popen[str]:
        """A process beside the server, on the same data."""
        with (self.data / "log.inside").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *words],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def post(self, path: str, body: bytes, headers: Mapping[str, str], *, wait: float = 30) -> Reply:
        """One POST on a connection of its own. `Cut` where no whole answer came."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=wait)
        try:
            line.request("POST", path, body, dict(headers))
            answer = line.getresponse()
            return Reply(answer.status, answer.getheader("Location", ""), answer.read())
        except (OSError, http.client.HTTPException) as trouble:
            raise Cut from trouble
        finally:
            line.close()

    def post_and_hang_up(self, path: str, body: bytes, headers: Mapping[str, str], *, after: float) -> None:
        """Send it whole, wait a moment, and close without reading what comes."""
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.sendall(
                f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            time.sleep(after)

    def get(self, path: str) -> Reply:
        whole = ask(self.port, path)
        head, _, body = whole.partition(b"\r\n\r\n")
        return Reply(int(head.split(b" ", 2)[1]), "", body)


class Forked:
    """A process that a nursery forked: killed by its id, and gone when the nursery says so."""

    def __init__(self, pid: int, nursery: "Nursery") -> None:
        self.pid, self.nursery = pid, nursery
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self.nursery.look(self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        patience = time.monotonic() + timeout
        while (ended := self.poll()) is None:
            if time.monotonic() > patience:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.002)
        return ended

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, which: int) -> None:
        # Its id is nobody else's as long as the nursery has not asked how it ended.
        if self.poll() is None:
            os.kill(self.pid, which)


class Nursery:
    """`tests.faults.nursery` on the house's data, which has been prepared. Ask it from one thread only."""

    def __init__(self, house: House) -> None:
        self.process = house.beside(module="tests.faults.nursery")
        self.log = house.data / "log.inside"

    def fork(self, words: Sequence[str], log: Path) -> Forked:
        return Forked(int(self._ask({"fork": list(words), "log": str(log)})), self)

    def look(self, pid: int) -> int | None:
        ended: int | None = self._ask({"look": pid})
        return ended

    def _ask(self, told: Mapping[str, Any]) -> Any:
        return _talk(self.process, told, self.log)

    def end(self) -> None:
        hang_up(self.process)


class Inside:
    """A process with Django on the house's database, which does what it is told: `inside.call("judge", …)`."""

    def __init__(self, house: House) -> None:
        self.process = house.beside("obey")
        self.log = house.data / "log.inside"

    def call(self, name: str, **words: Any) -> Any:
        return _talk(self.process, {"name": name, "words": words}, self.log)

    def end(self) -> None:
        hang_up(self.process)


def hang_up(process: subprocess.Popen[str]) -> None:
    """End a process beside the server, as hard as it may be; close what led to it."""
    process.kill()
    process.wait(timeout=20)
    for pipe in _pipes(process):
        with suppress(BrokenPipeError):
            pipe.close()


def _talk(process: subprocess.Popen[str], told: Mapping[str, Any], log: Path) -> Any:
    """One line of JSON in, one out."""
    to, back = _pipes(process)
    to.write(json.dumps(told) + "\n")
    to.flush()
    line = back.readline()
    if not line:
        raise RuntimeError(f"{told}: {log.read_text()[-3000:]}")
    return json.loads(line)


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("this process was started without pipes")
    return process.stdin, process.stdout


@dataclass(frozen=True)
class Deed:
    """One thing that an asker does, with the key that makes doing it twice the same as doing it once."""

    kind: str
    key: str
    text: str
    place: str = "IT"
    email: str = ""
    receipt: str = ""

    def request(self) -> tuple[str, bytes, dict[str, str]]:
        """Path, body and headers of the POST; from an address of its own each time, as askers have."""
        draw = random.randrange(1 << 24)
        headers = {"X-Forwarded-For": f"10.{draw >> 16}.{draw >> 8 & 255}.{draw & 255}"}
        if self.kind == "api":
            body = {"text": self.text, "place": self.place, "email": self.email, "lang": "en"}
            headers |= {"Content-Type": "application/json", "Idempotency-Key": self.key}
            return "/api/v1/questions", json.dumps(body).encode(), headers
        headers |= {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
            "X-Forwarded-Proto": "https",
        }
        nonce = self.key.replace("-", "")
        if self.kind == "form":
            fields = {"text": self.text, "place": self.place, "email": self.email, "nonce": nonce}
            return "/ask/", urlencode(fields).encode(), headers
        if self.kind == "decide":
            # Whether it helped, and that the asker may be asked again: said by nobody else, and never taken back.
            return f"{self.receipt}decide/", b"helped=yes&may_follow_up=on", headers
        if self.kind == "add":
            return f"{self.receipt}add/", urlencode({"text": self.text, "nonce": nonce}).encode(), headers
        return f"{self.receipt}confirm/", b"", headers

    def receipt_in(self, reply: Reply) -> str | None:
        """The receipt that an acknowledgement names; None where it acknowledges nothing."""
        if self.kind == "api" and reply.status == 201:
            return str(json.loads(reply.body)["receipt"])
        if self.kind in {"form", "add", "decide"} and reply.status == 302:
            return reply.place.partition("?")[0].partition("#")[0]
        return self.receipt if self.kind == "confirm" and reply.status == 200 else None
