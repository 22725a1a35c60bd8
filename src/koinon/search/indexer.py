"""Keeps the index as the database is: one thread in the process that serves, one writer among all processes of a machine.

It wakes when this process commits a change, and looks twice a second for what others have changed. What is new goes first:
where very much changed at once, it is taken in by bites, and between two of them it is looked for what came since. An index that is missing,
damaged or of another version is made anew beside the one in use, by a process of its own where there is much, and put in its
place in one stroke. What is taken in twice does no harm.
"""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connections
from django.db.models import Q

from koinon.search import bridges, changes, engine, shelf
from koinon.search.documents import Document
from koinon.search.engine import VERSION, Broken
from koinon.search.models import KEPT_FOR, Change
from koinon.search.sources import Source, sources

if TYPE_CHECKING:
    import tantivy

log = logging.getLogger("koinon.search")

EACH: Final = 0.5
AT_ONCE: Final = 200
"""A bite: what is new waits for one at most."""
MOST_OPEN: Final = 600
LONGEST_OPEN: Final = 1.0
"""Things, and seconds, after which what was taken in of a backlog is made findable."""
LATE: Final = 600.0
"""Seconds for which a change with a lower number than the last one seen may still come (its transaction took longer)."""
MOST_LATE: Final = 40
MOST_COMPARED: Final = 100_000
MUCH: Final = 3000
"""From so many things on the index is made anew by another process, so that nobody waits for this one."""
HEAP: Final = 20_000_000
HEAP_OF_BUILDING: Final = 50_000_000
"""Bytes that the words of new documents may take before they are written; the least that Tantivy takes is 15 MB."""
WRITE_STATE_EACH: Final = 60.0

Thing = tuple[str, str]
Told = tuple[Sequence[Document], Sequence[Thing]]


def documents_of(things: Sequence[Thing]) -> tuple[list[Document], list[Thing]]:
    """What there is now for these names: documents of what everybody may read, and what is gone."""
    found: list[Document] = []
    by_type: dict[str, list[str]] = {}
    for type, key in things:
        by_type.setdefault(type, []).append(key)
    for type, keys in by_type.items():
        source = sources.get(type)
        if source is not None:
            found += _loaded(source, keys)
    there = {document.thing for document in found}
    return found, [thing for thing in things if thing not in there]


def _loaded(source: Source, keys: Sequence[str]) -> list[Document]:
    """One thing that cannot be made a document does not keep the others out."""
    try:
        return [document for document in source.load(keys) if document.type == source.type]
    except (DatabaseError, InterfaceError):
        raise
    except Exception:
        if len(keys) == 1:
            log.exception("search: %s %s cannot be indexed", source.type, keys[0])
            return []
        return [document for key in keys for document in _loaded(source, [key])]


def everything() -> Iterator[Thing]:
    """The names of all that there is."""
    for type, source in sources.items():
        names = source.keys()
        for key in names:
            yield type, key


def _in_pieces(things: Iterator[Thing], size: int = AT_ONCE) -> Iterator[list[Thing]]:
    while piece := list(islice(things, size)):
        yield piece


class Writing:
    """The one writer of an index folder, and what it knows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = shelf.read_state(folder)
        self._index = engine.make_index(folder)
        self._writer = _writer(self._index, HEAP)
        self._top = self.state.change
        self._left: list[tuple[int, int]] = []
        self._gaps: list[tuple[int, int, float]] = []
        self._first = True
        self._written = 0.0
        self._open: list[Told] = []
        self._opened = 0.0
        self._untold: list[Told] = []

    def catch_up(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Take in what changed since the last time, the newest first. How many changes that were.

        After each bite it is looked again for what is new: it does not wait until all the rest is taken in.
        """
        done = 0
        now = time.time()
        while not stopped():
            fresh = self._fresh(now)
            if fresh:
                self._take(fresh)
                self._commit()
            older = self._older(now) if not self._untold else []
            if older:
                self._take(older)
                if self._is_much_open():
                    self._commit()
            elif self._untold:
                self._tell(*self._untold.pop(0))
            elif not fresh:
                break
            done += len(fresh) + len(older)
        self._commit()
        while self._untold:
            self._tell(*self._untold.pop(0))
        self._gaps = [gap for gap in self._gaps if gap[2] > now - LATE][-MOST_LATE:]
        known = min([low - 1 for low, _ in self._left], default=self._top)
        self.state = shelf.State(VERSION, known, now, self.state.made)
        if done or now - self._written > WRITE_STATE_EACH:
            shelf.write_state(self.folder, self.state)
            self._written = now
        return done

    def _fresh(self, now: float) -> list[Thing]:
        """What changed since the last look, newest first; and what came late. What is more than a bite is left for later."""
        wanted = Q(pk__gt=self._top)
        self._gaps = self._gaps[-MOST_LATE:]
        for low, high, _ in self._gaps:
            wanted |= Q(pk__range=(low, high))
        rows = self._rows(wanted)
        if self._first:
            # What came late while nobody looked.
            self._first = False
            since = datetime.fromtimestamp(self.state.looked - LATE, UTC)
            late = Change.objects.filter(at__gte=since, pk__lte=self._top).order_by("pk")
            if (first := late.values_list("pk", flat=True).first()) is not None:
                self._left.insert(0, (first, self._top))
        numbers = [pk for pk, _, _ in rows]
        fresh = [pk for pk in numbers if pk > self._top]
        seen = set(numbers)
        self._gaps = [(a, b, since) for low, high, since in self._gaps for a, b in _without(low, high, seen)]
        if fresh:
            start = self._top + 1
            if len(rows) == AT_ONCE and numbers[-1] > start:
                # The rest is left.
                self._left.append((start, numbers[-1] - 1))
                start = numbers[-1]
            self._gaps += [(a, b, now) for a, b in _without(start, fresh[0], seen)]
            self._top = fresh[0]
        return _things(rows)

    def _older(self, now: float) -> list[Thing]:
        """A bite of what was left, newest first."""
        while self._left:
            low, high = self._left.pop()
            rows = self._rows(Q(pk__range=(low, high)))
            start = low
            if len(rows) == AT_ONCE and rows[-1][0] > low:
                self._left.append((low, rows[-1][0] - 1))
                start = rows[-1][0]
            # Numbers that nobody has seen may still be in a transaction.
            self._gaps += [(a, b, now) for a, b in _without(start, high, {pk for pk, _, _ in rows})]
            if rows:
                return _things(rows)
        return []

    def _rows(self, wanted: Q) -> list[tuple[int, str, str]]:
        rows = Change.objects.filter(wanted).order_by("-pk").values_list("pk", "type", "key")
        return list(rows[:AT_ONCE])

    def _take(self, things: Sequence[Thing]) -> None:
        documents, gone = documents_of(things)
        for number, document in enumerate(documents):
            made = engine.to_index(document)
            self._writer.delete_documents_by_term("thing", engine.thing_of(*document.thing))
            self._writer.add_document(made)
            if number % 25 == 24:
                time.sleep(0)
        for thing in gone:
            self._writer.delete_documents_by_term("thing", engine.thing_of(*thing))
        if not self._open:
            self._opened = time.monotonic()
        self._open.append((documents, gone))

    def _is_much_open(self) -> bool:
        taken = sum(len(documents) + len(gone) for documents, gone in self._open)
        return taken >= MOST_OPEN or time.monotonic() - self._opened >= LONGEST_OPEN

    def _commit(self) -> None:
        """Make findable what was taken in; those who listen are told of it later."""
        if self._open:
            self._writer.commit()
            self._untold += self._open
            self._open = []

    def _tell(self, documents: Sequence[Document], gone: Sequence[Thing]) -> None:
        for listener in bridges.listeners:
            try:
                listener(documents, gone)
            except Exception:
                log.exception("search: a listener failed")

    def reconcile(self) -> int:
        """Take in what is there and not in the index, and the other way round. How many things that were.

        Where there is very much it is left to the changes, and to making the index anew.
        """
        using = engine.Engine(self.folder)
        if using.documents > MOST_COMPARED:
            return 0
        there, known = set(everything()), set(using.things())
        different = sorted(there ^ known)
        for piece in _in_pieces(iter(different)):
            self._take(piece)
            self._commit()
        return len(different)

    def close(self) -> None:
        with suppress(ValueError):
            self._writer.rollback()
        del self._writer


def _things(rows: Sequence[tuple[int, str, str]]) -> list[Thing]:
    """What the rows name, each once."""
    return list(dict.fromkeys((type, key) for _, type, key in rows))


def _without(low: int, high: int, seen: set[int]) -> list[tuple[int, int]]:
    """The numbers from `low` to `high` that are not among the seen ones, as ranges."""
    found, start = [], low
    for number in sorted(n for n in seen if low <= n <= high):
        if start < number:
            found.append((start, number - 1))
        start = number + 1
    if start <= high:
        found.append((start, high))
    return found


def _writer(index: "tantivy.Index", heap: int, threads: int = 1) -> "tantivy.IndexWriter":
    try:
        return index.writer(heap * threads, threads)
    except (ValueError, OSError) as trouble:
        raise Broken(str(trouble)) from trouble


def build(folder: Path, *, politely: bool = False) -> int:
    """Make an index of everything in an empty folder. How many documents it has."""
    # Changes from here on are read again when it is in use.
    last = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    now = time.time()
    index = engine.make_index(folder)
    writer = _writer(index, HEAP_OF_BUILDING)
    count = 0
    for piece in _in_pieces(everything()):
        documents, _ = documents_of(piece)
        for document in documents:
            writer.add_document(engine.to_index(document))
            count += 1
            if politely and count % 10 == 0:
                time.sleep(0.001)
        for listener in bridges.listeners:
            try:
                listener(documents, [])
            except Exception:
                log.exception("search: a listener failed")
    writer.commit()
    writer.wait_merging_threads()
    shelf.write_state(folder, shelf.State(VERSION, last, now, time.time()))
    return count


def rebuild() -> int:
    """Make the index anew beside the one in use, and put it in its place. The caller holds the lock."""
    folder = shelf.new_folder()
    count = build(folder)
    shelf.put_in_use(folder)
    shelf.sweep()
    return count


class Indexer:
    """The thread of this process. Only the one that holds the lock writes; another takes over when it is gone."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._thread: Thread | None = None
        self._stop = Event()
        self._wake = Event()
        self.writes = False
        self.rebuilding = False

    def start(self) -> None:
        """Once for each process that serves; more than once does nothing."""
        with self._lock:
            if self._thread is None and getattr(settings, "SEARCH_INDEXER", True):
                self._stop.clear()
                changes.wake.append(self._wake.set)
                self._thread = Thread(target=self._run, name="koinon-search", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        with self._lock:
            thread, self._thread = self._thread, None
            self._stop.set()
            self._wake.set()
        if thread is not None:
            with suppress(ValueError):
                changes.wake.remove(self._wake.set)
            thread.join(timeout=10)
            from koinon.search import vectors

            vectors.stop()

    def _run(self) -> None:
        # The first pages go first.
        self._stop.wait(1)
        while not self._stop.is_set():
            try:
                with shelf.writing() as mine:
                    if mine:
                        self.writes = True
                        self._write()
            except (DatabaseError, InterfaceError) as trouble:
                log.warning("search: the database does not answer: %s", trouble)
                connections.close_all()
            except Exception:
                log.exception("search: indexing failed")
            finally:
                self.writes = self.rebuilding = False
            self._stop.wait(EACH)
        connections.close_all()

    def _write(self) -> None:
        """As long as this process holds the lock and the index is sound."""
        shelf.sweep()
        _start_meaning()
        close_old_connections()
        writing = self._open()
        try:
            while not self._stop.is_set():
                close_old_connections()
                writing.catch_up(self._stop.is_set)
                self._wake.wait(EACH)
                self._wake.clear()
                if not (writing.folder / "meta.json").exists() or shelf.current() != writing.folder:
                    raise Broken("the index is gone")
                if shelf.take_doubt(writing.folder):
                    # Closed first: what is opened again is looked through, and made anew only where it is harmed.
                    raise Broken("somebody could not read the index")
                if shelf.take_wish():
                    self._anew(writing)
                    writing.close()
                    writing = Writing(shelf.current())
        except Broken as trouble:
            log.warning("search: %s; it is opened again, or made anew", trouble)
        finally:
            writing.close()

    def _open(self) -> Writing:
        try:
            folder = shelf.current()
            state = shelf.read_state(folder)
            if state.looked < time.time() - (KEPT_FOR - timedelta(hours=1)).total_seconds():
                raise Broken("nobody has looked for changes for too long")
            if state.change > (
                Change.objects.order_by("-pk").values_list("pk", flat=True).first() or state.change
            ):
                raise Broken("the database is older than the index")
            shelf.verify(folder)
            engine.Engine(folder).check()
            writing = Writing(folder)
        except Broken as trouble:
            log.info("search: %s; it is made anew", trouble)
            self._anew()
            return Writing(shelf.current())
        writing.reconcile()
        return writing

    def _anew(self, writing: Writing | None = None) -> None:
        """Make it anew; where there is one in use, it is kept current meanwhile."""
        self.rebuilding = True
        try:
            if sum(1 for _ in islice(everything(), MUCH)) < MUCH:
                folder = shelf.new_folder()
                build(folder, politely=True)
            else:
                folder = self._by_another_process(writing)
            shelf.put_in_use(folder)
            shelf.sweep()
        finally:
            self.rebuilding = False

    def _by_another_process(self, writing: Writing | None) -> Path:
        folder = shelf.new_folder()
        command = [sys.executable, "-m", "koinon", "search", "build", str(folder)]
        path = os.pathsep.join(part for part in sys.path if part)
        environment = os.environ | {"KOINON_DATA": str(settings.DATA), "PYTHONPATH": path}
        child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603  our own words
        try:
            while child.poll() is None:
                self._wake.wait(EACH)
                self._wake.clear()
                if self._stop.is_set():
                    raise Broken("told to stop")
                if writing is not None:
                    close_old_connections()
                    writing.catch_up(self._stop.is_set)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        if child.returncode != 0:
            raise RuntimeError(f"the index could not be made: {child.returncode}")
        return folder


def _start_meaning() -> None:
    """In the process that holds the index the meaning of texts is made beside it."""
    from koinon.search import vectors

    if vectors.take not in bridges.listeners:
        bridges.listeners.append(vectors.take)
    vectors.work()


indexer = Indexer()
