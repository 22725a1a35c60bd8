"""Files as people send them, good and bad, for the tests of taking them in."""

import csv
import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import xlsxwriter

HEADINGS = ["id", "title", "summary", "challenge", "approach", "places", "begun"]
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"


def rows_of(count: int, **more: str) -> list[dict[str, str]]:
    """Rows that are in order."""
    return [
        {
            "id": f"row-{number}",
            "title": f"A door, number {number}",
            "summary": "Three services share one office.",
            "challenge": "Five counters.",
            "approach": "One door.",
            "places": "BE",
            "begun": "2019",
        }
        | more
        for number in range(1, count + 1)
    ]


def csv_of(rows: list[dict[str, str]], *, delimiter: str = ",", coding: str = "utf-8") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(coding)


def xlsx_of(cells: list[list[Any]], *, joined: tuple[str, ...] = ()) -> bytes:
    """A workbook as a program writes it; cells that begin with `=` are formulas without a result."""
    import datetime

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
    for down, row in enumerate(cells):
        for across, value in enumerate(row):
            if isinstance(value, datetime.date):
                sheet.write_datetime(down, across, datetime.datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
            elif isinstance(value, str) and value.startswith("="):
                sheet.write_formula(down, across, value, None, "")
            else:
                sheet.write(down, across, value)
    for reference in joined:
        sheet.merge_range(reference, "")
        first = cells[int(reference[1]) - 1][ord(reference[0]) - 65]
        sheet.write(reference.partition(":")[0], first)
    book.close()
    return out.getvalue()


def repacked(content: bytes, parts: dict[str, bytes], *, lies: bool = False) -> bytes:
    """The same workbook with some parts in place of its own; `lies`: it says that each part has a hundred bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            new.writestr(name, parts[name] if name in parts else old.read(name))
    packed = bytearray(out.getvalue())
    for sign, after in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)) if lies else ():
        at = packed.find(sign)
        while at >= 0:
            struct.pack_into("<I", packed, at + after, 100)
            at = packed.find(sign, at + 4)
    return bytes(packed)


def sheet_xml(inside: str, *, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{before}<worksheet {MAIN}><sheetData>{inside}</sheetData></worksheet>'.encode()
    )


GOOD = xlsx_of([["title", "summary"], ["A door", "One office"]])
_FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
_CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>title</t></is></c></row>'
_LAUGHS = '<!DOCTYPE l [<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 10)
)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "NUL": lambda: b"title,summary\nA\x00door,b\n",
    "only NUL": lambda: b"\0" * 1000,
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + b"x" * 100,
    "an old workbook": lambda: b"\xd0\xcf\x11\xe0" + b"x" * 5000,
    "a web page": lambda: b"<html><body><table><tr><td>title</td></tr></table>",
    "a quote never closed": lambda: b'title,summary\n"A door,b\n' + b"c,d\n" * 20,
    "a long quote never closed": lambda: b'title,summary\n"' + b"x" * 1_000_000,
    "a long cell": lambda: b"title,summary\nA," + b"x" * 60_000 + b"\n",
    "many columns": lambda: b"title" + b",x" * 5000 + b"\nA door\n",
    "a hundred thousand rows": lambda: b"title\n" + b"A door\n" * 100_000,
    "headings alone": lambda: b"title,summary\n",
    "no letters": lambda: b"title\nA d\x81or\n",
    "half of UTF-16": lambda: b"\xff\xfet\x00i\x00t\x00l\x00e\x00\n\x00\x00\xd8\n\x00a",
    "JSON without end": lambda: b'{"items": [',
    "deep JSON": lambda: b"[" * 100_000,
    "JSON of numbers": lambda: b"[1, 2]",
    "JSON with digits": lambda: b'[{"title": ' + b"1" * 5000 + b"}]",
    "many JSON rows": lambda: b"[" + b'{"title":"a"},' * 6000 + b'{"title":"a"}]',
    "no zip": lambda: b"PK\x03\x04" + b"x" * 100,
    "a zip of others": lambda: repacked(_zip({"a.txt": b"a"}), {}),
    "a far cell": lambda: repacked(GOOD, {SHEET: sheet_xml(_FAR)}),
    "a row far right": lambda: repacked(
        GOOD, {SHEET: sheet_xml('<row r="1"><c r="XFD1"><v>1</v></c></row>')}
    ),
    "billions laughing": lambda: repacked(
        GOOD,
        {SHEET: sheet_xml('<row r="1"><c r="A1" t="str"><v>&a9;</v></c></row>', before=_LAUGHS + "]>")},
    ),
    "an outside entity": lambda: repacked(
        GOOD,
        {SHEET: sheet_xml(_CELL, before='<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>')},
    ),
    "a text by a number too high": lambda: repacked(
        GOOD, {SHEET: sheet_xml('<row r="1"><c r="A1" t="s"><v>999999999</v></c></row>')}
    ),
    "a bomb": lambda: repacked(GOOD, {SHEET: sheet_xml(_CELL + " " * 60_000_000)}),
    "a bomb that lies": lambda: repacked(GOOD, {SHEET: sheet_xml(_CELL + " " * 60_000_000)}, lies=True),
    "a bomb of rows": lambda: repacked(GOOD, {SHEET: sheet_xml("<row/>" * 2_000_000)}),
    "a bomb of cells": lambda: repacked(GOOD, {SHEET: sheet_xml("<row>" + "<c/>" * 2_000_000 + "</row>")}),
    "a bomb of depth": lambda: repacked(GOOD, {SHEET: sheet_xml("<a>" * 2_000_000)}),
    "a bomb of one tag": lambda: repacked(GOOD, {SHEET: sheet_xml("<row " + " " * 3_000_000 + "/>")}),
    "a bomb of texts": lambda: repacked(
        GOOD, {"xl/sharedStrings.xml": f"<sst {MAIN}>{'<si><t>a</t></si>' * 1_000_000}</sst>".encode()}
    ),
    "macros": lambda: repacked(GOOD, {"xl/vbaProject.bin": b"x"}),
    "parts of others": lambda: repacked(GOOD, {"xl/externalLinks/externalLink1.xml": b"<a/>"}),
    "half a workbook": lambda: GOOD[: len(GOOD) // 2],
    "too large": lambda: b"x" * (10 * 1024 * 1024 + 1),
}
"""What TRUST.md names, and what breaks readers of workbooks; each is made when it is wanted."""


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()
