"""What worked elsewhere: public practices from places like one place, on the same topics, or like another practice."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import log10

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT
from koinon.journal import versions
from koinon.places.models import Place
from koinon.practices import concepts
from koinon.practices.listing import Asked, Library, Row, forgetting, rows

SHOWN = 5
LIKE = 0.35
"""How far the sizes of two places alike may lie apart: a little more than the double."""
_MOST_LOOKED_AT = 400

HERE, AROUND, NEAR_AND_LIKE, LIKE_SIZE, NEAR = "here", "around", "near_and_like", "like", "near"


@dataclass(frozen=True)
class Elsewhere:
    """A practice for the shelf of a place: where it was done, why it is here, and on which level that holds."""

    row: Row
    place: Place
    why: str
    score: float

    def because(self, place: Place) -> str:
        """Why it is shown for a place, as a whole sentence."""
        words = {
            HERE: _("It was done in %(place)s itself."),
            AROUND: _("It was done in %(other)s, in which %(place)s lies."),
            NEAR_AND_LIKE: _("%(other)s lies in the same country and has about as many people."),
            LIKE_SIZE: _("%(other)s has about as many people as %(place)s."),
            NEAR: _("%(other)s lies in the same country and is a place of the same kind."),
        }
        return words[self.why] % {"other": self.place.display_name(), "place": place.display_name()}


@dataclass(frozen=True)
class _Index:
    """Where practices were done: by the code of the place; by kind of place, the smallest first; by kind and country."""

    by_code: dict[str, list[tuple[Row, Place]]]
    by_size: dict[int, tuple[list[float], list[tuple[Row, Place]]]]
    by_country: dict[tuple[int, str], list[tuple[Row, Place]]]


def worked_elsewhere(place: Place, *, most: int = SHOWN) -> list[Elsewhere]:
    """Practices from places like this one: of the same kind and about the same size, then by how well they are shown.

    What was done in the place itself, or in what it lies in, comes first of all. Nothing is made up: a practice for
    which there is no reason to stand here does not. No query once the version of the data is known.
    """
    best: dict[str, Elsewhere] = {}
    for row, other, why, score in _reasons(place):
        # What is better shown, and what worked, before what is as near.
        score += 0.15 * row.evidence - (0.3 if row.has_failed else 0)
        there = best.get(row.slug)
        if there is None or score > there.score:
            best[row.slug] = Elsewhere(row, other, why, score)
    return sorted(best.values(), key=lambda one: (-one.score, one.row.slug))[:most]


def reasons(place: Place) -> dict[str, str]:
    """Slug → why, of every practice that has a reason to be told to a place, the closest first. No query."""
    return {one.row.slug: one.because(place) for one in worked_elsewhere(place, most=len(rows()))}


def library(wanted: Asked) -> Library:
    """The library as it is asked for; where a place is named, what fits it, each with why."""
    return Library(wanted, reasons(wanted.like) if wanted.like is not None else None)


def _reasons(place: Place) -> Iterable[tuple[Row, Place, str, float]]:
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
    return _Index(by_code, by_size, by_country)


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
    """Public practices that share most with one: topics, objectives, people, in this order. No query."""
    return list(_alike(versions.known(), slug)[:most])


@lru_cache(maxsize=500)
def _alike(version: int, slug: str) -> tuple[Row, ...]:
    all_rows = rows()
    own = next((row for row in all_rows if row.slug == slug), None)
    if own is None:
        return ()
    scored = [(_shared(own, row), row) for row in all_rows if row.slug != slug]
    best = sorted((pair for pair in scored if pair[0] >= 2), key=lambda pair: (-pair[0], pair[1].slug))
    return tuple(row for _score, row in best[:6])


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


forgetting.append(forget)
