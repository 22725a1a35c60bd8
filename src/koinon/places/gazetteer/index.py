"""All names in memory: which places go by a name, or by one that begins so. It knows names, and nothing of what is meant."""

import gc
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import count, islice
from math import log10
from operator import le, ne
from threading import Lock

from django.db import connection
from django.db.backends.utils import CursorWrapper

from koinon.journal import versions
from koinon.places.gazetteer.answers import Candidate, Match
from koinon.places.models import FormerCode, PlaceName, Reference

OWN, OFFICIAL, ALTERNATE = (
    int(PlaceName.Weight.OWN),
    int(PlaceName.Weight.OFFICIAL),
    int(PlaceName.Weight.ALTERNATE),
)
# How much a name says, in powers of ten of population.
BONUS = {OWN: 1.0, OFFICIAL: 0.8, ALTERNATE: 0.0}
# Outside the EU, but so near that a town there is likelier to be meant.
_NEAR = "CH LI NO IS UK AD MC SM VA BA RS ME MK AL XK TR UA MD BY RU GE"
NEAR_COUNTRIES, NEAR_HOME = frozenset(_NEAR.split()), 0.8


@dataclass(frozen=True, slots=True)
class Hit:
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
        # What parts of questions named, and the short beginnings, remembered: few are asked again and again.
        self.areas: dict[str, frozenset[str]] = {}
        self.few: dict[tuple[str, int], list[int]] = {}
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
        codes, parents, names, latins, populations, kinds = _columns(
            cursor,
            "places_place WHERE level = 4",
            ["code", "parent_id", "name", "latin", "population", "feature"],
            order="CAST(code AS BIGINT)",
        )
        self.latin.update(
            (number, latin) for number, name, latin in zip(count(regions), names, latins) if latin != name
        )
        self.numbers.extend(map(int, codes))
        self.level.extend([4] * len(codes))
        self.parent.extend(map(place_of.__getitem__, parents))
        self.population.extend(map(int, populations))
        self.names += names
        features += "".join([kind or " " for kind in kinds]).encode()
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
        all_folded, codes, weights = _columns(cursor, "places_placename", ["folded", "place_id", "weight"])
        self.posting.extend(map(place_of.__getitem__, codes))
        self.weight.extend(map(int, weights))
        order = _in_order(all_folded)
        if not isinstance(order, range):
            all_folded = [all_folded[row] for row in order]
            self.posting = array("I", [self.posting[row] for row in order])
            self.weight = bytearray([self.weight[row] for row in order])
        self.first = array("I", [0] if all_folded else [])
        self.first.extend(
            at for at, new in enumerate(map(ne, all_folded, islice(all_folded, 1, None)), 1) if new
        )
        self.folded = [all_folded[at] for at in self.first]
        self.first.append(len(all_folded))
        prior, posting = self.prior, self.posting
        self.sureness = array(
            "f", [prior[place] + BONUS[weight] for place, weight in zip(posting, self.weight, strict=True)]
        )
        own = [
            (name, place)
            for name, weight, place in zip(all_folded, self.weight, posting, strict=True)
            if weight == OWN and " " in name
        ]
        inner = []
        for name, place in own:
            at = name.find(" ")
            while 0 < at < len(name) - 3:
                inner.append((name[at + 1 :], place))
                at = name.find(" ", at + 1)
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
        self.outside, names, countries, people, weights = _columns(
            cursor, "places_outsidename", ["folded", "name", "country", "population", "weight"]
        )
        towns: dict[tuple[str, str], int] = {}
        self.outside_town.extend(
            [towns.setdefault(town, len(towns)) for town in zip(names, countries, strict=True)]
        )
        self.outside_people.extend(map(int, people))
        self.outside_weight.extend(map(int, weights))
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

    def candidate(self, hit: Hit) -> Candidate:
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

    def beginning_of_few(self, start: str, most: int) -> list[int]:
        """The same for one or two letters, which thousands of names begin with; remembered."""
        key = start, most
        if (known := self.few.get(key)) is None:
            known = self.beginning(start, most)
            if len(self.few) < 2000:
                self.few[key] = known
        return known

    def remember(self, part: str, areas: frozenset[str]) -> None:
        if len(self.areas) > 4000:
            self.areas.clear()
        self.areas[part] = areas

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


def _columns(
    cursor: CursorWrapper, rows: str, columns: Sequence[str], *, order: str = "id"
) -> list[list[str]]:
    """Whole columns of a table, as text; without an order of one's own in that in which its rows were written.

    The database joins them and Python takes them apart: a fifth of the time that it takes to hand over row by row.
    No text of ours holds a control character, so one can stand between them.
    """
    if connection.vendor == "postgresql":
        joined = ", ".join(f"string_agg({column}::text, chr(31) ORDER BY {order})" for column in columns)
        cursor.execute(f"SELECT {joined} FROM {rows}")  # noqa: S608  names of our own
    else:
        joined = ", ".join(f"group_concat({column}, char(31))" for column in columns)
        cursor.execute(f"SELECT {joined} FROM (SELECT {', '.join(columns)} FROM {rows} ORDER BY {order})")  # noqa: S608
    return [text.split("\x1f") if text is not None else [] for text in cursor.fetchone()]


def _in_order(words: list[str]) -> Sequence[int]:
    """The numbers of the words in their order. They are written so; a database with other ideas costs a moment."""
    rows = range(len(words))
    return rows if all(map(le, words, islice(words, 1, None))) else sorted(rows, key=words.__getitem__)


_index: Index | None = None
_lock = Lock()


def current() -> Index:
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
        _index = built = Index.build(digest, version)
        return built
