"""An XLSX workbook as rows of text: read in one pass, nothing kept but what stands in its cells, within bounds.

No well-kept reader that we found can be given a bound; what happens without one stands in docs/decisions/dependencies.md.
"""

import io
import math
import re
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from xml.parsers import expat

from django.utils.translation import gettext as _

from koinon.practices.exchange.bounds import (
    MOST_COLUMNS,
    MOST_ELEMENTS,
    MOST_OF_A_CELL,
    MOST_OF_A_TAG,
    MOST_PARTS,
    MOST_ROWS,
    MOST_UNPACKED,
    Refused,
    cell_too_long,
    too_many_columns,
    too_many_rows,
)

_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Formats that every program knows by number: days, and times of a day.
_DAYS: Final = frozenset({14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)})
_TIMES: Final = frozenset({18, 19, 20, 21, 45, 46, 47})
# What stands in a format without being a part of a date: quoted words, colours and currencies, single signs.
_BESIDE: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_LAST_DAY: Final = 2_958_466


@dataclass
class Sheet:
    """The rows that hold something, by their numbers; and which cells cannot be read, and why."""

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    unread: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    """Cells joined downwards: first row, last row, column."""


def sheet_of(content: bytes) -> Sheet:
    """The first sheet that is not hidden."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            _look(book)
            names = book.namelist()
            where = _Where()
            _parse(book, "xl/workbook.xml", where)
            _parse(book, "xl/_rels/workbook.xml.rels", where)
            strings, styles = _Strings(), _Styles()
            if "xl/sharedStrings.xml" in names:
                _parse(book, "xl/sharedStrings.xml", strings)
            if "xl/styles.xml" in names:
                _parse(book, "xl/styles.xml", styles)
            cells = _Cells(strings.found, styles.kinds(), counts_from_1904=where.counts_from_1904)
            _parse(book, where.target(), cells)
            return cells.sheet
    except (zipfile.BadZipFile, expat.ExpatError, KeyError, ValueError, NotImplementedError,
            RuntimeError, EOFError, OSError, OverflowError) as wrong:  # fmt: skip
        raise _damaged() from wrong


def _damaged() -> Refused:
    return Refused(_("The workbook is damaged. Save it once more and send it again."))


def _too_large() -> Refused:
    return Refused(_("The workbook is too large once it is unpacked."))


def _look(book: zipfile.ZipFile) -> None:
    parts = book.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _too_large()
    names = [part.filename.lower() for part in parts]
    if any("vbaproject" in name or "/macrosheets/" in name or "activex" in name for name in names):
        raise Refused(_("The workbook holds macros. Save it without them (XLSX) and send it again."))
    if any("/externallinks/" in name or "/embeddings/" in name for name in names):
        raise Refused(_("The workbook takes parts from other files. Save it with values only."))
    if any(part.flag_bits & 1 for part in parts):
        raise Refused(_("The file is protected by a password. Save it without one and send it again."))
    if "xl/workbook.xml" not in names:
        raise Refused(_("Only CSV, XLSX and JSON are taken."))


class _Handler:
    """Is told of each element and its words, and keeps what it looks for."""

    def start(self, name: str, given: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def words(self, text: str) -> None: ...


def _parse(book: zipfile.ZipFile, name: str, handler: _Handler) -> None:
    """Tell the handler of a part: no tree is built, nothing is declared or fetched, no size is believed."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    elements = 0

    def start(tag: str, given: dict[str, str]) -> None:
        nonlocal elements
        elements += 1
        if elements > MOST_ELEMENTS:
            raise _too_large()
        handler.start(tag.rpartition("}")[2], {key.rpartition("}")[2]: text for key, text in given.items()})

    def declared(*_: Any) -> None:
        # Whoever declares something wants entities; spreadsheet programs never do.
        raise _damaged()

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: handler.end(tag.rpartition("}")[2])
    parser.CharacterDataHandler = handler.words
    parser.StartDoctypeDeclHandler = declared
    read = 0
    with book.open(name) as part:
        while block := part.read(65536):
            read += len(block)
            if read > MOST_UNPACKED:
                raise _too_large()
            parser.Parse(block, False)
            if read - max(parser.CurrentByteIndex, 0) > MOST_OF_A_TAG:
                raise _damaged()
        parser.Parse(b"", True)


class _Where(_Handler):
    """Which part holds the first sheet that is not hidden, and from when days are counted."""

    def __init__(self) -> None:
        self.sheets: list[str] = []
        self.targets: dict[str, str] = {}
        self.counts_from_1904 = False

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "workbookPr":
            self.counts_from_1904 = given.get("date1904") in {"1", "true"}
        elif name == "sheet" and given.get("state", "visible") == "visible":
            self.sheets.append(given.get("id", ""))
        elif name == "Relationship" and given.get("TargetMode") != "External":
            self.targets[given.get("Id", "")] = given.get("Target", "").lstrip("/")

    def target(self) -> str:
        wanted = next((self.targets[one] for one in self.sheets if one in self.targets), None)
        if wanted is None:
            raise _damaged()
        return wanted if wanted.startswith("xl/") else f"xl/{wanted}"


class _Text(_Handler):
    """Words in `t` elements, without the readings above East Asian ones (`rPh`)."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.is_open, self.is_reading, self.total = False, False, 0

    def start(self, name: str, given: dict[str, str]) -> None:
        self.is_reading = self.is_reading or name == "rPh"
        self.is_open = name == "t" and not self.is_reading

    def end(self, name: str) -> None:
        self.is_open = False
        if name == "rPh":
            self.is_reading = False

    def words(self, text: str) -> None:
        if self.is_open:
            self.pieces.append(text)
            self.total += len(text)
            if self.total > MOST_UNPACKED:
                raise _too_large()

    def taken(self) -> str:
        text = _ESCAPED.sub(_sign, "".join(self.pieces))
        self.pieces.clear()
        return text


def _sign(match: re.Match[str]) -> str:
    """What `_x000D_` stands for; half of a pair of surrogates is no letter."""
    code = int(match[1], 16)
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)


class _Strings(_Text):
    """The texts that cells name by number."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def end(self, name: str) -> None:
        super().end(name)
        if name == "si":
            self.found.append(self.taken())


class _Styles(_Handler):
    """Which styles show a number as a day or as a time."""

    def __init__(self) -> None:
        self.own: dict[int, str] = {}
        self.formats: list[int] = []
        self.is_in_cells = False

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "cellXfs":
            self.is_in_cells = True
        elif name == "xf" and self.is_in_cells:
            self.formats.append(_number(given.get("numFmtId")))
        elif name == "numFmt":
            self.own[_number(given.get("numFmtId"))] = given.get("formatCode", "")[:200]

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self.is_in_cells = False

    def kinds(self) -> list[str]:
        """For each style `day`, `time` or nothing."""
        return [self._kind(number) for number in self.formats]

    def _kind(self, number: int) -> str:
        if number not in self.own:
            return "day" if number in _DAYS else "time" if number in _TIMES else ""
        code = _BESIDE.sub("", self.own[number].lower())
        has_time = "h" in code or "s" in code
        if "y" in code or "d" in code or ("m" in code and not has_time):
            return "day"
        return "time" if has_time else ""


def _number(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else otherwise


class _Cells(_Text):
    """The rows of a sheet, each forgotten once it was looked at where it holds nothing."""

    def __init__(self, strings: list[str], kinds: list[str], *, counts_from_1904: bool) -> None:
        super().__init__()
        self.sheet = Sheet()
        self.strings, self.kinds = strings, kinds
        self.first_day = (
            datetime(1904, 1, 1, tzinfo=UTC) if counts_from_1904 else datetime(1899, 12, 30, tzinfo=UTC)
        )
        self.number, self.cells = 0, list[str]()
        self.at, self.kind, self.style, self.has_formula = 0, "", 0, False

    def start(self, name: str, given: dict[str, str]) -> None:
        super().start(name, given)
        match name:
            case "row":
                self.number, self.cells = _number(given.get("r"), self.number + 1), []
            case "c":
                self.at = _across(given.get("r"), len(self.cells))
                self.kind, self.style, self.has_formula = given.get("t", "n"), _number(given.get("s")), False
                if self.at >= MOST_COLUMNS:
                    raise too_many_columns()
                self.pieces.clear()
            case "v":
                self.is_open = True
            case "f":
                self.has_formula = True
            case "mergeCell":
                self._merge(given.get("ref", ""))

    def end(self, name: str) -> None:
        super().end(name)
        if name == "c":
            self.cells.extend([""] * (self.at + 1 - len(self.cells)))
            self.cells[self.at] = self._value()
            if len(self.cells[self.at]) > MOST_OF_A_CELL:
                raise cell_too_long(self.number)
        elif name == "row" and any(cell.strip() for cell in self.cells):
            # The headings stand in a row of their own.
            if len(self.sheet.rows) > MOST_ROWS:
                raise too_many_rows()
            self.sheet.rows.append((self.number, self.cells))

    def _merge(self, reference: str) -> None:
        begin, _colon, end = reference.partition(":")
        first, last = _REFERENCE.fullmatch(begin), _REFERENCE.fullmatch(end)
        if first and last and int(last[2]) > int(first[2]) and _column(first[1]) < MOST_COLUMNS:
            if len(self.sheet.merged) >= MOST_ROWS:
                raise _too_large()
            self.sheet.merged.append((int(first[2]), int(last[2]), _column(first[1])))

    def _value(self) -> str:
        text = self.taken()
        if self.kind == "inlineStr":
            return text
        if self.kind == "s":
            at = _number(text.strip(), -1) if text.strip() else -1
            if not text.strip():
                return ""
            if not 0 <= at < len(self.strings):
                raise _damaged()
            return self.strings[at]
        if self.kind == "e":
            self.sheet.unread[(self.number, self.at)] = text[:20]
            return text
        if not text and self.has_formula:
            self.sheet.unread[(self.number, self.at)] = ""
            return "="
        if self.kind == "b":
            return "yes" if text == "1" else "no"
        return self._counted(text) if self.kind == "n" else text

    def _counted(self, text: str) -> str:
        try:
            number = float(text)
        except ValueError:
            return text
        if not math.isfinite(number):
            return text
        kind = self.kinds[self.style] if self.style < len(self.kinds) else ""
        if kind and 0 <= number < _LAST_DAY:
            when = self.first_day + timedelta(seconds=round(number * 86400))
            if kind == "time":
                return f"{when:%H:%M}"
            return f"{when:%Y-%m-%d}" if number == int(number) else f"{when:%Y-%m-%d %H:%M}"
        if number == int(number) and abs(number) < 1e15:
            return str(int(number))
        return text


def _across(reference: str | None, otherwise: int) -> int:
    match = _REFERENCE.fullmatch(reference or "")
    return otherwise if match is None else _column(match[1])


def _column(letters: str) -> int:
    at = 0
    for letter in letters:
        at = at * 26 + ord(letter) - 64
    return at - 1
