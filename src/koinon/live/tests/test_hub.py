"""The hub with a database of our own making and lines that take what we let them: the paths that faults seldom take."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from django.db import OperationalError

from koinon.live import hub as module
from koinon.live.hub import Away, Hub, MayNot, NoChannel, Reader, Ring
from koinon.live.lines import AsgiLine, Frame
from koinon.live.loader import Loader, Look, News, Shown


class Book(Loader):
    """What the database would say about one channel."""

    def __init__(self) -> None:
        super().__init__()
        self.epoch = "e0"
        self.words: list[str] = []
        self.start = 0
        self.may: set[int] = {0, 1, 2}
        self.away = False
        self.is_there = True
        self.asked: list[str] = []

    async def ask(self, work: Callable[..., Any], *words: Any) -> Any:
        self.asked.append(work.__name__)
        await asyncio.sleep(0)
        if self.away:
            raise OperationalError("away")
        return getattr(self, work.__name__ + "_")(*words)

    def show_(self, channel: str) -> Shown | None:
        number = self.start + len(self.words)
        return Shown(self.epoch, number, ",".join(self.words).encode()) if self.is_there else None

    def news_(self, channel: str, after: int) -> News | None:
        if not self.is_there:
            return None
        last = self.start + len(self.words)
        events = [(number, b"data: %d\n\n" % number) for number in range(after + 1, last + 1)]
        return News(self.epoch, last, events, whole=last - after < 2000)

    def may_(self, channel: str, persons: set[int]) -> set[int]:
        return persons & self.may

    def look_(self, asked: dict[str, set[int]]) -> dict[str, Look | None]:
        number = self.start + len(self.words)
        return {channel: Look(self.epoch, number, persons & self.may) for channel, persons in asked.items()}


class Paper:
    """A line that keeps what is written on it, as long as it is `open`."""

    def __init__(self) -> None:
        self.text = b""
        self.open = True
        self.gone = False
        self.stuck = 0

    def begin(self, frame: Frame) -> bool:
        return self.push(frame)

    def push(self, frame: Frame) -> bool:
        if self.gone or not self.open:
            return False
        self.text += frame.body
        return True

    def waiting(self) -> int:
        return self.stuck

    def is_gone(self) -> bool:
        return self.gone

    def abort(self) -> None:
        self.gone = True

    def take(self) -> str:
        text, self.text = self.text.decode(), b""
        return text


def played(play: Callable[[Hub, Book], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        book = Book()
        hub = Hub(book)
        hub.mark = "aa"
        try:
            await play(hub, book)
        finally:
            hub.stop()

    asyncio.run(run())


async def come(hub: Hub, person: int | None = None, last: str = "") -> tuple[Paper, Reader]:
    paper = Paper()
    broadcast = await hub.join("c:1", person)
    reader = Reader(paper, person or 0, None)
    hub.enter(broadcast, reader, last)
    return paper, reader


async def until(what: Callable[[], object], seconds: float = 3) -> None:
    for _ in range(int(seconds * 100)):
        if what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to be")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clocks that a test can wait for."""
    monkeypatch.setattr(module, "LOOK", 0.05)
    monkeypatch.setattr(module, "CATCH_UP", 0.02)
    monkeypatch.setattr(module, "GATHER", 0.02)


def test_the_ring_tells_what_it_has_and_knows_what_it_lost() -> None:
    ring = Ring(3)
    ring.add([(4, b"four"), (6, b"six")])

    assert ring.after(3) == [(4, b"four"), (6, b"six")]
    assert ring.after(4) == ring.after(5) == [(6, b"six")]
    assert ring.after(9) == []
    assert ring.after(2) is None
    ring.add((number, b"") for number in range(7, 7 + 2 * module.RING))
    assert ring.after(6) is None
    found = ring.after(ring.start)
    assert found is not None
    assert [number for number, _ in found] == list(range(ring.start + 1, 7 + 2 * module.RING))


def test_what_came_after_an_id_follows_and_all_else_begins_anew() -> None:
    async def play(hub: Hub, book: Book) -> None:
        first, _ = await come(hub)
        book.words += ["a", "b"]
        hub.wake("c:1", True)
        await until(lambda: b"aae0-2" in first.text)

        assert (
            first.take()
            == "id: aae0-0\nevent: snapshot\ndata: \n\nid: aae0-1\ndata: 1\n\nid: aae0-2\ndata: 2\n\n"
        )
        assert (await come(hub, last="aae0-1"))[0].take() == "id: aae0-2\ndata: 2\n\n"
        assert (await come(hub, last="aae0-2"))[0].take() == ":\n\n"
        whole = "id: aae0-0\nevent: snapshot\ndata: \n\nid: aae0-1\ndata: 1\n\nid: aae0-2\ndata: 2\n\n"
        for last in (
            "aae0-3",
            "aae0--1",
            "aae0-99999999999999999999",
            "other-1",
            "1",
            "-",
            "x" * 9000,
            "aae0-1\0",
        ):
            assert (await come(hub, last=last))[0].take() == "event: reset\ndata: {}\n\n" + whole, last

    played(play)


def test_joiners_share_one_rendering() -> None:
    async def play(hub: Hub, book: Book) -> None:
        await asyncio.gather(*(come(hub) for _ in range(50)))
        assert book.asked.count("show") == 1
        book.words += ["a"] * (module.STALE + 1)
        hub.wake("c:1", True)
        await until(lambda: hub.channels["c:1"].number)
        papers = await asyncio.gather(*(come(hub) for _ in range(50)))

        assert book.asked.count("show") == 2
        assert papers[0][0].text.startswith(b"id: aae0-%d\nevent: snapshot" % (module.STALE + 1))

    played(play)


def test_who_is_behind_is_caught_up_in_order() -> None:
    async def play(hub: Hub, book: Book) -> None:
        slow, _ = await come(hub)
        quick_one, _ = await come(hub)
        slow.open = False
        for word in "abc":
            book.words.append(word)
            hub.wake("c:1", True)
            await until(lambda: b"aae0-%d" % len(book.words) in quick_one.text)
        slow.open = True
        await until(lambda: b"aae0-3" in slow.text)

        assert slow.text == quick_one.text

    played(play)


def numbers(paper: Paper) -> list[int]:
    """The numbers of the events that came, in order."""
    return [int(line[9:]) for line in paper.text.decode().split("\n") if line.startswith("id: aae0-")]


def test_a_frame_goes_only_to_those_who_have_all_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CATCH_UP", 0.3)

    async def play(hub: Hub, book: Book) -> None:
        slow, _ = await come(hub)
        other, _ = await come(hub)
        slow.open = False
        for word in "ab":
            book.words.append(word)
            hub.wake("c:1", True)
            await until(lambda: numbers(other)[-1] == len(book.words))
            # It reads again before it was caught up.
            slow.open = True
        await until(lambda: numbers(slow)[-1] == 2)

        assert numbers(slow) == numbers(other) == [0, 1, 2]

    played(play)


def test_what_is_shown_may_be_newer_than_the_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALE", -1)

    async def play(hub: Hub, book: Book) -> None:
        early, _ = await come(hub)
        book.words += ["a", "b", "c"]
        late, _ = await come(hub)
        await until(lambda: numbers(early)[-1] == 3)
        book.words.append("d")
        hub.wake("c:1", True)
        await until(lambda: numbers(early)[-1] == numbers(late)[-1] == 4)

        assert numbers(early) == [0, 1, 2, 3, 4]
        assert numbers(late) == [3, 4]

    played(play)


def test_who_joins_after_a_wipe_does_not_hide_it_from_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALE", -1)

    async def play(hub: Hub, book: Book) -> None:
        book.words.append("a")
        early, _ = await come(hub)
        early.take()
        book.epoch, book.words = "e1", ["z"]
        late, _ = await come(hub)
        await until(lambda: early.text)

        whole = "id: aae1-1\nevent: snapshot\ndata: z\n\n"
        assert (early.take(), late.take()) == ("event: reset\ndata: {}\n\n" + whole, whole)

    played(play)


def test_who_joins_while_changes_are_read_may_find_that_it_began_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "STALE", -1)
    monkeypatch.setattr(module, "LOOK", 10)

    async def play(hub: Hub, book: Book) -> None:
        book.words += ["a"] * 57
        early, _ = await come(hub)
        early.take()
        read = asyncio.Event()

        async def slowly(work: Callable[..., Any], *words: Any) -> Any:
            if work.__name__ == "news" and not read.is_set():
                read.set()
                await asyncio.sleep(0.1)
                # As the database answers for numbers that are no more.
                return News(book.epoch, words[1], [], whole=True)
            return await Book.ask(book, work, *words)

        monkeypatch.setattr(book, "ask", slowly)
        hub.wake("c:1", True)
        await read.wait()
        book.epoch, book.words = "e1", ["x", "y", "z"]
        late, _ = await come(hub)
        await asyncio.sleep(0.2)
        book.words.append("w")
        hub.wake("c:1", True)
        await until(lambda: b"aae1-4" in late.text and b"aae1-4" in early.text)
        assert late.take() == "id: aae1-3\nevent: snapshot\ndata: x,y,z\n\nid: aae1-4\ndata: 4\n\n"

    played(play)


def test_who_is_far_behind_gets_all_that_is_shown() -> None:
    async def play(hub: Hub, book: Book) -> None:
        slow, _ = await come(hub)
        slow.open = False
        slow.text = b""
        book.words += ["a"] * (module.STALE + 50)
        hub.wake("c:1", True)
        await until(lambda: hub.channels["c:1"].number)
        slow.open = True
        await until(lambda: slow.text)

        assert slow.text.startswith(b"event: reset\ndata: {}\n\nid: aae0-0\nevent: snapshot\n")
        assert b"id: aae0-%d\n" % len(book.words) in slow.text

    played(play)


def test_who_takes_nothing_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STUCK", 0.2)

    async def play(hub: Hub, book: Book) -> None:
        deaf, _ = await come(hub)
        other, _ = await come(hub)
        deaf.open, deaf.stuck = False, 1000
        book.words.append("a")
        hub.wake("c:1", True)
        await until(lambda: deaf.gone)

        assert not other.gone
        assert hub.figures.stuck == 1
        assert len(hub.channels["c:1"].readers) == 1

    played(play)


def test_a_silence_is_broken_and_tells_who_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMMENT", 0.1)

    async def play(hub: Hub, book: Book) -> None:
        paper, _ = await come(hub)
        await until(lambda: paper.text.endswith(b":\n\n"))

    played(play)
    assert module.COMMENT + module.STUCK < 30


def test_a_right_is_asked_at_the_door_and_again_each_second() -> None:
    async def play(hub: Hub, book: Book) -> None:
        with pytest.raises(MayNot):
            await come(hub, person=9)
        one, _ = await come(hub, person=1)
        two, _ = await come(hub, person=2)
        book.may = {0, 2}
        await until(lambda: one.gone)
        assert not two.gone
        with pytest.raises(MayNot):
            await come(hub, person=1)

    played(play)


def test_where_there_is_nothing_nobody_listens() -> None:
    async def play(hub: Hub, book: Book) -> None:
        book.is_there = False
        with pytest.raises(NoChannel):
            await come(hub)

    played(play)


def test_a_channel_that_is_wiped_begins_anew_and_one_that_is_gone_ends() -> None:
    async def play(hub: Hub, book: Book) -> None:
        book.words += ["a", "b"]
        paper, _ = await come(hub)
        paper.take()
        book.epoch, book.words = "e1", ["z"]
        hub.wake("c:1", True)
        await until(lambda: b"snapshot" in paper.text)
        assert paper.take() == "event: reset\ndata: {}\n\nid: aae1-1\nevent: snapshot\ndata: z\n\n"

        book.words.append("y")
        hub.wake("c:1", True)
        await until(lambda: paper.text)
        assert paper.take() == "id: aae1-2\ndata: 2\n\n"

        book.is_there = False
        hub.wake("c:1", True)
        await until(lambda: paper.gone)

    played(play)


def test_a_database_that_is_away_cuts_nobody() -> None:
    async def play(hub: Hub, book: Book) -> None:
        paper, _ = await come(hub)
        book.away = True
        hub.wake("c:1", True)
        await asyncio.sleep(0.3)
        joined, _ = await come(hub)
        with pytest.raises(Away):
            await hub.join("c:2", None)
        book.away = False
        book.words.append("a")
        await until(lambda: b"aae0-1" in paper.text)
        await until(lambda: b"aae0-1" in joined.text)
        assert not paper.gone

    played(play)


def test_a_change_that_nobody_told_of_is_found() -> None:
    async def play(hub: Hub, book: Book) -> None:
        paper, _ = await come(hub)
        book.words.append("a")
        await until(lambda: b"aae0-1" in paper.text)

    played(play)


def test_changes_are_gathered_into_one_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GATHER", 0.2)

    async def play(hub: Hub, book: Book) -> None:
        paper, _ = await come(hub)
        hub.figures.frames = 0
        for number in range(100):
            book.words.append("a")
            hub.wake("c:1", False)
            if number % 25 == 0:
                await asyncio.sleep(0)
        await until(lambda: b"aae0-100" in paper.text)
        # The first goes out by itself, all others together.
        assert hub.figures.frames <= 2

    played(play)


def test_who_joins_while_frames_go_out_misses_nothing() -> None:
    async def play(hub: Hub, book: Book) -> None:
        papers: list[Paper] = []
        for _ in range(300):
            book.words.append("a")
            hub.wake("c:1", len(book.words) % 3 == 0)
            papers.append((await come(hub))[0])
            if len(papers) % 7 == 0:
                await asyncio.sleep(0.005)
        await until(lambda: all(b"id: aae0-300\n" in paper.text for paper in papers))
        for paper in papers:
            came = numbers(paper)
            assert came == list(range(came[0], 301)), came

    played(play)


def test_an_idle_channel_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FORGET", 0.1)

    async def play(hub: Hub, book: Book) -> None:
        _, reader = await come(hub)
        hub.leave(hub.channels["c:1"], reader)
        await until(lambda: not hub.channels)
        paper, _ = await come(hub)
        assert b"snapshot" in paper.text

    played(play)


def test_any_server_s_send_is_enough() -> None:
    """`AsgiLine` drives a send that waits, refuses more meanwhile, and keeps the order."""

    async def run() -> None:
        gate = asyncio.Event()
        sent: list[bytes] = []

        async def send(message: Any) -> None:
            if len(sent) == 1:
                await gate.wait()
                await asyncio.sleep(0.01)
            sent.append(message["body"])

        line = AsgiLine(send, None)
        assert line.push(Frame(b"one"))
        assert line.push(Frame(b"two"))
        assert line.waiting()
        assert not line.push(Frame(b"lost"))
        gate.set()
        await until(lambda: not line.waiting())
        assert line.push(Frame(b"three"))
        assert sent == [b"one", b"two", b"three"]

    asyncio.run(run())
