"""Which centre looks after a practice: the own one, else the national centre of where it was done."""

from collections.abc import Iterable

from django.utils import timezone

from koinon.network import responsible
from koinon.network.models import Organisation
from koinon.places.models import Place

_CARES = {Organisation.Kind.CENTRE, Organisation.Kind.CONSORTIUM, Organisation.Kind.EUROPEAN_CENTRE}


def centre_for(organisation: Organisation | None, places: Iterable[Place]) -> Organisation | None:
    """The centre; None where no place has one: then the coordinators of the network look after it."""
    if organisation is not None and organisation.kind in _CARES:
        return organisation
    day = timezone.localdate()
    for place in places:
        links = responsible.answer(place, day).links
        for link in links:
            if link.relation == "now" and link.kind == "centre" and link.organisation is not None:
                return link.organisation
    return None
