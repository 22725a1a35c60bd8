"""The next courses with dates for a place: known in the process for the version of the data that holds."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils import timezone

from koinon.courses import listing
from koinon.courses.listing import Row
from koinon.courses.words import Pace
from koinon.journal import versions
from koinon.places.models import Place

SHOWN = 3
EVERYWHERE = "EU"


@dataclass(frozen=True)
class Coming:
    """A course that begins on a date, and the code of the place for which it stands there."""

    row: Row
    starts_on: date
    ends_on: date
    note: str
    code: str

    @property
    def is_for_all(self) -> bool:
        return not self.row.places


def courses_around(place: Place) -> tuple[Coming, ...]:
    """The next courses with dates for a place or for what it lies in, nearest first. No query once the version is known."""
    around = _around(versions.known())
    today = timezone.localdate()
    chain = [place.code, *place.ancestor_codes()]
    found: dict[str, Coming] = {}
    for code in chain if EVERYWHERE in chain else [*chain, EVERYWHERE]:
        for one in around.get(code, ()):
            if one.starts_on >= today and len(found) < SHOWN:
                found.setdefault(one.row.slug, one)
    return tuple(found.values())


@lru_cache(maxsize=1)
def _around(version: int) -> dict[str, tuple[Coming, ...]]:
    """Code of a place → the courses that begin there, soonest first."""
    found: dict[str, list[Coming]] = {}
    for row in listing.rows():
        if row.pace != Pace.DATES or not row.takes_learners:
            continue
        for dates in row.dates:
            for code in row.places or (EVERYWHERE,):
                found.setdefault(code, []).append(
                    Coming(row, dates.starts_on, dates.ends_on, dates.note, code)
                )
    return {code: tuple(sorted(rows, key=lambda one: one.starts_on)) for code, rows in found.items()}


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _around.cache_clear()
