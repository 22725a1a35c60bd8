"""`kill -9` of server and desk at random moments: what was acknowledged is there once, and nothing is there twice."""

import os
from pathlib import Path

import pytest

from tests.faults.fallible import House
from tests.faults.siege import besiege, wrong

pytestmark = pytest.mark.server
WRITES = int(os.environ.get("KOINON_SIEGE_WRITES", "1000"))
KILLS = int(os.environ.get("KOINON_SIEGE_KILLS", "8"))
SEED = int(os.environ.get("KOINON_SIEGE_SEED", "1310"))


def test_no_acknowledged_write_is_lost_or_doubled(fallible: House, tmp_path: Path) -> None:
    found = besiege(fallible, tmp_path, writes=WRITES, kills=KILLS, seed=SEED, seconds=WRITES / 2, say=print)

    assert wrong(found) == {}
    figures = found["figures"]
    assert figures["writes"] >= WRITES, figures
    assert figures["kills"] == KILLS
    assert figures["answered, acknowledged"] > 0, figures
