"""The application that a server runs: the doors of the live room, the front, then Django on a few threads, and the clock
beside them.

The doors stand before the front, where `send` is still the server's own: only there can a frame be written to thousands of
streams without a task for each (live/lines.py), and nothing of theirs is kept or wrapped by the front.

Django runs as WSGI on threads of its own (base/threads.py), because those keep their database connections; its ASGI
handler makes a new thread, and so a new connection, for each request (docs/decisions/server.md).
"""

import gc
import logging
import os
import re
from asyncio import to_thread
from collections.abc import Callable
from threading import Event, Thread

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connections
from django.db.utils import DatabaseError
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koinon.settings")
_django = get_wsgi_application()

from koinon.base import guessing, uploads, workdays  # noqa: E402  Django first
from koinon.base.front import App, Front, Receive, Scope, Send, Shelf  # noqa: E402
from koinon.base.threads import Threads  # noqa: E402
from koinon.base.ticking import tick, tick_beside  # noqa: E402
from koinon.base.whole import WholeRequest  # noqa: E402
from koinon.journal import versions  # noqa: E402
from koinon.journal.actions import count_gaps  # noqa: E402
from koinon.live import notify  # noqa: E402
from koinon.live.doors import Doors, use_all_descriptors  # noqa: E402
from koinon.live.hub import hub  # noqa: E402
from koinon.live.writer import writer  # noqa: E402
from koinon.places import gazetteer  # noqa: E402
from koinon.search import vectors  # noqa: E402
from koinon.search.indexer import indexer  # noqa: E402

THREADS = 3
# The addresses that take files (questions/views/files.py, practices/views/writing.py, practices/exchange), with and without a language before.
FILES = re.compile(
    r"(/[a-z]{2})?/(questions/[^/]{1,40}/files|practices/[^/]{1,120}/edit/pictures|practices/import)/"
    r"|/api/v1/practices/import"
)
log = logging.getLogger("koinon.clock")


class Clock:
    """Beside the requests: looks each second which version holds, writes counters each ten, does what is due each minute."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._stop = Event()
        self._thread = Thread(target=self._run, name="koinon-clock", daemon=True)
        self._beside: Thread | None = None

    def start(self) -> None:
        """Know the version before the first page is made; then go on beside the requests. Call from a thread."""
        self._safely(versions.look)
        connections.close_all()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        second = 0
        # The first pages go before the index of names; who types earlier builds it by asking.
        self._stop.wait(2)
        for warm in (gazetteer.warm, workdays.warm, guessing.warm, indexer.start, vectors.read):
            # Whoever is told to stop meanwhile has counts to write, and little time.
            if not self._stop.is_set():
                self._safely(warm)
        # What lives as long as the process need not be looked through at each collection of garbage.
        gc.collect()
        gc.freeze()
        gc.enable()
        while not self._stop.wait(1):
            second += 1
            self._safely(versions.look)
            if second % 10 == 0:
                self._safely(self._write_counts)
            if second % 60 == 0:
                self._safely(tick)
                self._tick_beside()
        self._safely(self._write_counts)
        connections.close_all()

    def _tick_beside(self) -> None:
        """What waits for machines of others keeps nobody here. The thread of the last time may still wait: then it goes on."""
        if self._beside is None or not self._beside.is_alive():
            self._beside = Thread(target=self._run_beside, name="koinon-beside", daemon=True)
            self._beside.start()

    def _run_beside(self) -> None:
        self._safely(tick_beside)
        connections.close_all()

    def _write_counts(self) -> None:
        counts = self.shelf.take_counts()
        if counts:
            try:
                count_gaps(counts)
            except DatabaseError:
                self.shelf.give_back(counts)
                raise

    def _safely(self, work: Callable[[], object]) -> None:
        try:
            close_old_connections()
            work()
        except Exception:
            log.exception("%s failed", getattr(work, "__name__", work))


class Lifespan:
    """Starts and stops with the server what runs beside the requests: the clock, the hub, the writer, the indexer."""

    def __init__(self, inner: App, clock: Clock) -> None:
        self.inner = inner
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self.inner(scope, receive, send)
            return
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await to_thread(self.clock.start)
                use_all_descriptors()
                notify.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                hub.stop()
                await to_thread(writer.stop)
                await to_thread(notify.stop)
                # The clock starts the two after it.
                await to_thread(self.clock.stop)
                await to_thread(indexer.stop)
                await to_thread(vectors.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return


shelf = Shelf(versions.known)
front = Front(
    WholeRequest(
        Threads(_django, THREADS),  # type: ignore[arg-type]
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        files=FILES,
        most_files=settings.DATA_UPLOAD_MAX_MEMORY_SIZE + uploads.MOST_FILES * uploads.MOST_BYTES,
    ),
    shelf,
    settings.SESSION_COOKIE_NAME,
    timezone.localdate,
)
application = Lifespan(Doors(front), Clock(shelf))
