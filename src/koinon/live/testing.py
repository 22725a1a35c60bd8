"""For the tests of other folders: what was announced on a channel, and somebody who listens over a real line."""

import json
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from koinon.live.models import Change


def changes(channel: str, *, after: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """What was announced on a channel, in order: (about, data)."""
    return [(change.about, json.loads(change.data)) for change in Change.objects.of(channel, after=after)]


@dataclass(frozen=True)
class Event:
    """One event as a browser would see it. `id` is the last id that was given, as browsers keep it."""

    kind: str
    id: str
    data: Any

    @property
    def number(self) -> int:
        return int(self.id.rpartition("-")[2])


class Refused(Exception):
    """The server answered something else than a stream."""

    def __init__(self, status: int, head: str, body: bytes) -> None:
        super().__init__(f"{status}: {body[:300]!r}")
        self.status, self.head, self.body = status, head, body


class Ended(Exception):
    """The stream ended, or was cut. `clean`: with the end that HTTP knows."""

    def __init__(self, *, clean: bool) -> None:
        super().__init__("ended" if clean else "cut")
        self.clean = clean


class Parser:
    """Bytes of an answer in, events out; an event that did not come whole is none, and its id does not count."""

    def __init__(self, last: str = "") -> None:
        self.last = last
        self.head = ""
        self.status = 0
        self.comments = 0
        self.is_over = False
        self._raw = b""
        self._text = b""

    def feed(self, data: bytes) -> list[Event]:
        self._raw += data
        if not self.status and b"\r\n\r\n" in self._raw:
            head, self._raw = self._raw.split(b"\r\n\r\n", 1)
            self.head, self.status = head.decode("latin-1"), int(head.split(b" ", 2)[1])
        if self.status == 200:
            self._unchunk()
        return list(self._events())

    @property
    def rest(self) -> bytes:
        """The body of what is no stream."""
        return self._raw

    def _unchunk(self) -> None:
        while b"\r\n" in self._raw:
            size, rest = self._raw.split(b"\r\n", 1)
            length = int(size, 16)
            if len(rest) < length + 2:
                # A browser gets the bytes of a chunk as they come.
                return
            if not length:
                self.is_over = True
            if rest[length : length + 2] != b"\r\n":
                raise ValueError(f"broken framing after {rest[:length][-60:]!r}")
            self._text += rest[:length]
            self._raw = rest[length + 2 :]

    def _events(self) -> Iterator[Event]:
        while b"\n\n" in self._text:
            block, self._text = self._text.split(b"\n\n", 1)
            fields: dict[str, str] = {}
            for line in block.decode().split("\n"):
                if line.startswith(":"):
                    self.comments += 1
                    continue
                name, _, value = line.partition(": ")
                fields[name] = value
            if "id" in fields:
                self.last = fields["id"]
            if "data" in fields:
                yield Event(fields.get("event", "message"), self.last, json.loads(fields["data"]))


class Listener:
    """`with Listener(port, "/…/events?ticket=…") as stream: stream.until(…)`. Keeps the events it has read in `events`."""

    def __init__(self, port: int, address: str, *, last: str = "", patience: float = 10) -> None:
        self.patience = patience
        self.parser = Parser(last)
        self.events: list[Event] = []
        self._told = 0
        self.line = socket.create_connection(("127.0.0.1", port), timeout=patience)
        header = f"Last-Event-ID: {last}\r\n" if last else ""
        self.line.sendall(f"GET {address} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n".encode())

    @property
    def last(self) -> str:
        """The id with which one would come again."""
        return self.parser.last

    def read(self, wait: float | None = None) -> list[Event]:
        """What comes next, at least a piece; nothing when `wait` seconds passed in silence."""
        self.line.settimeout(self.patience if wait is None else max(wait, 0.001))
        try:
            data = self.line.recv(65536)
        except TimeoutError:
            return []
        except OSError:
            data = b""
        if not data:
            raise Ended(clean=self.parser.is_over)
        came = self.parser.feed(data)
        if self.parser.status not in {0, 200}:
            length = int((re.search(r"(?i)content-length: (\d+)", self.parser.head) or [0, 0])[1])
            while len(self.parser.rest) < length and (data := self.line.recv(65536)):
                self.parser.feed(data)
            raise Refused(self.parser.status, self.parser.head, self.parser.rest)
        if self.parser.is_over and not came:
            raise Ended(clean=True)
        self.events += came
        return came

    def until(self, kind: str, about: str = "", *, seconds: float | None = None) -> Event:
        """The next event of this kind (of changes: about this) after those that `until` gave before."""
        end = time.monotonic() + (self.patience if seconds is None else seconds)
        while True:
            while self._told < len(self.events):
                event = self.events[self._told]
                self._told += 1
                if event.kind == kind and (not about or event.data.get("about") == about):
                    return event
            left = end - time.monotonic()
            if left <= 0:
                last = [(event.kind, event.id) for event in self.events[-5:]]
                raise AssertionError(f"no {kind} {about} came; the last were {last}")
            self.read(left)

    def close(self) -> None:
        self.line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
