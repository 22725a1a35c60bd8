"""What can be done with places: bring the reference files into the database."""

import csv
import gc
import gzip
import hashlib
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, models, transaction

from koinon.base import text
from koinon.base.languages import ENDONYMS
from koinon.journal import versions
from koinon.places.models import FormerCode, OutsideName, Place, PlaceName, Reference

DATA = Path(__file__).with_name("data")
FILES = (
    "regions.csv",
    "region_aliases.csv",
    "region_names.tsv",
    "nuts2021_changes.csv",
    "localities.tsv.gz",
    "own_names.tsv",
    "more_names.tsv",
    "outside.tsv.gz",
)
# When the files were put together (data/PROVENANCE.md).
COMPILED = date(2026, 11, 22)
OWN, OFFICIAL, ALTERNATE = PlaceName.Weight.OWN, PlaceName.Weight.OFFICIAL, PlaceName.Weight.ALTERNATE
# Latin letters that decomposition leaves alone, for names in ASCII.
_ASCII = str.maketrans(
    {
        "ł": "l",
        "Ł": "L",
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "Ð": "D",
        "ħ": "h",
        "Ħ": "H",
        "ı": "i",
    }
    | {
        "æ": "ae",
        "Æ": "Ae",
        "œ": "oe",
        "Œ": "Oe",
        "þ": "th",
        "Þ": "Th",
        "ß": "ss",
        "’": "'",
        "‘": "'",
        "–": "-",
    }
)
# The Member States as ISO writes them; parts of them that ISO counts by themselves, and what is no country at all.
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_NO_COUNTRIES = "GP MQ GF RE YT MF AX EA IC EU EZ UN QO XA XB ZZ"
# Parts of the United Kingdom that people type as if they were countries.
_NATIONS = (
    "England",
    "Scotland",
    "Wales",
    "Northern Ireland",
    "Great Britain",
    "Schottland",
    "Écosse",
    "Escocia",
    "Scozia",
)
# Only people's short names; all others are CLDR's.
_SHORT = {"US": ("USA", "America"), "UK": ("Great Britain",), "BA": ("Bosnia",)}


class BadRow(ValueError):
    """A row of a reference file is not what it must be. Nothing was loaded."""

    def __init__(self, file: str, row: int, why: str) -> None:
        super().__init__(f"{file}, row {row}: {why}")
        self.file, self.row, self.why = file, row, why


class PlaceRow(NamedTuple):
    """A row of the table of places, in the order of its columns."""

    code: str
    kind: str
    level: int
    parent_id: str | None
    country: str
    name: str
    latin: str
    latitude: float
    longitude: float
    population: int
    feature: str


class NameRow(NamedTuple):
    place_id: str
    name: str
    folded: str
    language: str
    weight: int
    source: str


class OutsideRow(NamedTuple):
    name: str
    folded: str
    country: str
    population: int
    weight: int


class FormerRow(NamedTuple):
    code: str
    name: str
    change: str
    successors: list[str]
    shares: list[float]
    certain: bool


class Facts(NamedTuple):
    """All that the files say, checked, not yet in the database."""

    places: list[PlaceRow]
    names: list[NameRow]
    outside: list[OutsideRow]
    former: list[FormerRow]


# --- loading ---------------------------------------------------------------------------------------------------------


def is_loaded() -> bool:
    """Whether the database holds just these files. Reads the files once a process, the database once a call."""
    return Reference.objects.filter(pk=1, digest=digest()).exists()


def load_reference(folder: Path = DATA) -> bool:
    """Load all regions and localities with their names, all or nothing; False where nothing was to do.

    A newer edition changes places where they stand, because other tables refer to them. A place that is gone is
    deleted; one that something refers to stays without names, so that it is found by its old address only.
    """
    edition = digest(folder)
    if Reference.objects.filter(pk=1, digest=edition).exists():
        return False
    # Half a million short-lived objects: the collector would walk them again and again for nothing.
    was_on = gc.isenabled()
    gc.disable()
    try:
        return _replace(read(folder), edition)
    finally:
        if was_on:
            gc.enable()


def _replace(facts: Facts, edition: str) -> bool:
    with transaction.atomic():
        Reference.objects.get_or_create(pk=1, defaults={"digest": ""})
        # Whoever comes second waits here and finds the work done.
        if Reference.objects.select_for_update().get(pk=1).digest == edition:
            return False
        _write(facts)
        Reference.objects.filter(pk=1).update(digest=edition)
        versions.raise_()
    return True


@cache
def digest(folder: Path = DATA) -> str:
    """The edition of the reference files: their bytes, and how names are folded."""
    seen = hashlib.blake2b(digest_size=32)
    for name in FILES:
        seen.update((folder / name).read_bytes())
    for module in (Path(__file__), Path(text.__file__)):
        seen.update(module.read_bytes())
    return seen.hexdigest()


def _write(facts: Facts) -> None:
    known = set(Place.objects.values_list("pk", flat=True))
    for model in (PlaceName, FormerCode, OutsideName):
        model.objects.all()._raw_delete(model.objects.db)
    _insert(Place, PlaceRow._fields, facts.places, replace="code" if known else "")
    _drop_gone(known - {row.code for row in facts.places})
    # In the order in which the gazetteer wants them, so that it need not sort.
    facts.names.sort(key=lambda row: row.folded)
    facts.outside.sort(key=lambda row: row.folded)
    _insert(PlaceName, NameRow._fields, facts.names)
    _insert(OutsideName, OutsideRow._fields, facts.outside)
    FormerCode.objects.bulk_create(FormerCode(**row._asdict()) for row in facts.former)


def _drop_gone(codes: Iterable[str]) -> None:
    """Delete places of an older edition, the narrowest first; keep those that something refers to, and what they lie in."""
    gone = set(codes)
    if not gone:
        return
    stay = _referred_to() & gone
    parents = dict(Place.objects.values_list("pk", "parent_id"))
    while wider := {parent for code in stay if (parent := parents[code])} - stay:
        stay |= wider
    gone -= stay
    rows = Place.objects.values_list("level", "pk")
    narrowest_first = [pk for _, pk in sorted(rows, reverse=True) if pk in gone]
    for start in range(0, len(narrowest_first), 500):
        some = Place.objects.filter(pk__in=narrowest_first[start : start + 500])
        some._raw_delete(some.db)


def _referred_to() -> set[str]:
    """The places that rows of other tables refer to."""
    found: set[str] = set()
    for relation in Place._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and relation.related_model not in {Place, PlaceName}:
            column = relation.field.attname
            referring = relation.related_model._base_manager.exclude(**{f"{column}__isnull": True})
            found.update(referring.values_list(column, flat=True).distinct())
    return found


def _insert(
    model: type[models.Model], fields: Sequence[str], rows: Sequence[Sequence[Any]], *, replace: str = ""
) -> None:
    """Write many rows the fastest way the database has; rows with the same `replace` column are changed in place."""
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(field) for field in fields)
    conflict = ""
    if replace:
        changes = ", ".join(f'"{field}" = excluded."{field}"' for field in fields if field != replace)
        conflict = f' ON CONFLICT ("{replace}") DO UPDATE SET {changes}'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # No value comes into these statements but through COPY.
            target = table
            if replace:
                target = '"loading"'
                cursor.execute(f"CREATE TEMP TABLE {target} (LIKE {table} INCLUDING DEFAULTS) ON COMMIT DROP")
            with cursor.copy(f"COPY {target} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            if replace:
                cursor.execute(
                    f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {target} WHERE true{conflict}"  # noqa: S608
                )
                cursor.execute(f"DROP TABLE {target}")
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks}){conflict}", rows)  # noqa: S608


# --- reading ---------------------------------------------------------------------------------------------------------


def read(folder: Path = DATA) -> Facts:
    """All the files, checked; `BadRow` names the first row that is not what it must be."""
    regions = list(read_regions(_open(folder / "regions.csv")))
    names = [
        NameRow(row.code, row.name, text.fold(row.name), "", OWN, "NUTS 2024")
        for row in regions
        if row.code != "EU"
    ]
    names += [
        NameRow(row.code, row.latin, text.fold(row.latin), "", OWN, "NUTS 2024")
        for row in regions
        if row.latin != row.name
    ]
    codes = {row.code for row in regions}
    names += read_names(_open(folder / "region_aliases.csv"), codes, "region_aliases.csv", ",")
    names += read_names(_open(folder / "region_names.tsv"), codes, "region_names.tsv", "\t")
    names += [
        NameRow("EU", name, text.fold(name), language, OFFICIAL, "CLDR")
        for language in ENDONYMS
        if (name := _territories(language).get("EU"))
    ]
    own = read_own_names(_open(folder / "own_names.tsv"))
    localities: list[PlaceRow] = []
    region_names: dict[str, set[str]] = {row.code: {text.fold(row.name)} for row in regions if row.level > 0}
    for place, its_names in read_localities(_open(folder / "localities.tsv.gz"), region_names, own):
        localities.append(place)
        names += its_names
    codes = {row.code for row in localities}
    names += read_names(_open(folder / "more_names.tsv"), codes, "more_names.tsv", "\t")
    outside = [*read_outside(_open(folder / "outside.tsv.gz")), *countries_outside()]
    former = list(read_former(_open(folder / "nuts2021_changes.csv"), {row.code for row in regions}))
    return Facts([*regions, *localities], names, outside, former)


def read_regions(lines: Iterable[str]) -> Iterator[PlaceRow]:
    """regions.csv: the EU, its countries, and their regions; a parent stands before its children."""
    seen: dict[str, int] = {}

    def place(row: dict[str, str]) -> PlaceRow:
        code, level, parent = row["code"], int(row["level"]), row["parent"] or None
        if (
            not code.isascii()
            or not code.isalnum()
            or len(code) > 5
            or len(code) != (level + 2 if code != "EU" else 2)
        ):
            raise ValueError(f"the code {code!r} does not fit level {level}")
        if code in seen:
            raise ValueError(f"{code} is there twice")
        if (parent is None) != (level == -1) or (parent is not None and seen.get(parent) != level - 1):
            raise ValueError(f"{code} has no parent {parent!r} of the level above")
        seen[code] = level
        kind = Place.Kind.COUNTRY if level < 1 else Place.Kind.REGION
        name, latin = _text(row["name"]), _text(row["name_latin"])
        lat, lon = _point(row["lat"], row["lon"])
        return PlaceRow(code, kind.value, level, parent, row["country"], name, latin, lat, lon, 0, "")

    yield from _rows("regions.csv", csv.DictReader(lines), place)


def read_names(lines: Iterable[str], codes: set[str], file: str, delimiter: str) -> Iterator[NameRow]:
    """region_aliases.csv, region_names.tsv: code, language (empty = not known), name, source."""
    column = "alias" if delimiter == "," else "name"

    def name(row: dict[str, str]) -> NameRow:
        if row["code"] not in codes:
            raise ValueError(f"no place has the code {row['code']!r}")
        if len(row["lang"]) > 3:
            raise ValueError(f"{row['lang']!r} is no language")
        written = _text(row[column])
        return NameRow(
            row["code"], written, text.fold(written), row["lang"], OFFICIAL, _text(row["source"], 40)
        )

    yield from _rows(file, csv.DictReader(lines, delimiter=delimiter, **_quoting(delimiter)), name)


def read_own_names(lines: Iterable[str]) -> dict[str, str]:
    """own_names.tsv: what towns call themselves where GeoNames files them under their English name."""

    def pair(row: dict[str, str]) -> tuple[str, str]:
        if not row["geonameid"].isdecimal():
            raise ValueError(f"{row['geonameid']!r} is no GeoNames number")
        return row["geonameid"], _text(row["name"])

    return dict(_rows("own_names.tsv", csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), pair))


def read_localities(
    lines: Iterable[str], regions: dict[str, set[str]], own: dict[str, str]
) -> Iterator[tuple[PlaceRow, list[NameRow]]]:
    """localities.tsv: each locality with all its names; of spellings that fold to the same, the weightiest."""
    seen: set[str] = set()

    def locality(row: dict[str, str]) -> tuple[PlaceRow, list[NameRow]]:
        code = row["geonameid"]
        if not code.isdecimal() or not code.isascii() or len(code) > 10:
            raise ValueError(f"{code!r} is no GeoNames number")
        if code in seen:
            raise ValueError(f"{code} is there twice")
        seen.add(code)
        nuts3 = row["nuts3"]
        if len(nuts3) != 5 or nuts3 not in regions or nuts3[:2] != row["country"]:
            raise ValueError(f"no region of {row['country']!r} has the code {nuts3!r}")
        if len(row["feature"]) > 1:
            raise ValueError(f"{row['feature']!r} is no feature")
        population = int(row["population"])
        if population < 0:
            raise ValueError("the population is negative")
        lat, lon = _point(row["lat"], row["lon"])
        filed_as = _text(row["name"])
        name = own.get(code, filed_as)
        latin = _ascii(name) if code in own else row["ascii"] or _ascii(name)
        place = PlaceRow(
            code,
            "locality",
            4,
            row["nuts3"],
            row["country"],
            name,
            latin,
            lat,
            lon,
            population,
            row["feature"],
        )
        # What its region calls itself is no foreign name: Ηράκλειο, filed under "Irákleion".
        at_home = regions[nuts3] | regions[nuts3[:4]] | regions[nuts3[:3]]
        weights: dict[str, tuple[str, int, str]] = {}
        if code in own:
            for part in name.split(" / "):
                weights[text.fold(part)] = (part, OWN, "Koinon editors")
        weights.setdefault(text.fold(name), (name, OWN, "GeoNames"))
        if code in own:
            weights.setdefault(text.fold(filed_as), (filed_as, OFFICIAL, "GeoNames"))
        if row["ascii"]:
            weights.setdefault(text.fold(row["ascii"]), (row["ascii"], OWN, "GeoNames"))
        spelt_out = text.fold(name) + " "
        for alternate in row["alternates"].split("|"):
            folded = text.fold(alternate)
            if folded and folded not in weights:
                # "Marburg" is how people shorten "Marburg an der Lahn": more than any alternate.
                weight = (
                    OFFICIAL
                    if spelt_out.startswith(folded + " ")
                    else OWN
                    if folded in at_home
                    else ALTERNATE
                )
                if not alternate.isprintable():
                    alternate = text.visible(alternate)
                weights[folded] = (_text(alternate), weight, "GeoNames")
        weights.pop("", None)
        return place, [
            NameRow(code, written, folded, "", weight, source)
            for folded, (written, weight, source) in weights.items()
        ]

    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    yield from _rows("localities.tsv.gz", reader, locality)


def read_outside(lines: Iterable[str]) -> Iterator[OutsideRow]:
    """outside.tsv: towns outside the EU with their other names, so that we can say that they lie outside."""

    def town(row: dict[str, str]) -> list[OutsideRow]:
        if len(row["country"]) != 2 or not row["country"].isalpha():
            raise ValueError(f"{row['country']!r} is no country")
        name, population = _text(row["name"]), int(row["population"])
        country = _eu_style(row["country"])
        weights: dict[str, int] = {text.fold(name): OWN}
        spelt_out = text.fold(name) + " "
        for alternate in row["alternates"].split("|"):
            folded = text.fold(alternate)
            weights.setdefault(folded, OFFICIAL if spelt_out.startswith(folded + " ") else ALTERNATE)
        weights.pop("", None)
        return [OutsideRow(name, folded, country, population, weight) for folded, weight in weights.items()]

    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    for rows in _rows("outside.tsv.gz", reader, town):
        yield from rows


def countries_outside() -> Iterator[OutsideRow]:
    """The countries that are not in the EU, by their names in its 24 languages (CLDR)."""
    inside = {*_MEMBERS.split(), *_NO_COUNTRIES.split()}
    seen: set[tuple[str, str]] = set()
    for language in ENDONYMS:
        for iso, name in _territories(language).items():
            if len(iso) != 2 or not iso.isalpha() or iso in inside:
                continue
            country = _eu_style(iso)
            for written in (name, *_SHORT.get(country, ()), *(_NATIONS if country == "UK" else ())):
                folded = text.fold(written)
                if folded and (country, folded) not in seen:
                    seen.add((country, folded))
                    english = written if written in _NATIONS else _territories("en").get(iso, name)
                    yield OutsideRow(english, folded, country, 0, OFFICIAL)


def read_former(lines: Iterable[str], codes: set[str]) -> Iterator[FormerRow]:
    """nuts2021_changes.csv: the codes that are gone. Rows of codes that stayed, only their border moved, are left out."""

    def former(row: dict[str, str]) -> FormerRow | None:
        new = row["new_codes"].split()
        shares = [float(share) for share in row["share_of_old"].split()]
        if not new or len(new) != len(shares) or any(code not in codes for code in new):
            raise ValueError(f"the successors {row['new_codes']!r} do not fit")
        if row["old_code"] in codes:
            return None
        return FormerRow(
            row["old_code"], _text(row["old_name"]), row["kind"], new, shares, row["certainty"] != "unsure"
        )

    for row in _rows("nuts2021_changes.csv", csv.DictReader(lines), former):
        if row is not None:
            yield row


def _rows(file: str, reader: Any, make: Callable[[dict[str, str]], Any]) -> Iterator[Any]:
    """Each row made into what it says; what goes wrong is told with the file and the number of the row."""
    rows = iter(reader)
    number = 1
    while True:
        number += 1
        try:
            row = next(rows, None)
            if row is None:
                return
            if None in row or None in row.values():
                raise ValueError("too many or too few columns")
            made = make(row)
        except (ValueError, KeyError, csv.Error) as error:
            why = f"no column {error}" if isinstance(error, KeyError) else str(error)
            raise BadRow(file, number, why) from error
        yield made


def _open(path: Path) -> Iterable[str]:
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return io.StringIO(raw.decode("utf-8"), newline="")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadRow(path.name, 0, str(error)) from error


def _quoting(delimiter: str) -> dict[str, Any]:
    return {"quoting": csv.QUOTE_NONE} if delimiter == "\t" else {}


def _text(written: str, most: int = 120) -> str:
    if not 0 < len(written) <= most or not (written.isprintable() or text.is_plain(written)):
        raise ValueError(f"{written[:40]!r} is no name of 1 to {most} visible characters")
    return written


def _point(lat: str, lon: str) -> tuple[float, float]:
    latitude, longitude = float(lat), float(lon)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"{lat}, {lon} are no coordinates")
    return latitude, longitude


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    decomposed = unicodedata.normalize("NFKD", name.translate(_ASCII))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _eu_style(iso: str) -> str:
    return {"GB": "UK", "GR": "EL"}.get(iso, iso)


@cache
def _territories(language: str) -> dict[str, str]:
    from babel import Locale

    return dict(Locale(language).territories)
