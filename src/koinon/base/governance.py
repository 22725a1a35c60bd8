"""Every way in or out names its row of `matrix.csv`, the table of who may do what. One that names none does not start.

The table has a row for each kind of thing and state, nine actors each, and codes such as `R` (read) or `U:t` (change,
in one's own organisation). `P1` is a public page that all may read. What the letters mean: docs/permissions.md.

Named are: the view of every address and every operation of the API (`@governed("A1")`), every command of ours
(`matrix_row = "H3"`), and every mail (`governance.mails`). Django's start-up check holds it all.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.core.management import get_commands, load_command_class
from django.urls import URLPattern, URLResolver, get_resolver

MATRIX = Path(__file__).with_name("matrix.csv")
PUBLIC_PAGE = "P1"
HOUSE = "koinon"

Marked = TypeVar("Marked", bound=Callable[..., Any])


@dataclass(frozen=True)
class Governed:
    """Which row a view answers to, and which right each method asks for: `{"GET": "R", "POST": "C"}`."""

    row: str
    rights: dict[str, str] = field(default_factory=lambda: {"GET": "R"})


mails: dict[str, str] = {}
"""Which row each mail answers to: the beginning of its template's name → row. Filled by each capability's `apps.py`."""


def governed(row: str, **rights: str) -> Callable[[Marked], Marked]:
    """Name the row of a view or an operation.

    `@governed("A1")` reads; `@governed("A7", GET="R", POST="C")` says it for each method.
    """

    def mark(view: Marked) -> Marked:
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


def mail_row(template: str) -> str:
    """The row of a mail; a mail that names none is not sent."""
    try:
        return mails[template]
    except KeyError:
        raise LookupError(f"the mail {template} names no row of matrix.csv") from None


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


def operations(view: Callable[..., Any]) -> list[Any]:
    """The operations of the API behind a view of django-ninja; none where the view is one of ours.

    django-ninja wraps each path in a function of its own that holds the path's `PathView` in its closure.
    """
    from ninja.operation import PathView

    for cell in getattr(view, "__closure__", None) or ():
        if isinstance(cell.cell_contents, PathView):
            return list(cell.cell_contents.operations)
    return []


def ways_in() -> Iterator[tuple[str, Governed | None]]:
    """Every address with what its view has named; an operation of the API stands for itself, with its methods."""
    for address, pattern in routes():
        found = operations(pattern.callback)
        if not found:
            yield address, governed_by(pattern.callback) or _machinery(pattern.callback)
        for operation in found:
            named = governed_by(operation.view_func)
            right = next(iter(named.rights.values())) if named else ""
            methods = (
                {method: named.rights.get(method, right) for method in operation.methods} if named else {}
            )
            yield (
                f"{address} [{', '.join(operation.methods)}]",
                Governed(named.row, methods) if named else None,
            )


def _machinery(view: Callable[..., Any]) -> Governed | None:
    """The root of the API, which django-ninja answers (there is nothing), is a public page."""
    inner = getattr(view, "func", None)
    if getattr(inner, "__module__", "") == "ninja.openapi.views":
        return Governed(PUBLIC_PAGE)
    return None


def named_row(request: Any, view: Callable[..., Any]) -> tuple[str, str] | None:
    """The row and the right that this request asks for, as its view or operation has named them."""
    method = "GET" if request.method in {"HEAD", "OPTIONS"} else request.method
    for operation in operations(view):
        if method in operation.methods:
            named = governed_by(operation.view_func)
            if named is None:
                return None
            return named.row, named.rights.get(method, next(iter(named.rights.values())))
    named = governed_by(view)
    return (named.row, named.rights.get(method, "")) if named else None


def commands() -> Iterator[tuple[str, Governed | None]]:
    """Every command of ours, with what its class has named."""
    for name, where in sorted(get_commands().items()):
        if (where if isinstance(where, str) else where.__module__).partition(".")[0] == HOUSE:
            row = getattr(load_command_class(str(where), name), "matrix_row", None)
            yield name, Governed(row) if isinstance(row, str) else None


def mail_templates() -> Iterator[str]:
    """Every mail that has a template of ours, without its ending: `network/mail/confirm`."""
    for app in apps.get_app_configs():
        folder = Path(app.path) / "templates"
        if app.name.partition(".")[0] != HOUSE or not folder.is_dir():
            continue
        for file in sorted([*folder.glob("**/mail/*.txt"), *folder.glob("**/email/*.txt")]):
            name = file.relative_to(folder).with_suffix("").as_posix()
            yield name.removesuffix("_subject").removesuffix("_message")


@register()
def everything_names_its_row(**_: Any) -> list[CheckMessage]:
    """Django's start-up check: what names no row, or one that the table does not know, stops the start."""
    problems: list[CheckMessage] = []

    def hold(what: str, named: Governed | None) -> None:
        if named is None:
            problems.append(Error(f"{what} names no row of matrix.csv", id="koinon.E001"))
        elif named.row != PUBLIC_PAGE and named.row not in matrix():
            problems.append(Error(f"{what} names {named.row}, not in matrix.csv", id="koinon.E002"))

    for address, named in ways_in():
        hold(address, named)
    for name, named in commands():
        hold(f"the command {name}", named)
    for template in mail_templates():
        hold(f"the mail {template}", Governed(mails[template]) if template in mails else None)
    for template, row in mails.items():
        hold(f"the mail {template}", Governed(row))
    return problems
