"""Django behind the event loop: whole answers, streams, headers, and what happens when something breaks."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from koinon.base.threads import Environ, Threads

SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "/Ærø",
    "query_string": b"q=\xc3\xa6",
    "http_version": "1.1",
    "server": ("127.0.0.1", 8000),
    "client": ("127.0.0.1", 5000),
    "headers": [(b"host", b"here"), (b"content-length", b"4"), (b"cookie", b"a=1"), (b"cookie", b"b=2")],
}
Answer = Callable[[Environ, Callable[..., object]], Iterable[bytes]]


class Stream:
    """An answer in pieces that notes whether it was closed."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = iter(pieces)
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return self.pieces

    def close(self) -> None:
        self.closed += 1


def ask(application: Answer, scope: dict[str, Any] = SCOPE, fail_after: int | None = None) -> list[Any]:
    """What the application sends; after `fail_after` messages the line breaks."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"body", "more_body": False}

    async def send(message: Any) -> None:
        if fail_after is not None and len(sent) >= fail_after:
            raise OSError("gone")
        sent.append(message)

    asyncio.run(Threads(application, 2)(scope, receive, send))
    return sent


def answering(answer: Iterable[bytes], seen: list[Environ] | None = None) -> Answer:
    def application(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        if seen is not None:
            seen.append(environ)
        start_response("203 Told", [("X-One", "é"), ("Set-Cookie", "a"), ("Set-Cookie", "b")])
        return answer

    return application


@pytest.mark.parametrize("pieces", [[], [b"all"], [b""]])
def test_an_answer_of_one_piece_crosses_with_its_head_and_is_closed(pieces: list[bytes]) -> None:
    stream = Stream(pieces)
    head, body = ask(answering(stream))
    assert head == {
        "type": "http.response.start",
        "status": 203,
        "headers": [(b"x-one", "é".encode("latin-1")), (b"set-cookie", b"a"), (b"set-cookie", b"b")],
    }
    assert (body["body"], body["more_body"], stream.closed) == (b"".join(pieces), False, 1)


def test_a_stream_comes_piece_by_piece_and_whole() -> None:
    stream = Stream([b"one", b"two", b"", b"three"])
    _, *bodies = ask(answering(stream))
    assert b"".join(piece["body"] for piece in bodies) == b"onetwothree"
    assert [piece.get("more_body", False) for piece in bodies] == [True] * (len(bodies) - 1) + [False]
    assert stream.closed == 1


def test_a_stream_is_closed_when_the_line_breaks() -> None:
    stream = Stream(b"piece" for _ in range(1000))
    with pytest.raises(OSError, match="gone"):
        ask(answering(stream), fail_after=4)
    assert stream.closed == 1


def test_a_stream_is_closed_when_it_breaks_itself() -> None:
    def broken() -> Iterator[bytes]:
        yield b"one"
        raise ValueError("broken")

    stream = Stream(broken())
    with pytest.raises(ValueError, match="broken"):
        ask(answering(stream))
    assert stream.closed == 1


def test_the_request_arrives_as_the_standard_says() -> None:
    seen: list[Environ] = []
    ask(answering([b""], seen))
    (environ,) = seen
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/Ærø"
    assert environ["QUERY_STRING"].encode("latin-1") == b"q=\xc3\xa6"
    assert environ["wsgi.input"].read() == b"body"
    assert (environ["CONTENT_LENGTH"], environ["HTTP_HOST"]) == ("4", "here")
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["REMOTE_ADDR"] == "127.0.0.1"


def test_what_is_no_request_is_left_alone() -> None:
    assert ask(answering([b""]), {**SCOPE, "type": "websocket"}) == []
