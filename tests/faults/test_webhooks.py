"""Handing over is killed in the middle, again and again: nothing is missing, the order is kept, doubles have the same id."""

import random
import signal
from collections import defaultdict
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from koinon.webhooks.testing import Taken, receiving
from tests import postgresql
from tests.faults.digest_siege import Hand, said

pytestmark = pytest.mark.server
ROUNDS, EVENTS, KILLS, HOOKS = 2, 12, 3, 3
MODULE = "tests.faults.webhook_hand"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_is_missing_and_order_is_kept_though_the_worker_is_killed(
    tmp_path: Path, database: str
) -> None:
    if database == "sqlite":
        besieged(Hand(tmp_path, module=MODULE))
    elif postgresql.programs() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) were not found")
    else:
        with postgresql.Cluster() as cluster:
            besieged(Hand(tmp_path, cluster.url, MODULE))


def besieged(hand: Hand) -> None:
    chance = random.Random(7)
    with receiving() as receiver:
        secrets = hand.do("prepare", *[receiver.url] * HOOKS)["secrets"]
        expected: list[str] = []
        killed = 0
        for number in range(ROUNDS):
            expected += hand.do("happen", EVENTS)["titles"]
            for kill in range(KILLS):
                doomed = hand.start("tell", (number * 10 + kill) * 0.5, chance.randint(1, 8))
                doomed.communicate(timeout=600)
                killed += doomed.returncode == -signal.SIGKILL
            both = [hand.start("tell", number * 5 + 4) for _ in range(2)]
            for process in both:
                said(process)

        assert killed == ROUNDS * KILLS
        assert hand.do("look") == {"behind": 0, "leased": 0}
        taken: dict[str, list[Taken]] = defaultdict(list)
        for one in receiver.taken:
            taken[one.id.split("_")[1]].append(one)
        assert set(taken) == set(secrets)
        doubles = 0
        for code, mine in taken.items():
            assert all(one.is_signed_with(secrets[code]) for one in mine)
            doubles += seen_once(mine, expected)
        # Each kill came between the answer and its writing down: that event came twice.
        assert doubles >= killed


def seen_once(mine: list[Taken], expected: list[str]) -> int:
    """What came to one webhook is everything, in its order; returns how many came again, each with its id."""
    titles = [title for title, _same in groupby(one.said["title"] for one in mine)]
    assert titles == expected
    ids: dict[str, Any] = {}
    for one in mine:
        assert ids.setdefault(one.said["title"], one.id) == one.id
    assert len(set(ids.values())) == len(expected)
    return len(mine) - len(expected)
