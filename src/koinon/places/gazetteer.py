"""Finds the place that somebody typed: any region, city or municipality of the EU, in any of its languages.

All names are held in this process, folded and sorted, about 50 MB; a question costs no query. `find` reads on from what
is surest to what is guessed: a code, the whole name, the name without words of administration, the name with its region
or country, its beginning, and last with one slip of the finger. What it does not know it says.
"""

import gc
import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from heapq import nlargest
from itertools import count, islice
from math import cos, hypot, log10, radians
from operator import le, ne
from threading import Lock
from typing import Literal

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language

from koinon.base.languages import DEFAULT, country_name
from koinon.base.text import fold, visible
from koinon.journal import versions
from koinon.places import outline, words
from koinon.places.models import FormerCode, PlaceName, Reference

LONGEST = 200
Match = Literal["code", "name", "alias", "prefix", "fuzzy", "near"]
OWN, OFFICIAL, ALTERNATE = (
    int(PlaceName.Weight.OWN),
    int(PlaceName.Weight.OFFICIAL),
    int(PlaceName.Weight.ALTERNATE),
)

# How much surer a find is than another, in powers of ten of population.
BONUS = {OWN: 1.0, OFFICIAL: 0.8, ALTERNATE: 0.0}
PENALTY_BEGINNING_WORD, PENALTY_BEGINNING, PENALTY_INNER, PENALTY_FUZZY = 1.0, 2.5, 2.7, 1.5
CLEARLY = 0.7
OWN_BEFORE_OWN, OWN_BEFORE_OTHERS, SHORT_BEFORE_SHORT = 0.9, 1.2, 1.3
# A town of ours is meant, unless the one outside is much larger; nearer to us, a little larger will do.
AT_HOME, AT_HOME_ALTERNATE, NEAR_HOME = 1.6, 0.5, 0.8
_NEAR = "CH LI NO IS UK AD MC SM VA BA RS ME MK AL XK TR UA MD BY RU GE"
NEAR_COUNTRIES = frozenset(_NEAR.split())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be meant. `match` says how it was found; `sure` compares it with the others."""

    code: str
    kind: str
    level: int
    name: str
    latin: str
    country: str
    nuts: str
    region_name: str
    population: int
    match: Match
    sure: float = field(default=0.0, compare=False)

    @property
    def key(self) -> str:
        """The place in an address: its code, or `bologna-3181928`."""
        return f"{slugify(self.latin) or 'place'}-{self.code}" if self.kind == "locality" else self.code

    @property
    def url(self) -> str:
        return reverse("place", args=[self.key])

    @property
    def display_name(self) -> str:
        """In the language of the page where CLDR has it (countries, the EU), else its own."""
        return self.name_in(get_language() or DEFAULT)

    def name_in(self, language: str) -> str:
        return country_name(self.code, language) if self.kind == "country" else self.name


@dataclass(frozen=True, slots=True)
class Outside:
    """A place outside the EU that may be meant; `country` by its ISO code, but `UK`."""

    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was understood. `clear`: the first of `items` is what was meant. `former`: the NUTS 2021 code that was typed."""

    query: str
    items: tuple[Candidate, ...] = ()
    clear: bool = False
    outside: Outside | None = None
    former: str = ""


@dataclass(frozen=True, slots=True)
class _Hit:
    """A place by its number in the index, how sure, how found, and the weight of the name."""

    place: int
    sure: float
    match: Match
    weight: int


class Index:
    """All names in memory. Places have numbers: first the regions as they nest, then the localities by GeoNames id."""

    def __init__(self) -> None:
        self.digest = ""
        self.seen = -1
        self.codes: list[str] = []
        self.numbers = array("I")
        self.place_of: dict[str, int] = {}
        self.level = array("b")
        self.parent = array("i")
        self.population = array("I")
        self.prior = array("f")
        self.feature = b""
        self.names: list[str] = []
        self.latin: dict[int, str] = {}
        self.country: list[str] = []
        self.children = array("i")
        self.people = array("Q")
        # Names: `folded` sorted; those of number i are the postings from first[i] to first[i + 1].
        self.folded: list[str] = []
        self.first = array("I")
        self.posting = array("I")
        self.weight = bytearray()
        self.sureness = array("f")
        # What stands behind the first word of an own name: "frankfurt (oder)" is found by "oder".
        self.inner: list[str] = []
        self.inner_posting = array("I")
        # A region and the town it is named after.
        self.namesakes: set[tuple[int, int]] = set()
        self.outside: list[str] = []
        self.outside_town = array("I")
        self.outside_people = array("I")
        self.outside_weight = bytearray()
        self.outside_towns: list[tuple[str, str]] = []
        self.former: dict[str, tuple[list[str], bool]] = {}

    # --- building ---

    @classmethod
    def build(cls, digest: str, seen: int) -> "Index":
        index = cls()
        index.digest, index.seen = digest, seen
        # The collector would walk all those rows again and again, for nothing: a third of the time.
        was_on = gc.isenabled()
        gc.disable()
        try:
            with connection.cursor() as cursor:
                index._read_places(cursor)
                index._read_names(cursor)
                index._read_outside(cursor)
        finally:
            if was_on:
                gc.enable()
        index.former = {
            former.code: (former.successors, former.is_clear) for former in FormerCode.objects.all()
        }
        return index

    # Whole columns at a time: a loop over 400,000 rows would be most of a start.

    def _read_places(self, cursor: CursorWrapper) -> None:
        columns = "code, level, parent_id, country, name, latin, population, feature FROM places_place"
        cursor.execute(f"SELECT {columns} WHERE level < 4 ORDER BY level, code")
        place_of = self.place_of
        for code, level, parent, country, name, latin, population, _ in cursor.fetchall():
            if latin != name:
                self.latin[len(self.codes)] = latin
            place_of[code] = len(self.codes)
            self.codes.append(code)
            self.country.append(country)
            self.level.append(level)
            self.parent.append(place_of[parent] if parent else -1)
            self.population.append(population)
            self.names.append(name)
        regions = len(self.codes)
        features = bytearray(b" " * regions)
        cursor.execute(f"SELECT {columns} WHERE level = 4 ORDER BY CAST(code AS BIGINT)")
        while rows := cursor.fetchmany(5000):
            codes, levels, parents, _, names, latins, populations, kinds = zip(*rows, strict=True)
            self.latin.update(
                (number, latin)
                for number, name, latin in zip(count(len(self.names)), names, latins)
                if latin != name
            )
            self.numbers.extend(map(int, codes))
            self.level.extend(levels)
            self.parent.extend(map(place_of.__getitem__, parents))
            self.population.extend(populations)
            self.names += names
            features += "".join(kind or " " for kind in kinds).encode()
        self.feature = bytes(features)
        self.people = array("Q", bytes(8 * regions))
        self.children = array("i", bytes(4 * regions))
        for place in range(regions, len(self.names)):
            self.people[self.parent[place]] += self.population[place]
        for place in range(regions - 1, 0, -1):
            self.people[self.parent[place]] += self.people[place]
            self.children[self.parent[place]] += 1
        rank = {ord("C"): 0.6, ord("1"): 0.3, ord("2"): 0.15, ord("3"): 0.05, ord("X"): -0.5}
        self.prior = array(
            "f",
            [
                log10(max(people, 100)) + (2.0 if level < 1 else -0.5)
                for people, level in zip(self.people, self.level[:regions], strict=True)
            ],
        )
        self.prior.extend(
            [
                log10(max(people, 100)) + rank.get(feature, 0.0)
                for people, feature in zip(self.population[regions:], features[regions:], strict=True)
            ]
        )

    def _read_names(self, cursor: CursorWrapper) -> None:
        place_of = {str(number): place for place, number in enumerate(self.numbers, start=len(self.codes))}
        place_of |= self.place_of
        all_folded: list[str] = []
        cursor.execute("SELECT folded, place_id, weight FROM places_placename ORDER BY id")
        while rows := cursor.fetchmany(5000):
            folded, codes, weights = zip(*rows, strict=True)
            all_folded += folded
            self.posting.extend(map(place_of.__getitem__, codes))
            self.weight.extend(weights)
        order = _in_order(all_folded)
        if not isinstance(order, range):
            all_folded = [all_folded[row] for row in order]
            self.posting = array("I", [self.posting[row] for row in order])
            self.weight = bytearray([self.weight[row] for row in order])
        self.first = array("I", [0])
        self.first.extend(
            at for at, new in enumerate(map(ne, all_folded, islice(all_folded, 1, None)), 1) if new
        )
        self.folded = [all_folded[at] for at in self.first]
        self.first.append(len(all_folded))
        prior, posting = self.prior, self.posting
        self.sureness = array(
            "f", [prior[place] + BONUS[weight] for place, weight in zip(posting, self.weight, strict=True)]
        )
        inner = [
            (name[at + 1 :], place)
            for name, weight, place in zip(all_folded, self.weight, posting, strict=True)
            if weight == OWN and " " in name
            for at, letter in enumerate(name)
            if letter == " " and len(name) - at > 3
        ]
        inner.sort()
        self.inner = [tail for tail, _ in inner]
        self.inner_posting = array("I", [place for _, place in inner])
        regions = len(self.codes)
        self._find_namesakes([at for at, place in enumerate(posting) if place < regions])

    def _find_namesakes(self, postings: list[int]) -> None:
        """Note which town a region is named after: one that lies in it and holds a good part of its people, or is its seat."""
        for at in postings:
            region = self.posting[at]
            group = bisect_right(self.first, at) - 1
            for other in range(self.first[group], self.first[group + 1]):
                place = self.posting[other]
                if self.level[place] == 4 and self.weight[other] >= OFFICIAL and self._lies_in(place, region):
                    many = self.population[place] > 0.05 * self.people[region]
                    if many or (self.level[region] == 3 and self.feature[place] in b"C12"):
                        self.namesakes.add((region, place))

    def _lies_in(self, place: int, region: int) -> bool:
        while place >= 0 and place != region:
            place = self.parent[place]
        return place == region

    def _read_outside(self, cursor: CursorWrapper) -> None:
        cursor.execute("SELECT folded, name, country, population, weight FROM places_outsidename ORDER BY id")
        towns: dict[tuple[str, str], int] = {}
        while rows := cursor.fetchmany(5000):
            folded, names, countries, people, weights = zip(*rows, strict=True)
            self.outside += folded
            self.outside_town.extend(
                towns.setdefault(town, len(towns)) for town in zip(names, countries, strict=True)
            )
            self.outside_people.extend(people)
            self.outside_weight.extend(weights)
        self.outside_towns = list(towns)
        order = _in_order(self.outside)
        if not isinstance(order, range):
            self.outside = [self.outside[row] for row in order]
            self.outside_town = array("I", [self.outside_town[row] for row in order])
            self.outside_people = array("I", [self.outside_people[row] for row in order])
            self.outside_weight = bytearray([self.outside_weight[row] for row in order])

    # --- what a place is ---

    def number(self, code: str) -> int | None:
        """The number of a place by its code."""
        if code.isdecimal():
            at = bisect_left(self.numbers, int(code))
            return at + len(self.codes) if at < len(self.numbers) and self.numbers[at] == int(code) else None
        return self.place_of.get(code)

    def nuts(self, place: int) -> str:
        return self.codes[place if place < len(self.codes) else self.parent[place]]

    def kind(self, place: int) -> str:
        return "locality" if self.level[place] == 4 else "region" if self.level[place] > 0 else "country"

    def candidate(self, hit: _Hit) -> Candidate:
        place, regions = hit.place, len(self.codes)
        narrowest = place if place < regions else self.parent[place]
        level = self.level[place]
        return Candidate(
            code=self.codes[place] if place < regions else str(self.numbers[place - regions]),
            kind=self.kind(place),
            level=level,
            name=self.names[place],
            latin=self.latin.get(place, self.names[place]),
            country=self.country[narrowest],
            nuts=self.codes[narrowest],
            region_name=self.names[narrowest] if level > 0 else "",
            population=self.population[place],
            match=hit.match,
            sure=hit.sure,
        )

    # --- looking names up ---

    def exact(self, folded: str) -> Iterator[tuple[int, int]]:
        """The places of this very name, with the weight of it."""
        at = bisect_left(self.folded, folded)
        if at < len(self.folded) and self.folded[at] == folded:
            for posting in range(self.first[at], self.first[at + 1]):
                yield self.posting[posting], self.weight[posting]

    def beginning(self, start: str, most: int) -> list[int]:
        """The surest postings of names that begin so."""
        low = bisect_left(self.folded, start)
        high = bisect_left(self.folded, start + "\U0010ffff", low)
        postings = range(self.first[low], self.first[high])
        return (
            nlargest(most, postings, key=self.sureness.__getitem__)
            if len(postings) > most
            else list(postings)
        )

    def within(self, start: str, most: int) -> list[int]:
        """The largest places whose own name has a later word that begins so."""
        low = bisect_left(self.inner, start)
        high = bisect_left(self.inner, start + "\U0010ffff", low)
        places = self.inner_posting[low:high]
        return nlargest(most, set(places), key=self.prior.__getitem__)

    def knows(self, folded: str) -> bool:
        at = bisect_left(self.folded, folded)
        return at < len(self.folded) and self.folded[at] == folded

    def spelled(self, posting: int) -> str:
        """The folded name of a posting."""
        return self.folded[bisect_right(self.first, posting) - 1]

    def abroad(self, folded: str, countries: frozenset[str] = frozenset()) -> tuple[str, str, float] | None:
        """The likeliest place of this name outside the EU: name, country, how sure."""
        best: tuple[str, str, float] | None = None
        at = bisect_left(self.outside, folded)
        while at < len(self.outside) and self.outside[at] == folded:
            name, country = self.outside_towns[self.outside_town[at]]
            if not countries or country in countries:
                people = self.outside_people[at]
                # Without people: a country. Of two towns the one nearer to us.
                sure = (log10(people) if people else 8.5) + BONUS[self.outside_weight[at]]
                sure += NEAR_HOME if country in NEAR_COUNTRIES else 0.0
                if best is None or sure > best[2]:
                    best = (name, country, sure)
            at += 1
        return best


def _in_order(words: list[str]) -> Sequence[int]:
    """The numbers of the words in their order. They are written so; a database with other ideas costs a moment."""
    rows = range(len(words))
    return rows if all(map(le, words, islice(words, 1, None))) else sorted(rows, key=words.__getitem__)


# --- the index of this process ---------------------------------------------------------------------------------------

_index: Index | None = None
_lock = Lock()


def warm() -> None:
    """Read all names now, so that nobody waits for it."""
    index()
    outline.countries()
    country_name("UK", DEFAULT)


def size() -> int:
    """How many cities and municipalities are known."""
    return len(index().numbers)


def index() -> Index:
    """The names as they are in the database; read again when another edition was loaded."""
    global _index
    held, version = _index, versions.known()
    if held is not None and held.seen == version:
        return held
    with _lock:
        held = _index
        if held is not None and held.seen == version:
            return held
        digest = Reference.objects.filter(pk=1).values_list("digest", flat=True).first() or ""
        if held is not None and held.digest == digest:
            held.seen = version
            return held
        built = Index.build(digest, version)
        _known_areas.cache_clear()
        _index = built
        return built


# --- asking ----------------------------------------------------------------------------------------------------------

_COORDINATES = re.compile(
    r"\s*(?:geo:|lat\w*[:=]?)?\s*([+-]?\d{1,3}(?:\.\d{0,12})?|[+-]?\d{1,3},\d{1,12}(?=\s*[;/ ]))\s*°?\s*([NSns])?\s*"
    r"(?:[,;/]\s*|\s+)(?:lon\w*[:=]?)?\s*([+-]?\d{1,3}(?:[.,]\d{0,12})?)\s*°?\s*([EWOewo])?\s*"
)
_DEGREES = re.compile(
    r"\s*(\d{1,2})\s*°\s*(\d{1,2})\s*['′’]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"″”]|''))?\s*([NSns])[\s,;]*"
    r"(\d{1,3})\s*°\s*(\d{1,2})\s*['′’]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"″”]|''))?\s*([EWOewo])\s*"
)
_CODE = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
_CODE_WORD = re.compile(r"\s*nuts[ -]?[0-3]?\s*(?:code)?\s*[:=]?\s*", re.IGNORECASE)
_UK_CODE = re.compile(r"UK[C-N][0-9A-Z]{0,2}")
_PARTS = re.compile(r"[,;()\[\]|/]|\s[-–—]\s")
_GERMAN = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"))
_ISO_INSIDE = {"GR": "EL"}
_ALPHABETS = {
    "GREEK": "αβγδεζηθικλμνξοπρστυφχψω ",
    "CYRILLIC": "абвгдежзиклмнопрстуфхцчшщъыьэюя ",
    "LATIN": "abcdefghijklmnopqrstuvwxyz ",
}


def find(query: str, *, limit: int = 10) -> Answer:
    """What somebody may mean by these words, the likeliest first. Takes anything, and never fails.

    More than 200 characters are no place: nothing is found.
    """
    if len(query) > LONGEST:
        return Answer(visible(query[:LONGEST]))
    plain = " ".join(visible(" ".join(query.split())).split())
    if not plain:
        return Answer("")
    if point := coordinates(plain):
        return near(*point, query=plain, limit=limit)
    return _Search(index(), plain, limit).answer()


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
    names, query = index(), query or f"{lat:g}, {lon:g}"
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
        return Answer(query, outside=Outside(country_name(country.code, "en"), country.code))
    if not found or (country is None and distance > ASHORE):
        return Answer(query)
    hits: list[_Hit] = []
    for away, code in found[: max(1, min(limit, 5) - 1)]:
        if (place := names.number(code)) is not None:
            hits.append(_Hit(place, -away, "near", OWN))
    if hits and limit > 1:
        hits.insert(1, _Hit(names.parent[hits[0].place], hits[0].sure, "near", OWN))
    return Answer(query, tuple(map(names.candidate, hits[:limit])), clear=bool(hits))


class _Search:
    """One question to the index."""

    def __init__(self, names: Index, plain: str, limit: int) -> None:
        self.names = names
        self.plain = plain
        self.limit = max(1, limit)
        self.folded = fold(plain)
        self.hits: dict[int, _Hit] = {}

    def answer(self) -> Answer:
        if not self.folded:
            return Answer(self.plain)
        if (by_code := self._code()) is not None:
            return by_code
        parts = [part for piece in _PARTS.split(self.plain) if (part := fold(piece))]
        self._whole(self.folded)
        if self.hits:
            return self._decide(self.folded)
        if len(parts) > 1:
            return self._in_parts(parts)
        if (split := self._by_words()) is not None:
            return split
        if abroad := self.names.abroad(self.folded):
            self._beginnings(self.folded)
            return self._finish(clear=False, outside=Outside(abroad[0], abroad[1]))
        return self._guess(self.folded)

    # --- codes ---

    def _code(self) -> Answer | None:
        """The answer where a code was typed: of today, of 2021, or of a country outside."""
        written = _CODE_WORD.sub("", self.plain, count=1) if len(self.plain) > 5 else self.plain
        code = re.sub(r"[\s\-_.]", "", written).upper()
        if not code.isascii() or not _CODE.fullmatch(code):
            return None
        code = _ISO_INSIDE.get(code[:2], code[:2]) + code[2:]
        # A word is a word: `Lens` is no code, but `ith5`, `IT H5` and `it` are.
        if (place := self.names.place_of.get(code)) is not None:
            if (
                not any(letter.isdigit() for letter in code)
                and self.names.knows(self.folded)
                and len(code) > 2
            ):
                return None
            self._add(place, 20.0, "code", OWN)
            if len(code) == 2:
                self._whole(self.folded)
            return self._finish(clear=True)
        if code in self.names.former:
            successors, clear = self.names.former[code]
            for rank, successor in enumerate(successors):
                self._add(self.names.place_of[successor], 20.0 - rank, "code", OWN)
            return self._finish(clear=clear, former=code)
        if _UK_CODE.fullmatch(code) and any(letter.isdigit() for letter in code):
            return Answer(self.plain, outside=Outside(country_name("UK", "en"), "UK"))
        if len(code) == 2 and not self.names.knows(self.folded):
            iso = "UK" if code == "GB" else code
            name = country_name(iso, "en")
            if name != iso and iso not in {"EU", "EZ", "UN", "ZZ", "XA", "XB"}:
                return Answer(self.plain, outside=Outside(name, iso))
        if any(letter.isdigit() for letter in code[2:]) and not self.names.knows(self.folded):
            return Answer(self.plain)
        return None

    # --- names ---

    def _add(self, place: int, sure: float, match: Match, weight: int) -> None:
        held = self.hits.get(place)
        if held is None or sure > held.sure:
            self.hits[place] = _Hit(place, sure, match, weight)

    def _exact(self, folded: str, *, less: float = 0.0) -> bool:
        found = False
        for place, weight in self.names.exact(folded):
            found = True
            self._add(
                place,
                self.names.prior[place] + BONUS[weight] - less,
                "name" if weight == OWN else "alias",
                weight,
            )
        return found

    def _spellings(self, folded: str) -> Iterator[str]:
        """Other ways to write the same: `koeln`, `aarhus`, `st polten`, `laquila`."""
        yield from _without_digraphs(folded)
        yield from words.saintly(folded)
        if folded.startswith(("l", "d")) and " " not in folded and len(folded) > 4:
            yield f"{folded[0]} {folded[1:]}"
        if " " in folded:
            yield folded.replace(" ", "")

    def _whole(self, folded: str) -> None:
        """The name as it was written, in another spelling, or without words of administration."""
        self._exact(folded)
        for other in self._spellings(folded):
            self._exact(other, less=0.2)
        if self.hits:
            return
        for rest, meant in words.without_office(folded):
            if folded.endswith(rest) and self._exact(f"{rest} {folded[: -len(rest)].strip()}"):
                # "Landkreis München" is filed under "München, Landkreis".
                return
            found = self._exact(rest)
            for other in self._spellings(rest):
                found = self._exact(other, less=0.2) or found
            if not found and len(rest) > 4:
                self._slips(rest)
            if meant:
                self._prefer(meant, list(self.hits))
            if self.hits:
                break

    def _prefer(self, meant: str, among: Iterable[int]) -> None:
        """Put towns, or regions, before the rest."""
        for place in among:
            is_town = self.names.level[place] == 4
            if is_town == (meant == "town"):
                hit = self.hits[place]
                self.hits[place] = replace(hit, sure=hit.sure + 3.0)

    def _beginnings(self, folded: str, *, most: int = 0) -> None:
        """Names that begin so, and own names with a later word that does."""
        most = most or self.limit * 4
        if len(folded) < 3:
            beginning = _short_beginning(self.names, folded, most)
        else:
            beginning = self.names.beginning(folded, most)
        for posting in beginning:
            spelled = self.names.spelled(posting)
            whole_words = len(spelled) == len(folded) or spelled[len(folded)] == " "
            less = PENALTY_BEGINNING_WORD if whole_words else PENALTY_BEGINNING
            place, weight = self.names.posting[posting], self.names.weight[posting]
            self._add(
                place, self.names.prior[place] + BONUS[weight] - less, "prefix", weight if whole_words else 0
            )
        if len(folded) >= 3:
            for place in self.names.within(folded, self.limit):
                self._add(place, self.names.prior[place] + BONUS[OWN] - PENALTY_INNER, "prefix", 0)

    def _shortened(self, folded: str) -> bool:
        """Words cut short: `frankfurt a m`, `halle westf`, `neustadt a d weinstr`."""
        short = folded.split()
        if not 2 <= len(short) <= 6 or len(short[0]) < 3:
            return False
        low = bisect_left(self.names.folded, short[0] + " ")
        found = False
        while low < len(self.names.folded) and (name := self.names.folded[low]).startswith(short[0] + " "):
            full = name.split()
            if len(full) == len(short) and all(map(str.startswith, full[1:], short[1:])):
                for posting in range(self.names.first[low], self.names.first[low + 1]):
                    place, weight = self.names.posting[posting], self.names.weight[posting]
                    self._add(place, self.names.prior[place] + BONUS[weight] - 0.3, "prefix", weight)
                    found = True
            low += 1
        return found

    def _slips(self, folded: str, *, less: float = PENALTY_FUZZY) -> None:
        """Names that are one slip of the finger away."""
        if not 3 < len(folded) <= 40 or any(letter.isdigit() for letter in folded):
            return
        begun = []
        for other in _one_slip(folded):
            at = bisect_left(self.names.folded, other)
            if at == len(self.names.folded):
                continue
            if (name := self.names.folded[at]) == other:
                for place, weight in self.names.exact(other):
                    if len(folded) == 4 and self.names.prior[place] < 5:
                        # Everything is one letter from four others.
                        continue
                    self._add(place, self.names.prior[place] + BONUS[weight] - less, "fuzzy", weight)
            elif len(folded) > 5 and name.startswith(other):
                begun.append(other)
        if not self.hits:
            for other in begun[:20]:
                for posting in self.names.beginning(other, 5):
                    place, weight = self.names.posting[posting], self.names.weight[posting]
                    sure = self.names.prior[place] + BONUS[weight] - less - PENALTY_BEGINNING
                    self._add(place, sure, "fuzzy", 0)

    # --- names with their region or country ---

    def _in_parts(self, parts: list[str]) -> Answer:
        """`City, Country`, `City (Region)`, `Name/Other name`: one part is the place, the others say where it lies."""
        unknown: Answer | None = None
        for at in range(len(parts)):
            self.hits = {}
            head, where = parts[at], [*parts[:at], *parts[at + 1 :]]
            if len(head) < 2:
                continue
            abroad = self._abroad_in(where)
            if abroad:
                if town := self.names.abroad(head, abroad):
                    return Answer(self.plain, outside=Outside(town[0], town[1]))
                if not any(_areas(self.names, part) for part in parts):
                    country = next(iter(abroad))
                    return Answer(self.plain, outside=Outside(country_name(country, "en"), country))
                continue
            meant = next((m for part in where if (m := _meant(part))), "")
            self._whole(head)
            if not self.hits:
                self._shortened(head)
            if not self.hits and _is_worth(head):
                self._beginnings(head, most=200)
            if meant:
                self._prefer(meant, list(self.hits))
            inside, known = self._inside(head, where)
            if inside:
                self.hits = {hit.place: hit for hit in inside}
                return self._decide(head, at_home=True)
            if not known and self.hits and unknown is None and at == 0:
                unknown = self._decide(head)
                unknown = replace(
                    unknown, clear=unknown.clear and unknown.items[0].match in {"name", "alias"}
                )
            if known:
                self.hits = {}
                self._slips(head)
                inside, _ = self._inside(head, where)
                if inside:
                    self.hits = {hit.place: hit for hit in inside}
                    return self._decide(head, at_home=True)
        if unknown is not None:
            return unknown
        self.hits = {}
        # Nothing of that name lies there: what is known of it, and nothing for sure.
        for part in parts:
            if len(part) > 2:
                self._exact(part)
                if not self.hits and (found := self.names.abroad(part)):
                    return Answer(self.plain, outside=Outside(found[0], found[1]))
        if not self.hits and len(parts[0]) > 3:
            return self._guess(parts[0], clear=False)
        return self._finish(clear=False)

    def _inside(self, head: str, where: list[str]) -> tuple[list[_Hit], bool]:
        """Those of the hits that lie where each known part says, and whether any part was known."""
        hits, known = list(self.hits.values()), False
        for part in where:
            if _meant(part):
                continue
            areas = _areas(self.names, part)
            same = {place for place, _ in self.names.exact(part)}
            part_words = set(part.split())
            kept = [
                hit
                for hit in hits
                # "Luxembourg, Luxembourg" is the town.
                if (hit.place in same and (self.names.level[hit.place] == 4 or part != head))
                or any(
                    self.names.nuts(hit.place).startswith(area)
                    and (self.names.level[hit.place] == 4 or self.names.nuts(hit.place) != area)
                    for area in areas
                )
                or (
                    self.names.level[hit.place] == 4
                    and len(part) > 2
                    and part_words <= set(fold(self.names.names[hit.place]).split())
                )
            ]
            if areas or kept:
                known = True
                hits = kept
        return (hits if known else []), known

    def _by_words(self) -> Answer | None:
        """The same without a comma: `Graz Austria`, `Lisboa PT`, `DE Leipzig`."""
        typed = self.folded.split()
        if not 2 <= len(typed) <= 7:
            return None
        for cut in range(len(typed) - 1, 0, -1):
            for head, where in (
                (" ".join(typed[:cut]), " ".join(typed[cut:])),
                (" ".join(typed[cut:]), " ".join(typed[:cut])),
            ):
                self.hits = {}
                if abroad := self._abroad_in([where]):
                    if town := self.names.abroad(head, abroad):
                        return Answer(self.plain, outside=Outside(town[0], town[1]))
                    continue
                if len(head) < 3 or not (_areas(self.names, where) or _meant(where)):
                    continue
                self._whole(head)
                if not self.hits and len(head) > 5:
                    self._slips(head)
                inside, _ = self._inside(head, [where])
                if inside:
                    self.hits = {hit.place: hit for hit in inside}
                    return self._decide(head, at_home=True)
        self.hits = {}
        return None

    def _abroad_in(self, where: list[str]) -> frozenset[str]:
        """The countries outside the EU that these parts name, where no part names one inside."""
        found = set()
        for part in where:
            if _areas(self.names, part):
                return frozenset()
            if (named := self.names.abroad(part)) and named[2] > 8:
                found.add(named[1])
            elif (
                len(part) == 2
                and part.isascii()
                and part.isalpha()
                and part.upper() in {"UK", "GB", "CH", "NO", "US"}
            ):
                found.add("UK" if part == "gb" else part.upper())
        return frozenset(found)

    # --- deciding ---

    def _decide(self, folded: str, *, at_home: bool = False) -> Answer:
        """The answer where the name is known; longer names that begin so stand behind."""
        found = self._in_order()
        best = found[0]
        outside = None
        margin = AT_HOME if best.weight > ALTERNATE else AT_HOME_ALTERNATE
        abroad = None if at_home else self.names.abroad(folded)
        if abroad and abroad[2] > best.sure + margin:
            outside = Outside(abroad[0], abroad[1])
        clear = outside is None and self._is_clear(found, CLEARLY)
        if best.weight == ALTERNATE and len(folded) < 4 and self.names.prior[best.place] < 5:
            # What two or three letters may also be in some language says little while one types.
            clear = False
        if len(self.hits) < self.limit and not at_home and _is_worth(folded):
            lowest = min(hit.sure for hit in self.hits.values())
            exact, self.hits = self.hits, {}
            self._beginnings(folded)
            longer, self.hits = self.hits, exact
            for hit in longer.values():
                if hit.place not in exact:
                    # Never before a name that is just this one, unless far larger.
                    self._add(hit.place, min(hit.sure - 1.0, lowest - 0.001), "prefix", hit.weight)
            if clear and best.weight < OFFICIAL:
                # "Frankfurt" is an alternate of one, and the beginning of the other's name.
                rivals = [hit for hit in longer.values() if hit.weight and hit.place not in exact]
                clear = not any(hit.sure > best.sure - CLEARLY for hit in rivals)
        return self._finish(clear=clear, outside=outside)

    def _guess(self, folded: str, *, clear: bool = True) -> Answer:
        """The answer where no name is just this one: cut short, a beginning, or one slip away."""
        if self._shortened(folded):
            return self._finish(clear=clear and self._is_clear(self._in_order(), CLEARLY))
        self._beginnings(folded)
        for rest, meant in words.without_office(folded):
            if self.hits:
                break
            self._beginnings(rest)
            self._prefer(meant, list(self.hits)) if meant else None
        beginnings = self.hits
        whole = [hit for hit in beginnings.values() if hit.weight]
        if whole and clear:
            found = self._in_order()
            # "Rothenburg" is the town; "Upper" is no region.
            is_town = found[0].weight >= OFFICIAL and self.names.level[found[0].place] == 4
            return self._finish(clear=is_town and len(folded) > 4 and self._is_clear(found, CLEARLY))
        self.hits = {}
        if not beginnings or len(folded) > 5:
            self._slips(folded)
        slips = self.hits
        self.hits = dict(beginnings)
        for hit in slips.values():
            self._add(hit.place, hit.sure, hit.match, hit.weight)
        found = self._in_order()
        outside = None if beginnings else self._slip_abroad(folded, found[0].sure if found else 0.0)
        if found and found[0].match == "fuzzy" and found[0].weight and clear and outside is None:
            large = self.names.population[found[0].place] >= 5000 or self.names.level[found[0].place] < 4
            return self._finish(clear=large and len(folded) > 4 and self._is_clear(found, CLEARLY))
        return self._finish(clear=False, outside=outside)

    def _slip_abroad(self, folded: str, sure: float) -> Outside | None:
        """A large place outside that is one slip away and likelier than what was found inside."""
        if not 5 < len(folded) <= 40:
            return None
        best = max(
            (found for other in _one_slip(folded) if (found := self.names.abroad(other))),
            key=lambda found: found[2],
            default=None,
        )
        if best is None or best[2] - PENALTY_FUZZY < max(sure + 0.5, 3.5):
            return None
        return Outside(best[0], best[1])

    def _in_order(self) -> list[_Hit]:
        """The hits, surest first: of a region and its only part one, a city before the region that is named after it."""
        hits = dict(self.hits)
        for hit in self.hits.values():
            place, level = hit.place, self.names.level[hit.place]
            if 0 < level < 4:
                above = self.names.parent[place]
                while above > 0 and self.names.children[above] == 1 and above not in hits:
                    above = self.names.parent[above]
                if (
                    above in hits
                    and above != place
                    and self._is_only_part(place, above)
                    and hit.match != "code"
                ):
                    hits.pop(place, None)
        for hit in list(hits.values()):
            if self.names.level[hit.place] == 4 and hit.match != "code":
                above = self.names.parent[hit.place]
                while above > 0:
                    region, level = hits.get(above), self.names.level[above]
                    named_after = level > 0 and (above, hit.place) in self.names.namesakes
                    if region and named_after and 0 <= region.sure - hit.sure < 2.0:
                        hits[above] = replace(region, sure=hit.sure - 0.001 * (5 - level))
                    above = self.names.parent[above]
        return sorted(hits.values(), key=lambda hit: (-hit.sure, hit.place))

    def _is_only_part(self, place: int, above: int) -> bool:
        while place != above:
            place = self.names.parent[place]
            if place < 0 or self.names.children[place] != 1:
                return False
        return True

    def _is_clear(self, found: list[_Hit], least: float) -> bool:
        """Whether the first is much surer than all others, leaving aside the region it lies in and its own parts."""
        if not found:
            return False
        best = found[0]
        if self.names.level[best.place] == 0 and best.match != "code":
            # The country or the city, Luxembourg: two things.
            exact = [hit.place for hit in found if hit.match in {"name", "alias"}]
            if any((best.place, place) in self.names.namesakes for place in exact):
                return False
        for other in found[1:]:
            by = least
            if other.match == "name" and best.match != "fuzzy" and best.weight != OFFICIAL:
                by = max(by, OWN_BEFORE_OWN if best.weight == OWN else OWN_BEFORE_OTHERS)
            is_region = 0 < self.names.level[best.place] < 4
            if (
                (best.weight < OWN or is_region)
                and other.weight >= OFFICIAL
                and self._people(other.place) >= 20_000
            ):
                # Two places that share a short name: Frankfurt, Friesland, Brandenburg.
                by = max(by, SHORT_BEFORE_SHORT)
            if best.sure - other.sure >= by:
                return True
            if not self._is_same(best.place, other.place):
                return False
        return True

    def _people(self, place: int) -> int:
        return self.names.people[place] if place < len(self.names.codes) else self.names.population[place]

    def _is_same(self, one: int, other: int) -> bool:
        """A city and its region, or two records of one town; a country and its capital are two things."""
        levels, nuts = self.names.level, self.names.nuts
        if levels[one] < 1 or levels[other] < 1:
            return False
        if levels[one] == 4 and levels[other] == 4:
            return nuts(one) == nuts(other) and fold(self.names.names[one]) == fold(self.names.names[other])
        if 0 < levels[one] < 4 and levels[other] == 4 and (one, other) not in self.names.namesakes:
            # Brandenburg is the Land; the city in it is another thing.
            return False
        if {levels[one], levels[other]} == {3, 4} and nuts(one)[:4] == nuts(other)[:4]:
            # The Landkreis round a city that is none of it, but bears its name.
            return True
        return nuts(one).startswith(nuts(other)) or nuts(other).startswith(nuts(one))

    def _finish(self, *, clear: bool, outside: Outside | None = None, former: str = "") -> Answer:
        items = tuple(map(self.names.candidate, self._in_order()[: self.limit]))
        return Answer(self.plain, items, clear and bool(items), outside, former)


@lru_cache(maxsize=4096)
def _known_areas(names: Index, part: str) -> frozenset[str]:
    found = set()
    code = re.sub(r"\s", "", part).upper()
    code = _ISO_INSIDE.get(code[:2], code[:2]) + code[2:]
    if code in names.place_of and code != "EU":
        found.add(code)
    tries = [part, *(rest for rest, meant in words.without_office(part) if meant != "town")]
    for folded in tries:
        for place, weight in names.exact(folded):
            if names.level[place] < 4:
                found.add(names.codes[place])
            elif weight >= OFFICIAL and names.population[place] > 20_000:
                # "Murano, Venezia": the province is named by its town.
                found.add(names.nuts(place))
        if found:
            break
    return frozenset(found - {"EU"})


def _areas(names: Index, part: str) -> frozenset[str]:
    """The codes of the regions and countries that a part of what was typed may name."""
    return _known_areas(names, part)


def _meant(part: str) -> str:
    """`town` or `region`, where a part is only a word of administration: `Salzburg (Stadt)`."""
    town = part in words.TOWN_BEFORE or part in words.TOWN_BEHIND
    region = part in words.REGION_BEFORE or part in words.REGION_BEHIND
    return "" if town == region else "town" if town else "region"


def _is_worth(folded: str) -> bool:
    """Whether a beginning is long enough to look for in what is no longer being typed."""
    return len(folded) > 2


@lru_cache(maxsize=2048)
def _short_beginning(names: Index, start: str, most: int) -> list[int]:
    return names.beginning(start, most)


def _without_digraphs(folded: str) -> Iterator[str]:
    """`koeln` → `koln`; with several, each alone and all."""
    every = folded
    for pair, one in _GERMAN:
        if pair in folded:
            every = every.replace(pair, one)
            yield folded.replace(pair, one)
            if folded.count(pair) > 1:
                yield folded.replace(pair, one, 1)
    if every != folded:
        yield every


def _one_slip(folded: str) -> Iterator[str]:
    """All words that are one letter more, less, other, or swapped away (Damerau-Levenshtein distance 1)."""
    script = next(
        (
            name
            for name in _ALPHABETS
            if any(unicodedata.name(letter, "").startswith(name) for letter in folded[:2])
        ),
        "",
    )
    alphabet = _ALPHABETS.get(script, "")
    for at in range(len(folded) + 1):
        before, behind = folded[:at], folded[at:]
        if behind:
            yield before + behind[1:]
            if len(behind) > 1 and behind[0] != behind[1]:
                yield before + behind[1] + behind[0] + behind[2:]
            for letter in alphabet:
                if letter != behind[0]:
                    yield before + letter + behind[1:]
        for letter in alphabet:
            yield before + letter + behind
