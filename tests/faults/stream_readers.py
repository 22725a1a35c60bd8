"""Many who listen at once and are cut at random bytes, in one thread; what each of them holds is compared with the server."""

import os
import random
import resource
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from json import dumps, loads
from pathlib import Path
from typing import Any

from django.conf import settings

from bench._server import ROOT, ask, free_port
from koinon.live.testing import Event, Parser


class TinyHouse:
    """`tests.faults.stream_house` in a process of its own; killed and started again on the same data and port."""

    def __init__(self, data: Path, database: str = "", **more: str) -> None:
        self.data, self.database, self.more = data, database, more
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        if self.database:
            env["DATABASE_URL"] = self.database
        return env | {
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "koinon.settings"),
            "KOINON_DATA": str(self.data),
            # So that tickets of the test are taken.
            "KOINON_SECRET": settings.SECRET_KEY,
            "KOINON_LIVE_ADDRESS_RATE": "100000",
            **self.more,
        }

    def start(self) -> "TinyHouse":
        with (self.data / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.stream_house", str(self.port)],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
            )
        patience = time.monotonic() + 60
        while True:
            if self.process.poll() is not None or time.monotonic() > patience:
                raise RuntimeError(f"it did not start: {(self.data / 'log').read_text()[-3000:]}")
            with suppress(OSError):
                ask(self.port, "/")
                return self
            time.sleep(0.02)

    def __enter__(self) -> "TinyHouse":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.end()

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=20)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def figures(self) -> dict[str, Any]:
        found: dict[str, Any] = loads(ask(self.port, "/figures").partition(b"\r\n\r\n")[2])
        return found


class Speaker:
    """Says things through the door, on a line that is kept; each with a ticket of its own turn."""

    def __init__(self, port: int, tickets: Sequence[str], name: str = "a") -> None:
        self.port, self.tickets, self.address = port, tickets, f"/tiny/{name}/say"
        self.turn = 0
        self.line = HTTPConnection("127.0.0.1", port, timeout=20)

    def say(self, said: Any, *, at_once: bool = False, **headers: str) -> tuple[int, Any]:
        """Status and body of the answer; (0, None) where none came."""
        ticket = self.tickets[self.turn % len(self.tickets)]
        self.turn += 1
        sent = dumps({"said": said, "at_once": at_once})
        try:
            self.line.request("POST", self.address, sent, {"Authorization": f"Bearer {ticket}", **headers})
            answer = self.line.getresponse()
            return answer.status, loads(answer.read() or b"null")
        except (OSError, HTTPException):
            self.line.close()
            return 0, None

    def close(self) -> None:
        self.line.close()


@dataclass(eq=False)
class Reader:
    """One who listens, and what it holds: all that was said as far as it knows."""

    address: str
    cuts: int
    said: list[Any] = field(default_factory=list)
    votes: dict[str, int] = field(default_factory=dict)
    parser: Parser = field(default_factory=Parser)
    line: socket.socket | None = None
    bytes_left: int = 0
    resets: int = 0

    def take(self, event: Event) -> None:
        if event.kind == "snapshot":
            self.said, self.votes = list(event.data["said"]), dict(event.data["votes"])
        elif event.kind == "reset":
            self.resets += 1
            self.said, self.votes = [], {}
        elif event.data["about"] == "votes":
            self.votes |= event.data["data"]
        else:
            self.said.append(event.data["data"]["said"])


class Crowd:
    """`Crowd(port, address, readers, cuts).run(until)`: all read; each is cut so many times at a random byte and comes again."""

    def __init__(
        self, port: int, address: str, *, readers: int, cuts: int, seed: int, piece: int = 3000
    ) -> None:
        self.port, self.piece = port, piece
        self.chance = random.Random(seed)
        self.readers = [Reader(address, cuts) for _ in range(readers)]
        self.selector = selectors.DefaultSelector()
        self.wrong: list[str] = []

    @property
    def cuts_left(self) -> int:
        return sum(reader.cuts for reader in self.readers)

    def open(self, reader: Reader) -> None:
        last = reader.parser.last
        reader.parser = Parser(last)
        reader.line = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        header = f"Last-Event-ID: {last}\r\n" if last else ""
        reader.line.sendall(f"GET {reader.address} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n".encode())
        reader.bytes_left = self.chance.randrange(700, 700 + self.piece) if reader.cuts else 1 << 60
        reader.line.setblocking(False)
        self.selector.register(reader.line, selectors.EVENT_READ, reader)

    def close(self, reader: Reader) -> None:
        if reader.line is not None:
            self.selector.unregister(reader.line)
            reader.line.close()
            reader.line = None

    def turn(self, wait: float) -> None:
        """Read what there is to read; cut whose time has come."""
        for reader in self.readers:
            if reader.line is None:
                with suppress(OSError):
                    self.open(reader)
        for key, _ in self.selector.select(wait):
            reader = key.data
            try:
                data = reader.line.recv(min(65536, reader.bytes_left))
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            for event in reader.parser.feed(data) if data else []:
                reader.take(event)
            if reader.parser.status not in {0, 200}:
                self.wrong.append(f"{reader.parser.status} {reader.parser.rest[:200]!r}")
            reader.bytes_left -= len(data)
            if not data or reader.bytes_left <= 0:
                reader.cuts -= bool(data)
                self.close(reader)

    def until_all_hold(self, said: list[Any], votes: dict[str, int], seconds: float = 20) -> list[Reader]:
        """Read on until everybody holds what the server holds; who does not in time."""
        end = time.monotonic() + seconds
        others = self.readers
        while others and time.monotonic() < end:
            self.turn(0.1)
            others = [reader for reader in others if reader.said != said or reader.votes != votes]
        return others

    def end(self) -> None:
        for reader in self.readers:
            self.close(reader)
        self.selector.close()


def raise_limit() -> int:
    """As many descriptors as this machine lets a process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most
