"""The small map beside a place's name: its country, its neighbours, and where the place lies."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from koinon.base.languages import country_name
from koinon.places import outline
from koinon.places.models import Place

# The outline has twice as many units as the drawing (`SCALE`), whose letters and lines the stylesheet measures.
SCALE = 0.5
SIDE = 660.0


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
    west, north, wide, high = outline.view_box()
    if known is None or not (west <= x <= west + wide and north <= y <= north + high):
        return None
    name, country = place.display_name(), country_name(place.country, language)
    if place.level == 0:
        left, top, width, height = _whole(known)
        label = _("Map: %(country)s in Europe") % {"country": country}
    else:
        left, top, width, height = x - SIDE / 2, y - SIDE / 2, SIDE, SIDE
        label = _("Map: %(place)s in %(country)s") % {"place": name, "country": country}
    shapes = tuple(
        Shape("c here" if code == place.country else "c around", d)
        for code, d in sorted(outline.rings_in(left, top, width, height).items())
    )
    view = " ".join(f"{number * SCALE:.0f}" for number in (left, top, width, height))
    if place.level == 0:
        return Locator(view, label, name, shapes)
    right, down = round(x * SCALE), round(y * SCALE)
    # A long name goes to the left or the right of the dot, wherever the window has more room: it is the same here.
    return Locator(view, label, name, shapes, Point(right, down), Point(right + 10, down - 6))


def _whole(country: outline.Country) -> tuple[float, float, float, float]:
    """A square window around a whole country, with some of its neighbours."""
    boxes = [ring.box for ring in country.rings]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    side = max(right - left, bottom - top, 90.0) * 1.35
    return (left + right - side) / 2, (top + bottom - side) / 2, side, side
