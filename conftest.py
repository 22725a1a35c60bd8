"""What all tests stand on: one database with the whole reference loaded once, and static files as production serves them."""

import gc
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from tests.standing import forget_all


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """After the empty test database is made: all regions, localities, organisations and programmes, as `koinon up` loads them."""
    from koinon.network.actions.load import load_facts
    from koinon.places.actions import load_reference
    from koinon.topics.actions import load_topics

    with django_db_blocker.unblock():
        load_reference()
        load_topics()
        load_facts()
        if connection.vendor == "sqlite":
            _check_all_but_the_gazetteer()
    # What is loaded by now stays: nobody has to look through it for what can be thrown away.
    gc.collect()
    gc.freeze()


def _check_all_but_the_gazetteer() -> None:
    """After each test foreign keys are checked; not in the 350,000 rows of places, which only tests of loading write."""
    from koinon.places.models import Place, PlaceName

    whole = connection.check_constraints
    whole()
    gazetteer = {Place._meta.db_table, PlaceName._meta.db_table}
    others = sorted(set(connection.introspection.table_names()) - gazetteer)
    connection.check_constraints = lambda table_names=None: whole(table_names or others)  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def _no_encoder() -> None:
    """Meaning is for the tests that ask for it."""
    settings.ENCODER = "off"


@pytest.fixture(scope="session", autouse=True)
def _static_files() -> None:
    """Styles and scripts under their hashed names, as `koinon up` writes them."""
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    forget_all()


@pytest.fixture
def client() -> Client:
    """A browser's client: it says, as browsers do, that its forms come from our own pages."""
    return Client(headers={"Sec-Fetch-Site": "same-origin"})


@pytest.fixture
def count_queries(db: None) -> Callable[..., Any]:
    """`with count_queries() as counted: …; len(counted)`."""
    from django.test.utils import CaptureQueriesContext

    def counting() -> CaptureQueriesContext:
        return CaptureQueriesContext(connection)

    return counting
