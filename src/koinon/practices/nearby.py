"""What worked elsewhere: public practices from places like one place, on the same topics, or like another practice."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log10

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT
from koinon.journal import versions
from koinon.places.models import Place
from koinon.practices import concepts
from koinon.practices.found import TYPE
from koinon.practices.listing import Asked, Library, Row, forgetting, objectives, rows
from koinon.practices.words import Target

SHOWN = 5
LIKE = 0.35
"""How far the sizes of two places alike may lie apart: a little more than the double."""
_MOST_LOOKED_AT = 400

HERE, AROUND, NEAR_AND_LIKE, LIKE_SIZE, NEAR = "here", "around", "near_and_like", "like", "near"
SERVES = "serves"
"""It has an objective of the ESF+ in common with a call that is for the place, and no nearer reason."""
_MOST_SERVING = 20


@dataclass(frozen=True)
class Elsewhere:
    """A practice for the shelf of a place: where it was done, why it is here, and on which level that holds."""

    row: Row
    place: Place
    why: str
    score: float
    serves: tuple[str, ...] = ()
    """Objectives that it has in common with calls for the place."""

    def because(self, place: Place) -> str:
        """Why it is shown for a place, in whole sentences."""
        words = {
            HERE: _("It was done in %(place)s itself."),
            AROUND: _("It was done in %(other)s, in which %(place)s lies."),
            NEAR_AND_LIKE: _("%(other)s lies in the same country and has about as many people."),
            LIKE_SIZE: _("%(other)s has about as many people as %(place)s."),
            NEAR: _("%(other)s lies in the same country and is a place of the same kind."),
        }
        names = {"other": self.place.display_name(), "place": place.display_name()}
        told = [words[self.why] % names] if self.why in words else []
        if self.serves:
            letters = ", ".join(f"({letter})" for letter in self.serves)
            told.append(
                _("It serves objective %(letters)s, as a call for %(place)s does.")
                % (names | {"letters": letters})
            )
        return " ".join(told)


@dataclass(frozen=True)
class _Index:
    """Where practices were done: by the code of the place; by kind of place, the smallest first; by kind and country; for what."""

    by_code: dict[str, list[tuple[Row, Place]]]
    by_size: dict[int, tuple[list[float], list[tuple[Row, Place]]]]
    by_country: dict[tuple[int, str], list[tuple[Row, Place]]]
    by_objective: dict[str, list[tuple[Row, Place]]]
    """The best shown of each."""


def worked_elsewhere(place: Place, *, objectives: Iterable[str] = (), most: int = SHOWN) -> list[Elsewhere]:
    """Practices from places like this one: of the same kind and about the same size, then by how well they are shown.

    `objectives` are those of the calls that are for the place: what serves one of them comes before what is as near, and after
    all that is near. Who is above knows them (`guide.shelves`).

    What was done in the place itself, or in what it lies in, comes first of all. Nothing is made up: a practice for
    which there is no reason to stand here does not. No query once the version of the data is known.
    """
    best: dict[str, Elsewhere] = {}
    wanted = frozenset(objectives)
    for row, other, why, score in _reasons(place, wanted):
        serves = tuple(sorted(wanted.intersection(row.objectives))) if wanted else ()
        score += _shown_well(row) + (0.25 if serves else 0)
        there = best.get(row.slug)
        if there is None or score > there.score:
            best[row.slug] = Elsewhere(row, other, why, score, serves)
    return sorted(best.values(), key=lambda one: (-one.score, one.row.slug))[:most]


def reasons(place: Place) -> dict[str, str]:
    """Slug → why, of every practice that has a reason to be told to a place, the closest first. No query."""
    return {one.row.slug: one.because(place) for one in worked_elsewhere(place, most=len(rows()))}


def library(wanted: Asked) -> Library:
    """The library as it is asked for; where a place is named, what fits it, each with why."""
    return Library(wanted, reasons(wanted.like) if wanted.like is not None else None)


def _shown_well(row: Row) -> float:
    """What is better shown, and what worked, before what is as near."""
    return 0.15 * row.evidence - (0.3 if row.has_failed else 0)


def _reasons(place: Place, wanted: frozenset[str]) -> Iterable[tuple[Row, Place, str, float]]:
    index = _index(versions.known())
    for row, other in index.by_code.get(place.code, ()):
        yield row, other, HERE, 6.0
    for far, code in enumerate(code for code in place.ancestor_codes() if code != "EU"):
        for row, other in index.by_code.get(code, ()):
            yield row, other, AROUND, 4.5 - 0.2 * far
    if place.code == "EU":
        return
    if place.population and place.level in index.by_size:
        sizes, there = index.by_size[place.level]
        size = log10(place.population)
        first, last = bisect_left(sizes, size - LIKE), bisect_right(sizes, size + LIKE)
        for row, other in there[first : min(last, first + _MOST_LOOKED_AT)]:
            apart = abs(log10(other.population) - size)
            if other.country == place.country:
                yield row, other, NEAR_AND_LIKE, 3.0 - apart
            else:
                yield row, other, LIKE_SIZE, 2.2 - apart
    if place.level in {1, 2, 3, 4}:
        for row, other in index.by_country.get((place.level, place.country), ())[:_MOST_LOOKED_AT]:
            yield row, other, NEAR, 1.5
    for letter in wanted:
        for row, other in index.by_objective.get(letter, ()):
            yield row, other, SERVES, 0.2


@lru_cache(maxsize=1)
def _index(version: int) -> _Index:
    by_code: dict[str, list[tuple[Row, Place]]] = {}
    sized: dict[int, list[tuple[float, str, Row, Place]]] = {}
    by_country: dict[tuple[int, str], list[tuple[Row, Place]]] = {}
    for row in rows():
        for place in {one.pk: one for one in (*row.places, *row.adopted)}.values():
            by_code.setdefault(place.code, []).append((row, place))
            by_country.setdefault((place.level, place.country), []).append((row, place))
            if place.population:
                sized.setdefault(place.level, []).append((log10(place.population), row.slug, row, place))
    by_size = {}
    for level, found in sized.items():
        found.sort(key=lambda one: one[:2])
        by_size[level] = ([one[0] for one in found], [(one[2], one[3]) for one in found])
    by_objective: dict[str, list[tuple[Row, Place]]] = {}
    for row in sorted(rows(), key=lambda row: (-_shown_well(row), row.slug)):
        for letter in row.objectives if row.places else ():
            if len(served := by_objective.setdefault(letter, [])) < _MOST_SERVING:
                served.append((row, row.places[0]))
    return _Index(by_code, by_size, by_country, by_objective)


def about(topics: Iterable[str], places: Iterable[Place], *, most: int = 3) -> list[tuple[Row, str]]:
    """Public practices that speak of the same topics, each with why; those done in or around the places first. No query."""
    wanted = set(topics)
    codes = {code for place in places for code in (place.code, *place.ancestor_codes()) if code != "EU"}
    language = get_language() or DEFAULT
    scored = []
    for row in rows():
        if common := wanted.intersection(row.topics):
            near = any(place.code in codes for place in (*row.places, *row.adopted))
            scored.append((-len(common) - 0.5 * near, row.slug, row, common))
    found = []
    for _score, _slug, row, common in sorted(scored, key=lambda one: one[:2])[:most]:
        names = ", ".join(sorted(concepts.label(key, language) for key in common))
        found.append((row, _("It speaks of this: %(names)s.") % {"names": names}))
    return found


def alike(slug: str, *, most: int = 3) -> list[Row]:
    """Public practices like one, each with why: those that share most with it (topics, objectives, people, in this order); where
    there are too few of them, those that are close in meaning, in whatever language.

    No query. Meanings are compared as far as they are known: where they are not, those that share something stand alone.
    """
    language = get_language() or DEFAULT
    own, near = _alike(versions.known(), slug)
    found = [replace(row, why=_shares(own, row, language)) for row in near[:most]] if own is not None else []
    if own is not None and len(found) < most:
        there = {row.slug for row in found}
        words = _("It is close in meaning, as far as a machine can tell.")
        found += [replace(row, why=words) for row in _by_meaning(slug) if row.slug not in there][
            : most - len(found)
        ]
    return found


def is_settled(slug: str, *, most: int = 3) -> bool:
    """Whether what `alike` tells holds as long as the data does: not while the meaning of this practice is still to be made.

    Meanings that are made of other practices meanwhile are told the next day at the latest, when kept pages are made anew.
    """
    from koinon.search import encoder, vectors

    _own, near = _alike(versions.known(), slug)
    if len(near) >= most:
        return True
    try:
        encoder.model()
    except encoder.Away:
        return True
    held = vectors.store.held()
    return held is not None and bool(held.texts_of((TYPE, slug)))


@lru_cache(maxsize=500)
def _alike(version: int, slug: str) -> tuple[Row | None, tuple[Row, ...]]:
    """The practice, and those that share enough with it."""
    all_rows = rows()
    own = next((row for row in all_rows if row.slug == slug), None)
    if own is None:
        return None, ()
    scored = [(_shared(own, row), row) for row in all_rows if row.slug != slug]
    best = sorted((pair for pair in scored if pair[0] >= 2), key=lambda pair: (-pair[0], pair[1].slug))
    return own, tuple(row for _score, row in best[:6])


def _by_meaning(slug: str) -> tuple[Row, ...]:
    """Those whose meaning is nearest. Nobody waits for the encoder: what was not made yet is not there."""
    from koinon.search import encoder, vectors

    try:
        held = vectors.held()
    except encoder.Away:
        return ()
    return _close(versions.known(), held.version, slug)


@lru_cache(maxsize=500)
def _close(version: int, meanings: int, slug: str) -> tuple[Row, ...]:
    from koinon.search import encoder, ranking

    public = {(TYPE, row.slug): row for row in rows() if row.slug != slug}
    try:
        found = ranking.like((TYPE, slug), types=(TYPE,), among=public, limit=6)
    except encoder.Away:
        return ()
    return tuple(public[one.thing] for one in found)


def _shares(one: Row, other: Row, language: str) -> str:
    """What two have in common, as a whole sentence."""
    names = sorted(concepts.label(key, language) for key in set(one.topics) & set(other.topics))
    known = objectives()
    names += [known.get(code, code) for code in one.objectives if code in other.objectives]
    names += [
        str(Target(code).label) for code in one.targets if code in other.targets and code in Target.values
    ]
    return _("It speaks of this: %(names)s.") % {"names": ", ".join(names)}


def _shared(one: Row, other: Row) -> float:
    def common(first: Iterable[str], second: Iterable[str]) -> int:
        return len(set(first) & set(second))

    return (
        2 * common(one.topics, other.topics)
        + common(one.objectives, other.objectives)
        + common(one.targets, other.targets)
    )


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _index.cache_clear()
    _alike.cache_clear()
    _close.cache_clear()


forgetting.append(forget)
