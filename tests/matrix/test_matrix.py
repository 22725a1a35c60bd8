"""Every cell of the table that has an address, tried by every actor on what is own, a sibling's and foreign."""

import os
from collections.abc import Iterator
from zlib import crc32

import pytest
from django.db import connection

from tests.matrix.built import PROBES
from tests.matrix.not_built import RIGHTS_NOT_BUILT, ROWS_NOT_BUILT
from tests.matrix.probes_network import HOLDING
from tests.matrix.probing import Probe, Trial, attempt, control, outcome, undone
from tests.matrix.table import ACTORS, HIDDEN, allows, rights, rows
from tests.matrix.watching import WATCH, Watch
from tests.matrix.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    """What says no in each cell, for those who take it out."""
    with WATCH.looking():
        yield WATCH


def some(probe: Probe, cells: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """On PostgreSQL every third of them, and each with KOINON_TEST_LONG=1: what somebody sees is asked of both in the same words."""
    if connection.vendor != "postgresql" or os.environ.get("KOINON_TEST_LONG"):
        return cells
    return cells[crc32(str(probe).encode()) % 3 :: 3]


@pytest.mark.parametrize("probe", PROBES, ids=str)
def test_each_cell(probe: Probe, world: World, watch: Watch) -> None:
    """On PostgreSQL one positive control, and some of what is denied."""
    cells = [(actor, relation) for actor in ACTORS for relation in probe.relations]
    if connection.vendor == "postgresql":
        first = control(probe)
        cells = [first] * bool(first) + some(probe, [cell for cell in cells if not probe.expects(*cell)])
    wrong = []
    for actor, relation in cells:
        expected = probe.expects(actor, relation)
        watch.begin()
        found = outcome(probe, world, actor, relation)
        if not expected:
            watch.end((probe, actor, relation))
        right = (
            found.went and (not probe.journals or found.written > 0)
            if expected
            else found.is_denied(probe, actor, relation)
        )
        if not right:
            wrong.append(f"{actor} on {relation}: {'should' if expected else 'should not'} — {found.status}")
    assert not wrong, "\n".join(wrong)


_HIDING = [probe for probe in PROBES if probe.shown_by in HIDDEN and probe.right != "C"]


def test_a_probe_of_a_hidden_row_says_how_to_take_the_thing_away() -> None:
    """All but those of who holds the code: without it there is nothing to take away."""
    assert {probe.relations for probe in _HIDING if probe.without is None} <= {HOLDING}


@pytest.mark.parametrize("probe", [probe for probe in _HIDING if probe.without is not None], ids=str)
def test_denied_looks_like_missing(probe: Probe, world: World) -> None:
    """Byte for byte: the answer to who may not see it is the answer once the thing is gone."""
    assert probe.without is not None
    hidden = [
        (actor, relation)
        for actor in ACTORS
        for relation in probe.relations
        if not probe.expects(actor, relation) and not allows(probe.shown_by, actor, "R", relation)
    ]
    for actor, relation in some(probe, hidden):
        client = world.client(actor)
        with undone():
            trial = Trial(world, actor, relation, client)
            denied = attempt(probe, trial)
            probe.without(trial)
            missing = attempt(probe, trial)
        assert denied == missing, f"{actor} on {relation}"
        assert denied.status in {401, 404} or denied.to_login


def test_each_row_has_a_positive_control() -> None:
    without = {row for row in rows() if row not in ROWS_NOT_BUILT} - {
        probe.row for probe in PROBES if control(probe)
    }

    assert without == set()


def test_each_right_that_somebody_has_is_probed_or_named_as_not_built() -> None:
    table = {(row, right) for row in rows() if row not in ROWS_NOT_BUILT for right in rights(row)}
    probed = {(probe.row, probe.right) for probe in PROBES}

    assert table - probed == set(RIGHTS_NOT_BUILT)
    assert probed & set(RIGHTS_NOT_BUILT) == set()
    assert probed - table == set()


def test_the_table_is_read_as_it_is_written() -> None:
    assert [allows("H8", "CED", "R", relation) for relation in ("mine", "own")] == [True, False]
    assert [allows("A1", "CMG", "U", relation) for relation in ("own", "sibling", "foreign")] == [
        True,
        False,
        False,
    ]
    assert [allows("A4", "CLD", "U", relation) for relation in ("own", "sibling", "foreign")] == [
        True,
        True,
        False,
    ]
    assert [allows("A6", "NCO", "C", relation) for relation in ("own", "foreign")] == [False, False]
    assert allows("H3", "ADM", "A", "foreign")
    assert not allows("H2", "ANON", "R", "own")
