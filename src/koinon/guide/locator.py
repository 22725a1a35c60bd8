"""The small map beside a place's name: its country, its neighbours, and where the place lies."""

from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from koinon.base.languages import country_name
from koinon.places import outline
from koinon.places.models import Place

# The outline has twice as many units as the drawing (`SCALE`), whose letters and lines the stylesheet measures.
SCALE = 0.5
SIDE = 660


# The window moves in steps, so that neighbours share their piece of the map.
STEP = 40
KEPT = 1500


def locator(place: Place, language: str) -> SafeString:
    """The map of a place as a figure; empty where the outline does not reach (overseas, Azores, Madeira, Canaries)."""
    if place.code == "EU":
        return SafeString("")
    known = outline.countries().get(place.country)
    x, y = outline.project(place.latitude, place.longitude)
    west, north, wide, high = outline.view_box()
    if known is None or not (west <= x <= west + wide and north <= y <= north + high):
        return SafeString("")
    name, country = place.display_name(), country_name(place.country, language)
    if place.level == 0:
        left, top, side = _whole(known)
        label, dot = _("Map: %(country)s in Europe") % {"country": country}, SafeString("")
    else:
        left, top = (int(edge - SIDE / 2) // STEP * STEP for edge in (x, y))
        side = SIDE
        label = _("Map: %(place)s in %(country)s") % {"place": name, "country": country}
        right, down = round(x * SCALE), round(y * SCALE)
        dot = format_html(
            '<circle class="ask" cx="{}" cy="{}" r="5"/><text lang="" x="{}" y="{}">{}</text>',
            right,
            down,
            right + 10,
            down - 6,
            name,
        )
    return format_html(
        '<figure class="locator-fig"><svg class="map locator" viewBox="{}" role="img" aria-label="{}">{}{}</svg></figure>',
        " ".join(f"{number * SCALE:.0f}" for number in (left, top, side, side)),
        label,
        _shapes(place.country, left, top, side),
        dot,
    )


@lru_cache(maxsize=KEPT)
def _shapes(here: str, left: int, top: int, side: int) -> SafeString:
    """What of the outline lies in a window: the country itself, and around it."""
    drawn = format_html_join(
        "",
        '<path class="c {}" fill-rule="evenodd" d="{}"/>',
        (
            ("here" if code == here else "around", d)
            for code, d in sorted(outline.rings_in(left, top, side, side).items())
        ),
    )
    return format_html('<g class="half" transform="scale(.5)">{}</g>', drawn)


def _whole(country: outline.Country) -> tuple[int, int, int]:
    """A square window around a whole country, with some of its neighbours: left, top, side."""
    boxes = [ring.box for ring in country.rings]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    side = round(max(right - left, bottom - top, 90.0) * 1.35)
    return round((left + right - side) / 2), round((top + bottom - side) / 2), side
