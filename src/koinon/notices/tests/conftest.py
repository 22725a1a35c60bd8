"""Each test begins with nobody having written anything."""

from collections.abc import Iterator

import pytest

from koinon.network.limits import anonymous_writes


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    anonymous_writes.forget()
    yield
    anonymous_writes.forget()
