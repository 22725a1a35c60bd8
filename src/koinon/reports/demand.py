"""Unmet demand: what pages of places had to say is not there, what was searched for and not found, what is still open.

Counted by quarter, place and shelf, never by words that were typed. What stands for fewer than five in its quarter is put
together with others: first within its country, then among the countries, so that no row and no difference tells of fewer.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.db.models.functions import TruncQuarter
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT
from koinon.journal.models import Gap
from koinon.minutes.counting import folded
from koinon.places.models import Place
from koinon.practices import concepts
from koinon.questions import register
from koinon.reports.periods import Period

OTHERS, EUROPE = "others", "EU"
SEARCH = "search"
SHELVES = ("responsible", "coming", "money", "practices", "peers", "answered")
LEAST = register.LEAST


@dataclass(frozen=True)
class Row:
    """How often something was missing: in a quarter, on a shelf, for a place in a country; `others` are put together."""

    quarter: date
    shelf: str
    country: str
    place: str
    times: int

    @property
    def quarter_words(self) -> str:
        return f"{self.quarter.year}-Q{(self.quarter.month + 2) // 3}"

    @property
    def shelf_words(self) -> str:
        return shelf_words(self.shelf)


def shelf_words(shelf: str) -> str:
    """What a shelf is called; of a search, what was looked for."""
    words = {
        "responsible": _("Who is responsible"),
        "coming": _("What comes up"),
        "money": _("Money"),
        "practices": _("What worked elsewhere"),
        "peers": _("Peers"),
        "answered": _("Questions already answered"),
        SEARCH: _("Searched and not found"),
    }
    if shelf.startswith(f"{SEARCH}:"):
        key = shelf.partition(":")[2]
        if key == OTHERS:
            return _("other words of the field")
        return concepts.label(key, get_language() or DEFAULT)
    return words.get(shelf, shelf)


def rows(period: Period) -> list[Row]:
    """What may be told of the quarters that lie wholly in the period, the newest first. Two queries."""
    gaps = Gap.objects.filter(times__gt=0)
    if period.first:
        gaps = gaps.filter(day__gte=period.first)
    if period.last:
        gaps = gaps.filter(day__lte=period.last)
    counted = (
        gaps.annotate(quarter=TruncQuarter("day"))
        .values_list("quarter", "shelf", "place")
        .annotate(number=Sum("times"))
        .order_by()
    )
    cells: dict[tuple[date, str], dict[str, int]] = defaultdict(dict)
    concepts_of: dict[date, dict[str, int]] = defaultdict(Counter)
    for quarter, shelf, place, number in counted:
        if not period.holds_quarter(quarter):
            continue
        if shelf.startswith(f"{SEARCH}:"):
            concepts_of[quarter][shelf] += number
        else:
            cells[quarter, shelf][place] = number
    countries = _countries({place for places in cells.values() for place in places})
    told: list[Row] = []
    for (quarter, shelf), places in cells.items():
        told += _told(quarter, shelf, places, countries)
    for quarter, found in concepts_of.items():
        for shelf, times in folded(found, sum(found.values())).items():
            told.append(
                Row(quarter, f"{SEARCH}:{OTHERS}" if shelf == OTHERS else shelf, EUROPE, EUROPE, times)
            )
    return sorted(
        told,
        key=lambda row: (-row.quarter.toordinal(), _place_in(row.shelf), -row.times, row.country, row.place),
    )


def _place_in(shelf: str) -> int:
    if shelf in SHELVES:
        return SHELVES.index(shelf)
    return len(SHELVES) + (shelf != SEARCH)


def _told(quarter: date, shelf: str, places: Mapping[str, int], country_of: Mapping[str, str]) -> list[Row]:
    """One shelf in one quarter: countries first, then what lies in them."""
    countries: dict[str, dict[str, int]] = defaultdict(dict)
    for place, times in places.items():
        countries[country_of[place]][place] = times
    sums = {country: sum(found.values()) for country, found in countries.items()}
    told = []
    for country, times in folded(sums, sum(sums.values())).items():
        if country == OTHERS:
            told.append(Row(quarter, shelf, OTHERS, OTHERS, times))
            continue
        told += [
            Row(quarter, shelf, country, place, number)
            for place, number in folded(countries[country], times).items()
        ]
    return told


def _countries(codes: set[str]) -> dict[str, str]:
    """The country of each place: read off a region's code, looked up for localities. What is gone counts for Europe."""
    numbers = [code for code in codes if code.isdigit()]
    found = dict(Place.objects.filter(pk__in=numbers).values_list("pk", "country")) if numbers else {}
    for code in codes - found.keys():
        found[code] = EUROPE if code.isdigit() or code == EUROPE else code[:2]
    return found


@dataclass(frozen=True)
class Total:
    """How often a shelf was empty, over all that may be told; the bars of the page."""

    shelf: str
    times: int

    @property
    def shelf_words(self) -> str:
        return shelf_words(self.shelf)


def sums(told: Sequence[Row]) -> list[Total]:
    """Each shelf with the sum of its rows, in the order of a place's page; searches last. Empty shelves are not listed."""
    counted: Counter[str] = Counter()
    for row in told:
        if not row.shelf.startswith(f"{SEARCH}:"):
            counted[row.shelf] += row.times
    return [Total(shelf, counted[shelf]) for shelf in sorted(counted, key=_place_in)]


def open_questions(period: Period) -> list[tuple[str, int]]:
    """Open cases of the public register by country, the most first; `folded` where the register does not tell it."""
    cases = register.cases()
    found = Counter(
        case.country for case in cases if case.result == "open" and period.holds_quarter(case.day)
    )
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def of_place(told: Sequence[Row], place: Place) -> list[Row]:
    """The rows that are told for this place; of a country, the sum of all that lie in it, by quarter and shelf."""
    if place.kind == Place.Kind.COUNTRY and place.code != EUROPE:
        found: Counter[tuple[date, str]] = Counter()
        for row in told:
            if row.country == place.code:
                found[row.quarter, row.shelf] += row.times
        return [
            Row(quarter, shelf, place.code, place.code, times) for (quarter, shelf), times in found.items()
        ]
    return [row for row in told if row.place == place.code and row.shelf in {*SHELVES, SEARCH}]
