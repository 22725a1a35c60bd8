"""The disk is full: nothing is called saved that is not."""

import pytest

from tests.faults.fallible import Cut, Deed, House, Inside, Reply
from tests.faults.test_retries import asking

pytestmark = pytest.mark.server
FULL_AT = 600_000
TRIES = 150


# The disk of PostgreSQL is not ours to fill.
@pytest.mark.parametrize("fallible", ["sqlite"], indirect=True)
def test_on_a_full_disk_nothing_is_called_saved_that_is_not(
    fallible: House, inside: Inside, request: pytest.FixtureRequest
) -> None:
    fallible.end()
    fallible.start(largest_file=FULL_AT)
    request.addfinalizer(fallible.start)
    request.addfinalizer(fallible.end)

    told: list[tuple[Deed, Reply]] = []
    for number in range(TRIES):
        deed = asking("api" if number % 2 else "form")
        try:
            told.append((deed, fallible.post(*deed.request())))
        except Cut:
            told.append((deed, Reply(0, "", b"")))
    fallible.end()
    fallible.start()

    saved = [deed for deed, reply in told if deed.receipt_in(reply) is not None]
    refused = [(deed, reply) for deed, reply in told if deed.receipt_in(reply) is None]
    assert refused
    assert [deed for deed in saved if inside.call("count", text=deed.text)["questions"] != 1] == []
    assert {reply.status for _, reply in refused} <= {500, 503}
    assert [
        reply.body for _, reply in refused if b"Traceback" in reply.body or b"receipts" in reply.body
    ] == []
    assert [deed for deed, _ in refused if deed.receipt_in(fallible.post(*deed.request())) is None] == []
    assert [deed for deed, _ in refused if inside.call("count", text=deed.text)["questions"] != 1] == []
