"""Every route names its row of `matrix.csv`, the table of who may do what. One that names none does not start.

The table has a row for each kind of thing and state, nine actors each, and codes such as `R` (read) or `U:t` (change,
in one's own organisation). `P1` is a public page that all may read. What the letters mean: docs/permissions.md.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

MATRIX = Path(__file__).with_name("matrix.csv")
PUBLIC_PAGE = "P1"

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Governed:
    """Which row a view answers to, and which right each method asks for: `{"GET": "R", "POST": "C"}`."""

    row: str
    rights: dict[str, str] = field(default_factory=lambda: {"GET": "R"})


def governed(row: str, **rights: str) -> Callable[[View], View]:
    """Name the row of a view. `@governed("A1")` reads; `@governed("A7", GET="R", POST="C")` says it for each method."""

    def mark(view: View) -> View:
        view.governed = Governed(row, rights or {"GET": "R"})  # type: ignore[attr-defined]
        return view

    return mark


def governed_by(view: Callable[..., Any]) -> Governed | None:
    """What a view has named, looking through decorators."""
    found = getattr(view, "governed", None)
    return found if isinstance(found, Governed) else None


@cache
def matrix() -> dict[str, dict[str, frozenset[str]]]:
    """The table: row → actor → codes, e.g. `matrix()["A1"]["CED"] == {"R", "U:t"}`. Denied is the empty set."""
    rows: dict[str, dict[str, frozenset[str]]] = {}
    with MATRIX.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            codes = frozenset(line["allow"].replace(",", " ").split()) - {"-"}
            rows.setdefault(line["row"], {})[line["actor"]] = codes
    return rows


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Every address the house answers at, with the pattern that answers."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, URLPattern]]:
        for pattern in patterns:
            here = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, here)
            else:
                yield here, pattern

    yield from walk(get_resolver().url_patterns, "")


@register()
def every_route_names_its_row(**_: Any) -> list[CheckMessage]:
    """Django's start-up check: an address without a row, or with one the table does not know, stops the start."""
    problems: list[CheckMessage] = []
    for address, pattern in routes():
        named = governed_by(pattern.callback)
        if named is None:
            problems.append(Error(f"{address} names no row of matrix.csv", id="koinon.E001"))
        elif named.row != PUBLIC_PAGE and named.row not in matrix():
            problems.append(Error(f"{address} names {named.row}, not in matrix.csv", id="koinon.E002"))
    return problems
