"""Whole requests: what is half is not handed on, what is too much is not read."""

import asyncio
import re
from typing import Any

import pytest

from koinon.base.front import Message, Receive, Scope, Send
from koinon.base.whole import WholeRequest


class Inside:
    """An application that reads what it is given, and says so."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: dict[bytes, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        self.bodies.append(message.get("body", b""))
        self.headers = dict(scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": []})


def ask(
    inside: Inside, *pieces: bytes, ends: bool = True, leaves: bool = False, path: str = "/", **headers: str
) -> list[int]:
    """The statuses that are answered to a request in these pieces; where it does not end, nothing more comes."""
    messages: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": not ends or number < len(pieces) - 1}
        for number, piece in enumerate(pieces)
    ]
    if leaves:
        messages.append({"type": "http.disconnect"})
    sent: list[Message] = []

    async def receive() -> Message:
        if not messages:
            await asyncio.sleep(60)
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    lines = [(name.replace("__", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": path, "headers": lines}
    whole = WholeRequest(inside, most=10, silence=0.05, files=re.compile("/files/"), most_files=20)
    asyncio.run(whole(scope, receive, send))
    return [message["status"] for message in sent if message["type"] == "http.response.start"]


def test_pieces_are_put_together_and_their_length_is_said() -> None:
    inside = Inside()

    statuses = ask(inside, b"te", b"", b"xt", transfer__encoding="chunked")

    assert (statuses, inside.bodies) == ([200], [b"text"])
    assert inside.headers == {b"content-length": b"4"}


def test_half_a_request_is_not_handed_on() -> None:
    inside = Inside()

    assert ask(inside, b"te", ends=False, content__length="4") == [408]
    assert ask(inside, b"te", ends=False, leaves=True, content__length="4") == []
    assert inside.bodies == []


@pytest.mark.parametrize("length", ["11", "9" * 30])
def test_what_is_announced_as_too_much_is_left_to_be_refused(length: str) -> None:
    inside = Inside()

    statuses = ask(inside, b"te", ends=False, content__length=length)

    assert (statuses, inside.headers) == ([200], {b"content-length": length.encode()})


def test_what_grows_too_much_is_not_read_on() -> None:
    inside = Inside()

    statuses = ask(inside, *[b"abcdef"] * 100, transfer__encoding="chunked")

    assert (statuses, inside.bodies) == ([200], [b"abcdef" * 2])
    assert inside.headers == {b"content-length": b"12"}


def test_a_request_without_a_body_goes_straight_on() -> None:
    inside = Inside()

    assert ask(inside, b"", host="localhost") == [200]
    assert inside.headers == {b"host": b"localhost"}


def test_a_header_cannot_pass_for_another() -> None:
    inside = Inside()

    ask(inside, b"", x_forwarded_proto="https", x__forwarded__proto="http")

    assert inside.headers == {b"x-forwarded-proto": b"http"}


def test_only_the_address_that_takes_files_takes_more_and_only_what_is_announced() -> None:
    here, there, unannounced, too_much = Inside(), Inside(), Inside(), Inside()

    ask(here, b"x" * 15, path="/files/", content__length="15")
    ask(there, b"x" * 15, path="/", content__length="15")
    ask(unannounced, b"x" * 15, path="/files/", transfer__encoding="chunked")
    ask(too_much, b"x" * 25, path="/files/", content__length="25")

    assert here.bodies == [b"x" * 15]
    # Not read by us: handed on with its length, which Django refuses.
    assert there.headers[b"content-length"] == b"15"
    assert too_much.headers[b"content-length"] == b"25"
    assert len(unannounced.bodies[0]) > 10
