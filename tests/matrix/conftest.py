"""What the harness begins with: the nine actors in their tenants, and no limit used up."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.core.cache import cache
from pytest_django.plugin import DjangoDbBlocker

from tests.matrix.world import World, make_world
from tests.standing import standing


@pytest.fixture(scope="module")
def _world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with standing(django_db_blocker):
        yield make_world().signed_in()


@pytest.fixture
def world(_world: World, db: None) -> World:
    cache.clear()
    return deepcopy(_world)
