"""Introductions, exchanges and consents hold when both sides of very many pairs act in the same moment."""

import pytest

from tests.faults.hands import LONG, done_by

pytestmark = pytest.mark.server
PAIRS = 500 if LONG else 16


def test_nothing_is_public_to_which_one_side_did_not_consent(database: dict[str, str]) -> None:
    came = done_by("consents_hand", database, PAIRS)

    assert came["failed"] == []
    assert came["introduced"] == {
        "matches": PAIRS,
        "journal": {"match_answered": PAIRS, "introduced": PAIRS},
        "mails": {"asked": PAIRS, "introduced": 2 * PAIRS},
    }
    assert came["proposed"] == {"exchanges": PAIRS, "journal": PAIRS, "mails": PAIRS}
    assert came["agreed"] == {"all": PAIRS, "surprised": 0, "mails as journal": [0, 0]}
    assert came["results: mails as journal"] == 0
    # All that were public at some moment, and that they were: else the promise below says nothing.
    assert came["read"] > 0
    assert came["public"] == PAIRS
    assert came["never agreed to"] == []
    assert came["still public"] == 0
    assert came["journal"] is True
