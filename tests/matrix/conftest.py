"""What the harness begins with: the nine actors in their tenants, and no limit used up."""

import pytest
from django.core.cache import cache

from tests.matrix.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    cache.clear()
    return make_world()
