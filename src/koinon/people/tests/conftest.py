"""What each test of signing in begins with: no limit is used up yet."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_limit_used_up() -> None:
    cache.clear()
