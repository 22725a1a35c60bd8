"""One question to the index: from what is surest to what is guessed, and whether the first find is clearly what was meant."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace

from koinon.base.languages import country_name
from koinon.base.text import fold
from koinon.places.gazetteer import words
from koinon.places.gazetteer.answers import Answer, Match, Outside
from koinon.places.gazetteer.index import ALTERNATE, BONUS, OFFICIAL, OWN, Hit, Index
from koinon.places.gazetteer.spelling import one_slip, spellings

# How much surer a find is than another, in powers of ten of population. Tuned on the part `tune` of tests/inputs.tsv.
PENALTY_BEGINNING_WORD, PENALTY_BEGINNING, PENALTY_INNER, PENALTY_FUZZY = 1.0, 2.5, 2.7, 1.5
CLEARLY = 0.7
OWN_BEFORE_OWN, OWN_BEFORE_OTHERS, SHORT_BEFORE_SHORT = 0.9, 1.2, 1.3
# A town of ours is meant, unless the one outside is much larger.
AT_HOME, AT_HOME_ALTERNATE = 1.6, 0.5

_CODE = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
_CODE_WORD = re.compile(r"\s*nuts[ -]?[0-3]?\s*(?:code)?\s*[:=]?\s*", re.IGNORECASE)
_UK_CODE = re.compile(r"UK[C-N][0-9A-Z]{0,2}")
_PARTS = re.compile(r"[,;()\[\]|/]|\s[-–—]\s")
_ISO_INSIDE = {"GR": "EL"}


class Search:
    """One question to the index."""

    def __init__(self, names: Index, plain: str, limit: int, *, guesses: bool = True) -> None:
        self.names = names
        self.plain = plain
        self.limit = max(1, limit)
        self.guesses = guesses
        self.folded = fold(plain)
        self.hits: dict[int, Hit] = {}

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
            self.hits[place] = Hit(place, sure, match, weight)

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

    def _whole(self, folded: str) -> None:
        """The name as it was written, in another spelling, or without words of administration."""
        self._exact(folded)
        for other in spellings(folded):
            self._exact(other, less=0.2)
        if self.hits:
            return
        for rest, meant in words.without_office(folded):
            if folded.endswith(rest) and self._exact(f"{rest} {folded[: -len(rest)].strip()}"):
                # "Landkreis München" is filed under "München, Landkreis".
                return
            found = self._exact(rest)
            for other in spellings(rest):
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
            beginning = self.names.beginning_of_few(folded, most)
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
        for other in one_slip(folded):
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
            if not self.hits and len(head) > 2:
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

    def _inside(self, head: str, where: list[str]) -> tuple[list[Hit], bool]:
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
        if len(self.hits) < self.limit and not at_home and len(folded) > 2:
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
        if not self.guesses:
            return self._finish(clear=False)
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
            (found for other in one_slip(folded) if (found := self.names.abroad(other))),
            key=lambda found: found[2],
            default=None,
        )
        if best is None or best[2] - PENALTY_FUZZY < max(sure + 0.5, 3.5):
            return None
        return Outside(best[0], best[1])

    def _in_order(self) -> list[Hit]:
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

    def _is_clear(self, found: list[Hit], least: float) -> bool:
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


def _areas(names: Index, part: str) -> frozenset[str]:
    """The codes of the regions and countries that a part of what was typed may name."""
    if (known := names.areas.get(part)) is not None:
        return known
    found = set()
    code = re.sub(r"\s", "", part).upper()
    code = _ISO_INSIDE.get(code[:2], code[:2]) + code[2:]
    if code in names.place_of:
        found.add(code)
    for folded in (part, *(rest for rest, meant in words.without_office(part) if meant != "town")):
        for place, weight in names.exact(folded):
            if names.level[place] < 4:
                found.add(names.codes[place])
            elif weight >= OFFICIAL and names.population[place] > 20_000:
                # "Murano, Venezia": the province is named by its town.
                found.add(names.nuts(place))
        if found:
            break
    areas = frozenset(found - {"EU"})
    names.remember(part, areas)
    return areas


def _meant(part: str) -> str:
    """`town` or `region`, where a part is only a word of administration: `Salzburg (Stadt)`."""
    town = part in words.TOWN_BEFORE or part in words.TOWN_BEHIND
    region = part in words.REGION_BEFORE or part in words.REGION_BEHIND
    return "" if town == region else "town" if town else "region"
