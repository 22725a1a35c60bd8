"""The places inside a place, the largest first."""

from dataclasses import dataclass

from koinon.places.models import Place

SHOWN = 24


@dataclass(frozen=True)
class Inside:
    """The first of them, and how many there are."""

    first: list[Place]
    total: int

    @property
    def more(self) -> bool:
        return self.total > len(self.first)


def inside(place: Place) -> Inside:
    """What lies directly in a place: countries in the EU, regions in a country, localities in a region. Two queries."""
    within = Place.objects.inside(place)
    return Inside(list(within[:SHOWN]), within.count())
