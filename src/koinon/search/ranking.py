"""Ranking by meaning, across languages, beside what the words found.

How the service calls it (every function raises `encoder.Away` where there is no encoder in time; then the words alone count):

    ranked = ranking.rank(
        query, language,                       # as typed; the language of the page, or "" (it is guessed from the query)
        candidates=[Candidate(thing, score)],  # what the words found, best first, all filters applied; a few hundred at most
        look=texts_of,                         # things → their texts, for a second look at some sixty of them
        among=None,                            # a container of the things that the filters let through; None: all
        types=("practice",),                   # only these types; (): all
        limit=50,
    )
    # → [Ranked(thing, language of the text that fits best, score, why)], best first, no thing twice. `why` are pairs as in
    #   `documents.Hit`: ("meaning",), ("words",), ("concept", "care-leaver").

    ranking.similar(text, language, types=("question",), limit=5)   # things like a text that somebody is typing
    ranking.like(("practice", "housing-first"), limit=5)            # things like a thing that is held
    ranking.alike(text, others)                                     # for each of the others 0..1, how likely it asks the same

Advice for `alike`: offer from `OFFER` on, at most three, best first; call them the same only where a person says so.
"""

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from koinon.search import bridges, vectors
from koinon.search.documents import Text
from koinon.search.vectors import Held, Thing

if TYPE_CHECKING:
    import numpy as np

OFFER: Final = 0.5
"""From this likeness on a question is worth offering as the same."""


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
    """The best things for a query, by meaning and words together. Raises `Away`."""
    held = vectors.held()
    asked = vectors.of_query(query)
    return _best(held, held.matrix @ asked, among, types, limit)


def similar(
    text: str,
    language: str = "",
    *,
    types: Collection[str] = (),
    among: Container[Thing] | None = None,
    limit: int = 5,
) -> list[Ranked]:
    """The things that are most like a text. Raises `Away`."""
    return rank(text, language, types=types, among=among, limit=limit)


def like(
    thing: Thing, *, types: Collection[str] = (), among: Container[Thing] | None = None, limit: int = 5
) -> list[Ranked]:
    """The things that are most like one that is held; none where it has no vector yet. Raises `Away`."""
    held = vectors.held()
    rows = [at for at, place in enumerate(held.places) if place[:2] == thing and place[3] == vectors.WHOLE]
    if not rows:
        return []
    found = _best(held, held.matrix @ held.matrix[rows[0]], among, types, limit + 1)
    return [ranked for ranked in found if ranked.thing != thing][:limit]


def alike(text: str, others: Sequence[str]) -> list[float]:
    """For each of the others, from 0 to 1, how likely it asks the same. Raises `Away`."""
    if not others:
        return []
    rows = vectors.of_texts([text, *others], "query")
    return [max(0.0, min(1.0, (float(score) - 0.8) / 0.15)) for score in rows[1:] @ rows[0]]


def _best(
    held: Held, scores: "np.ndarray", among: Container[Thing] | None, types: Collection[str], limit: int
) -> list[Ranked]:
    import numpy as np

    found: dict[Thing, Ranked] = {}
    for row in np.argsort(-scores):
        place = held.places[row]
        thing = (place[0], place[1])
        if thing in found or (types and thing[0] not in types) or (among is not None and thing not in among):
            continue
        found[thing] = Ranked(thing, place[2], float(scores[row]), (("meaning",),))
        if len(found) >= limit:
            break
    return list(found.values())


_ = bridges
