"""The real network is loaded for all tests; some want to begin with none."""

from collections.abc import Iterator

import pytest

from koinon.network.actions.load import load_facts
from koinon.network.limits import anonymous_writes
from koinon.network.models import Call, Contradiction, Load, MemberState, Organisation, Programme


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    anonymous_writes.forget()
    yield
    anonymous_writes.forget()


@pytest.fixture
def facts(db: None) -> None:
    """The real network; loaded already unless a test is run on its own."""
    load_facts()


@pytest.fixture
def nothing(db: None) -> None:
    """A house without a network, for this test."""
    for model in (Programme, Organisation, MemberState, Call, Contradiction, Load):
        model.objects.all().delete()
