"""Pages of places, cut once and filled in often.

What stands on the shelves of a place depends on its country, on the regional programmes, the answers, sessions, calls and practices around it, on the
language and on the day, but not on which of the thousand villages there it is. So the page is rendered once for all of them, with marks
where the place itself stands (its name, its address, the way to it, its map), and a place's page is that stencil with the
marks filled in. Stencils are kept in the process with the version of the data they were made from.

The marks are characters of the private use area, which no text here may contain (`base.text.is_plain`); what is filled in
for them is escaped before.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock

from django.http import HttpRequest
from django.utils.html import conditional_escape

from koinon.agenda.around import sessions_around
from koinon.base.languages import in_language
from koinon.calls.around import calls_around
from koinon.guide.shelves import elsewhere
from koinon.journal import versions
from koinon.network.responsible import programmes_around
from koinon.peers.around import peers_around
from koinon.places.models import Place
from koinon.questions.knowledge import answers_around

OPEN, CLOSE = "\ue010", "\ue011"
# Stands in addresses, so it is made like one; no locality has this number.
KEY = "anyplace-0000000000"
MOST = 2000


def mark(name: str) -> str:
    """The mark of a part that is filled in for each place."""
    return f"{OPEN}{name}{CLOSE}"


@dataclass(frozen=True)
class Cut:
    """What a page depends on, besides the place itself."""

    country: str
    programmes: tuple[int, ...]
    answers: tuple[int, ...]
    sessions: tuple[tuple[str, str], ...]
    calls: tuple[tuple[str, str], ...]
    practices: tuple[tuple[str, str, str], ...]
    peers: tuple[tuple[str, str], ...]
    is_locality: bool
    language: str
    day: date
    today: date
    page: str = "place"


@dataclass(frozen=True)
class Stencil:
    """A page with marks; and what the page knew when it was made."""

    version: int
    pieces: tuple[str, ...]
    gaps: tuple[str, ...]
    lacks_someone: bool

    def fill(self, place: Place, parts: Mapping[str, str]) -> str:
        """The page of one place. Values are escaped unless they are safe already."""
        values = {mark(name): conditional_escape(value) for name, value in parts.items()} | {KEY: place.key}
        return "".join([values.get(piece, piece) for piece in self.pieces])


_MARKS = re.compile(f"({OPEN}\\w+{CLOSE}|{KEY})")
_kept: dict[Cut, Stencil] = {}
_making: dict[Cut, Lock] = {}
_lock = Lock()


def cut_of(place: Place, language: str, day: date, today: date, page: str = "place") -> Cut:
    """Which stencil a place's page is made with (`page`: which of its pages). No query once the areas of the programmes are known."""
    calls = calls_around(place)
    return Cut(
        country=place.country if place.code != "EU" else "EU",
        programmes=programmes_around(place),
        answers=answers_around(place),
        sessions=tuple((code, row.code) for code, row in sessions_around(place)),
        calls=tuple((code, row.slug) for code, row in calls),
        practices=tuple((one.row.slug, one.place.pk, one.why) for one in elsewhere(place, calls)),
        peers=tuple((one.row.code, one.why) for one in peers_around(place)),
        is_locality=place.kind == Place.Kind.LOCALITY,
        language=language,
        day=day,
        today=today,
        page=page,
    )


def new(html: str, gaps: Iterable[str], *, lacks_someone: bool) -> Stencil:
    """A stencil from a rendered page with marks, cut at the marks."""
    return Stencil(versions.known(), tuple(_MARKS.split(html)), tuple(gaps), lacks_someone)


def stencil(cut: Cut, make: Callable[[], Stencil]) -> Stencil:
    """The kept stencil where it was made from the data of now, else a new one. One thread makes it, the others wait."""
    found = _kept.get(cut)
    if found is not None and found.version == versions.known():
        return found
    with _lock:
        making = _making.setdefault(cut, Lock())
    with making:
        found = _kept.get(cut)
        if found is not None and found.version == versions.known():
            return found
        version = versions.known()
        made = replace(make(), version=version)
        with _lock:
            if len(_kept) >= MOST:
                _kept.clear()
                _making.clear()
            _kept[cut] = made
    return made


def forget() -> None:
    """Throw all stencils away (for tests and measurements of the first time)."""
    with _lock:
        _kept.clear()


def anyplace(place: Place) -> Place:
    """A stand-in for all places of a cut: the same codes, but marks for name and address."""
    stand_in = copy(place)
    stand_in.called, stand_in.addressed = mark("name"), KEY
    return stand_in


def anywhere(request: HttpRequest, language: str) -> HttpRequest:
    """The same request at the address of any place, so that every link of the frame carries the mark."""
    stand_in = copy(request)
    stand_in.path = stand_in.path_info = in_language(f"/places/{KEY}/", language)
    return stand_in
