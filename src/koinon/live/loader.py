"""What the hub wants to know from the database, asked in one thread with one connection, which is closed when nothing is asked."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Any, Final, TypeVar

from django.db import (
    DatabaseError,
    InterfaceError,
    close_old_connections,
    connection,
    connections,
    transaction,
)

from koinon.live.models import Change, Channel
from koinon.live.sources import Source, source_of

log = logging.getLogger("koinon.live")
IDLE: Final = 1.0
"""Seconds after the last change or snapshot was read, after which the connection is closed. The look at who may listen, each
second, keeps none open: on one that is idle nobody costs a connection."""
MOST_CHANGES: Final = 2000
"""Changes that are read at a time; who is farther behind begins anew."""
EVERYBODY: Final = 0
"""Stands for all who listen without being signed in."""

Answer = TypeVar("Answer")
Event = tuple[int, bytes]
"""A change's number and its bytes on the wire, without the line that names it."""


@dataclass(frozen=True)
class Shown:
    """A channel as it was at one moment: all it shows, up to which change, and in which epoch."""

    epoch: str
    number: int
    data: bytes


@dataclass(frozen=True)
class News:
    """What came after a number: events, and up to which number. `whole` is False where some could not be had."""

    epoch: str
    number: int
    events: list[Event]
    whole: bool


@dataclass(frozen=True)
class Look:
    """A channel at a glance: its epoch and number, and who of the askers may listen (None: nobody could tell)."""

    epoch: str
    number: int
    may: set[int] | None


class Loader:
    """`await loader.ask(show, "room:…")` runs it in the thread. Starts with the first question."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._lock = Lock()
        self._busy_until = 0.0

    async def ask(self, work: Callable[..., Answer], *words: Any) -> Answer:
        """The answer of `work`, or what it raised."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()

        def hand_over(result: Answer | None, trouble: BaseException | None) -> None:
            if answer.done():
                return
            if trouble is not None:
                answer.set_exception(trouble)
            else:
                answer.set_result(result)  # type: ignore[arg-type]

        def run() -> None:
            result, trouble = None, None
            try:
                close_old_connections()
                _read_only_moment()
                result = work(*words)
                if work is not look:
                    self._busy_until = monotonic() + IDLE
            except BaseException as error:
                trouble = error
                if isinstance(error, DatabaseError | InterfaceError):
                    connections.close_all()
            if not loop.is_closed():
                loop.call_soon_threadsafe(hand_over, result, trouble)

        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="koinon-live", daemon=True)
                self._thread.start()
        self._queue.put(run)
        return await answer

    def stop(self) -> None:
        """Answer what was asked, and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join(timeout=10)

    def _run(self) -> None:
        while True:
            try:
                run = self._queue.get(timeout=max(0.001, self._busy_until - monotonic()))
            except Empty:
                connections.close_all()
                run = self._queue.get()
            if run is None:
                connections.close_all()
                return
            run()


def _read_only_moment() -> None:
    """On SQLite a transaction of this thread takes no lock for writing, which the settings ask for elsewhere."""
    if connection.vendor == "sqlite":
        connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]


def _one_moment() -> None:
    """At the beginning of a transaction: all that is read in it is of the same moment."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def show(channel: str) -> Shown | None:
    """All that a channel shows now; None where there is no such channel."""
    source = source_of(channel)
    if source is None:
        return None
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            _one_moment()
        row = Channel.objects.filter(name=channel).first()
        data = source.snapshot(channel)
    if data is None:
        return None
    if row is None:
        # Its first listener comes before its first change: it begins to count here, so that its epoch stays.
        Channel.objects.bulk_create([Channel(name=channel)], ignore_conflicts=True)
        return show(channel)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Shown(row.epoch, row.number, text.encode())


def news(channel: str, after: int) -> News | None:
    """The changes of a channel after a number, those that carry totals merged; None where it is gone."""
    source = source_of(channel)
    row = Channel.objects.filter(name=channel).first()
    if row is None or source is None:
        return None
    changes = list(
        Change.objects.of(channel, after=after).values_list("number", "about", "data")[:MOST_CHANGES]
    )
    last = changes[-1][0] if changes else after
    whole = len(changes) == last - after and len(changes) < MOST_CHANGES and row.number >= after
    return News(row.epoch, last, encoded(changes, source.merged), whole)


def encoded(changes: Iterable[tuple[int, str, str]], merged: frozenset[str]) -> list[Event]:
    """The changes of one frame as events. What carries totals stands once, where the last of it stood."""
    totals: dict[str, tuple[int, dict[str, Any]]] = {}
    events: list[Event] = []
    for number, about, data in changes:
        if about in merged:
            before = totals.get(about, (0, {}))[1]
            totals[about] = (number, over(before, json.loads(data)))
        else:
            events.append((number, _event(about, data)))
    for about, (number, total) in totals.items():
        text = json.dumps(total, ensure_ascii=False, separators=(",", ":"))
        events.append((number, _event(about, text)))
    events.sort(key=lambda event: event[0])
    return events


def over(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """`after` laid over `before`, objects within objects too."""
    both = dict(before)
    for name, value in after.items():
        old = both.get(name)
        both[name] = over(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return both


def look(asked: Mapping[str, set[int]]) -> dict[str, Look | None]:
    """For each channel with those who listen: where it stands, and who of them still may; None where it is gone."""
    rows = {row.name: row for row in Channel.objects.filter(name__in=list(asked))}
    return {
        channel: Look(rows[channel].epoch, rows[channel].number, may(channel, persons))
        if channel in rows
        else None
        for channel, persons in asked.items()
    }


def may(channel: str, persons: set[int]) -> set[int] | None:
    """Who of them may listen; None where that could not be found out."""
    source: Source | None = source_of(channel)
    if source is None:
        return set()
    try:
        return source.may_listen(channel, persons)
    except (DatabaseError, InterfaceError):
        raise
    except Exception:
        log.exception("who may listen on %s could not be found out", channel)
        return None


def _event(about: str, data: str) -> bytes:
    return f'event: change\ndata: {{"about":{json.dumps(about)},"data":{data}}}\n\n'.encode()
