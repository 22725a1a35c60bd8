"""A digest run that is killed in the middle, again and again: each follower is told everything that concerns it, once."""

from pathlib import Path

import pytest

from tests import postgresql
from tests.faults.digest_siege import Hand, besiege

pytestmark = pytest.mark.server
FOLLOWERS, ROUNDS, KILLS = 1_000, 2, 2


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_is_missed_and_nothing_told_twice_though_runs_are_killed(
    tmp_path: Path, database: str
) -> None:
    if database == "sqlite":
        found = besiege(Hand(tmp_path), followers=FOLLOWERS, rounds=ROUNDS, kills=KILLS)
    elif postgresql.programs() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) were not found")
    else:
        with postgresql.Cluster() as cluster:
            found = besiege(Hand(tmp_path, cluster.url), followers=FOLLOWERS, rounds=ROUNDS, kills=KILLS)

    assert {name: found[name] for name in ("missed", "twice", "other")} == {
        "missed": 0,
        "twice": 0,
        "other": 0,
    }
    # Four of five are told something in each round.
    assert (found["killed"], found["mails"], found["ids"]) == (ROUNDS * KILLS, 1600, 1600)
