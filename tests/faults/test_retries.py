"""The same sent twice, at once, late, or cut before the answer came: it is done once. Two people at once: one is told."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.fallible import Deed, House, Inside

pytestmark = pytest.mark.server
ASKING = ["api", "form"]


def asking(kind: str) -> Deed:
    key = str(uuid.uuid4())
    return Deed(kind, key, f"Which costs count for {key}?")


def sent(house: House, deed: Deed) -> str:
    """Send it; the receipt that was acknowledged."""
    receipt = deed.receipt_in(house.post(*deed.request()))
    assert receipt is not None
    return receipt


def adding(house: House) -> Deed:
    question = asking("api")
    key = str(uuid.uuid4())
    return Deed("add", key, f"We also rent a hall, {key}.", receipt=sent(house, question))


@pytest.mark.parametrize("kind", ASKING)
def test_asked_twice_is_asked_once(fallible: House, inside: Inside, kind: str) -> None:
    deed = asking(kind)

    receipts = [sent(fallible, deed) for _ in range(2)]

    assert len(set(receipts)) == 1
    assert inside.call("count", text=deed.text) == {"questions": 1, "added": 0, "desk told": 2}


@pytest.mark.parametrize("kind", ASKING)
def test_asked_eight_times_at_once_is_asked_once(fallible: House, inside: Inside, kind: str) -> None:
    deed = asking(kind)

    with ThreadPoolExecutor(8) as crowd:
        receipts = list(crowd.map(lambda _: sent(fallible, deed), range(8)))

    assert len(set(receipts)) == 1
    assert inside.call("count", text=deed.text) == {"questions": 1, "added": 0, "desk told": 2}


@pytest.mark.parametrize("kind", ASKING)
def test_asked_again_after_the_answer_is_the_same_question(
    fallible: House, inside: Inside, kind: str
) -> None:
    deed = asking(kind)
    receipt = sent(fallible, deed)
    inside.call("answer", text=deed.text)

    again = sent(fallible, deed)

    assert again == receipt
    assert inside.call("count", text=deed.text) == {"questions": 1, "added": 0, "desk told": 2}
    assert b"It counts when it is needed." in fallible.get(again).body


@pytest.mark.parametrize("kind", ASKING)
def test_cut_before_the_answer_came_and_asked_again(fallible: House, inside: Inside, kind: str) -> None:
    deed = asking(kind)

    for after in (0, 0.001, 0.01, 0.2):
        fallible.post_and_hang_up(*deed.request(), after=after)
    sent(fallible, deed)

    assert inside.call("count", text=deed.text) == {"questions": 1, "added": 0, "desk told": 2}


def test_a_key_that_came_before_with_other_words_is_refused(fallible: House, inside: Inside) -> None:
    deed = asking("api")
    sent(fallible, deed)
    other = Deed("api", deed.key, f"{deed.text} And which do not?")

    reply = fallible.post(*other.request())

    assert reply.status == 422
    assert b"came before, with another body" in reply.body
    assert inside.call("count", text=other.text)["questions"] == 0


def test_words_added_twice_at_once_and_cut_are_added_once(fallible: House, inside: Inside) -> None:
    deed = adding(fallible)

    fallible.post_and_hang_up(*deed.request(), after=0)
    with ThreadPoolExecutor(8) as crowd:
        receipts = list(crowd.map(lambda _: sent(fallible, deed), range(8)))
    receipts.append(sent(fallible, deed))

    assert set(receipts) == {deed.receipt}
    assert inside.call("count", text=deed.text)["added"] == 1


def test_words_added_again_after_the_answer_do_not_open_it_again(fallible: House, inside: Inside) -> None:
    question = asking("form")
    key = str(uuid.uuid4())
    deed = Deed("add", key, f"We also rent a hall, {key}.", receipt=sent(fallible, question))
    sent(fallible, deed)
    inside.call("answer", text=question.text)

    sent(fallible, deed)

    assert inside.call("count", text=deed.text)["added"] == 1
    assert b"Asking back opens the question again" in fallible.get(deed.receipt).body


def test_of_eight_answers_at_once_one_is_given(inside: Inside) -> None:
    kept = inside.call("race", what="answer", runners=8)

    assert kept["ends"] == {"done": 1, "Changed": 7}
    assert kept["steps"] == {"asked": 1, "routed": 1, "taken": 1, "answered": 1}
    assert kept["broken"] == []


def test_of_two_who_take_it_at_once_one_has_it(inside: Inside) -> None:
    kept = inside.call("race", what="take", runners=2)

    assert kept["ends"] == {"done": 1, "Changed": 1}
    assert kept["steps"] == {"asked": 1, "routed": 1, "taken": 1}


def test_merged_by_two_at_once_is_merged_once(inside: Inside) -> None:
    kept = inside.call("race", what="merge", runners=2)

    assert kept["ends"] == {"done": 1, "Changed": 1}
    assert kept["steps"] == {"asked": 1, "routed": 1, "merged": 1}


def test_two_questions_are_never_merged_into_each_other(inside: Inside) -> None:
    for _ in range(5):
        kept = inside.call("race", what="merge crosswise", runners=2)

        assert kept["ends"] == {"done": 1, "NotFrom": 1}
        assert kept["states"] == ["merged", "waiting"]


def test_published_by_two_at_once_is_published_once(inside: Inside) -> None:
    kept = inside.call("race", what="publish", runners=2)

    assert kept["ends"] == {"done": 2}
    assert kept["published"] == 1
    assert kept["steps"] == {"asked": 1, "routed": 1, "taken": 1, "answered": 1, "published": 1}
