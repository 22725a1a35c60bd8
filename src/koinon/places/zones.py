"""The clock of a place: which time zone a NUTS region is in, and which zones are offered.

Regions that differ from their country stand by their own codes (NUTS 2024): the Canaries, Ceuta and Melilla, the Azores and
Madeira, and France overseas. Of what is not listed nothing is known, and the event's own zone is shown.
"""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from koinon.places.models import Place

DEFAULT = "Europe/Brussels"

_ZONES = {
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "BG": "Europe/Sofia",
    "CY": "Asia/Nicosia",
    "CZ": "Europe/Prague",
    "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen",
    "EE": "Europe/Tallinn",
    "EL": "Europe/Athens",
    "ES": "Europe/Madrid",
    "ES63": "Africa/Ceuta",
    "ES64": "Africa/Ceuta",
    "ES7": "Atlantic/Canary",
    "FI": "Europe/Helsinki",
    "FR": "Europe/Paris",
    "FRY1": "America/Guadeloupe",
    "FRY2": "America/Martinique",
    "FRY3": "America/Cayenne",
    "FRY4": "Indian/Reunion",
    "FRY5": "Indian/Mayotte",
    "HR": "Europe/Zagreb",
    "HU": "Europe/Budapest",
    "IE": "Europe/Dublin",
    "IT": "Europe/Rome",
    "LT": "Europe/Vilnius",
    "LU": "Europe/Luxembourg",
    "LV": "Europe/Riga",
    "MT": "Europe/Malta",
    "NL": "Europe/Amsterdam",
    "PL": "Europe/Warsaw",
    "PT": "Europe/Lisbon",
    "PT2": "Atlantic/Azores",
    "PT3": "Atlantic/Madeira",
    "RO": "Europe/Bucharest",
    "SE": "Europe/Stockholm",
    "SI": "Europe/Ljubljana",
    "SK": "Europe/Bratislava",
}
# France as a whole region of the overseas has five clocks: which one is not known.
_UNKNOWN = {"FRY", "EU"}


def zone_of(place: Place | None) -> str:
    """The zone of a place; empty where it is not known (several clocks, or no place), so that the event's is shown."""
    if place is None:
        return ""
    nuts = place.nuts
    if nuts in _UNKNOWN:
        return ""
    return next((_ZONES[nuts[:most]] for most in range(len(nuts), 1, -1) if nuts[:most] in _ZONES), "")


def offered() -> list[str]:
    """The zones of the Union, then the rest of the world's places, each in the order of their names."""
    return list(_offered())


@cache
def _offered() -> tuple[str, ...]:
    ours = sorted(set(_ZONES.values()))
    places = (
        "Africa",
        "America",
        "Antarctica",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    )
    others = {name for name in available_timezones() if name.partition("/")[0] in places}
    return (*ours, *sorted(others - set(ours)))


def is_zone(name: str) -> bool:
    """Whether it is one of those offered, so that nothing else reaches the file system."""
    return name in _offered() or name == "UTC"


def place_name(zone: str) -> str:
    """What a zone is called by people: the city in it (`America/Argentina/Ushuaia`: Ushuaia)."""
    return zone.rpartition("/")[2].replace("_", " ")


def differs(zone: str, other: str, at: datetime) -> bool:
    """Whether clocks in the two zones show different times at this moment."""
    moment = at.astimezone(UTC)
    return moment.astimezone(ZoneInfo(zone)).utcoffset() != moment.astimezone(ZoneInfo(other)).utcoffset()
