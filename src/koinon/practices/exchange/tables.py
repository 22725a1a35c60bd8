"""Files of tables as rows of text: CSV, XLSX and JSON, within bounds, and nothing of them is ever run or fetched."""

import csv
import io
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from koinon.base.exits import harmless
from koinon.practices.exchange import columns
from koinon.practices.exchange.bounds import (
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_OF_A_CELL,
    MOST_ROWS,
    Refused,
    cell_too_long,
    too_many_columns,
    too_many_rows,
)

__all__ = ["MOST_BYTES", "MOST_COLUMNS", "Refused", "Table", "of_items", "read"]

_LOOKED_FOR_HEADINGS: Final = 10
_ZIP = b"PK\x03\x04"
# Old and protected workbooks, PDF, pictures, RTF, other archives.
_OTHERS = (
    b"\xd0\xcf\x11\xe0",
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"{\\rtf",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"PK\x05\x06",
)


@dataclass(frozen=True)
class Table:
    """Headings and rows. `numbers` are the rows' numbers as the file's own program counts them.

    `unread`: cells that hold a formula without a result, or an error (row's number, column → the error).
    """

    kind: str
    headers: list[str]
    rows: list[list[str]]
    numbers: list[int]
    unread: dict[tuple[int, int], str] = field(default_factory=dict)


def read(content: bytes) -> Table:
    """The table in a file; what kind it is, its bytes say and not its name."""
    if not content:
        raise Refused(_("The file is empty."))
    if len(content) > MOST_BYTES:
        raise Refused(_("The file is larger than 10 MB. Send it in parts."))
    if content.startswith(_ZIP):
        from koinon.practices.exchange import workbook

        sheet = workbook.sheet_of(content)
        return _table("xlsx", sheet.rows, unread=sheet.unread, merged=sheet.merged)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(
            _("This is an old workbook (XLS) or one with a password. Save it as XLSX without a password.")
        )
    if content.startswith(_OTHERS):
        raise _no_table()
    text = _decoded(content)
    begin = text.lstrip()[:1]
    if begin in {"{", "["}:
        return _json(text)
    if begin == "<":
        raise _no_table()
    return _table("csv", _csv(text))


def _no_table() -> Refused:
    return Refused(_("Only CSV, XLSX and JSON are taken."))


def _table(
    kind: str,
    lines: Iterable[tuple[int, list[str]]],
    *,
    unread: dict[tuple[int, int], str] | None = None,
    merged: Iterable[tuple[int, int, int]] = (),
) -> Table:
    found: list[tuple[int, list[str]]] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > MOST_COLUMNS:
            raise too_many_columns()
        if len(found) > MOST_ROWS:
            raise too_many_rows()
        found.append((number, cells))
    at = _headings(found)
    if len(found) < at + 2:
        raise Refused(_("There is no row beneath the headings."))
    headers = [_sound(cell.strip())[:200] for cell in found[at][1]]
    found = found[at + 1 :]
    numbers = [number for number, _cells in found]
    rows = [[_shown(cell) for cell in cells] for _number, cells in found]
    _fill_merged(rows, numbers, merged)
    return Table(kind, headers, rows, numbers, unread or {})


def _headings(found: list[tuple[int, list[str]]]) -> int:
    """Where the headings stand: in the first row that holds some we know, as a title may stand above; else in the first."""
    for at, (_number, cells) in enumerate(found[:_LOOKED_FOR_HEADINGS]):
        if len(columns.guess(cells)) > 1:
            return at
    return 0


def _fill_merged(rows: list[list[str]], numbers: list[int], merged: Iterable[tuple[int, int, int]]) -> None:
    """What stands in cells that are joined downwards holds for each of their rows."""
    done = 0
    for first, last, column in merged:
        begin, end = bisect_left(numbers, first), bisect_right(numbers, last)
        if begin == len(rows) or numbers[begin] != first or column >= len(rows[begin]):
            continue
        for row in rows[begin + 1 : end]:
            done += 1
            if done > MOST_ROWS * MOST_COLUMNS:
                return
            row.extend([""] * (column + 1 - len(row)))
            row[column] = row[column] or rows[begin][column]


def _shown(cell: str) -> str:
    """What our own exports made harmless by an apostrophe, as it was."""
    if cell.startswith("'") and harmless(cell[1:]) == cell:
        return cell[1:]
    return cell


def _decoded(content: bytes) -> str:
    coding = "utf-8-sig"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        coding = "utf-16"
    elif content[1:2] == content[3:4] == b"\0":
        coding = "utf-16-le"
    elif content[0:1] == content[2:3] == b"\0":
        coding = "utf-16-be"
    elif b"\0" in content:
        raise _no_table()
    for one in (coding, "cp1252") if coding == "utf-8-sig" else (coding,):
        try:
            return content.decode(one)
        except UnicodeDecodeError:
            continue
    raise Refused(_("The letters of the file cannot be read. Save it as UTF-8 and send it again."))


def _csv(text: str) -> Iterable[tuple[int, list[str]]]:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if any(len(cell) > MOST_OF_A_CELL for cell in cells):
                raise cell_too_long(number)
            yield number, cells
    except csv.Error as wrong:
        raise Refused(
            _(
                "The table cannot be read near line %(line)s: a quotation mark is not closed, or a cell is too long."
            )
            % {"line": reader.line_num}
        ) from wrong


def _json(text: str) -> Table:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise Refused(_("This is no JSON that can be read.")) from wrong
    return of_items(data.get("items") if isinstance(data, dict) else data)


def of_items(items: Any) -> Table:
    """The table in a list of objects, as JSON holds it: lists become lines, pairs `label | address`."""
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise Refused(_("JSON has to be a list of objects, or an object with such a list as “items”."))
    if len(items) > MOST_ROWS:
        raise too_many_rows()
    names = list(dict.fromkeys(name for item in items for name in item))
    if len(names) > MOST_COLUMNS:
        raise too_many_columns()
    rows = [[_flat(item.get(name)) for name in names] for item in items]
    for number, row in enumerate(rows, start=1):
        if any(len(cell) > MOST_OF_A_CELL for cell in row):
            raise cell_too_long(number)
    return Table("json", [_sound(name)[:200] for name in names], rows, list(range(1, len(rows) + 1)))


def _flat(value: Any) -> str:
    if isinstance(value, list):
        pairs = [" | ".join(map(_plain, one)) if isinstance(one, list) else _plain(one) for one in value]
        return _sound("\n".join(pairs))
    return _sound(_plain(value))


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _sound(text: str) -> str:
    """Half of a pair of surrogates is no letter: a sign stands there that no row may hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
