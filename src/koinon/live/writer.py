"""The quick way to write: one thread commits what many sent at the same moment in one transaction, and only then answers.

writers["room.vote"] = commit_votes        # in apps.py of an upper floor
answer = await writer.submit("room.vote", job)
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Condition, Event, Thread
from time import monotonic
from typing import Any, Final

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connections,
    transaction,
)

from koinon.live.tickets import Ticket

log = logging.getLogger("koinon.live")

MOST_AT_ONCE: Final = 500
GATHER: Final = 0.005
"""Seconds in which jobs are gathered for one transaction, counted from the first of them."""
MOST_WAITING: Final = 5000
"""Jobs that may wait; the next is told to come again."""


@dataclass(slots=True)
class Job:
    """One thing to write. A door's `parse` makes it; `key` and `digest` are filled in by the door.

    `data` is what `parse` found: checked, without the database. `key` is the Idempotency-Key ("" where none came) and
    `digest` a hash of what was asked: the same key with another digest is answered 422 by the commit.
    """

    data: Any
    ticket: Ticket
    key: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back: a status and JSON (None: no body)."""

    status: int
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(status: int, detail: str, *, retry_after: int | None = None, **more: Any) -> Answer:
    """An answer that says what is wrong; sent as `application/problem+json` (RFC 9457)."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Answer(status, {"detail": detail, **more}, headers)


Commit = Callable[[list[Job]], Sequence[Answer]]
writers: dict[str, Commit] = {}
"""Kind of job → what writes a list of them and gives an answer for each, in the same order.

Called in the writer's thread inside one transaction, which may hold jobs of other kinds too. It may raise: then nothing of
the batch is kept, and it is asked again with fewer jobs at a time, at last with each alone, so it must not remember anything
outside the database. Announce once for the whole list where it can be said at once.
"""


@dataclass(slots=True)
class _Waiting:
    kind: str
    job: Job
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Answer]"
    since: float


class Writer:
    """One thread with one database connection. Starts with the first job, ends with `stop`."""

    def __init__(self) -> None:
        self._queue: deque[_Waiting] = deque()
        self._ready = Condition()
        # Set when there is no point in gathering more. Only then, and where it has nothing to do, is the thread woken: each
        # time costs the event loop a turn of the interpreter's lock.
        self._enough = Event()
        self._rests = False
        self._thread: Thread | None = None
        self._stopping = False

    async def submit(self, kind: str, job: Job) -> Answer:
        """Have a job written; the answer comes after the commit. 503 where too many wait or the database is away."""
        return await self.enqueue(kind, job)

    def enqueue(self, kind: str, job: Job) -> "asyncio.Future[Answer]":
        """The same, at once, for somebody on the event loop who waits later."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        with self._ready:
            if len(self._queue) >= MOST_WAITING or self._stopping:
                busy = "Too much is being written at this moment. Try again."
                answer.set_result(problem(503, busy, retry_after=2))
                return answer
            self._queue.append(_Waiting(kind, job, loop, answer, monotonic()))
            if self._thread is None:
                self._thread = Thread(target=self._run, name="koinon-writer", daemon=True)
                self._thread.start()
            if self._rests:
                self._rests = False
                self._ready.notify()
            if len(self._queue) >= MOST_AT_ONCE:
                self._enough.set()
        return answer

    def stop(self) -> None:
        """Write what waits, and end the thread."""
        with self._ready:
            thread, self._stopping = self._thread, True
            self._enough.set()
            self._ready.notify()
        if thread is not None:
            thread.join(timeout=10)
        with self._ready:
            self._thread, self._stopping = None, False
            self._enough.clear()

    def _run(self) -> None:
        try:
            while batch := self._next():
                self._write(batch)
        finally:
            connections.close_all()

    def _next(self) -> list[_Waiting]:
        """Wait for the first job, gather more for a moment; nothing at the end."""
        with self._ready:
            while not self._queue and not self._stopping:
                self._rests = True
                self._ready.wait()
            self._rests = False
            left = self._queue[0].since + GATHER - monotonic() if self._queue else 0.0
        if left > 0:
            self._enough.wait(left)
        with self._ready:
            if not self._stopping:
                self._enough.clear()
            return [self._queue.popleft() for _ in range(min(len(self._queue), MOST_AT_ONCE))]

    def _write(self, batch: list[_Waiting]) -> None:
        close_old_connections()
        answers = self._answers(batch)
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, Answer]]] = {}
        for waiting, answer in zip(batch, answers, strict=True):
            by_loop.setdefault(waiting.loop, []).append((waiting, answer))
        for loop, pairs in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_hand_over, pairs)

    def _answers(self, batch: list[_Waiting]) -> list[Answer]:
        try:
            with transaction.atomic():
                return self._commit(batch)
        except (OperationalError, InterfaceError) as trouble:
            log.error("the database does not answer: %s", trouble)
            close_old_connections()
            away = problem(503, "Nothing can be written at this moment. Try again.", retry_after=5)
            return [away] * len(batch)
        except Exception as trouble:
            if len(batch) > 1:
                # One bad job harms nobody: each half is tried by itself, down to the one.
                middle = len(batch) // 2
                return self._answers(batch[:middle]) + self._answers(batch[middle:])
            if isinstance(trouble, DatabaseError):
                close_old_connections()
            reference = secrets.token_hex(4)
            log.exception("reference %s: a job of %s failed", reference, batch[0].kind)
            return [problem(500, "Something broke on our side.", reference=reference)]

    def _commit(self, batch: list[_Waiting]) -> list[Answer]:
        places: dict[str, list[int]] = {}
        for place, waiting in enumerate(batch):
            places.setdefault(waiting.kind, []).append(place)
        answers: dict[int, Answer] = {}
        for kind, where in places.items():
            found = writers[kind]([batch[place].job for place in where])
            answers.update(zip(where, found, strict=True))
        return [answers[place] for place in range(len(batch))]


def _hand_over(pairs: list[tuple[_Waiting, Answer]]) -> None:
    for waiting, answer in pairs:
        if not waiting.answer.done():
            waiting.answer.set_result(answer)


writer = Writer()
