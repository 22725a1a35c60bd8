"""Seats of a course and their waiting list hold when very many enrol, leave and take offers in the same moment."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench._server import ROOT
from tests import postgresql
from tests.serving import environment

pytestmark = pytest.mark.server
PEOPLE = 1000 if os.environ.get("KOINON_TEST_LONG") else 100
SEATS = 24


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a process on an empty database of its own."""
    env = environment(tmp_path) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"}
    if request.param == "sqlite":
        yield env
    elif postgresql.programs() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) were not found")
    else:
        with postgresql.Cluster() as cluster:
            yield env | {"DATABASE_URL": cluster.url}


def test_many_who_enrol_at_once_never_overbook(database: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.learning_hand", str(PEOPLE), str(SEATS)],
        cwd=ROOT,
        env=database,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    came = json.loads(done.stdout.splitlines()[-1])

    waiting = PEOPLE - SEATS
    nobody = {"coming": 0, "waiting": 0, "offered": 0, "cancelled": 0, "lapsed": 0}
    assert came["failed"] == []
    assert came["first"] == nobody | {"coming": SEATS, "waiting": waiting}
    assert came["ranks"] is True
    assert came["second"] == nobody | {"offered": SEATS, "waiting": waiting - SEATS}
    assert came["offered in order"] is True
    assert came["third"] == nobody | {"coming": SEATS, "waiting": waiting - SEATS}
    assert came["doubled"] == 0
