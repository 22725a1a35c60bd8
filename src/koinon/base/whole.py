"""Stands before Django: a request is handed on when it is whole, so that half a one holds up no thread."""

import asyncio
import re

from koinon.base.front import App, Headers, Message, Receive, Scope, Send

SILENCE = 10.0
"""Seconds without another piece, after which nobody waits for the rest."""

_LENGTHS = {b"content-length", b"transfer-encoding"}
_TOO_SLOW = b"The rest of this request did not come. Nothing was done.\n"


class WholeRequest:
    """Reads the body before it asks the application inside.

    What is announced as more than `most` bytes is not read at all, and of what is not announced no more than a little
    over; Django sees the length and refuses. Who goes away in the middle has sent nothing. A body in pieces (chunked)
    gets its length said, without which Django would take it for empty. Where `files` matches the path, an announced body may
    be as long as `most_files`, a few at once, so that memory stays bounded. Headers with an underscore are left out: inside
    they could not be told from those with a hyphen, which a reverse proxy may have checked.
    """

    def __init__(
        self,
        inner: App,
        most: int,
        silence: float = SILENCE,
        *,
        files: re.Pattern[str] | None = None,
        most_files: int = 0,
        at_once: int = 4,
    ) -> None:
        self.inner = inner
        self.most = most
        self.silence = silence
        self.files, self.most_files = files, most_files
        self._large = asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
        lengths = {name: value for name, value in headers if name in _LENGTHS}
        announced = _announced(lengths)
        takes_files = self.files is not None and self.files.fullmatch(scope["path"]) is not None
        most = self.most_files if takes_files and announced > self.most else self.most
        if not lengths or announced > most:
            await self.inner({**scope, "headers": headers}, receive, send)
            return
        try:
            if most > self.most:
                async with self._large:
                    body = await self._body(receive, most)
            else:
                body = await self._body(receive, most)
        except TimeoutError:
            await _give_up(send)
            return
        if body is None:
            return
        pieces: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return pieces.pop() if pieces else await receive()

        headers = [(name, value) for name, value in headers if name not in _LENGTHS]
        headers.append((b"content-length", str(len(body)).encode()))
        await self.inner({**scope, "headers": headers}, again, send)

    async def _body(self, receive: Receive, most: int) -> bytes | None:
        """The whole of it, or a little more than is taken; None where the sender went away."""
        body = bytearray()
        while len(body) <= most:
            message = await asyncio.wait_for(receive(), self.silence)
            if message["type"] != "http.request":
                return None
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        return bytes(body)


def _announced(lengths: dict[bytes, bytes]) -> int:
    said = lengths.get(b"content-length", b"")
    return int(said) if said.isdigit() else 0


async def _give_up(send: Send) -> None:
    headers: Headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(_TOO_SLOW)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 408, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_SLOW})
