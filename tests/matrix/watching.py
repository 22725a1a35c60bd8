"""Which checks and filters a try of the table comes by, and which of them said no.

It is watched while the cells are tried. Whoever takes a check out begins with the cells where it alone said no: nothing but the
order hangs on what was seen.
"""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.urls import get_resolver

from tests.matrix.probing import Probe

Cell = tuple[Probe, str, str]
Check = Callable[..., bool]
Filter = type[models.QuerySet[Any]]


def checks() -> list[Check]:
    """Every `may_…` function of every `permissions`."""
    found = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("koinon.") and any(part.startswith("permissions") for part in name.split(".")):
            for function_name, function in inspect.getmembers(module, inspect.isfunction):
                if function_name.startswith("may_") and function.__module__ == name:
                    found[f"{name}.{function_name}"] = function
    return [found[name] for name in sorted(found)]


def filters() -> list[Filter]:
    """Every QuerySet that has a `seen_by` of its own."""
    sets = {type(model._default_manager.all()) for model in apps.get_models()}
    ours = {kind for kind in sets if kind.__module__.startswith("koinon.") and "seen_by" in vars(kind)}
    return sorted(ours, key=lambda kind: kind.__qualname__)


def everywhere(check: Check) -> Iterator[Any]:
    """The modules that hold this check under its name."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("koinon.", "tests.")) and getattr(module, check.__name__, None) is check:
            yield module


def name_of(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


class Watch:
    """What said no in the cells that were tried so far."""

    def __init__(self) -> None:
        self.said_no: dict[Cell, frozenset[str]] = {}
        self._now: set[str] = set()

    def begin(self) -> None:
        self._now.clear()

    def end(self, cell: Cell) -> None:
        """Keep what said no since the beginning."""
        self.said_no[cell] = frozenset(self._now)

    def cells(self, thing: Any) -> list[Cell]:
        """Where this check or filter said no, those first where the fewest others did."""
        name = name_of(thing)
        found = [cell for cell, no in self.said_no.items() if name in no]
        return sorted(found, key=lambda cell: len(self.said_no[cell]))

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Every check says here what it answers, and every filter that it was asked."""
        # Every view is there before it is watched: one that comes later would keep the watcher for good.
        assert get_resolver().url_patterns
        with pytest.MonkeyPatch.context() as patch:
            for check in checks():
                for module in list(everywhere(check)):
                    patch.setattr(module, check.__name__, self._asking(check))
            for kind in filters():
                patch.setattr(kind, "seen_by", self._filtering(kind))
            yield

    def _asking(self, check: Check) -> Check:
        name = name_of(check)

        def asked(*args: Any, **more: Any) -> bool:
            answer = check(*args, **more)
            if not answer:
                self._now.add(name)
            return answer

        return asked

    def _filtering(self, kind: Any) -> Callable[..., Any]:
        name, real = name_of(kind), kind.seen_by

        def filtered(rows: Any, visitor: Any) -> Any:
            self._now.add(name)
            return real(rows, visitor)

        return filtered


WATCH = Watch()
