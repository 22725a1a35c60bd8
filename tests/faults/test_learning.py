"""Seats of a course, their waiting list and its certificates hold when very many come in the same moment."""

import pytest

from tests.faults.hands import LONG, done_by

pytestmark = pytest.mark.server
PEOPLE = 1000 if LONG else 100
SEATS = 24


def test_many_at_once_never_overbook_and_have_one_certificate_each(database: dict[str, str]) -> None:
    came = done_by("learning_hand", database, PEOPLE, SEATS)

    waiting = PEOPLE - SEATS
    nobody = {"coming": 0, "waiting": 0, "offered": 0, "cancelled": 0, "lapsed": 0}
    assert came["failed"] == []
    assert came["first"] == nobody | {"coming": SEATS, "waiting": waiting}
    assert came["ranks"] is True
    assert came["second"] == nobody | {"offered": SEATS, "waiting": waiting - SEATS}
    assert came["offered in order"] is True
    assert came["third"] == nobody | {"coming": SEATS, "waiting": waiting - SEATS}
    assert came["doubled"] == 0

    none_left = {"the end first": 0, "the enrolment first": 0, "many": 0, "open": 0}
    assert came["closing"] == {"failed": []} | none_left

    finished = PEOPLE - -(-PEOPLE // 4)
    each_one = {"none": 0, "one": finished, "not finished": 0, "all": finished}
    assert came["certificates"] == {
        "failed": [],
        "first": each_one,
        "second": 0,
        "not taken back": 0,
        "third": each_one,
        "left behind": 0,
        "closed": 0,
        "doubled numbers": 0,
    }
