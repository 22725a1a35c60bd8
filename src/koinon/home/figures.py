"""What the first page and the page of sources show, asked of those who know."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT, country_name
from koinon.guide.items import Gap, source_link
from koinon.network import overview
from koinon.network.models import (
    Call,
    Contradiction,
    Coverage,
    Membership,
    MemberState,
    Organisation,
    Programme,
)
from koinon.network.visitor import ANYONE
from koinon.places import outline
from koinon.places.models import Place
from koinon.practices import listing
from koinon.topics.models import Objective, Term

# What carries sources, and is counted on the page of sources.
SOURCED: tuple[type[models.Model], ...] = (
    Organisation,
    Membership,
    Coverage,
    Programme,
    MemberState,
    Call,
    Contradiction,
    Objective,
    Term,
)


@dataclass(frozen=True)
class Figure:
    """A number with its words, and the mark before it."""

    number: int
    words: str
    mark: str = ""


@dataclass(frozen=True)
class State:
    """A Member State as a way in."""

    name: str
    url: str


def first_page(day: date) -> dict[str, Any]:
    """The map with its counts, the figures, the countries in the order of their names, and what is missing."""
    language = get_language() or DEFAULT
    network = overview.Network(day, ANYONE, is_today=True)
    countries = {place.code: place for place in Place.objects.countries()}
    states = sorted(
        (State(country_name(code, language), place.get_absolute_url()) for code, place in countries.items()),
        key=lambda state: state.name.casefold(),
    )
    counted = network.tally
    programmes = Programme.objects.public().count()
    practices = len(listing.rows())

    tally = [
        Figure(counted["countries"], ngettext("Member State", "Member States", counted["countries"])),
        Figure(counted["running"], ngettext("centre running", "centres running", counted["running"]), "full"),
        Figure(
            counted["coming"],
            ngettext("centre being set up or planned", "centres being set up or planned", counted["coming"]),
            "half",
        ),
        Figure(
            counted["now"],
            ngettext("consortium or project today", "consortia and projects today", counted["now"]),
        ),
        Figure(counted["organisations"], ngettext("organisation", "organisations", counted["organisations"])),
        Figure(
            counted["authorities"],
            ngettext("programme authority", "programme authorities", counted["authorities"]),
        ),
        Figure(programmes, ngettext("ESF+ programme", "ESF+ programmes", programmes)),
        Figure(practices, ngettext("practice told", "practices told", practices)),
    ]
    return {
        "network": network,
        "graticule": outline.graticule(),
        "around": "".join(country.d for country in outline.countries().values() if not country.eu),
        "tally": tally,
        "states": states,
        "gaps": _gaps(network, set(countries), language),
    }


def _gaps(network: overview.Network, countries: set[str], language: str) -> list[Gap]:
    """What the network as a whole lacks today: countries without a known host, and without a consortium."""
    hosted = {row.organisation.country for row in network.centres if row.hosts}
    gaps = []
    for missing, title, text in (
        (
            countries - hosted,
            _("Host of the national centre not found: %(names)s"),
            _("A centre is said to be there or being set up; no source names who hosts it."),
        ),
        (
            countries - network.countries_covered,
            _("No consortium or project today: %(names)s"),
            _("A consortium may have served the country before; none was found that covers it now."),
        ),
    ):
        if missing:
            names = ", ".join(sorted(country_name(code, language) for code in missing))
            gaps.append(Gap(title=title % {"names": names}, text=text))
    return gaps


@dataclass(frozen=True)
class Address:
    """A source that was read, with how many facts rest on it."""

    label: str
    url: str
    times: int


def sources() -> dict[str, Any]:
    """Contradictions, files with counts, and every address."""
    counted: Counter[str] = Counter()
    for model in SOURCED:
        for listed in model._default_manager.values_list("sources", flat=True):
            counted.update(listed)
    addresses = []
    for source, times in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])):
        link = source_link(source)
        addresses.append(Address(link.url or source, link.url, times))
    return {
        "contradictions": overview.contradictions(),
        "files": overview.sources(),
        "regions": Place.objects.filter(level__in=[0, 1, 2, 3]).count(),
        "localities": Place.objects.filter(kind=Place.Kind.LOCALITY).count(),
        "addresses": addresses,
    }
