"""Waking the hubs: the one of this process by a call, those of other processes through PostgreSQL's NOTIFY.

A NOTIFY inside the transaction of each vote would hold a lock of the whole database over its fsync. So it is sent after the
commit by a thread with a connection of its own, for all that was committed since the last one together. A second thread
listens. What is missed (a line that breaks, another process on SQLite) the hub finds by itself within a second.
"""

import json
import logging
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread
from time import monotonic, sleep
from typing import Any, Final

from django.db import DatabaseError, InterfaceError, connection, connections

log = logging.getLogger("koinon.live")

wake: list[Callable[[str, bool], None]] = []
"""What is called with a channel's name after a commit that changed it, from any thread (the hub of this process)."""

NAME: Final = "koinon_live"
GATHER: Final = 0.03
"""Seconds in which what was committed is gathered for one NOTIFY, where nothing must go at once."""
AGAIN: Final = 1.0
"""Seconds between two tries to listen again."""
_OURS: Final = f"{os.getpid()}.{secrets.token_hex(4)}"
_MOST_NAMES: Final = 50


def tell(channel: str, *, at_once: bool) -> None:
    """After a commit: changes of this channel wait to go out. Never fails."""
    _wake(channel, at_once)
    if connection.vendor == "postgresql":
        if _teller.is_running:
            _teller.add(channel, at_once)
        else:
            # A command beside the server, which may end at any moment: it tells by itself.
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_notify(%s, %s)", [NAME, _words({channel: at_once})])
            except (DatabaseError, InterfaceError) as trouble:
                log.warning("other processes could not be told of %s: %s", channel, trouble)


def start() -> None:
    """With the server: on PostgreSQL tell other processes, and listen to them."""
    if connection.vendor == "postgresql":
        _teller.start()
        _listener.start()


def stop() -> None:
    _teller.stop()
    _listener.stop()


def _wake(channel: str, at_once: bool) -> None:
    for call in wake:
        call(channel, at_once)


def _words(waiting: dict[str, bool]) -> str:
    return json.dumps([_OURS, waiting], ensure_ascii=False)


def _connect() -> Any:
    """A connection beside Django's, in autocommit."""
    import psycopg

    words = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        words.pop(name, None)
    return psycopg.connect(**words, autocommit=True)


class _Teller:
    """Sends one NOTIFY for all that was committed in the last moment."""

    def __init__(self) -> None:
        self._waiting: dict[str, bool] = {}
        self._ready = Condition()
        self._thread: Thread | None = None
        self._stopping = False

    @property
    def is_running(self) -> bool:
        return self._thread is not None

    def start(self) -> None:
        if self._thread is None:
            self._stopping = False
            self._thread = Thread(target=self._run, name="koinon-tell", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        with self._ready:
            self._stopping = True
            self._ready.notify()
        if thread is not None:
            thread.join(timeout=5)

    def add(self, channel: str, at_once: bool) -> None:
        with self._ready:
            self._waiting[channel] = self._waiting.get(channel, False) or at_once
            self._ready.notify()

    def _run(self) -> None:
        line: Any = None
        while True:
            with self._ready:
                while not self._waiting and not self._stopping:
                    self._ready.wait()
                end = monotonic() + GATHER
                while (
                    not self._stopping and not any(self._waiting.values()) and (left := end - monotonic()) > 0
                ):
                    self._ready.wait(left)
                waiting, self._waiting = self._waiting, {}
            try:
                if waiting:
                    line = line or _connect()
                    for words in _payloads(waiting):
                        line.execute("SELECT pg_notify(%s, %s)", [NAME, words])
            except Exception as trouble:
                # Not sent again: the others look by themselves each second.
                log.warning("other processes could not be told: %s", trouble)
                if line is not None:
                    with suppress(Exception):
                        line.close()
                line = None
            if self._stopping:
                if line is not None:
                    line.close()
                return


def _payloads(waiting: dict[str, bool]) -> list[str]:
    """A payload has room for 8,000 bytes."""
    names = list(waiting)
    return [
        _words({name: waiting[name] for name in names[begin : begin + _MOST_NAMES]})
        for begin in range(0, len(names), _MOST_NAMES)
    ]


class _Listener:
    """Wakes the hub of this process for what others committed; after a lost line it looks at all channels."""

    def __init__(self) -> None:
        self._thread: Thread | None = None
        self._stopping = False

    def start(self) -> None:
        if self._thread is None:
            self._stopping = False
            self._thread = Thread(target=self._run, name="koinon-listen", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        self._stopping = True
        if thread is not None:
            thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping:
            try:
                with _connect() as line:
                    line.execute(f"LISTEN {NAME}")
                    _wake("", False)
                    while not self._stopping:
                        for notice in line.notifies(timeout=1):
                            self._take(notice.payload)
            except Exception as trouble:
                if self._stopping:
                    return
                log.warning("the line to other processes broke: %s", trouble)
                until = monotonic() + AGAIN
                while monotonic() < until and not self._stopping:
                    sleep(0.1)

    def _take(self, payload: str) -> None:
        with suppress(ValueError, TypeError, AttributeError):
            whose, waiting = json.loads(payload)
            if whose != _OURS:
                for channel, at_once in waiting.items():
                    _wake(channel, bool(at_once))


_teller, _listener = _Teller(), _Listener()
