"""Each check is taken out once; each time some probe must notice. A check that nobody misses is none."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from tests.matrix.built import PROBES
from tests.matrix.probing import outcome
from tests.matrix.table import ACTORS
from tests.matrix.watching import WATCH, Cell, Check, Filter, checks, everywhere, filters
from tests.matrix.world import World

pytestmark = pytest.mark.django_db


def somebody_notices(world: World, thing: Any) -> bool:
    """Whether some cell that is denied is now not."""
    return any(not _denied(world, cell) for cell in _likely_first(world, thing))


def _denied(world: World, cell: Cell) -> bool:
    probe, actor, relation = cell
    try:
        return outcome(probe, world, actor, relation).is_denied(probe, actor, relation)
    except Exception:
        # The check stood before something that cannot do without it: it was missed.
        return False


def _likely_first(world: World, thing: Any) -> Iterator[Cell]:
    """Every denied cell: first those where it said no, then those of its floor, then all others."""
    first = WATCH.cells(thing)
    yield from first
    done = set(first)
    for probe in sorted(PROBES, key=lambda probe: not any(v.startswith(floor(thing)) for v in probe.views)):
        for actor in reversed(ACTORS):
            for relation in reversed(probe.relations):
                if not probe.expects(actor, relation) and (probe, actor, relation) not in done:
                    yield probe, actor, relation


@pytest.fixture(scope="module")
def _seen(_world: World) -> None:
    """Alone, without the cells tried before it, some are tried here."""
    if WATCH.said_no:
        return
    with WATCH.looking():
        for probe in PROBES:
            for actor in ("PART", "CED", "CLD"):
                cell = probe, actor, probe.relations[-1]
                WATCH.begin()
                with suppress(Exception):
                    outcome(probe, _world, actor, probe.relations[-1])
                if not probe.expects(actor, probe.relations[-1]):
                    WATCH.end(cell)


def floor(thing: Any) -> str:
    return str(thing.__module__).split(".")[1]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="once is enough")
@pytest.mark.usefixtures("_seen")
@pytest.mark.parametrize("check", checks(), ids=lambda check: f"{floor(check)}.{check.__name__}")
def test_a_check_taken_out_is_missed(check: Check, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in list(everywhere(check)):
        monkeypatch.setattr(module, check.__name__, lambda *args, **kwargs: True)

    assert somebody_notices(world, check), f"{check.__name__} can go and nobody sees it"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="once is enough")
@pytest.mark.usefixtures("_seen")
@pytest.mark.parametrize("kind", filters(), ids=lambda kind: kind.__name__)
def test_a_filter_taken_out_is_missed(kind: Filter, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, "seen_by", lambda self, visitor: self.all())

    assert somebody_notices(world, kind), f"{kind.__name__}.seen_by can go and nobody sees it"


def test_there_are_checks_to_take_out() -> None:
    assert len(checks()) > 5
