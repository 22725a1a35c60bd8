"""A newsletter that several send and change in the same moment goes once to each, as it was released, or not at all."""

import pytest

from tests.faults.hands import LONG, done_by

pytestmark = pytest.mark.server
LETTERS = 200 if LONG else 16


def test_what_is_sent_and_changed_at_once_goes_once_as_it_was_released_or_not_at_all(
    database: dict[str, str],
) -> None:
    came = done_by("letters_hand", database, LETTERS)

    states = came.pop("states")
    released = came.pop("released")
    assert states == {
        name: many for name, many in (("sent", released), ("draft", LETTERS - released)) if many
    }
    assert came.pop("words that fit their state") is True
    assert came == {
        "failed": [],
        "sent to others than all": [],
        "drafts that went": [],
        "counted wrongly": [],
        "twice": [],
        "released twice": [],
        "changed words that went": 0,
    }
