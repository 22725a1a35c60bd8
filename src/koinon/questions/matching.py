"""Which published answers may fit what somebody types: by the words they share, rare ones first. Offered, never forced.

A plain index in the process, made anew when the public data changes. It knows words and their beginnings within a language,
and the other wordings that were kept. Beside it the search is asked, which finds across languages; what it has not said in
time is left out, and the words answer alone.

What is typed goes to the encoder that the operator runs and nowhere else. It is written nowhere, in no database and no log; its
vector is in the memory of the process for some minutes.
"""

import logging
import math
from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from threading import BoundedSemaphore
from typing import Final

from django.conf import settings
from django.db import connections
from django.utils.translation import get_language

from koinon.base.languages import DEFAULT
from koinon.base.text import fold
from koinon.journal import versions
from koinon.places.models import Place
from koinon.practices import listing
from koinon.practices.listing import Row
from koinon.questions.models import Answer, Wording

log = logging.getLogger("koinon.questions")

MOST_LETTERS = 1000
MOST_ANSWERS = 20_000
_LEAST = 0.3
_STEM = 5
PATIENCE: Final = 0.25
"""Seconds that somebody who types waits for what the search finds."""
MOST_OFFERED: Final = 10
"""The search is asked where no more than these are wanted: a longer list is a page of the words' own."""
MOST_PRACTICES: Final = 2


@dataclass(frozen=True)
class Match:
    """An answer that may fit, how well (0 to 1), and whether it holds for the place asked for."""

    answer: Answer
    score: float
    holds_here: bool


@dataclass(frozen=True)
class Offered:
    """What may fit: answers, the best first; practices, the nearest to the place first."""

    answers: list[Match]
    practices: list[Row]

    def __len__(self) -> int:
        return len(self.answers) + len(self.practices)


def stems(text: str) -> list[str]:
    """The words of a text as the comparison sees them: folded, longer than two letters, cut to their beginning."""
    return [word[:_STEM] for word in fold(text[:MOST_LETTERS]).split() if len(word) > 2]


@dataclass(frozen=True)
class _Index:
    """Stem → the answers that have it, and how much each stem says; the places and the wordings of each answer."""

    postings: dict[str, set[int]]
    weight: dict[str, float]
    places: dict[int, frozenset[str]]
    texts: dict[int, list[str]]


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
    return _Index(postings, weight, {pk: frozenset(codes) for pk, codes in places.items()}, texts)


def forget() -> None:
    """Make the index anew the next time (for tests)."""
    _index.cache_clear()


def matches(text: str, *, place: Place | None = None, most: int = 3, by_meaning: bool = True) -> list[Match]:
    """The best published answers for a text; of equally good ones those that hold for the place, the nearest first."""
    index = _index(versions.known())
    ask = by_meaning and most <= MOST_OFFERED
    return _matches(text, index, _ask(text, index, ("answer",)).answers if ask else {}, place, most)


def offered(text: str, *, place: Place | None = None, most: int = 3) -> Offered:
    """As `matches`, and the practices that speak of the same, each offered as a practice."""
    index = _index(versions.known())
    meant = _ask(text, index, ("answer", "practice"))
    return Offered(_matches(text, index, meant.answers, place, most), _practices(meant.practices, place))


def _practices(slugs: Sequence[str], place: Place | None) -> list[Row]:
    """Those that everybody may read at this moment; what was done in the place itself, or near it, comes first."""
    if not slugs:
        return []
    known = {row.slug: row for row in listing.rows()}
    there = [known[slug] for slug in slugs if slug in known]
    around = _around(place)

    def away(row: Row) -> int:
        codes = {code for one in row.places for code in (one.code, *one.ancestor_codes())}
        return _away(around, codes)

    return sorted(there, key=away)[:MOST_PRACTICES]


def _around(place: Place | None) -> list[str]:
    """The place and what it lies in, from the nearest."""
    return [place.code, *place.ancestor_codes()] if place is not None else []


def _away(around: Sequence[str], codes: Collection[str]) -> int:
    """How many steps wider something is that is there for one of these: none for the place itself."""
    return next((steps for steps, code in enumerate(around) if code in codes), len(around))


def _matches(
    text: str, index: _Index, meant: dict[int, float], place: Place | None, most: int
) -> list[Match]:
    points = _by_words(text, index)
    for pk, likely in meant.items():
        points[pk] = max(points.get(pk, 0.0), likely)
    around = _around(place)
    nowhere: frozenset[str] = frozenset()

    def order(pk: int) -> tuple[float, int, int]:
        return (round(points[pk], 1), -_away(around, index.places.get(pk, nowhere)), pk)

    best = sorted(points, key=order, reverse=True)[:most]
    answers = Answer.objects.public().select_related("body").in_bulk(best) if best else {}
    return [
        Match(answers[pk], points[pk], not index.places.get(pk, nowhere).isdisjoint(around))
        for pk in best
        if pk in answers
    ]


def _by_words(text: str, index: _Index) -> dict[int, float]:
    """Answers that share enough of the words → which part, 0 to 1."""
    asked = Counter(stems(text))
    if not asked or not index.postings:
        return {}
    unknown = math.log(2 + len(index.places))
    whole = sum(index.weight.get(stem, unknown) for stem in asked)
    points: dict[int, float] = {}
    for stem in asked:
        for pk in index.postings.get(stem, ()):
            points[pk] = points.get(pk, 0.0) + index.weight[stem]
    return {pk: part / whole for pk, part in points.items() if part / whole >= _LEAST}


# What the search finds: by meaning and by the concepts of the field, across languages.

_FEW: Final = 8
_AMONG: Final = 24
_LONG: Final = 5
_AT_ONCE: Final = 2
_AT_MOST: Final = 1.0
"""Seconds that are spent on what nobody waits for any more: the next who types has it."""


@dataclass(frozen=True)
class _Meant:
    """Answers → how likely they were asked the same; the slugs of practices, best first."""

    answers: dict[int, float]
    practices: list[str]


_NOTHING: Final = _Meant({}, [])
_workers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="koinon-like")
_free = BoundedSemaphore(_AT_ONCE)


def _ask(text: str, index: _Index, types: Sequence[str]) -> _Meant:
    """What the search says by meaning within `PATIENCE`; where others are being served, or the encoder is slow or away, what it
    says at once, by words and concepts."""
    text = text[:MOST_LETTERS]
    if not stems(text) or not (index.texts or "practice" in types):
        return _NOTHING
    language = get_language() or DEFAULT
    at_once = _NOTHING
    if "practice" in types:
        at_once = _meant(text, index, ("practice",), language, by_meaning=False)
    if settings.ENCODER == "off":
        return at_once
    if not getattr(settings, "MEANING_THREAD", True):
        return _meant(text, index, types, language)
    if not _free.acquire(blocking=False):
        return at_once
    try:
        work = _workers.submit(_beside, text, index, types, language)
    except RuntimeError:
        # The server is about to end.
        _free.release()
        return at_once
    try:
        return work.result(timeout=PATIENCE)
    except TooLate:
        return at_once


def _beside(text: str, index: _Index, types: Sequence[str], language: str) -> _Meant:
    try:
        return _meant(text, index, types, language)
    finally:
        connections.close_all()
        _free.release()


def _meant(
    text: str, index: _Index, types: Sequence[str], language: str, *, by_meaning: bool = True
) -> _Meant:
    from koinon.search.documents import Hit
    from koinon.search.service import NoIndex, similar

    hits: list[Hit] = []
    try:
        hits = similar(text, types=types, language=language, limit=_FEW * len(types), by_meaning=by_meaning)
        answers = [int(hit.document.key) for hit in hits if hit.document.type == "answer"][:_FEW]
        # What was taken off since the index was written is not public any more.
        likely = _likely(text, {pk: index.texts[pk] for pk in answers if pk in index.texts}, index)
    except NoIndex:
        return _NOTHING
    except Exception as trouble:
        # Never with its message: it may hold what was typed.
        log.warning("questions: the search did not answer: %s", type(trouble).__name__)
        return _NOTHING
    fitting = [hit for hit in hits if hit.document.type == "practice" and _has_a_reason(hit.why)]
    return _Meant(likely, [hit.document.key for hit in fitting])


def _likely(text: str, texts: dict[int, list[str]], index: _Index) -> dict[int, float]:
    """Answers to what is likely the same question, in whatever language. None where no encoder says so: the nearest of
    all is not yet near."""
    from koinon.search.encoder import Away
    from koinon.search.ranking import OFFER
    from koinon.search.service import alike

    pairs = [(pk, wording) for pk, wordings in texts.items() for wording in wordings[:_FEW]]
    if not pairs:
        return {}
    # What all of the candidates share would else count as nothing: they are compared among others.
    others = [wordings[0] for pk, wordings in islice(index.texts.items(), _AMONG) if pk not in texts]
    try:
        # What is kept is of published answers; of what somebody types nothing is.
        wordings = [wording for _pk, wording in pairs]
        values = alike(text, wordings, among=others, keep=True, within=_AT_MOST)
    except Away:
        return {}
    found: dict[int, float] = {}
    for (pk, _wording), value in zip(pairs, values, strict=True):
        if value >= OFFER:
            found[pk] = max(found.get(pk, 0.0), value)
    return found


def _has_a_reason(why: Sequence[tuple[str, ...]]) -> bool:
    """A concept of the field in both, and a second one or a longer word: being the nearest is no reason."""
    concepts = sum(1 for reason in why if reason[0] == "concept")
    words = sum(
        1 for reason in why if reason[0] in {"word", "title", "text", "form"} and len(reason[1]) >= _LONG
    )
    return concepts > 0 and concepts + words > 1
