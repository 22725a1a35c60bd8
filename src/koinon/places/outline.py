"""The outline of Europe: where a point lies on it, and what of it a map has to draw.

Made with Natural Earth (public domain); formula and constants of the projection (EPSG:3035) stand in the file.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from math import asin, cos, hypot, log, radians, sin, sqrt
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("data") / "europe-outline.json"
_NUMBER = re.compile(r"-?\d+")

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Ring:
    """One closed line: its points on the map, the same as SVG path data, and the box round it (left, top, right, bottom)."""

    points: tuple[Point, ...]
    d: str
    box: Box


@dataclass(frozen=True)
class Country:
    """A country as drawn: `EL`, `UK`, `XK`; fill with `fill-rule="evenodd"`. Where `small`, draw a ring at `label` too."""

    code: str
    rings: tuple[Ring, ...]
    label: Point
    eu: bool
    small: bool

    @property
    def d(self) -> str:
        return "".join(ring.d for ring in self.rings)


@cache
def countries() -> dict[str, Country]:
    """All countries that are drawn, by their EU code."""
    return {
        code: Country(
            code,
            _rings(drawn["d"]),
            (drawn["label"][0], drawn["label"][1]),
            drawn["eu"],
            # Luxembourg is drawn, but too small to be seen on a map of Europe.
            drawn.get("small", False) or code == "LU",
        )
        for code, drawn in _file()["countries"].items()
    }


@cache
def view_box() -> tuple[int, int, int, int]:
    left, top, width, height = (int(number) for number in _file()["viewBox"].split())
    return left, top, width, height


def project(lat: float, lon: float) -> Point:
    """Where a point lies on the map (right and down, in units of the viewBox)."""
    east, north = laea(lat, lon)
    origin, unit = _file()["origin"], _file()["unit_m"]
    return (east - origin["x"]) / unit, (origin["y"] - north) / unit


def laea(lat: float, lon: float) -> Point:
    """ETRS89-LAEA (EPSG:3035): easting and northing in metres."""
    constants = _file()["projection"]["constants"]
    e2, b0 = constants["e2"], constants["b0"]
    e = sqrt(e2)
    p, turn = radians(lat), radians(lon - constants["lon0_deg"])
    s = sin(p)
    q = (1 - e2) * (s / (1 - e2 * s * s) - log((1 - e * s) / (1 + e * s)) / (2 * e))
    b = asin(max(-1.0, min(1.0, q / constants["qp"])))
    share = 1 + sin(b0) * sin(b) + cos(b0) * cos(b) * cos(turn)
    if share < 1e-6:
        # Straight through the earth from the centre of the map: such a point has no place on it.
        return 1e9, 1e9
    stretch = constants["Rq"] * sqrt(2 / share)
    x = constants["FE"] + stretch * constants["D"] * cos(b) * sin(turn)
    y = constants["FN"] + stretch / constants["D"] * (cos(b0) * sin(b) - sin(b0) * cos(b) * cos(turn))
    return x, y


def rings_in(x: float, y: float, width: float, height: float) -> dict[str, str]:
    """Path data by country of the rings that may show in this piece of the map, so that a page carries no more."""
    found: dict[str, str] = {}
    for code, country in countries().items():
        shown = "".join(
            ring.d
            for ring in country.rings
            if ring.box[0] <= x + width
            and ring.box[2] >= x
            and ring.box[1] <= y + height
            and ring.box[3] >= y
        )
        if shown:
            found[code] = shown
    return found


def country_at(lat: float, lon: float) -> tuple[Country | None, float]:
    """The country a point lies in, and its distance in kilometres to the nearest outline of that country.

    None: at sea, or where nothing is drawn (overseas regions, other continents); the distance is then 0.
    """
    x, y = project(lat, lon)
    for country in countries().values():
        if sum(_inside(ring, x, y) for ring in country.rings) % 2:
            units = min(_distance(ring.points, x, y) for ring in country.rings)
            return country, units * float(_file()["unit_m"]) / 1000
    return None, 0.0


@cache
def _file() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return read


def _rings(d: str) -> tuple[Ring, ...]:
    """Read path data of the form `M x y l dx dy …z`, once for each ring."""
    rings = []
    for piece in d.split("z"):
        numbers = [int(number) for number in _NUMBER.findall(piece)]
        if not numbers:
            continue
        x, y = numbers[0], numbers[1]
        points = [(float(x), float(y))]
        for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
            x, y = x + dx, y + dy
            points.append((float(x), float(y)))
        across, down = [point[0] for point in points], [point[1] for point in points]
        rings.append(Ring(tuple(points), piece + "z", (min(across), min(down), max(across), max(down))))
    return tuple(rings)


def _inside(ring: Ring, x: float, y: float) -> bool:
    left, top, right, bottom = ring.box
    if not (left <= x <= right and top <= y <= bottom):
        return False
    inside = False
    x1, y1 = ring.points[-1]
    for x2, y2 in ring.points:
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
        x1, y1 = x2, y2
    return inside


def _distance(points: tuple[Point, ...], x: float, y: float) -> float:
    nearest = float("inf")
    x1, y1 = points[-1]
    for x2, y2 in points:
        dx, dy = x2 - x1, y2 - y1
        length = dx * dx + dy * dy
        along = max(0.0, min(1.0, ((x - x1) * dx + (y - y1) * dy) / length)) if length else 0.0
        nearest = min(nearest, hypot(x - x1 - along * dx, y - y1 - along * dy))
        x1, y1 = x2, y2
    return nearest


@cache
def graticule(step: int = 10) -> str:
    """Path data of the lines of longitude and latitude, each `step` degrees, in whole units of the map."""

    def line(points: list[tuple[float, float]]) -> str:
        drawn = [project(lat, lon) for lat, lon in points]
        return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in drawn)

    meridians = [line([(lat, lon) for lat in range(24, 79, 3)]) for lon in range(-40, 71, step)]
    parallels = [line([(lat, lon) for lon in range(-45, 76, 3)]) for lat in range(30, 78, step)]
    return "".join(meridians + parallels)
