"""Which contributions may say the same: suggested by words, decided by a person.

Words are compared without accents, Greek and Cyrillic letters in Latin ones, and by the groups of three letters they share,
so that one word in two forms, a name, a number or a word that languages have in common counts. What means the same in
unlike words is not found by this; who can compare meaning puts a function into `by_meaning`: here it is the search, where an
encoder answers. It works beside the desk, which waits for it once for each question, and not for long.

Texts of a room go to the encoder that the operator runs and nowhere else; neither they nor what is made of them is written
down: what is learnt of two texts stays in memory, under a digest, until the room closes or nobody has looked for some minutes.
"""

import logging
import math
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from secrets import token_bytes
from threading import Event, Lock, Thread, Timer
from time import monotonic, sleep
from typing import Final

from django.conf import settings
from django.db import connections, transaction

from koinon.base.text import fold
from koinon.room.models import Contribution, Room
from koinon.room.usual import ENOUGH, USUAL

log = logging.getLogger("koinon.room")

LEAST = 30
"""Of 100: below this nothing is suggested."""
MOST = 5
BY_MEANING: Final = 3
"""So many are suggested where meaning was compared: a fourth one is mostly wrong (docs/decisions/meaning.md)."""
PATIENCE: Final = 0.25
"""Seconds that the desk waits for the meaning of a question that it shows for the first time."""
MOST_LOOKED_AT: Final = 1000
"""Rows of a room that one question is compared with by words: those with the most voices, then the newest."""
MOST_COMPARED: Final = 300
"""Texts of these that are compared by meaning: the first of them."""
_LONGEST = 600
_SHORTEST = 4
_ALIKE = 0.5
_COMMON = 0.2
"""Words in more than this share of a room's texts say little."""

_GREEK = dict(
    zip("αβγδεζηθικλμνξοπρστυφχψω", "a v g d e z i th i k l m n x o p r s t y f ch ps o".split(), strict=True)
)
_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъьюя",
        "a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a y yu ya".split(),
        strict=True,
    )
)
_LATIN = str.maketrans({**_GREEK, **_CYRILLIC})


@dataclass(frozen=True)
class Likeness:
    """How alike two texts are, of 100; the words they share, and those that only the first one has."""

    score: int
    alike: tuple[str, ...] = ()
    different: tuple[str, ...] = ()
    by: str = "words"


@dataclass(frozen=True)
class Suggestion:
    """One that may say the same as the chosen one."""

    other: Contribution
    likeness: Likeness


by_meaning: list[Callable[[Contribution, Sequence[Contribution]], dict[int, Likeness]]] = []
"""Asked first, if there is one: (the chosen one, the others) → key of an other → likeness with `by="meaning"`."""


def suggestions(chosen: Contribution, others: Sequence[Contribution]) -> list[Suggestion]:
    """Who of `others` may say the same, the most alike first; without those that a moderator said are not."""
    comparer.used()
    rows = [row for row in others if row.pk != chosen.pk and row.pk not in chosen.kept_apart]
    rows = sorted(rows, key=lambda row: (-row.votes, -row.pk))[:MOST_LOOKED_AT]
    found = _by_words(chosen, rows)
    most = MOST
    for compare in by_meaning:
        for key, likeness in compare(chosen, rows).items():
            if key not in found or likeness.score >= found[key].score:
                found[key] = likeness
            most = BY_MEANING
    suggested = [
        Suggestion(row, found[row.pk]) for row in rows if row.pk in found and found[row.pk].score >= LEAST
    ]
    return sorted(suggested, key=lambda one: (-one.likeness.score, -one.other.votes, one.other.pk))[:most]


def likeness(one: str, other: str) -> Likeness:
    """How alike two texts are by their words alone."""
    first, second = words(one), words(other)
    return _pair(first, second, _table(first, second), _weights([one, other]))


def _by_words(chosen: Contribution, rows: Sequence[Contribution]) -> dict[int, Likeness]:
    """The best likeness to any wording of each of `rows`."""
    first = words(chosen.text)
    texts = {row.pk: [row.text, *(word.text for word in row.wordings.all())] for row in rows}
    known = {text: words(text) for group in texts.values() for text in group}
    table = _table(first, {key for found in known.values() for key in found})
    near = {other for matches in table.values() for other in matches}
    weights = _weights([chosen.text, *(text for group in texts.values() for text in group)])
    best: dict[int, Likeness] = {}
    for key, group in texts.items():
        for text in group:
            if near.isdisjoint(known[text]):
                continue
            found = _pair(first, known[text], table, weights)
            if key not in best or found.score > best[key].score:
                best[key] = found
    return best


def _table(first: Iterable[str], vocabulary: Iterable[str]) -> dict[str, dict[str, float]]:
    """Each word → the words that are like it, and how much. Worked out once for all texts that are compared."""
    others = list(vocabulary)
    return {
        key: {other: value for other in others if (value := _alike(key, other)) >= _ALIKE} for key in first
    }


def _pair(
    first: dict[str, str],
    second: dict[str, str],
    table: dict[str, dict[str, float]],
    weights: dict[str, float],
) -> Likeness:
    if not first or not second:
        return Likeness(0)
    if set(first) == set(second):
        return Likeness(100, tuple(dict.fromkeys(first.values()))[:4])
    there: dict[str, float] = {}
    back: dict[str, float] = {}
    for key, matches in table.items():
        for other in matches.keys() & second.keys():
            there[key] = max(there.get(key, 0.0), matches[other])
            back[other] = max(back.get(other, 0.0), matches[other])
    share = (_share(first, there, weights) + _share(second, back, weights)) / 2
    heaviest = sorted(first, key=lambda key: -weights.get(key, 1.0))
    return Likeness(
        min(99, round(100 * share)),
        tuple(dict.fromkeys(first[key] for key in heaviest if key in there))[:4],
        tuple(dict.fromkeys(first[key] for key in heaviest if key not in there))[:4],
    )


def _share(these: dict[str, str], matched: dict[str, float], weights: dict[str, float]) -> float:
    whole = sum(weights.get(key, 1.0) for key in these)
    return sum(weights.get(key, 1.0) * value for key, value in matched.items()) / whole if whole else 0.0


def _weights(texts: Sequence[str]) -> dict[str, float]:
    """How much each word says in this room: rare ones most."""
    counted = Counter(key for text in texts for key in words(text))
    return {
        key: 1 + math.log(len(texts) / times) if times < max(2, _COMMON * len(texts)) else 1.0
        for key, times in counted.items()
    }


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for written in text[:_LONGEST].split():
        for part in fold(written).split():
            key = part.translate(_LATIN)
            if len(key) >= _SHORTEST or any(letter.isdigit() for letter in key):
                found.setdefault(key, written.strip(".,;:!?¿¡()[]«»„“”\"'…"))
    return tuple(found.items())


def words(text: str) -> dict[str, str]:
    """The words of a text as the comparison sees them → as they were written; short ones say nothing, numbers do."""
    return dict(_words(text))


@lru_cache(maxsize=20_000)
def _threes(word: str) -> frozenset[str]:
    framed = f" {word} "
    return frozenset(framed[at : at + 3] for at in range(len(framed) - 2))


@lru_cache(maxsize=100_000)
def _alike(one: str, other: str) -> float:
    """Two words: 1 where they are the same; the share of groups of three letters they have in common; numbers never nearly."""
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        return 0.0
    first, second = _threes(one), _threes(other)
    shared = len(first & second)
    return 2 * shared / (len(first) + len(second)) if shared else 0.0


# By meaning: beside the desk, in one thread that lives as long as there is something to compare.

FORGOTTEN_AFTER: Final = 300.0
"""Seconds after which nothing is known any more of what nobody looks at."""
_PAIRS: Final = 20_000
_WAITING: Final = 16
_SLICE: Final = 2.0
_SLICES: Final = 5
"""So often the usual questions are waited for; then it goes on with those that are there."""
_EACH: Final = 5.0
_AWAY_FOR: Final = 15.0
_key: Final = token_bytes(16)
Mark = tuple[int, bytes]
"""A room, and the digest of a text that was said in it."""


def join_in() -> None:
    """Compare by meaning as well, unless the operator turned it off."""
    if settings.ENCODER != "off":
        by_meaning.append(compared)


def forget_room(room: Room) -> None:
    """Once the deed is written: nothing of what was said in the room is in the memory of this process any more.

    Other processes forget it when nobody has looked for `FORGOTTEN_AFTER`.
    """
    texts = list(room.contributions.values_list("text", flat=True))

    def forget() -> None:
        from koinon.search import vectors

        comparer.forget_room(room.pk)
        vectors.forget(texts, "passage")
        _forget_words()

    transaction.on_commit(forget, robust=True)


def compares_meaning() -> bool:
    """Whether meaning is compared at this moment, as far as this process knows."""
    return bool(by_meaning) and settings.ENCODER != "off" and not comparer.is_away


def compared(chosen: Contribution, rows: Sequence[Contribution]) -> dict[int, Likeness]:
    """Who of `rows` may ask the same by meaning, the best three, as far as it is known in time; nothing where no encoder is."""
    from koinon.search.ranking import OFFER

    if settings.ENCODER == "off" or not words_of(chosen) or chosen.room.state != Room.State.OPEN:
        return {}
    texts: dict[int, list[str]] = {}
    others: dict[str, None] = {}
    for row in rows:
        texts[row.pk] = [text for each in (row, *row.wordings.all()) for text in words_of(each)]
        others |= dict.fromkeys(texts[row.pk])
        if len(others) >= MOST_COMPARED:
            break
    known = comparer.likely(chosen.room_id, chosen.text, list(others)[:MOST_COMPARED])
    likely = {pk: max((known.get(text, 0.0) for text in group), default=0.0) for pk, group in texts.items()}
    best = {pk: value for pk, value in likely.items() if value >= OFFER}
    three = sorted(best, key=lambda pk: (-best[pk], pk))[:BY_MEANING]
    # That they share words or not is no reason for it: none is named.
    return {pk: Likeness(min(99, round(100 * best[pk])), by="meaning") for pk in three}


def words_of(row: Contribution) -> list[str]:
    """Its text, where it holds anything that can mean something."""
    return [row.text] if any(letter.isalnum() for letter in row.text) else []


@dataclass
class _Job:
    room: int
    text: str
    others: list[str]
    first: Event
    dropped: bool = False
    slices: int = 0


class Comparer:
    """What is known of pairs of texts, and the thread that finds out the rest. Nobody waits for it longer than `PATIENCE`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[tuple[Mark, Mark], float] = OrderedDict()
        self._waited: OrderedDict[Mark, None] = OrderedDict()
        self._jobs: OrderedDict[Mark, _Job] = OrderedDict()
        self._at_work: _Job | None = None
        self._thread: Thread | None = None
        self._timer: Timer | None = None
        self._used = 0.0
        self._away_until = 0.0

    def likely(self, room: int, text: str, others: Sequence[str]) -> dict[str, float]:
        """How likely each of the others asks the same, as far as it is known; the rest is found out meanwhile."""
        mark = _mark(room, text)
        pairs = {other: (mark, _mark(room, other)) for other in others}
        found = self._look(pairs)
        if len(found) == len(pairs) or self.is_away:
            return found
        job = _Job(room, text, list(others), Event())
        if not _beside():
            self._slice(job)
            return self._look(pairs)
        with self._lock:
            is_new = mark not in self._waited
            self._waited[mark] = None
            while len(self._waited) > _PAIRS:
                self._waited.popitem(last=False)
            self._jobs[mark] = job
            self._jobs.move_to_end(mark)
            while len(self._jobs) > _WAITING:
                self._jobs.popitem(last=False)
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="koinon-alike", daemon=True)
                self._thread.start()
        if is_new:
            job.first.wait(PATIENCE)
            found = self._look(pairs)
        return found

    @property
    def is_away(self) -> bool:
        """The encoder did not answer a moment ago."""
        return monotonic() < self._away_until

    def used(self) -> None:
        """Somebody looks now: what is known is forgotten some minutes after the last who did."""
        with self._lock:
            self._used = monotonic()
            if self._timer is None and _beside():
                self._wait(FORGOTTEN_AFTER)

    def forget_if_unused(self) -> None:
        """Where nobody has looked for long, know nothing any more; else look again when it may be so."""
        with self._lock:
            self._timer = None
            left = self._used + FORGOTTEN_AFTER - monotonic()
            if left > 0:
                self._wait(left)
                return
        self.forget()
        _forget_words()

    def forget_room(self, room: int) -> None:
        """Know nothing any more of what was said in this room."""
        with self._lock:
            for job in (*self._jobs.values(), self._at_work):
                if job is not None and job.room == room:
                    job.dropped = True
            for pair in [pair for pair in self._known if pair[0][0] == room]:
                del self._known[pair]
            for mark in [mark for mark in self._waited if mark[0] == room]:
                del self._waited[mark]
            for mark in [mark for mark in self._jobs if mark[0] == room]:
                del self._jobs[mark]

    def forget(self) -> None:
        """Know nothing any more."""
        with self._lock:
            for job in (*self._jobs.values(), self._at_work):
                if job is not None:
                    job.dropped = True
            self._known.clear()
            self._waited.clear()
            self._jobs.clear()
            self._away_until = 0.0

    def _wait(self, seconds: float) -> None:
        self._timer = Timer(seconds, self.forget_if_unused)
        self._timer.daemon = True
        self._timer.start()

    def _look(self, pairs: dict[str, tuple[Mark, Mark]]) -> dict[str, float]:
        with self._lock:
            found = {other: self._known[pair] for other, pair in pairs.items() if pair in self._known}
            for other in found:
                self._known.move_to_end(pairs[other])
            return found

    def _run(self) -> None:
        try:
            while True:
                with self._lock:
                    if not self._jobs:
                        self._thread = None
                        return
                    # What somebody looks at now comes first.
                    mark, job = self._jobs.popitem()
                    self._at_work = job
                is_done = self._slice(job)
                job.first.set()
                with self._lock:
                    self._at_work = None
                    if not is_done and not job.dropped and mark not in self._jobs:
                        self._jobs[mark] = job
                        self._jobs.move_to_end(mark, last=False)
        finally:
            connections.close_all()

    def _slice(self, job: _Job) -> bool:
        """Compare as many as there is time for. True where there is nothing left to do for it."""
        from koinon.search.encoder import Away
        from koinon.search.service import alike

        try:
            ready, is_done = _with_vectors(job)
            values = alike(job.text, ready, among=USUAL if len(job.others) < ENOUGH else ())
        except Away:
            self._away_until = monotonic() + _AWAY_FOR
            return True
        except Exception as trouble:
            # Never with its message: it may hold what somebody asked.
            log.warning("room: meaning could not be compared: %s", type(trouble).__name__)
            self._away_until = monotonic() + _AWAY_FOR
            return True
        mark = _mark(job.room, job.text)
        with self._lock:
            if job.dropped:
                return True
            for other, value in zip(ready, values, strict=True):
                self._known[(mark, _mark(job.room, other))] = value
            while len(self._known) > _PAIRS:
                self._known.popitem(last=False)
        return is_done


def _with_vectors(job: _Job) -> tuple[list[str], bool]:
    """Those of the others whose vector is in memory now, and whether there was time for all. Raises `Away`.

    No vector is asked for in a way that keeps it in the database. A text that the encoder cannot take is left out.
    """
    from koinon.search import vectors
    from koinon.search.encoder import Away

    until = monotonic() + _SLICE
    vectors.of_query(job.text, "passage", within=_EACH)
    ready: list[str] = []
    refused = 0
    if len(job.others) < ENOUGH and job.slices < _SLICES:
        job.slices += 1
        if vectors.missing(USUAL, "passage", within=until - monotonic()):
            return [], False
    for each in job.others:
        began = monotonic()
        if began >= until or job.dropped:
            return ready, False
        try:
            vectors.of_query(each, "passage", within=_EACH)
        except Away:
            refused += 1
            if refused > 1:
                raise
            continue
        ready.append(each)
        if _beside() and (took := monotonic() - began) > 0.01:
            # Who searches comes between two texts.
            sleep(took)
    return ready, True


def _beside() -> bool:
    """Whether there is a thread for meaning; tests have none."""
    return bool(getattr(settings, "MEANING_THREAD", True))


def _mark(room: int, text: str) -> Mark:
    made = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=_key)
    return (room, made.digest())


def _forget_words() -> None:
    for cache in (_words, _threes, _alike):
        cache.cache_clear()


comparer = Comparer()
