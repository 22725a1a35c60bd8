"""Stands before Django, in the same process, and answers pages that were answered before and did not change.

A view that read neither session nor user marks its answer with `shared(...)`. For visitors without a session the bytes
are then kept under (address, day) together with the version of the public data they were made from; as long as that
version holds, the next visitor costs no query and no rendering. Gaps that such a page tells are counted here too, in
memory, and handed to the journal every few seconds, so that reading never writes.
"""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Any

from django.http import HttpResponse

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

MARK = "X-Koinon-Shared"
_MARK = MARK.lower().encode()


def shared(response: HttpResponse, *, place: str = "", gaps: Iterable[str] = ()) -> HttpResponse:
    """Mark an answer that is the same for every visitor without a session, and name the gaps it tells for a place."""
    response.headers[MARK] = " ".join((place or "-", *gaps))
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    return response


@dataclass
class Page:
    """One kept answer with its headers, and what it was made from."""

    version: int
    body: bytes
    bare: Headers
    place: str
    gaps: tuple[str, ...]

    @property
    def size(self) -> int:
        """What it takes in memory, with room for the packed bytes (a fifth)."""
        return len(self.body) * 6 // 5 + 1500

    @cached_property
    def etag(self) -> bytes:
        """Worked out when somebody asks again: most pages are asked once."""
        return b'"%s"' % hashlib.blake2b(self.body, digest_size=12).hexdigest().encode()

    @cached_property
    def headers(self) -> Headers:
        return [*self.bare, (b"etag", self.etag), (b"vary", b"Accept-Encoding")]

    @cached_property
    def plain_headers(self) -> Headers:
        return [*self.headers, (b"content-length", str(len(self.body)).encode())]

    @cached_property
    def packed(self) -> bytes:
        """Packed when somebody asks again who takes that: most pages are asked once."""
        return gzip.compress(self.body, 5, mtime=0)

    @cached_property
    def packed_headers(self) -> Headers:
        length = str(len(self.packed)).encode()
        return [*self.headers, (b"content-encoding", b"gzip"), (b"content-length", length)]


class Shelf:
    """The kept pages, least lately used first out when they grow over `most_bytes`; and the counters of gaps."""

    def __init__(self, version: Callable[[], int], most_bytes: int = 96 * 1024 * 1024) -> None:
        self.version = version
        self.most_bytes = most_bytes
        self.bytes = 0
        self._pages: OrderedDict[tuple[str, date], Page] = OrderedDict()
        self._gaps: dict[tuple[date, str, str], int] = {}
        self._lock = Lock()

    def get(self, address: str, day: date) -> Page | None:
        """The page of this address, if it was made from the version of the data that holds now."""
        with self._lock:
            page = self._pages.get((address, day))
            if page is None:
                return None
            if page.version != self.version():
                self._drop((address, day))
                return None
            self._pages.move_to_end((address, day))
            return page

    def keep(self, address: str, day: date, page: Page) -> None:
        with self._lock:
            self._drop((address, day))
            self._pages[(address, day)] = page
            self.bytes += page.size
            while self.bytes > self.most_bytes:
                self._drop(next(iter(self._pages)))

    def _drop(self, key: tuple[str, date]) -> None:
        page = self._pages.pop(key, None)
        if page is not None:
            self.bytes -= page.size

    def count(self, day: date, place: str, gaps: Iterable[str]) -> None:
        with self._lock:
            for gap in gaps:
                self._gaps[day, place, gap] = self._gaps.get((day, place, gap), 0) + 1

    def take_counts(self) -> dict[tuple[date, str, str], int]:
        """What was counted since the last time; the caller writes it down, or gives it back with `give_back`."""
        with self._lock:
            taken, self._gaps = self._gaps, {}
            return taken

    def give_back(self, counts: dict[tuple[date, str, str], int]) -> None:
        with self._lock:
            for key, times in counts.items():
                self._gaps[key] = self._gaps.get(key, 0) + times


class Front:
    """An ASGI application before another one."""

    def __init__(self, inner: App, shelf: Shelf, session_cookie: str, today: Callable[[], date]) -> None:
        self.inner = inner
        self.shelf = shelf
        self.cookie = session_cookie.encode() + b"="
        self.today = today

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] not in {"GET", "HEAD"}
            or any(name == b"cookie" and self.cookie in value for name, value in scope["headers"])
        ):
            await self.inner(scope, receive, _without_mark(send))
            return
        address, day = _address(scope), self.today()
        page = self.shelf.get(address, day)
        if page is None:
            await self._ask_inside(scope, receive, send, address, day)
            return
        if scope["method"] == "GET":
            self.shelf.count(day, page.place, page.gaps)
        await _answer(scope, send, page)

    async def _ask_inside(self, scope: Scope, receive: Receive, send: Send, address: str, day: date) -> None:
        version = self.shelf.version()
        start: Message = {}
        mark: bytes | None = None
        body = bytearray()

        async def watch(message: Message) -> None:
            nonlocal start, mark
            if message["type"] == "http.response.start":
                mark = next((value for name, value in message["headers"] if name.lower() == _MARK), None)
                start = message = {**message, "headers": _clean(message["headers"])}
            elif message["type"] == "http.response.body" and mark is not None:
                body.extend(message.get("body", b""))
            await send(message)

        await self.inner(scope, receive, watch)
        if mark is None or start.get("status") != 200 or scope["method"] != "GET":
            return
        place, *gaps = mark.decode("latin-1").split()
        whole = bytes(body)
        dropped = {b"content-length", b"date", b"server"}
        headers = [header for header in start["headers"] if header[0].lower() not in dropped]
        page = Page(version, whole, headers, place, tuple(gaps))
        self.shelf.count(day, place, gaps)
        self.shelf.keep(address, day, page)


def _address(scope: Scope) -> str:
    """The whole address a page depends on: where we were called as (it stands in links), path and query."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return f"{scope.get('scheme')}|{host!r}|{raw!r}|{scope.get('query_string', b'')!r}"


def _clean(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if name.lower() != _MARK]


def _without_mark(send: Send) -> Send:
    async def pass_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": _clean(message["headers"])}
        await send(message)

    return pass_on


async def _answer(scope: Scope, send: Send, page: Page) -> None:
    takes_packed = False
    for name, value in scope["headers"]:
        if name == b"if-none-match" and page.etag in value:
            await send({"type": "http.response.start", "status": 304, "headers": page.headers})
            await send({"type": "http.response.body", "body": b""})
            return
        if name == b"accept-encoding" and b"gzip" in value:
            takes_packed = True
    headers = page.packed_headers if takes_packed else page.plain_headers
    body = page.packed if takes_packed else page.body
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
