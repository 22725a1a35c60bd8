"""Which published answers may fit what somebody types: by the words they share, rare ones first. Offered, never forced.

A plain index in the process, made anew when the public data changes. It knows words and their beginnings within a language,
and the other wordings that were kept; meaning across languages is the search's to bring.
"""

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from koinon.base.text import fold
from koinon.journal import versions
from koinon.places.models import Place
from koinon.questions.models import Answer, Wording

MOST_LETTERS = 1000
MOST_ANSWERS = 20_000
_LEAST = 0.3
_STEM = 5


@dataclass(frozen=True)
class Match:
    """An answer that may fit, how well (0 to 1), and whether it holds for the place asked for."""

    answer: Answer
    score: float
    holds_here: bool


def stems(text: str) -> list[str]:
    """The words of a text as the comparison sees them: folded, longer than two letters, cut to their beginning."""
    return [word[:_STEM] for word in fold(text[:MOST_LETTERS]).split() if len(word) > 2]


@dataclass(frozen=True)
class _Index:
    """Stem → the answers that have it, and how much each stem says."""

    postings: dict[str, set[int]]
    weight: dict[str, float]
    places: dict[int, frozenset[str]]


@lru_cache(maxsize=1)
def _index(version: int) -> _Index:
    rows = list(Answer.objects.public().newest_first().values_list("pk", "asked")[:MOST_ANSWERS])
    texts: dict[int, list[str]] = {pk: [asked] for pk, asked in rows}
    for wording in Wording.objects.filter(answer__in=list(texts)).values_list("answer", "text"):
        texts[wording[0]].append(wording[1])
    postings: dict[str, set[int]] = {}
    for pk, wordings in texts.items():
        for stem in {stem for text in wordings for stem in stems(text)}:
            postings.setdefault(stem, set()).add(pk)
    weight = {stem: math.log(1 + len(texts) / len(found)) for stem, found in postings.items()}
    places: dict[int, set[str]] = {}
    for answer, place in Answer.places.through.objects.filter(answer__in=list(texts)).values_list(
        "answer", "place"
    ):
        places.setdefault(answer, set()).add(place)
    return _Index(postings, weight, {pk: frozenset(codes) for pk, codes in places.items()})


def forget() -> None:
    """Make the index anew the next time (for tests)."""
    _index.cache_clear()


def matches(text: str, *, place: Place | None = None, most: int = 3) -> list[Match]:
    """The best published answers for a text; those that hold for the place come before equally good others."""
    index = _index(versions.known())
    asked = Counter(stems(text))
    if not asked or not index.postings:
        return []
    unknown = math.log(2 + len(index.places))
    whole = sum(index.weight.get(stem, unknown) for stem in asked)
    points: dict[int, float] = {}
    for stem in asked:
        for pk in index.postings.get(stem, ()):
            points[pk] = points.get(pk, 0.0) + index.weight[stem]
    codes = {place.code, *place.ancestor_codes()} if place is not None else set()

    def order(pk: int) -> tuple[float, bool, int]:
        return (round(points[pk] / whole, 1), bool(codes & index.places.get(pk, frozenset())), pk)

    best = sorted((pk for pk in points if points[pk] / whole >= _LEAST), key=order, reverse=True)[:most]
    answers = Answer.objects.public().select_related("body").in_bulk(best)
    return [
        Match(answers[pk], points[pk] / whole, bool(codes & index.places.get(pk, frozenset())))
        for pk in best
        if pk in answers
    ]
