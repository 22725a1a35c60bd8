"""Runs Django on a few threads of its own behind the event loop; an answer comes back whole, in one crossing.

Why this and not a2wsgi or Django's own ASGI handler: docs/decisions/server.md.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import chain
from typing import Any

from koinon.base.front import Headers, Receive, Scope, Send

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., object]], Iterable[bytes]]
Head = tuple[int, Headers]

_OWN_NAMES = {b"content-length": "CONTENT_LENGTH", b"content-type": "CONTENT_TYPE"}


class Threads:
    """A WSGI application as an ASGI one, for requests that come whole (base/whole.py).

    Each of the threads keeps its database connection from one request to the next. An answer of one piece crosses to the
    event loop together with its head; a stream of more is fetched piece by piece, as fast as the client takes them.
    """

    def __init__(self, wsgi: Wsgi, threads: int) -> None:
        self.wsgi = wsgi
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="koinon-django")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = (await receive()).get("body", b"") if scope["method"] not in {"GET", "HEAD"} else b""
        run = asyncio.get_running_loop().run_in_executor
        (status, headers), first, rest = await run(self.pool, self._answer, _environ(scope, body))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": first, "more_body": rest is not None})
        if rest is None:
            return
        try:
            while (piece := await run(self.pool, next, rest, None)) is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            await run(self.pool, rest.close)
        await send({"type": "http.response.body", "body": b""})

    def _answer(self, environ: Environ) -> tuple[Head, bytes, "_Rest | None"]:
        head: list[Head] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
            encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            head[:] = [(int(status[:3]), encoded)]

        rest = _Rest(self.wsgi(environ, start_response))
        try:
            first = next(rest, b"")
            second = next(rest, None)
        except BaseException:
            rest.close()
            raise
        if second is None:
            rest.close()
            return head[0], first, None
        rest.put_back(second)
        return head[0], first, rest


class _Rest(Iterator[bytes]):
    """The pieces of an answer that are still to come, and the end of it."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._answer = pieces

    def __next__(self) -> bytes:
        return next(self._pieces)

    def put_back(self, piece: bytes) -> None:
        self._pieces = chain((piece,), self._pieces)

    def close(self) -> None:
        getattr(self._answer, "close", lambda: None)()


def _environ(scope: Scope, body: bytes) -> Environ:
    """What PEP 3333 asks for. Paths and queries as latin-1 of their bytes."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if client := scope.get("client"):
        environ["REMOTE_ADDR"] = client[0]
    for name, value in scope["headers"]:
        key = _OWN_NAMES.get(name) or "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        joint = "; " if name == b"cookie" else ","
        environ[key] = f"{environ[key]}{joint}{text}" if key in environ else text
    return environ
