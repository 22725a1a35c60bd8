"""The places inside a place, the largest first."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from koinon.base.exits import Column, Listing
from koinon.places.actions import COMPILED
from koinon.places.models import Place

SHOWN = 24

LISTING: Listing[Place] = Listing(
    name="inside",
    title=_("The places inside a place"),
    columns=[
        Column("key", lambda place: place.key),
        Column("kind", lambda place: place.kind),
        Column("name", lambda place: place.display_name()),
        Column("region", lambda place: place.nuts),
        Column("country", lambda place: place.country),
        Column("population", lambda place: place.population or None),
        Column("latitude", lambda place: place.latitude),
        Column("longitude", lambda place: place.longitude),
        Column("url", lambda place: place.get_absolute_url()),
    ],
    entry_title=lambda place: place.display_name(),
    entry_url=lambda place: place.get_absolute_url(),
    entry_updated=lambda place: COMPILED,
)


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
