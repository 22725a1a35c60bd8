"""Which contributions may say the same: suggested by words, decided by a person.

Words are compared without accents, Greek and Cyrillic letters in Latin ones, and by the groups of three letters they share,
so that one word in two forms, a name, a number or a word that languages have in common counts. What means the same in
unlike words is not found by this; who can compare meaning puts a function into `by_meaning`.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from koinon.base.text import fold
from koinon.room.models import Contribution

LEAST = 30
"""Of 100: below this nothing is suggested."""
MOST = 5
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
    rows = [row for row in others if row.pk != chosen.pk and row.pk not in chosen.kept_apart]
    found = _by_words(chosen, rows)
    for compare in by_meaning:
        for key, likeness in compare(chosen, rows).items():
            if key not in found or likeness.score >= found[key].score:
                found[key] = likeness
    suggested = [
        Suggestion(row, found[row.pk]) for row in rows if row.pk in found and found[row.pk].score >= LEAST
    ]
    return sorted(suggested, key=lambda one: (-one.likeness.score, -one.other.votes, one.other.pk))[:MOST]


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
