"""In front of Django, in the same process: streams for those who listen, and quick writes with a ticket.

Upper floors register in their `apps.py`:

    streams.append(Stream(re.compile(r"/sessions/(?P<code>[^/]+)/room/events"), lambda found: f"room:{found['code']}"))
    doors.append(Door("POST", re.compile(r"/api/v1/sessions/(?P<code>[^/]+)/questions"), "room.ask", parse_question))

Addresses are matched whole, without their language. What comes to a door without a ticket goes on to Django, which serves the
same operation to programs and to those who are signed in, and documents it.
"""

import asyncio
import hashlib
import json
import logging
import re
import resource
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from django.conf import settings

from koinon.base.front import App, Headers, Receive, Scope, Send
from koinon.base.headers import PERMISSIONS, POLICY
from koinon.base.languages import without_language
from koinon.live import tickets
from koinon.live.hub import Away, Broadcast, Hub, MayNot, NoChannel, Reader, hub
from koinon.live.limits import Limits
from koinon.live.lines import line_to, way_of
from koinon.live.loader import EVERYBODY
from koinon.live.tickets import NoTicket, Ticket
from koinon.live.writer import Answer, Job, Writer, problem, writer

log = logging.getLogger("koinon.live")

MOST_BODY: Final = 64 * 1024
KEPT_FREE: Final = 500
"""Descriptors of the process that streams do not take."""
SILENCE: Final = 10.0
"""Seconds without another piece of a body, after which nobody waits for the rest."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FIELDS = {"ticket", "last"}
MOST_FIELDS: Final = 20


@dataclass(frozen=True)
class Stream:
    """An address where a channel is listened to; `channel` says which one a ticket must be for."""

    address: re.Pattern[str]
    channel: Callable[[re.Match[str]], str]


Parse = Callable[[re.Match[str], Mapping[str, str], bytes, Ticket], Job | Answer]
"""(what the address matched, headers by lower-case name, whole body, ticket) → a job, or `writer.problem(…)`.

Called on the event loop: no database, no waiting. It must check that the ticket is for the channel that the address means.
"""


@dataclass(frozen=True)
class Door:
    """An address where something is written with a ticket; `kind` is the name in `writer.writers`."""

    method: str
    address: re.Pattern[str]
    kind: str
    parse: Parse


streams: list[Stream] = []
doors: list[Door] = []


class Doors:
    """An ASGI application before another one. It stands outermost, where `send` is still the server's own (lines.py)."""

    def __init__(self, inner: App, *, hub: Hub = hub, writer: Writer = writer) -> None:
        self.inner = inner
        self.hub = hub
        self.writer = writer
        self.way = ""
        self.open_streams = 0
        self.limits = Limits()
        self._running: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            method, path = scope["method"], without_language(scope["path"])
            if method == "GET":
                if channel := _channel_at(path):
                    await self._listen(scope, receive, send, channel)
                    return
            elif shown := _bearer(scope["headers"]):
                for door in doors:
                    if door.method == method and (found := door.address.fullmatch(path)):
                        await self._write(scope, receive, send, door, found, shown)
                        return
        await self.inner(scope, receive, send)

    # Listening

    async def _listen(self, scope: Scope, receive: Receive, send: Send, channel: str) -> None:
        # What was needed to let somebody in is forgotten there: thousands stand here for an hour.
        admitted = await self._admit(scope, send, channel)
        if admitted is None:
            return
        broadcast, person, last = admitted
        if isinstance(scope["headers"], list):
            scope["headers"].clear()
        scope["query_string"] = b""
        if not self.way:
            self.way = way_of(send)
            log.info("streams are written by way of: %s", self.way)
        await send({"type": "http.response.start", "status": 200, "headers": _STREAM})
        task = asyncio.current_task()
        reader = Reader(line_to(send, task, self.way), person, task)
        self.open_streams += 1
        try:
            self.hub.enter(broadcast, reader, last)
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not reader.ended or task is None:
                raise
            task.uncancel()
            end = send({"type": "http.response.body", "body": b"", "more_body": False})
            try:
                await asyncio.wait_for(end, 1)
            except TimeoutError:
                reader.line.abort()
        finally:
            self.open_streams -= 1
            self.hub.leave(broadcast, reader)

    async def _admit(self, scope: Scope, send: Send, channel: str) -> tuple[Broadcast, int, str] | None:
        """Whose stream it is, and the id it goes on from; None where an answer has said why not."""
        given = scope["query_string"].decode("latin-1")
        query = parse_qs(given, keep_blank_values=True) if given.count("&") < MOST_FIELDS else {"": []}
        shown = query.get("ticket", [""])
        last = query.get("last", [""])[-1]
        for name, value in scope["headers"]:
            if name == b"last-event-id":
                last = value.decode("latin-1")
        if set(query) - _FIELDS or len(shown) != 1:
            await _answer(send, problem(422, "Only one ticket, and the last id, belong into this address."))
            return None
        try:
            ticket = tickets.read(shown[0], max_age=tickets.LISTEN_FOR)
        except NoTicket:
            await _answer(send, problem(401, "This needs a ticket that is not older than ten minutes."))
            return None
        if ticket.channel != channel:
            await _answer(send, problem(403, "This ticket is not for this stream."))
            return None
        if self.open_streams >= room_for_streams():
            await _answer(send, problem(503, "Too many are listening at this moment.", retry_after=30))
            return None
        try:
            broadcast = await self.hub.join(channel, ticket.person)
        except NoChannel:
            await _answer(send, problem(404, "There is nothing to listen to at this address."))
            return None
        except MayNot:
            await _answer(send, problem(403, "This is not yours to listen to."))
            return None
        except Away:
            await _answer(send, problem(503, "Koinon is not available for a moment.", retry_after=5))
            return None
        return broadcast, ticket.person or EVERYBODY, last

    # Writing

    async def _write(
        self, scope: Scope, receive: Receive, send: Send, door: Door, found: re.Match[str], shown: str
    ) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        client = scope.get("client")
        wait = self.limits.of_address(client[0] if client else "")
        if wait:
            await _answer(send, _too_many(wait, "address"), close=True)
            return
        try:
            ticket = tickets.read(shown, max_age=tickets.RENEW_FOR)
        except NoTicket:
            said = problem(401, "This ticket is forged or older than a day. Ask for a new one.")
            await _answer(send, said, close=True)
            return
        wait = self.limits.of_voice(who(ticket))
        if wait:
            await _answer(send, _too_many(wait, "voice"), close=True)
            return
        body = await _whole(headers, receive)
        if isinstance(body, Answer):
            await _answer(send, body, close=True)
            return
        if body is None:
            return
        answer = await self._answer_to(scope, door, found, headers, body, ticket)
        with suppress(Exception):
            await _answer(send, answer)

    async def _answer_to(
        self,
        scope: Scope,
        door: Door,
        found: re.Match[str],
        headers: Mapping[str, str],
        body: bytes,
        ticket: Ticket,
    ) -> Answer:
        key = headers.get("idempotency-key", "").lower()
        if key and not _UUID.fullmatch(key):
            return problem(422, "Idempotency-Key is a UUID.")
        running = (who(ticket), key)
        if key and running in self._running:
            return problem(409, "The same is being done at this moment.", retry_after=1)
        try:
            job = door.parse(found, headers, body, ticket)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("reference %s: %s could not be parsed", reference, door.kind)
            return problem(500, "Something broke on our side.", reference=reference)
        if isinstance(job, Answer):
            return job
        if not key:
            return await self.writer.submit(door.kind, job)
        asked = b"\0".join((door.method.encode(), without_language(scope["path"]).encode(), body))
        job.key, job.digest = key, hashlib.sha256(asked).hexdigest()
        self._running.add(running)
        # Who goes away does not end what runs: the key is held until the writer is done with it.
        writing = self.writer.enqueue(door.kind, job)
        writing.add_done_callback(lambda _: self._running.discard(running))
        return await asyncio.shield(writing)


def use_all_descriptors() -> None:
    """Let this process open as many as the system allows it: each stream holds one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def room_for_streams() -> int:
    """How many streams may be open, so that pages, forms and the database still find a descriptor."""
    return max(100, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - KEPT_FREE)


def who(ticket: Ticket) -> str:
    """By what the limits and keys of a ticket are counted."""
    return f"person:{ticket.person}" if ticket.person else f"voice:{ticket.voice}"


def _channel_at(path: str) -> str:
    """The channel that is listened to at this address; empty where it is no stream's."""
    for stream in streams:
        if found := stream.address.fullmatch(path):
            return stream.channel(found)
    return ""


def _bearer(headers: Headers) -> str:
    """The ticket that was shown; empty where none was, or where it is something else (a program's token)."""
    for name, value in headers:
        if name == b"authorization":
            kind, _, shown = value.decode("latin-1").partition(" ")
            shown = shown.strip()
            return shown if kind.lower() == "bearer" and tickets.looks_like_one(shown) else ""
    return ""


async def _whole(headers: Mapping[str, str], receive: Receive) -> bytes | Answer | None:
    """The whole body; what is wrong with it; or None where the sender went away in the middle."""
    too_much = problem(413, "That is too much at once: 64 kB are taken here.")
    announced = headers.get("content-length", "")
    if announced == "0":
        return b""
    if announced.isdigit() and int(announced) > MOST_BODY:
        return too_much
    body = bytearray()
    while True:
        try:
            async with asyncio.timeout(SILENCE):
                message = await receive()
        except TimeoutError:
            return problem(408, "The rest of this request did not come. Nothing was done.")
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > MOST_BODY:
            return too_much
        if not message.get("more_body", False):
            return bytes(body)


def _too_many(seconds: int, whose: str) -> Answer:
    said = {
        "address": "Too many at once from this address. Wait a little and try again.",
        "voice": "Too many at once with this ticket. Wait a little and try again.",
    }
    return problem(429, said[whose], retry_after=seconds)


_as_json = json.JSONEncoder(ensure_ascii=False).encode
_ALWAYS: Final[Headers] = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", POLICY.encode()),
    (b"permissions-policy", PERMISSIONS.encode()),
    (b"referrer-policy", settings.SECURE_REFERRER_POLICY.encode()),
    (b"cross-origin-opener-policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY.encode()),
    (b"x-frame-options", settings.X_FRAME_OPTIONS.encode()),
]
_STREAM: Final[Headers] = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
    *_ALWAYS,
]


async def _answer(send: Send, answer: Answer, *, close: bool = False) -> None:
    """Send an answer as JSON; from 400 on as a problem (RFC 9457). `close`: the rest of the body is not read."""
    body, kind = b"", b"application/json"
    if answer.status >= 400:
        kind = b"application/problem+json"
        status = HTTPStatus(answer.status)
        told = {"type": "about:blank", "title": status.phrase, "status": answer.status}
        body = _as_json(told | dict(answer.body or {})).encode()
    elif answer.body is not None:
        body = _as_json(answer.body).encode()
    headers = [*_ALWAYS, *((name.lower().encode(), value.encode()) for name, value in answer.headers.items())]
    if answer.status not in {204, 304}:
        headers += [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
