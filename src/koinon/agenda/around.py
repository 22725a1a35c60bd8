"""Which sessions to come hold for a place: known in the process for the version of the data that holds."""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from django.utils import timezone

from koinon.agenda.models import Session
from koinon.journal import versions
from koinon.places.models import Place

SHOWN = 5
# The code under which sessions for no place in particular are kept: they hold for all of Europe.
EVERYWHERE = "EU"


@dataclass(frozen=True)
class Coming:
    """A session to come, as the pages of places show it; `names` are its places by their codes, as codes alone."""

    code: str
    title: str
    language: str
    format: str
    day: date
    begins: time
    ends: time
    ends_at: datetime
    spoken: tuple[str, ...]
    interpreted: tuple[str, ...]
    organiser: str
    venue: str
    places: frozenset[str]
    changed_on: date | None
    checked_on: date | None


def sessions_around(place: Place) -> tuple[tuple[str, Coming], ...]:
    """The next sessions for a place or for what it lies in, nearest first, each with the code of the place it holds for.

    No query once the version is known: pages of places ask this each time. The tick ends what is over, which makes a new
    version, so that nothing past stands here.
    """
    around = _around(versions.known())
    now = timezone.now()
    found: dict[str, tuple[str, Coming]] = {}
    for code in _chain(place):
        for row in around.get(code, ()):
            if row.ends_at >= now and len(found) < SHOWN:
                found.setdefault(row.code, (code, row))
    return tuple(found.values())


def _chain(place: Place) -> list[str]:
    chain = [place.code, *place.ancestor_codes()]
    return chain if EVERYWHERE in chain else [*chain, EVERYWHERE]


@lru_cache(maxsize=1)
def _around(version: int) -> dict[str, tuple[Coming, ...]]:
    """Code of a place → what comes there, soonest first. Two queries."""
    found: dict[str, list[Coming]] = {}
    rows = Session.objects.public().to_come(timezone.now()).select_related("organiser")
    for row in rows.prefetch_related("places").soonest_first():
        codes = frozenset(place.pk for place in row.places.all())
        coming = Coming(
            code=row.code,
            title=row.title,
            language=row.language,
            format=row.get_format_display(),
            day=row.day,
            begins=row.begins,
            ends=row.ends_here.time(),
            ends_at=row.ends_at,
            spoken=tuple(row.spoken),
            interpreted=tuple(row.interpreted),
            organiser=row.organiser_name,
            venue=row.venue,
            places=codes,
            changed_on=row.changed_at.date() if row.changed_at else None,
            checked_on=row.checked_on,
        )
        for code in codes or {EVERYWHERE}:
            found.setdefault(code, []).append(coming)
    return {code: tuple(sessions) for code, sessions in found.items()}


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _around.cache_clear()
