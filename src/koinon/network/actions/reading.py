"""Reading fact files: every value is looked at, and a broken record is named by file and id."""

import calendar
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

from koinon.base.text import is_plain
from koinon.network.models import Precision

MOST_BYTES = 20 * 1024 * 1024
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
# ISO codes that the EU writes otherwise.
_EU_CODES = {"GR": "EL", "GB": "UK"}


class LoadError(Exception):
    """A file that cannot be loaded: which file, which record, what is wrong. Nothing of it was kept."""

    def __init__(self, file: str, record: str, trouble: str) -> None:
        self.file, self.record, self.trouble = file, record, trouble
        super().__init__(f"{file}, {record}: {trouble}" if record else f"{file}: {trouble}")


def read_json(path: Path) -> tuple[dict[str, Any], bytes]:
    """A fact file as a mapping, with its bytes. Refuses what is too large, no UTF-8, no JSON, or no mapping."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise LoadError(path.name, "", f"larger than {MOST_BYTES // 1024 // 1024} MB")
        raw = path.read_bytes()
        content = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_number)
    except OSError as trouble:
        raise LoadError(path.name, "", trouble.strerror or "cannot be read") from trouble
    except UnicodeDecodeError as trouble:
        raise LoadError(path.name, f"byte {trouble.start}", "this is not UTF-8") from trouble
    except (ValueError, RecursionError) as trouble:
        line = f"line {trouble.lineno}" if isinstance(trouble, json.JSONDecodeError) else ""
        why = "this is not JSON" if line else f"this cannot be read: {trouble}"
        raise LoadError(path.name, line, why) from trouble
    if not isinstance(content, dict):
        raise LoadError(path.name, "", "a fact file is a JSON object")
    if (where := _unkeepable(content)) is not None:
        raise LoadError(path.name, where, "a text with characters that are no text (NUL, half of a pair)")
    return content, raw


def _no_number(name: str) -> float:
    """Python reads NaN and Infinity, which JSON does not have and PostgreSQL does not keep."""
    raise ValueError(f"{name} is no number")


def _unkeepable(part: Any, way: str = "") -> str | None:
    """The way to the first text that PostgreSQL could not keep as JSON; None where all is well."""
    if isinstance(part, str):
        return way if any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in part) else None
    pairs = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in pairs:
        here = f"{way}.{key}" if way else str(key)
        if isinstance(key, str) and _unkeepable(key, here) is not None:
            return here
        if (found := _unkeepable(value, here)) is not None:
            return found
    return None


def _number(word: str) -> float:
    """A number with a point or an exponent; `1e400` is larger than any that can be kept."""
    number = float(word)
    if not isfinite(number):
        raise ValueError(f"{word} is too large a number")
    return number


@dataclass(frozen=True)
class When:
    """A day with how exactly the source gives it; `2021-05` is a month."""

    day: date | None
    precision: Precision = Precision.DAY


@dataclass(frozen=True)
class Record:
    """One record of a file. Its methods give a value of the right kind, or say what is wrong with which record."""

    file: str
    name: str
    values: dict[str, Any]

    def wrong(self, trouble: str) -> LoadError:
        return LoadError(self.file, self.name, trouble)

    def text(self, key: str, *, most: int = 300, needed: bool = False, lines: bool = False) -> str:
        value = self.values.get(key)
        if value is None or value == "":
            if needed:
                raise self.wrong(f"{key} is missing")
            return ""
        if not isinstance(value, str):
            raise self.wrong(f"{key} is not a text")
        if not is_plain(value, lines=lines):
            raise self.wrong(f"{key} holds control characters")
        if len(value) > most:
            raise self.wrong(f"{key} is longer than {most} characters")
        return value.strip()

    def choice(self, key: str, choices: list[str], *, needed: bool = True) -> str:
        value = self.text(key, needed=needed)
        if value and value not in choices:
            raise self.wrong(f"{key} is {value!r}, not one of {', '.join(choices)}")
        return value

    def url(self, key: str) -> str:
        value = self.text(key, most=500)
        if value and not value.startswith(("https://", "http://")):
            raise self.wrong(f"{key} is no web address")
        return value

    def yes(self, key: str, default: bool = True) -> bool:
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(f"{key} is neither true nor false")
        return value

    def texts(self, key: str, *, most: int = 500) -> list[str]:
        value = self.values.get(key) or []
        if not isinstance(value, list):
            raise self.wrong(f"{key} is not a list")
        for part in value:
            if not isinstance(part, str) or not is_plain(part) or len(part) > most:
                raise self.wrong(f"{key} holds something that is not a text of at most {most} characters")
        return list(value)

    def records(self, key: str) -> list["Record"]:
        value = self.values.get(key) or []
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            raise self.wrong(f"{key} is not a list of records")
        return [Record(self.file, f"{self.name}, {key} {nr}", part) for nr, part in enumerate(value, 1)]

    def country(self, key: str = "country", *, needed: bool = True) -> str:
        value = self.text(key, most=2, needed=needed)
        if value and not re.fullmatch(r"[A-Z]{2}", value):
            raise self.wrong(f"{key} is no country code")
        return _EU_CODES.get(value, value)

    def countries(self, key: str) -> list[str]:
        value = self.texts(key, most=2)
        if not all(re.fullmatch(r"[A-Z]{2}", code) for code in value):
            raise self.wrong(f"{key} holds something that is no country code")
        return [_EU_CODES.get(code, code) for code in value]

    def day(self, key: str) -> date | None:
        return self.when(key).day

    def when(self, key: str, *, end: bool = False) -> When:
        """A date; a month or a year stands for its first day, or for its last where something ends."""
        value = self.text(key, most=10)
        if not value:
            return When(None)
        found = _DATE.fullmatch(value)
        if not found:
            raise self.wrong(f"{key} is no date: {value!r}")
        year, month, day = (int(part) if part else None for part in found.groups())
        assert year is not None
        try:
            if month is None:
                return When(date(year, 12, 31) if end else date(year, 1, 1), Precision.YEAR)
            if day is None:
                last = calendar.monthrange(year, month)[1]
                return When(date(year, month, last if end else 1), Precision.MONTH)
            return When(date(year, month, day), Precision.DAY)
        except (ValueError, calendar.IllegalMonthError) as trouble:
            raise self.wrong(f"{key} is no date: {value!r}") from trouble


def records_of(file: str, content: dict[str, Any], key: str, *, name: str = "id") -> Iterator[Record]:
    """The records of a list, each under its id; twice the same id, or none, is wrong."""
    rows = content.get(key)
    if not isinstance(rows, list):
        raise LoadError(file, "", f"{key} is not a list")
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise LoadError(file, f"{key} {number}", "not a record")
        own = row.get(name)
        if not isinstance(own, str) or not own or not is_plain(own):
            raise LoadError(file, f"{key} {number}", f"{name} is missing")
        if own in seen:
            raise LoadError(file, own, f"{name} stands twice")
        seen.add(own)
        yield Record(file, own, row)


def numbered(file: str, content: dict[str, Any], key: str) -> Iterator[Record]:
    """The records of a list without ids, named by their number."""
    rows = content.get(key) or []
    if not isinstance(rows, list):
        raise LoadError(file, "", f"{key} is not a list")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise LoadError(file, f"{key} {number}", "not a record")
        yield Record(file, f"{key} {number}", row)


def generated_on(file: str, content: dict[str, Any]) -> date:
    """The day on which a file was made: the facts in it count as checked on it."""
    found = Record(file, "generated", content).day("generated")
    if found is None:
        raise LoadError(file, "", "generated is missing")
    return found
