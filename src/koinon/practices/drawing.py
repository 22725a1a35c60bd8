"""The map beside a practice: Europe, and where it has been tried."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from koinon.places import outline
from koinon.places.models import Place

# The outline has twice as many units as the drawing, whose letters the stylesheet measures.
SCALE = 0.4878
SHOWN, NAMED = 12, 5


@dataclass(frozen=True)
class Dot:
    """A place on the map; `text` where there is room for its name, from its left or its right."""

    x: int
    y: int
    name: str
    text_x: int
    text_y: int
    anchor: str
    is_named: bool


@dataclass(frozen=True)
class Map:
    dots: tuple[Dot, ...]
    names: tuple[str, ...]

    @property
    def countries(self) -> tuple[tuple[str, bool], ...]:
        return _countries()


def europe(places: Iterable[Place]) -> Map | None:
    """The map with a dot for each place on it; None where none lies on it. The largest are named, if no names collide."""
    west, north, wide, high = outline.view_box()
    dots: list[Dot] = []
    seen: set[str] = set()
    for place in places:
        if place.pk in seen or place.code == "EU":
            continue
        seen.add(place.pk)
        x, y = outline.project(place.latitude, place.longitude)
        if not (west <= x <= west + wide and north <= y <= north + high) or len(dots) == SHOWN:
            continue
        right, down = round(x * SCALE), round(y * SCALE)
        is_far = right > 620
        is_free = all(abs(down - dot.y) > 42 or abs(right - dot.x) > 260 for dot in dots if dot.is_named)
        dots.append(
            Dot(
                right,
                down,
                place.display_name(),
                right - 20 if is_far else right + 20,
                down + 9,
                "end" if is_far else "start",
                is_free and sum(dot.is_named for dot in dots) < NAMED,
            )
        )
    return Map(tuple(dots), tuple(dot.name for dot in dots)) if dots else None


@lru_cache(maxsize=1)
def _countries() -> tuple[tuple[str, bool], ...]:
    return tuple((country.d, country.eu) for country in outline.countries().values())
