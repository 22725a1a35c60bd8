"""The regions, known in the process: what a place lies in, without a query.

1,529 rows that change when new reference data is loaded, asked once for each version of the data.
"""

from functools import lru_cache

from koinon.journal import versions
from koinon.places.models import Place


def ancestors(place: Place) -> list[Place]:
    """What a place lies in, nearest first: Bologna → ITH55, ITH5, ITH, IT, EU."""
    known = regions()
    return [known[code] for code in place.ancestor_codes() if code in known]


def in_full(place: Place) -> str:
    """A place as a field shows it: its name and where it lies. Bologna, Emilia-Romagna, Italy."""
    name = place.display_name()
    wider = [row.display_name() for row in ancestors(place) if row.level in {0, 3}]
    return ", ".join([name, *(other for other in wider if other != name)])


def regions() -> dict[str, Place]:
    """Every region and country, and the EU, by code."""
    return _regions(versions.known())


@lru_cache(maxsize=1)
def _regions(version: int) -> dict[str, Place]:
    return {place.code: place for place in Place.objects.exclude(kind=Place.Kind.LOCALITY)}


def forget() -> None:
    """Ask anew the next time (for tests)."""
    _regions.cache_clear()
