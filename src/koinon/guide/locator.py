"""The small map beside a place's name: its country, its neighbours, and where the place lies."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from koinon.base.languages import country_name
from koinon.places import outline
from koinon.places.models import Place

SIDE = 330.0
_EDGE = 0.27
# Wide enough for a name of some 14 letters beside the dot.
_ROOM = 110.0


@dataclass(frozen=True)
class Shape:
    css: str
    d: str


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    anchor: str = "start"


@dataclass(frozen=True)
class Locator:
    """What the SVG needs: the window, the shapes in it, the dot and where its name stands."""

    view: str
    label: str
    name: str
    shapes: tuple[Shape, ...] = field(default=())
    dot: Point | None = None
    text: Point | None = None


def locator(place: Place, language: str) -> Locator | None:
    """The map of a place; None where the outline does not reach (overseas regions, Azores, Madeira, Canaries)."""
    if place.code == "EU":
        return None
    known = outline.countries().get(place.country)
    x, y = outline.project(place.latitude, place.longitude)
    left, top, wide, high = outline.view_box()
    if known is None or not (left <= x <= left + wide and top <= y <= top + high):
        return None
    name, country = place.display_name(), country_name(place.country, language)
    if place.level == 0:
        left, top, width, height = _whole(known)
        label = _("Map: %(country)s in Europe") % {"country": country}
    else:
        width = height = SIDE
        left, top = x - SIDE / 2, y - SIDE * (1 - _EDGE - 0.2)
        label = _("Map: %(place)s in %(country)s") % {"place": name, "country": country}
    shapes = tuple(
        Shape("c here" if code == place.country else "c around", d)
        for code, d in sorted(outline.rings_in(left, top, width, height).items())
    )
    view = f"{left:.0f} {top:.0f} {width:.0f} {height:.0f}"
    if place.level == 0:
        return Locator(view, label, name, shapes)
    fits = left + width - x >= _ROOM + len(name) * 2
    text = Point(round(x + 10), round(y - 6)) if fits else Point(round(x - 10), round(y - 6), "end")
    return Locator(view, label, name, shapes, Point(round(x), round(y)), text)


def _whole(country: outline.Country) -> tuple[float, float, float, float]:
    """A square window around a whole country, with some of its neighbours."""
    boxes = [ring.box for ring in country.rings]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    side = max(right - left, bottom - top, 90.0) * 1.35
    return (left + right - side) / 2, (top + bottom - side) / 2, side, side
