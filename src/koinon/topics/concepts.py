"""The vocabulary of the field in 24 languages: which concepts a text speaks of, and what a concept is called.

The words lie in `data/concepts/*.tsv`: concept, language, label, and patterns such as `care leaver*|*obdachlosen`. A pattern
is one to four words in sequence; a star stands for any ending or any beginning. Texts and patterns are folded. Read when the
first text comes, kept for the life of the process.

How it is quick: what a word of a text can stand for in any pattern is looked up once and remembered, for a word comes again.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from koinon.base.languages import ENDONYMS
from koinon.base.text import fold, fold_long
from koinon.search import bridges, spaces

DATA: Final = Path(__file__).resolve().parent / "data" / "concepts"
LEAST: Final = 4
"""Letters that a star needs beside it, so that it does not catch everything."""
MOST_LETTERS: Final = 30_000
_REMEMBERED: Final = 200_000


@dataclass(frozen=True)
class Concept:
    """One concept with its name in each language."""

    key: str
    labels: dict[str, str]

    def label(self, language: str) -> str:
        return self.labels.get(language) or self.labels.get("en") or self.key


@dataclass
class _Vocabulary:
    """All patterns, by the word they begin with. A word of a pattern is a number; `ids_of` tells which a text's word is."""

    concepts: dict[str, Concept] = field(default_factory=dict)
    whole: dict[str, set[int]] = field(default_factory=dict)
    starts: dict[str, set[int]] = field(default_factory=dict)
    ends: dict[str, set[int]] = field(default_factory=dict)
    inside: dict[str, set[int]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    single: dict[int, frozenset[str]] = field(default_factory=dict)
    phrases: dict[int, dict[int, list[tuple[tuple[int, ...], str]]]] = field(default_factory=dict)

    def word(self, written: str) -> int:
        """The number of a word of a pattern, such as `*obdachlos*`."""
        known = self.numbers.get(written)
        if known is not None:
            return known
        number = self.numbers[written] = len(self.numbers)
        begins, ends = written.startswith("*"), written.endswith("*")
        folded = fold(written.strip("*"))
        if not folded or " " in folded:
            raise ValueError(written)
        shelf = (
            self.inside if begins and ends else self.ends if begins else self.starts if ends else self.whole
        )
        shelf.setdefault(folded, set()).add(number)
        return number

    def add(self, concept: str, pattern: str) -> None:
        """One pattern of a concept."""
        words: list[str] = []
        for written in pattern.split():
            star, stars = ("*" if written.startswith("*") else ""), ("*" if written.endswith("*") else "")
            # "e-learning" is two words in a text.
            parts = fold(written.strip("*")).split()
            if parts:
                parts[0] = star + parts[0]
                parts[-1] += stars
                words += parts
        if not words:
            return
        numbers = tuple(self.word(word) for word in words)
        if len(numbers) == 1:
            self.single[numbers[0]] = self.single.get(numbers[0], frozenset()) | {concept}
        else:
            first, second, *rest = numbers
            self.phrases.setdefault(first, {}).setdefault(second, []).append((tuple(rest), concept))


@lru_cache(maxsize=1)
def _vocabulary() -> _Vocabulary:
    found = _Vocabulary()
    labels: dict[str, dict[str, str]] = {}
    for file in sorted(DATA.glob("*.tsv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                concept, language, label = row["concept"], row["lang"], row["label"]
                labels.setdefault(concept, {})[language] = label
                for pattern in (label, *(row["patterns"] or "").split("|")):
                    found.add(concept, pattern)
    found.concepts.update({key: Concept(key, names) for key, names in labels.items()})
    return found


@lru_cache(maxsize=_REMEMBERED)
def _meant(word: str) -> tuple[frozenset[str], frozenset[int], tuple[int, ...]]:
    """What a word of a text stands for: the concepts it names alone, its numbers in patterns, those that begin phrases."""
    vocabulary = _vocabulary()
    numbers = set(vocabulary.whole.get(word, ()))
    length = len(word)
    for size in range(min(LEAST, length), length + 1):
        if (found := vocabulary.starts.get(word[:size])) is not None:
            numbers |= found
        if (found := vocabulary.ends.get(word[length - size :])) is not None:
            numbers |= found
    if vocabulary.inside:
        for start in range(length):
            for end in range(start + LEAST, length + 1):
                if (found := vocabulary.inside.get(word[start:end])) is not None:
                    numbers |= found
    named: set[str] = set()
    for number in numbers:
        named |= vocabulary.single.get(number, frozenset())
    firsts = tuple(number for number in numbers if number in vocabulary.phrases)
    return frozenset(named), frozenset(numbers), firsts


@lru_cache(maxsize=_REMEMBERED)
def _together(word: str, following: str) -> tuple[frozenset[str], tuple[tuple[tuple[int, ...], str], ...]]:
    """What two words in sequence name, and what they name if more words follow."""
    phrases, after = _vocabulary().phrases, _meant(following)[1]
    named: set[str] = set()
    longer: list[tuple[tuple[int, ...], str]] = []
    if after:
        for first in _meant(word)[2]:
            seconds = phrases[first]
            for second in after & seconds.keys():
                for rest, concept in seconds[second]:
                    if rest:
                        longer.append((rest, concept))
                    else:
                        named.add(concept)
    return frozenset(named), tuple(longer)


def concepts_in(text: str) -> frozenset[str]:
    """The concepts that a text speaks of, in whatever language it is.

    >>> sorted(concepts_in("Asunnottomuus Oulussa")), sorted(concepts_in("бездомни хора"))
    (['homelessness'], ['homelessness'])
    """
    words = [word[:60] for word in fold_long(text[:MOST_LETTERS]).split()]
    meant = list(map(_meant, words))
    named: set[str] = set()
    last = len(words) - 1
    for at, (alone, _, firsts) in enumerate(meant):
        if alone:
            named |= alone
        # Most words stand in no pattern at all, and most pairs are never seen again.
        if firsts and at < last and meant[at + 1][1]:
            pair, longer = _together(words[at], words[at + 1])
            named |= pair
            for rest, concept in longer:
                if concept not in named and _follows(words, at + 2, rest):
                    named.add(concept)
    return frozenset(named)


def _follows(words: list[str], at: int, rest: tuple[int, ...]) -> bool:
    if at + len(rest) > len(words):
        return False
    return all(number in _meant(words[at + step])[1] for step, number in enumerate(rest))


def concept(key: str) -> Concept | None:
    """A concept by its key."""
    return _vocabulary().concepts.get(key)


def label(key: str, language: str) -> str:
    """What a concept is called in a language; its key where nobody knows it."""
    found = concept(key)
    return found.label(language) if found is not None else key.replace("-", " ")


@cache
def by_label(language: str) -> tuple[tuple[str, str], ...]:
    """All concepts with their names in a language, in the order of the names: for filters and forms."""
    named: Iterable[tuple[str, str]] = (
        (key, each.label(language)) for key, each in _vocabulary().concepts.items()
    )
    return tuple(sorted(named, key=lambda pair: fold(pair[1])))


def join_in() -> None:
    """Put the finder, and what says the same in all languages, into the search. Reads nothing yet."""
    bridges.register_concepts(concepts_in)
    spaces.register_parallel(lambda: {language: dict(by_label(language)) for language in ENDONYMS})


def forget() -> None:
    """Read the files again the next time (for tests)."""
    for kept in (_vocabulary, _meant, _together, by_label):
        kept.cache_clear()
