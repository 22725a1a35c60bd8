"""What worked elsewhere: public practices from places like one place, or like another practice, each with why."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import log10

from django.utils.translation import gettext as _

from koinon.journal import versions
from koinon.places.models import Place
from koinon.practices.listing import Row, rows

SHOWN = 5
_SIZES = (5_000, 20_000, 100_000, 250_000, 500_000, 1_000_000)


@dataclass(frozen=True)
class Elsewhere:
    """A practice for the shelf of a place: where it was done, why it is here, on which level that place stands."""

    row: Row
    place: Place
    because: str
    score: float


def worked_elsewhere(place: Place, *, most: int = SHOWN) -> list[Elsewhere]:
    """Practices from places like this one: of the same type and about the same size first, then by how well they are shown.

    What was done in the place itself, or in what it lies in, comes first of all. Nothing is made up: a practice for
    which there is no reason to stand here does not. No query once the version of the data is known.
    """
    found = [one for row in rows() if (one := _fits(row, place)) is not None]
    found.sort(key=lambda one: (-one.score, one.row.slug))
    return found[:most]


def _fits(row: Row, place: Place) -> Elsewhere | None:
    best: tuple[float, Place, str] | None = None
    here = {place.code, *place.ancestor_codes()} - {"EU"}
    for other in (*row.places, *row.adopted):
        score, because = _likeness(other, place, here)
        if because and (best is None or score > best[0]):
            best = (score, other, because)
    if best is None:
        return None
    # What is better shown, and what worked, before what is as near.
    score = best[0] + 0.2 * row.evidence - (0.3 if row.has_failed else 0)
    return Elsewhere(row, best[1], best[2], score)


def _likeness(other: Place, place: Place, here: set[str]) -> tuple[float, str]:
    """How like one place another is, and a sentence that says in what; an empty one where in nothing."""
    name = {"other": other.display_name(), "place": place.display_name()}
    if other.code == place.code:
        return 5.0, _("It was done in %(place)s itself.") % name
    if other.code in here:
        return 4.0, _("It was done in %(other)s, in which %(place)s lies.") % name
    same_kind = other.kind == place.kind and other.level == place.level
    if not same_kind:
        return 0.0, ""
    near = other.country == place.country
    if place.level == 4:
        return _like_town(other, place, near, name)
    if place.population and other.population:
        apart = abs(log10(place.population) - log10(other.population))
        if apart <= 0.3:
            return 2.0 - apart + near, _(
                "%(other)s is a place of the same kind with about as many people."
            ) % name
    if place.level in {1, 2, 3} and near:
        return 1.5, _("%(other)s is a region of the same country.") % name
    return 0.0, ""


def _like_town(other: Place, place: Place, near: bool, name: dict[str, str]) -> tuple[float, str]:
    if not place.population or not other.population:
        return (1.0, _("%(other)s is a municipality of the same country.") % name) if near else (0.0, "")
    apart = abs(log10(place.population) - log10(other.population))
    if apart <= 0.35 or _size(place) == _size(other):
        if near:
            return 3.0 - apart, _("%(other)s lies in the same country and has about as many people.") % name
        return 2.0 - apart, _("%(other)s has about as many people as %(place)s.") % name
    return 0.0, ""


def _size(place: Place) -> int:
    return sum(place.population >= limit for limit in _SIZES)


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
    """Ask anew the next time (for tests)."""
    _alike.cache_clear()
