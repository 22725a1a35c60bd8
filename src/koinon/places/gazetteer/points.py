"""What lies at a point: the nearest localities of ours, a country outside, or the sea."""

import re
from math import cos, hypot, radians

from django.db import connection

from koinon.base.languages import DEFAULT, country_name
from koinon.places import outline
from koinon.places.gazetteer.answers import Answer, Outside
from koinon.places.gazetteer.index import OWN, Hit, current

_COORDINATES = re.compile(
    r"\s*(?:geo:|lat\w*[:=]?)?\s*([+-]?\d{1,3}(?:\.\d{0,12})?|[+-]?\d{1,3},\d{1,12}(?=\s*[;/ ]))\s*°?\s*([NSns])?\s*"
    r"(?:[,;/]\s*|\s+)(?:lon\w*[:=]?)?\s*([+-]?\d{1,3}(?:[.,]\d{0,12})?)\s*°?\s*([EWOewo])?\s*"
)
_DEGREES = re.compile(
    r"\s*(\d{1,2})\s*°\s*(\d{1,2})\s*['′’]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"″”]|''))?\s*([NSns])[\s,;]*"
    r"(\d{1,3})\s*°\s*(\d{1,2})\s*['′’]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"″”]|''))?\s*([EWOewo])\s*"
)


def coordinates(written: str) -> tuple[float, float] | None:
    """Latitude and longitude, where these words are a pair of coordinates: `44.49, 11.34`, `44,49; 11,34`, `44°29′N 11°20′E`."""
    if found := _COORDINATES.fullmatch(written):
        lat, south, lon, west = found.groups()
        point = float(lat.replace(",", ".")), float(lon.replace(",", "."))
        if not any("." in part or "," in part for part in (lat, lon)) and not (south or west):
            return None
        signs = -1 if (south or "").upper() == "S" else 1, -1 if (west or "").upper() in {"W", "O"} else 1
    elif found := _DEGREES.fullmatch(written):
        d1, m1, s1, south, d2, m2, s2, west = found.groups()
        point = _decimal(d1, m1, s1), _decimal(d2, m2, s2)
        signs = -1 if south.upper() == "S" else 1, -1 if west.upper() == "W" else 1
    else:
        return None
    latitude, longitude = point[0] * signs[0], point[1] * signs[1]
    return (latitude, longitude) if -90 <= latitude <= 90 and -180 <= longitude <= 180 else None


def _decimal(degrees: str, minutes: str, seconds: str | None) -> float:
    return int(degrees) + int(minutes) / 60 + float(seconds or 0) / 3600


KM = 111.2
BORDER, ASHORE = 3.0, 25.0


def near(lat: float, lon: float, *, query: str = "", limit: int = 10) -> Answer:
    """The nearest localities to a point, then the region they lie in; or the country outside; or nothing at sea.

    The outlines are coarse: within three kilometres of a border, a locality of ours that is as near decides.
    """
    names, query = current(), query or f"{lat:g}, {lon:g}"
    across = max(0.05, cos(radians(lat)))
    found: list[tuple[float, str]] = []
    for reach in (0.1, 0.3, 0.8):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT code, latitude, longitude FROM places_place WHERE level = 4"
                " AND latitude BETWEEN %s AND %s AND longitude BETWEEN %s AND %s",
                [lat - reach, lat + reach, lon - reach / across, lon + reach / across],
            )
            found = sorted(
                (hypot(north - lat, (east - lon) * across) * KM, code)
                for code, north, east in cursor.fetchall()
            )
        if found and found[0][0] <= reach * KM:
            break
    country, inland = outline.country_at(lat, lon)
    distance = found[0][0] if found else float("inf")
    if country is not None and not country.eu and not (inland <= BORDER and distance <= BORDER):
        return Answer(query, outside=Outside(country_name(country.code, DEFAULT), country.code))
    if not found or (country is None and distance > ASHORE):
        return Answer(query)
    hits: list[Hit] = []
    for away, code in found[: max(1, min(limit, 5) - 1)]:
        if (place := names.number(code)) is not None:
            hits.append(Hit(place, -away, "near", OWN))
    if hits and limit > 1:
        hits.insert(1, Hit(names.parent[hits[0].place], hits[0].sure, "near", OWN))
    return Answer(query, tuple(map(names.candidate, hits[:limit])), clear=bool(hits))
