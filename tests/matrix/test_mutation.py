"""Each check is taken out once; each time some probe must notice. A check that nobody misses is none."""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.urls import get_resolver

from tests.matrix.built import PROBES
from tests.matrix.probing import Probe, outcome
from tests.matrix.table import ACTORS
from tests.matrix.world import World

pytestmark = pytest.mark.django_db


def checks() -> list[Callable[..., bool]]:
    """Every `may_…` function of every `permissions`."""
    found = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("koinon.") and any(part.startswith("permissions") for part in name.split(".")):
            for function_name, function in inspect.getmembers(module, inspect.isfunction):
                if function_name.startswith("may_") and function.__module__ == name:
                    found[f"{name}.{function_name}"] = function
    return [found[name] for name in sorted(found)]


def filters() -> list[type[models.QuerySet[Any]]]:
    """Every QuerySet that has a `seen_by` of its own."""
    sets = {type(model._default_manager.all()) for model in apps.get_models()}
    ours = {kind for kind in sets if kind.__module__.startswith("koinon.") and "seen_by" in vars(kind)}
    return sorted(ours, key=lambda kind: kind.__qualname__)


def somebody_notices(world: World, probes: list[Probe]) -> bool:
    """Whether some cell that is denied is now not."""
    for probe in probes:
        for actor in reversed(ACTORS):
            for relation in reversed(probe.relations):
                if not probe.expects(actor, relation) and not _denied(probe, world, actor, relation):
                    return True
    return False


def _denied(probe: Probe, world: World, actor: str, relation: str) -> bool:
    try:
        return outcome(probe, world, actor, relation).is_denied(probe, actor, relation)
    except Exception:
        # The check stood before something that cannot do without it: it was missed.
        return False


def floor(thing: Any) -> str:
    return str(thing.__module__).split(".")[1]


def everywhere(check: Callable[..., bool]) -> Iterator[Any]:
    """The modules that hold this check under its name."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("koinon.", "tests.")) and getattr(module, check.__name__, None) is check:
            yield module


_reached: dict[str, set[str]] = {}


def reached(world: World) -> dict[str, set[str]]:
    """Which checks and filters a probe comes by, found by watching once; only the order in which they are tried hangs on it."""
    if _reached:
        return _reached
    # Every view is there before it is watched: one that comes later would keep the watcher for good.
    assert get_resolver().url_patterns
    with pytest.MonkeyPatch.context() as patch:
        called: set[str] = set()
        for check in checks():

            def watched(*args: Any, _check: Any = check, **more: Any) -> bool:
                called.add(_check.__name__)
                return bool(_check(*args, **more))

            for module in everywhere(check):
                patch.setattr(module, check.__name__, watched)
        for kind in filters():

            def filtering(self: Any, visitor: Any, _kind: Any = kind, _real: Any = kind.seen_by) -> Any:  # type: ignore[attr-defined]
                called.add(_kind.__name__)
                return _real(self, visitor)

            patch.setattr(kind, "seen_by", filtering)
        for probe in PROBES:
            called.clear()
            for actor in ("PART", "CED", "CLD"):
                with suppress(Exception):
                    outcome(probe, world, actor, probe.relations[-1])
            _reached[str(probe)] = set(called)
    return _reached


def likely_first(world: World, thing: Any) -> list[Probe]:
    """The probes, those first that come by this check or filter, or stand on its floor."""
    name = getattr(thing, "__name__", "")

    def rank(probe: Probe) -> tuple[bool, bool]:
        near = any(view.startswith(floor(thing)) for view in probe.views)
        return (name not in reached(world)[str(probe)], not near)

    return sorted(PROBES, key=rank)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="once is enough")
@pytest.mark.parametrize("check", checks(), ids=lambda check: f"{floor(check)}.{check.__name__}")
def test_a_check_taken_out_is_missed(
    check: Callable[..., bool],
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    probes = likely_first(world, check)
    for module in everywhere(check):
        monkeypatch.setattr(module, check.__name__, lambda *args, **kwargs: True)

    assert somebody_notices(world, probes), f"{check.__name__} can go and nobody sees it"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="once is enough")
@pytest.mark.parametrize("kind", filters(), ids=lambda kind: kind.__name__)
def test_a_filter_taken_out_is_missed(
    kind: type[models.QuerySet[Any]],
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    probes = likely_first(world, kind)
    monkeypatch.setattr(kind, "seen_by", lambda self, visitor: self.all())

    assert somebody_notices(world, probes), f"{kind.__name__}.seen_by can go and nobody sees it"


def test_there_are_checks_to_take_out() -> None:
    assert len(checks()) > 5
