"""All clocks of the house in several processes at the same moment: each mail and each entry of the journal comes once."""

import pytest

from tests.faults.hands import LONG, done_by

pytestmark = pytest.mark.server
MANY = 60 if LONG else 5
"""Of each kind; there are about twenty kinds."""

HOOKS = 2

WRITTEN = {
    "activity.recorded": 3,
    "call.closed": 1,
    "call.opened": 1,
    "peers.call_for_peers_closed": 1,
    "peers.follow_up_asked": 1,
    "peers.offer_over": 1,
    "peers.partners_closed": 1,
    "peers.partners_moved": 1,
    "question.escalated": 1,
    "report.drafted": 1,
    "session.ended": 1,
    "spaces.host_followed": 1,
}
"""What each thing leaves in the journal."""
MAILED = {
    "confirm": 1,
    "digest": 1,
    "enrolment:lapsed": 1,
    "enrolment:offer": 2,
    "needs": 1,
    "none": 1,
    "peers:exchange:ask_result": 2,
    "peers:gone": 1,
    "peers:over": 1,
    "peers:review:closed": 1,
    "peers:review:follow_up": 1,
    "promise": 1,
    "question:desk:soon": 1,
    "registration:lapsed": 1,
    "registration:offer": 1,
    "registration:reminder": 1,
    "spaces:daily": 1,
    "spaces:host": 1,
}
"""What goes out by mail, by the beginning of its key; `none` is the word to who speaks about slides."""
HANDED_OVER = 3


def times(what: dict[str, int]) -> dict[str, int]:
    return {name: many * MANY for name, many in what.items()}


def test_each_clock_does_what_is_due_once(database: dict[str, str]) -> None:
    came = done_by("clocks_hand", database, MANY)

    assert came["failed"] == []
    assert (came["written twice"], came["mailed twice"], came["sent twice"]) == ([], [], [])
    assert came["journal"] == times(WRITTEN)
    assert came["chain"] is True
    assert came["mails"] == times(MAILED)
    assert (came["sent"], came["not sent"]) == (sum(times(MAILED).values()), 0)
    assert came["polls"] == [MANY, MANY]
    assert came["escalated"] == [MANY, MANY]
    assert came["activities"] == 3 * MANY
    assert (came["handed over"], came["handed over twice"]) == (HANDED_OVER * HOOKS * MANY, [])
