"""What all tests stand on: one database with the whole reference loaded once, and static files as production serves them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker


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


@pytest.fixture(scope="session", autouse=True)
def _static_files() -> None:
    """Styles and scripts under their hashed names, as `koinon up` writes them."""
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """What the process keeps for a version of the data is thrown away: each test's changes are undone without a new one."""
    from koinon.guide import stencils
    from koinon.journal import versions
    from koinon.network import responsible
    from koinon.network.actions import demo
    from koinon.places import tree
    from koinon.questions import knowledge, matching

    versions.forget()
    stencils.forget()
    tree.forget()
    responsible.forget()
    knowledge.forget()
    matching.forget()
    demo.forget()


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
