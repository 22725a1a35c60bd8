"""What bodies offer and need for a place: nearest first, each with why; known in the process for the version of the data."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT, country_name
from koinon.journal import versions
from koinon.peers.listing import Row, forgetting, rows
from koinon.peers.reviews import around as reviews
from koinon.places.models import Place

SHOWN = 6
FROM_AFAR = 3
"""What is offered elsewhere stands on the shelf only as long as there is little that is near."""
HERE, AROUND, COUNTRY, ELSEWHERE = "here", "around", "country", "elsewhere"


@dataclass(frozen=True)
class Peer:
    """An offer or need for the shelf of a place, and why it stands there."""

    row: Row
    why: str

    def because(self, place: Place) -> str:
        """Why it is shown for a place, as a whole sentence."""
        there = self.row.place.display_name() if self.row.place is not None else ""
        spoken = get_language() or DEFAULT
        land = country_name(self.row.country, spoken) if self.row.country else ""
        words = {
            HERE: _("It is for %(place)s itself."),
            AROUND: _("It is for %(there)s, in which %(place)s lies."),
            COUNTRY: _("It comes from the same country."),
            ELSEWHERE: _("It is offered in %(land)s, to others too.")
            if land
            else _("It is offered to all places."),
        }
        return words[self.why] % {"place": place.display_name(), "there": there, "land": land}


@dataclass(frozen=True)
class _Index:
    by_code: dict[str, tuple[Row, ...]]
    by_country: dict[str, tuple[Row, ...]]
    offers: tuple[Row, ...]


def peers_around(place: Place, *, most: int = SHOWN) -> list[Peer]:
    """For the place itself, for what it lies in, from its country, then offers from elsewhere. No query once the version is known."""
    index = _index(versions.known(), timezone.localdate())
    found: dict[str, Peer] = {}

    def take(rows: tuple[Row, ...], why: str, limit: int = most) -> None:
        for row in rows:
            if len(found) >= limit:
                return
            found.setdefault(row.code, Peer(row, why))

    take(index.by_code.get(place.code, ()), HERE)
    for code in place.ancestor_codes():
        if code != "EU":
            take(index.by_code.get(code, ()), AROUND)
    if place.country and place.code != "EU":
        take(index.by_country.get(place.country, ()), COUNTRY)
    take(index.offers, ELSEWHERE, min(most, max(FROM_AFAR, len(found))))
    return list(found.values())


@lru_cache(maxsize=2)
def _index(version: int, day: date) -> _Index:
    by_code: dict[str, list[Row]] = {}
    by_country: dict[str, list[Row]] = {}
    offers: list[Row] = []
    # What has a day comes first.
    for row in (*reviews.rows(day), *rows(day)):
        if row.place is not None and row.place.code != "EU":
            by_code.setdefault(row.place.code, []).append(row)
        if row.country:
            by_country.setdefault(row.country, []).append(row)
        if row.kind == "offer":
            offers.append(row)
    return _Index(
        {code: tuple(there[:SHOWN]) for code, there in by_code.items()},
        {code: tuple(there[:SHOWN]) for code, there in by_country.items()},
        tuple(offers[: SHOWN * 2]),
    )


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _index.cache_clear()


forgetting.append(forget)
