"""The hub: holds what is shown on each channel and the last changes, and writes each of them to all who listen.

One event loop, one hub. It never asks the database on the loop (loader.py does, in a thread of its own), makes each frame
once for all, and keeps no task, queue or buffer for a reader beyond the one that the server has for the connection.

An event's id is EPOCH-NUMBER. The epoch is made of this process's own mark and of the channel's epoch in the database, so
that numbers of another process, of a time before a restart or of a channel that was wiped are never taken for ours: who comes
with such a one gets a `reset` and all that is shown. So does who comes from before the ring of kept changes.
"""

import asyncio
import logging
import re
import secrets
from bisect import bisect_right
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from threading import Lock
from time import monotonic
from typing import Any, Final

from django.db import DatabaseError, InterfaceError

from koinon.live import loader as loading
from koinon.live import notify
from koinon.live.lines import Frame, Line, push_all
from koinon.live.loader import EVERYBODY, Event, Loader, Look, News, Shown

log = logging.getLogger("koinon.live")

GATHER: Final = 0.08
"""Seconds in which changes are gathered for one frame."""
FIRST: Final = 0.01
"""The same for the first change after a silence."""
REST: Final = 0.5
"""How long after a frame the next one waits at least, as a part of the time that it took."""
RING: Final = 2000
"""Events that are kept for who was cut."""
STALE: Final = 400
"""Changes behind which what is shown is rendered anew for who joins."""
COMMENT: Final = 15.0
"""Seconds of silence after which a comment is sent."""
LOOK: Final = 0.5
"""Seconds between two looks at who may still listen and whether a change was missed."""
CATCH_UP: Final = 0.25
"""Seconds between two tries for those who are behind."""
STUCK: Final = 14.0
"""Seconds in which somebody behind took not a byte, after which the line is cut."""
SLICE: Final = 2500
"""Readers that are written to before others have their turn: some twenty milliseconds. Where thousands vote in a second each
turn is long, and a frame needs a turn for each slice."""
FORGET: Final = 60.0
"""Seconds without a listener after which a channel is forgotten here."""

_ID = re.compile(r"([0-9a-f]{1,32})-([0-9]{1,18})")
_SILENCE = Frame(b":\n\n")
# Says that what follows does not go on from what was there. It has no id: who is cut here begins anew again.
_RESET = b"event: reset\ndata: {}\n\n"


class NoChannel(Exception):
    """There is no such channel."""


class MayNot(Exception):
    """This person may not listen, or not any more."""


class Away(Exception):
    """It cannot be said now: the database does not answer."""


class Reader:
    """Somebody who listens: up to which number they have all, and who they are."""

    __slots__ = ("behind_since", "ended", "held", "line", "person", "position", "task")

    def __init__(self, line: Line, person: int, task: "asyncio.Task[Any] | None") -> None:
        self.line = line
        self.person = person
        self.task = task
        self.position = -1
        self.ended = False
        self.behind_since = 0.0
        self.held = 0


@dataclass
class Figures:
    """What the hub has done, for measurements and the health page."""

    frames: int = 0
    deliveries: int = 0
    joins: int = 0
    replays: int = 0
    snapshots: int = 0
    stuck: int = 0
    revoked: int = 0


class _Joined:
    """What somebody gets who has nothing, and up to which number that goes."""

    def __init__(self, body: bytes, number: int) -> None:
        self.frame = Frame(body)
        self.number = number

    @cached_property
    def anew(self) -> Frame:
        """The same for somebody who had something else before."""
        return Frame(_RESET + self.frame.body)


class Ring:
    """The last events of a channel. `start`: all changes after this number are in it."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.events: list[Event] = []
        self._numbers: list[int] = []

    def add(self, events: Iterable[Event]) -> None:
        for number, data in events:
            self._numbers.append(number)
            self.events.append((number, data))
        if len(self.events) > 2 * RING:
            over = len(self.events) - RING
            self.start = self._numbers[over - 1]
            del self.events[:over]
            del self._numbers[:over]

    def after(self, number: int) -> list[Event] | None:
        """What came after this number, with RING events at most; None where some of that is gone."""
        if number < self.start:
            return None
        found = self.events[bisect_right(self._numbers, number) :]
        return found if len(found) <= RING else None


@dataclass
class Broadcast:
    """One channel in this process: what is shown, the ring, and who listens."""

    name: str
    epoch: str = ""
    number: int = 0
    shown: Shown | None = None
    ring: Ring = field(default_factory=lambda: Ring(0))
    readers: dict[Reader, None] = field(default_factory=dict)
    behind: dict[Reader, None] = field(default_factory=dict)
    may: set[int] = field(default_factory=set)
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    asking: dict[int, "asyncio.Task[None]"] = field(default_factory=dict)
    loading: "asyncio.Task[None] | None" = None
    pump: "asyncio.Task[None] | None" = None
    joined: _Joined | None = None
    lacking: tuple[int, int, Frame] | None = None
    written_at: float = 0.0
    empty_since: float = 0.0

    def take(self, shown: Shown, mark: str) -> bool:
        """What is shown now; whether the ring had to begin anew, in another epoch or where numbers went back."""
        begins = self.shown is None or mark + shown.epoch != self.epoch or shown.number < self.number
        if begins:
            self.begin(shown, mark)
        self.shown = shown
        self.joined = None
        return begins

    def begin(self, shown: Shown, mark: str) -> None:
        self.shown = shown
        self.epoch, self.number = mark + shown.epoch, shown.number
        self.ring = Ring(shown.number)
        self.joined = None

    def named(self, events: Iterable[Event]) -> bytes:
        """Events as they go over the line, each with its id."""
        epoch = self.epoch
        return b"".join(b"id: %b-%d\n%b" % (epoch.encode(), number, data) for number, data in events)

    def all_shown(self) -> _Joined:
        """What somebody gets who has nothing: what is shown, and the changes since. The same bytes for all who join now."""
        shown = self.shown
        assert shown is not None
        if self.joined is None:
            body = b"id: %b-%d\nevent: snapshot\ndata: %b\n\n" % (
                self.epoch.encode(),
                shown.number,
                shown.data,
            )
            since = self.ring.after(shown.number) or []
            self.joined = _Joined(body + self.named(since), max(shown.number, self.number))
        return self.joined

    @property
    def is_stale(self) -> bool:
        """Whether so much lies behind what is shown that it had better be rendered anew."""
        shown = self.shown
        if shown is None:
            return True
        return shown.number < self.ring.start or self.number - shown.number > STALE


class Hub:
    """`await hub.join(…)`, then the line is written to until `leave` or until the reader is cut."""

    def __init__(self, loader: Loader | None = None) -> None:
        self.loader = loader or Loader()
        self.mark = secrets.token_hex(3)
        self.channels: dict[str, Broadcast] = {}
        self.figures = Figures()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._clock: asyncio.Task[None] | None = None
        self._catching: asyncio.Task[None] | None = None
        self._woken: dict[str, bool] = {}
        self._lock = Lock()
        self._ended = False

    # Coming and going

    async def join(self, name: str, person: int | None) -> Broadcast:
        """Find out whether this person (None: somebody not signed in) may listen to `name`, and know what is shown there.

        `NoChannel`, `MayNot` or `Away` where that cannot be. Then `enter`, once the head of the answer has gone out.
        """
        self._start()
        if self._ended:
            raise Away
        broadcast = self.channels.get(name)
        if broadcast is None:
            now = monotonic()
            broadcast = self.channels[name] = Broadcast(name, written_at=now, empty_since=now)
        who = person or EVERYBODY
        if who not in broadcast.may:
            await self._ask_may(broadcast, who)
        if broadcast.is_stale:
            await self._load(broadcast)
        # Nobody forgets it before they enter.
        broadcast.empty_since = monotonic()
        self.channels.setdefault(name, broadcast)
        return broadcast

    def enter(self, broadcast: Broadcast, reader: Reader, last: str) -> None:
        """Write to this reader from now on: first what came after the id `last`, or without it all that is shown."""
        if broadcast.shown is None or self._ended:
            # It went away while the head went out.
            self._cut(broadcast, reader)
            return
        broadcast.readers[reader] = None
        self.figures.joins += 1
        first, number = self._first(broadcast, last)
        if reader.line.begin(first):
            reader.position = number
        else:
            self._falls_behind(broadcast, reader)
        if broadcast.pump is None or broadcast.pump.done():
            broadcast.pump = asyncio.ensure_future(self._pump(broadcast))
        if number > broadcast.number:
            # What is shown is newer than the ring.
            broadcast.hurry.set()
            broadcast.wanted.set()

    def _first(self, broadcast: Broadcast, last: str) -> tuple[Frame, int]:
        joined = broadcast.all_shown()
        if not last:
            return joined.frame, joined.number
        missed = self._missed(broadcast, last)
        if missed is None:
            return joined.anew, joined.number
        self.figures.replays += 1
        events, number = missed
        return (Frame(broadcast.named(events)) if events else _SILENCE), number

    def leave(self, broadcast: Broadcast, reader: Reader) -> None:
        """This reader is gone."""
        broadcast.readers.pop(reader, None)
        broadcast.behind.pop(reader, None)
        if not broadcast.readers:
            broadcast.empty_since = monotonic()

    def end(self) -> None:
        """The server is going down: all streams end, so that it need not wait for them."""
        self._ended = True
        for broadcast in self.channels.values():
            for reader in list(broadcast.readers):
                self._cut(broadcast, reader)

    def stop(self) -> None:
        """Stop what runs beside."""
        for task in (self._clock, self._catching, *(one.pump for one in self.channels.values())):
            if task is not None:
                task.cancel()
        self._clock = self._catching = None
        self.channels.clear()
        if self.wake in notify.wake:
            notify.wake.remove(self.wake)
        self.loader.stop()
        self._loop, self._ended = None, False

    # Being told

    def wake(self, channel: str, at_once: bool) -> None:
        """From any thread: this channel (or every one, where it is "") has changes that wait."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        with self._lock:
            is_first = not self._woken
            self._woken[channel] = self._woken.get(channel, False) or at_once
        if is_first:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._take_woken)

    def _take_woken(self) -> None:
        with self._lock:
            woken, self._woken = self._woken, {}
        for name, at_once in woken.items():
            found = self.channels.get(name)
            for broadcast in self.channels.values() if not name else [found] if found else []:
                if at_once:
                    broadcast.hurry.set()
                broadcast.wanted.set()

    # Asking the database, in the loader's thread

    async def _load(self, broadcast: Broadcast) -> None:
        """Know what is shown now. Many who come at once wait for one answer."""
        if broadcast.loading is None:
            broadcast.loading = asyncio.ensure_future(self._show(broadcast))
        await _settled(broadcast.loading)

    async def _show(self, broadcast: Broadcast) -> None:
        try:
            shown = await self._ask(loading.show, broadcast.name)
            if shown is None:
                raise NoChannel
            self.figures.snapshots += 1
            if broadcast.take(shown, self.mark):
                # Who listened already goes on from what is no more.
                for reader in broadcast.readers:
                    reader.position = -1
                    self._falls_behind(broadcast, reader)
            if shown.number > broadcast.number:
                broadcast.hurry.set()
                broadcast.wanted.set()
        except Away:
            # Better what was shown before, and the changes since, than nothing.
            if broadcast.shown is None or broadcast.ring.after(broadcast.shown.number) is None:
                raise
        finally:
            broadcast.loading = None

    async def _ask_may(self, broadcast: Broadcast, who: int) -> None:
        """Find out whether they may listen. Many who come at once wait for one answer."""
        asking = broadcast.asking.get(who)
        if asking is None:
            asking = broadcast.asking[who] = asyncio.ensure_future(self._find_may(broadcast, who))
        await _settled(asking)

    async def _find_may(self, broadcast: Broadcast, who: int) -> None:
        try:
            allowed = await self._ask(loading.may, broadcast.name, {who})
        finally:
            del broadcast.asking[who]
        if allowed is None:
            raise Away
        if who not in allowed:
            raise MayNot
        broadcast.may.add(who)

    async def _ask(self, work: Any, *words: Any) -> Any:
        try:
            return await self.loader.ask(work, *words)
        except (DatabaseError, InterfaceError) as trouble:
            log.error("the database does not answer: %s", trouble)
            raise Away from trouble

    # Writing

    async def _pump(self, broadcast: Broadcast) -> None:
        """One for each channel that somebody listens to: waits to be told, gathers, reads, writes to all."""
        next_frame = 0.0
        while True:
            await broadcast.wanted.wait()
            if not broadcast.hurry.is_set():
                # After a silence a change hardly waits; in a stream of them a frame goes out each GATHER.
                with suppress(TimeoutError):
                    await asyncio.wait_for(broadcast.hurry.wait(), max(FIRST, next_frame - monotonic()))
            broadcast.hurry.clear()
            broadcast.wanted.clear()
            begun = monotonic()
            try:
                await self._bring(broadcast)
                # Who writes needs the processor too: it rests for half as long as a frame to thousands took.
                next_frame = max(begun + GATHER, monotonic() + REST * (monotonic() - begun))
            except Away:
                await asyncio.sleep(1)
                broadcast.wanted.set()
            except Exception:
                log.exception("changes of %s could not be sent", broadcast.name)
                await asyncio.sleep(1)
                broadcast.wanted.set()

    async def _bring(self, broadcast: Broadcast) -> None:
        if broadcast.shown is None:
            return
        epoch, number = broadcast.epoch, broadcast.number
        came: News | None = await self._ask(loading.news, broadcast.name, number)
        if (broadcast.epoch, broadcast.number) != (epoch, number):
            # Somebody who joined found that it began anew.
            broadcast.wanted.set()
            return
        if came is None or self.mark + came.epoch != broadcast.epoch or not came.whole:
            await self._begin_anew(broadcast)
            return
        if came.number == broadcast.number:
            return
        before, broadcast.number = broadcast.number, came.number
        broadcast.ring.add(came.events)
        broadcast.joined = None
        await self._write(broadcast, Frame(broadcast.named(came.events)), before, came.number)

    async def _begin_anew(self, broadcast: Broadcast) -> None:
        """The channel was wiped, or is too far ahead: all who listen get all that is shown, or are cut."""
        shown: Shown | None = await self._ask(loading.show, broadcast.name)
        if shown is None:
            for reader in list(broadcast.readers):
                self._cut(broadcast, reader)
            broadcast.shown = None
            return
        broadcast.begin(shown, self.mark)
        for reader in broadcast.readers:
            reader.position = -1
        joined = broadcast.all_shown()
        await self._write(broadcast, joined.anew, -1, joined.number)

    async def _write(self, broadcast: Broadcast, frame: Frame, before: int, number: int) -> None:
        """To all who have everything up to `before`. The others are behind, and are caught up."""
        broadcast.written_at = monotonic()
        self.figures.frames += 1
        readers = iter(list(broadcast.readers))
        while part := list(islice(readers, SLICE)):
            ready = [reader for reader in part if reader.position == before]
            for reader, took in zip(ready, push_all([reader.line for reader in ready], frame), strict=True):
                if took:
                    reader.position = number
                else:
                    self._falls_behind(broadcast, reader)
            self.figures.deliveries += len(ready)
            if len(ready) < len(part):
                for reader in part:
                    if reader.position < number and reader not in broadcast.behind:
                        self._falls_behind(broadcast, reader)
                        self._catch_up(broadcast, reader)
            await asyncio.sleep(0)

    def _falls_behind(self, broadcast: Broadcast, reader: Reader) -> None:
        if reader in broadcast.readers and reader not in broadcast.behind:
            broadcast.behind[reader] = None
            reader.behind_since, reader.held = monotonic(), -1
        if self._catching is None or self._catching.done():
            self._catching = asyncio.ensure_future(self._catch_up_all())

    async def _catch_up_all(self) -> None:
        """As long as somebody is behind: write what they lack when they take it, and cut who takes nothing."""
        while any(broadcast.behind for broadcast in self.channels.values()):
            for broadcast in list(self.channels.values()):
                for count, reader in enumerate(list(broadcast.behind)):
                    self._catch_up(broadcast, reader)
                    if count % SLICE == SLICE - 1:
                        await asyncio.sleep(0)
            await asyncio.sleep(CATCH_UP)

    def _catch_up(self, broadcast: Broadcast, reader: Reader) -> None:
        line = reader.line
        if line.is_gone():
            broadcast.behind.pop(reader, None)
            return
        held, now = line.waiting(), monotonic()
        if held and 0 <= reader.held <= held:
            # Took nothing since the last look.
            if now - reader.behind_since > STUCK:
                self.figures.stuck += 1
                self.leave(broadcast, reader)
                line.abort()
            return
        reader.held, reader.behind_since = held, now
        if reader.position >= broadcast.number:
            if not held:
                broadcast.behind.pop(reader, None)
            return
        if broadcast.shown is not None:
            frame, number = self._lacking(broadcast, reader.position)
            if line.push(frame):
                reader.position = number
            reader.held = line.waiting()

    def _lacking(self, broadcast: Broadcast, position: int) -> tuple[Frame, int]:
        """What somebody who is behind lacks: the changes, or where those are gone or many, all that is shown."""
        joined = broadcast.all_shown()
        if position >= broadcast.ring.start and broadcast.number - position <= STALE:
            made = broadcast.lacking
            if made is None or made[:2] != (position, broadcast.number):
                body = broadcast.named(broadcast.ring.after(position) or [])
                made = broadcast.lacking = (position, broadcast.number, Frame(body))
            return made[2], broadcast.number
        return joined.anew, joined.number

    def _missed(self, broadcast: Broadcast, last: str) -> tuple[list[Event], int] | None:
        """What came after the id `last`; None where that is not ours, or too long ago."""
        found = _ID.fullmatch(last)
        if found is None or found[1] != broadcast.epoch:
            return None
        number = int(found[2])
        newest = max(broadcast.number, broadcast.shown.number if broadcast.shown else 0)
        if number > newest:
            return None
        events = broadcast.ring.after(number)
        return None if events is None else (events, max(number, broadcast.number))

    def _cut(self, broadcast: Broadcast, reader: Reader) -> None:
        """End this reader's stream, cleanly where the server lets us."""
        self.leave(broadcast, reader)
        reader.ended = True
        if reader.task is not None:
            reader.task.cancel()
        else:
            reader.line.abort()

    # Beside: each second

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            if self.wake not in notify.wake:
                notify.wake.append(self.wake)
        if self._clock is None or self._clock.done():
            self._clock = asyncio.ensure_future(self._each_second())

    async def _each_second(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self._look()
                await self._break_silence()
            except Away:
                continue
            except Exception:
                log.exception("the hub's clock failed")

    async def _look(self) -> None:
        """Who may still listen, and has a change been missed: one question for all channels."""
        now = monotonic()
        for name, broadcast in list(self.channels.items()):
            if not broadcast.readers and now - broadcast.empty_since > FORGET:
                if broadcast.pump is not None:
                    broadcast.pump.cancel()
                del self.channels[name]
        asked = {
            name: {reader.person for reader in broadcast.readers} | broadcast.may
            for name, broadcast in self.channels.items()
            if broadcast.readers
        }
        for broadcast in self.channels.values():
            if not broadcast.readers:
                broadcast.may.clear()
        if not asked:
            return
        found: dict[str, Look | None] = await self._ask(loading.look, asked)
        for name, look in found.items():
            there = self.channels.get(name)
            if there is None:
                continue
            if look is None or look.number != there.number or self.mark + look.epoch != there.epoch:
                there.wanted.set()
            if look is not None and look.may is not None:
                self._hold_to(there, asked[name], look.may)

    def _hold_to(self, broadcast: Broadcast, asked: set[int], may: set[int]) -> None:
        """Cut those of the asked who may not listen any more; who came meanwhile was asked at the door."""
        gone = asked - may
        broadcast.may = (broadcast.may - gone) & {reader.person for reader in broadcast.readers}
        if gone:
            for reader in [reader for reader in broadcast.readers if reader.person in gone]:
                self.figures.revoked += 1
                self._cut(broadcast, reader)

    async def _break_silence(self) -> None:
        now = monotonic()
        for broadcast in list(self.channels.values()):
            if not broadcast.readers or now - broadcast.written_at < COMMENT:
                continue
            broadcast.written_at = now
            readers = iter(list(broadcast.readers))
            while part := list(islice(readers, SLICE)):
                for reader in part:
                    if reader.position >= 0 and not reader.line.push(_SILENCE):
                        self._falls_behind(broadcast, reader)
                await asyncio.sleep(0)


async def _settled(task: "asyncio.Task[None]") -> None:
    """Wait for a task that others wait for too: who goes away does not cancel it."""
    await asyncio.shield(task)


hub = Hub()
