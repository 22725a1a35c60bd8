"""A house on each database, started once for all faults, with people at its desks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgresql
from tests.faults.fallible import House, Inside
from tests.serving import environment, furnish


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def fallible(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running house. Who kills it starts it again."""
    data = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        furnish(data)
        yield from _running(House(data))
    elif postgresql.programs() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) were not found")
    else:
        with postgresql.Cluster() as cluster:
            yield from _running(House(data, cluster.url))


def _running(house: House) -> Iterator[House]:
    house.start()
    try:
        yield house
    finally:
        house.end()


@pytest.fixture(scope="session")
def inside(fallible: House) -> Iterator[Inside]:
    """A process on its database; people sit at its desks."""
    made = Inside(fallible)
    made.call("prepare")
    yield made
    made.end()


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
