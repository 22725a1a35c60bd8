"""Ranking by meaning, across languages, beside what the words found.

How the service calls it (every function raises `encoder.Away` where there is no encoder in time; then the words alone count):

    ranked = ranking.rank(
        query, language,                       # as typed; the language of the page, or "" (it is guessed from the query)
        candidates=[Candidate(thing, score)],  # what the words found, best first, all filters applied
        look=texts_of,                         # things → their texts, for a second look at some sixty of them
        among=None,                            # a container of the things that the filters let through; None: all
        types=("practice",),                   # only these types; (): all
        limit=50,
    )
    # → [Ranked(thing, language of the text that fits best, score, why)], best first, no thing twice. `why` are pairs as in
    #   `documents.Hit`: ("meaning",), ("words",), ("concept", "care-leaver").

    ranking.similar(text, language, types=("question",), limit=5)   # things like a text that somebody is typing
    ranking.like(("practice", "housing-first"), limit=5)            # things like a thing that is held
    ranking.alike(text, others)                                     # for each of the others 0..1, how likely it asks the same;
                                                                    # nothing of them is kept, unless `keep` says they are public

Advice for `alike`: offer from `OFFER` on, at most three, best first; call them the same only where a person says so.
docs/decisions/meaning.md has what was measured.
"""

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from time import monotonic
from typing import TYPE_CHECKING, Final

from koinon.base.guessing import guess_language
from koinon.base.languages import DEFAULT
from koinon.base.text import fold
from koinon.search import bridges, vectors
from koinon.search.documents import Text
from koinon.search.encoder import Away
from koinon.search.spaces import Space, Thing, centre, unit

if TYPE_CHECKING:
    import numpy as np

OFFER: Final = 0.5
"""From this likeness on a question is worth offering as the same."""
SECOND_LOOK: Final = 30
"""So many of the best by meaning, and as many of the best by words, are looked at once more."""
OUTSTANDING: Final = 1.5
"""How far above the mean of all texts, in standard deviations, what is found by meaning alone must stand out."""
ENOUGH_TO_TELL: Final = 50
NEAR: Final = 0.25
"""The likeness that the best of what meaning alone finds must reach, and each where there are few texts: signs without sense,
and words of another world, mostly stay below it (docs/decisions/meaning.md)."""
COVERED: Final = 0.5
"""The part of a query's longer words that a text must hold for its words to count."""
WORDS: Final = 0.75
MOST_WORDS: Final = 24
MOST_LETTERS: Final = 4_000
ALIKE_SECONDS: Final = 2.0
MOST_OTHERS: Final = 2_000


@dataclass(frozen=True)
class Candidate:
    """A thing that the words found, with the engine's score."""

    thing: Thing
    score: float


@dataclass(frozen=True)
class Ranked:
    """A thing in its place: the language of the text that fits best, how well, and why."""

    thing: Thing
    language: str
    score: float
    why: tuple[tuple[str, ...], ...] = ()


Look = Callable[[Sequence[Thing]], Mapping[Thing, Sequence[Text]]]


def rank(
    query: str,
    language: str = "",
    *,
    candidates: Sequence[Candidate] = (),
    look: Look | None = None,
    among: Container[Thing] | None = None,
    types: Collection[str] = (),
    limit: int = 50,
) -> list[Ranked]:
    """The best things for a query, by meaning and words together. Raises `Away`.

    What the words did not find is in it only where it stands out from all the rest.
    """
    space = vectors.held()
    asked = vectors.of_query(query)
    if not len(space) or len(asked) != space.width:
        raise Away("there are no vectors yet")
    said = bridges.concepts_in(query[:MOST_LETTERS])
    spoken, _sure = guess_language(query[:MOST_LETTERS], hint=language or DEFAULT)
    scores = space.scores(asked, spoken, said)
    found = _best(space, scores, among, types, limit)
    _also(found, space, candidates, scores)
    covered = _second_look(query, found, candidates, look)
    ranked = []
    for thing, (score, best) in found.items():
        cover = covered.get(thing, 0.0)
        shared = said & space.concepts.get(thing, frozenset())
        why = [("concept", concept) for concept in sorted(shared, key=space.weight, reverse=True)]
        if cover:
            ranked.append(Ranked(thing, best, score + WORDS * cover, (("words",), *why)))
        else:
            ranked.append(Ranked(thing, best, score, (*why, ("meaning",))))
    ranked.sort(key=lambda one: -one.score)
    return ranked[:limit]


def similar(
    text: str,
    language: str = "",
    *,
    types: Collection[str] = (),
    among: Container[Thing] | None = None,
    limit: int = 5,
) -> list[Ranked]:
    """The things that are most like a text, where they stand out. Raises `Away`."""
    return rank(text, language, types=types, among=among, limit=limit)


def like(
    thing: Thing, *, types: Collection[str] = (), among: Container[Thing] | None = None, limit: int = 5
) -> list[Ranked]:
    """The things that are most like one that is held; none where it has no vector yet. Raises `Away`."""
    space = vectors.held()
    scores = space.like(thing)
    if scores is None:
        return []
    found = _best(space, scores, among, types, limit + 1)
    found.pop(thing, None)
    return [
        Ranked(each, language, score, (("meaning",),))
        for each, (score, language) in list(found.items())[:limit]
    ]


_NEIGHBOURS: Final = 8
_SHARED: Final = 0.1
_EVEN: Final = 0.18
_STEEP: Final = 0.06
_USUAL_NEIGHBOUR: Final = 0.26
_FEW: Final = 10


def alike(
    text: str,
    others: Sequence[str],
    *,
    among: Sequence[str] = (),
    keep: bool = False,
    within: float = ALIKE_SECONDS,
) -> list[float]:
    """For each of the others, from 0 to 1, how likely it asks the same. Raises `Away`.

    What is near to everything is near to nothing: each likeness is weighed against the nearest neighbours of both, for which
    `among` brings further texts where there are few: public ones, of which nothing is told. Others whose vector is not there
    yet, and could not be made within so many seconds, get 0.

    Nothing of any of the texts is written anywhere. With `keep` the *others* are public, and what was made of them stays in
    the database for a while; of `text` nothing ever does.
    """
    import numpy as np

    if not others:
        return []
    until = monotonic() + within
    asked = vectors.of_query(text, "passage", within=within)
    given = vectors.of_texts(others[:MOST_OTHERS], "passage", within=max(0.0, until - monotonic()), keep=keep)
    known = [int(at) for at in np.flatnonzero(~np.isnan(given[:, 0]))]
    answer = [0.0] * len(others)
    if not known:
        return answer
    rows = np.concatenate([asked[None], given[known]])
    texts = [text, *(others[at] for at in known)]
    if among:
        beside = vectors.of_texts(among, "passage", within=max(0.0, until - monotonic()), keep=True)
        made = [int(at) for at in np.flatnonzero(~np.isnan(beside[:, 0]))]
        if made:
            rows = np.concatenate([rows, beside[made]])
            texts += [among[at] for at in made]
    languages = [guess_language(each[:MOST_LETTERS])[0] for each in texts]
    _middle, taken = centre(rows, languages, vectors.store.offsets)
    moved = unit(rows - np.stack([taken[language] for language in languages]))
    near = moved @ moved.T
    said = [bridges.concepts_in(each[:MOST_LETTERS]) for each in texts]
    for at, one in enumerate(said):
        if one:
            for with_, other in enumerate(said):
                near[at, with_] += _SHARED * len(one & other)
    np.fill_diagonal(near, -1)
    most = min(_NEIGHBOURS, len(texts) - 1)
    nearest = np.sort(near, axis=1)[:, -most:].mean(axis=1)
    # Few others tell little of who is near to everything.
    number = len(texts) - 1
    nearest = (number * nearest + _FEW * _USUAL_NEIGHBOUR) / (number + _FEW)
    for place, at in enumerate(known, 1):
        stands_out = 2 * near[0, place] - nearest[0] - nearest[place]
        answer[at] = 1 / (1 + exp(-(float(stands_out) - _EVEN) / _STEEP))
    return answer


Best = dict[Thing, tuple[float, str]]


def _best(
    space: Space, scores: "np.ndarray", among: Container[Thing] | None, types: Collection[str], limit: int
) -> Best:
    """The things whose best text stands out, best first."""
    import numpy as np

    found: Best = {}
    if not len(scores) or scores.max() < NEAR:
        return found
    least = NEAR
    if len(scores) >= ENOUGH_TO_TELL:
        least = scores.mean() + OUTSTANDING * scores.std()
    for text in np.argsort(-scores):
        if scores[text] < least or len(found) >= limit:
            break
        thing, language = space.texts[text]
        if thing in found or (types and thing[0] not in types) or (among is not None and thing not in among):
            continue
        found[thing] = (float(scores[text]), language)
    return found


def _also(found: Best, space: Space, candidates: Sequence[Candidate], scores: "np.ndarray") -> None:
    """What the words found is there too: with its meaning, or where it has no vector yet, with that of the least of the best."""
    least = min((score for score, _language in list(found.values())[:SECOND_LOOK]), default=0.0)
    for candidate in candidates:
        if candidate.thing not in found:
            own = [(float(scores[text]), space.texts[text][1]) for text in space.texts_of(candidate.thing)]
            found[candidate.thing] = max(own, default=(least, ""))


# The words, seen once more: whole, by their beginning, or by their letters where somebody mistyped them.


def _second_look(
    query: str, found: Best, candidates: Sequence[Candidate], look: Look | None
) -> dict[Thing, float]:
    if look is None:
        return {}
    things = list(dict.fromkeys([*list(found)[:SECOND_LOOK], *(c.thing for c in candidates[:SECOND_LOOK])]))
    seen = look(things)
    told = {
        thing: " ".join(f"{text.title} {text.body}"[:MOST_LETTERS] for text in texts)
        for thing, texts in seen.items()
    }
    return {thing: part for thing, part in coverage(query, told).items() if part >= COVERED}


def coverage(query: str, texts: Mapping[Thing, str]) -> dict[Thing, float]:
    """How much of a query's longer words each text holds, from 0 to 1; Greek and Cyrillic ones in Latin letters too."""
    words = list(dict.fromkeys(_words(query[:MOST_LETTERS])))
    words = ([word for word in words if len(word) >= 4] or [word for word in words if len(word) >= 2])[
        :MOST_WORDS
    ]
    if not words:
        return {}
    where: dict[str, set[Thing]] = {}
    for thing, text in texts.items():
        for word in set(_words(text)):
            where.setdefault(word, set()).add(thing)
    by_piece: dict[str, list[str]] = {}
    pieces = {word: _pieces(word) for word in where if len(word) >= 4}
    for word, its in pieces.items():
        for piece in its:
            by_piece.setdefault(piece, []).append(word)
    sums: dict[Thing, float] = dict.fromkeys(texts, 0.0)
    for word in words:
        best: dict[Thing, float] = dict.fromkeys(where.get(word, ()), 1.0)
        if len(word) >= 4:
            own = _pieces(word)
            shared: dict[str, int] = {}
            for piece in own:
                for other in by_piece.get(piece, ()):
                    shared[other] = shared.get(other, 0) + 1
            for other, number in shared.items():
                likeness = _likeness(word, other, 2 * number / (len(own) + len(pieces[other])))
                if likeness:
                    for thing in where[other]:
                        best[thing] = max(best.get(thing, 0.0), likeness)
        for thing, likeness in best.items():
            sums[thing] += likeness
    return {thing: total / len(words) for thing, total in sums.items()}


def _likeness(word: str, other: str, dice: float) -> float:
    if word == other:
        return 1.0
    same = 0
    for one, two in zip(word, other, strict=False):
        if one != two:
            break
        same += 1
    if same >= 4 and same >= 0.6 * max(len(word), len(other)):
        return 0.9
    return dice if dice >= 0.5 else 0.0


def _pieces(word: str) -> set[str]:
    edged = f"^{word}$"
    return {edged[at : at + 3] for at in range(len(edged) - 2)}


def _words(text: str) -> list[str]:
    return fold(text).translate(_LATIN).split()


_LATIN: Final = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфхъь", [*"abvgdeziyklmnoprstufha", ""], strict=True))
    | {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sht", "ю": "yu", "я": "ya"}
    | dict(zip("αβγδεζηικλμνξοπρστυφω", "avgdeziiklmnxoprstyfo", strict=True))
    | {"θ": "th", "χ": "ch", "ψ": "ps"}
)
