"""Whole requests: what is half is not handed on, what is too much is not read."""

import asyncio
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


def ask(inside: Inside, *pieces: bytes, ends: bool = True, leaves: bool = False, **headers: str) -> list[int]:
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
    scope: dict[str, Any] = {"type": "http", "method": "POST", "headers": lines}
    asyncio.run(WholeRequest(inside, most=10, silence=0.05)(scope, receive, send))
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
