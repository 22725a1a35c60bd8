"""The line to a client: the head of a request is bounded in size and in time, so that nobody fills memory or keeps a line."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 128 * 1024
"""Bytes of the first line and all headers together, after which the rest is not read."""
PATIENCE = 10.0
"""Seconds for the head to come whole, counted from the first byte, and on a new line from the beginning."""


class BoundedHead(HttpToolsProtocol):
    """uvicorn's protocol, which by itself reads headers for ever."""

    _head = 0
    _in_head = False
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MOST_HEAD:
                self.send_400_response("The head of this request is too long.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin()

    def on_headers_complete(self) -> Any:
        self._end()
        return super().on_headers_complete()

    def _begin(self) -> None:
        self._end()
        self._head, self._in_head = 0, True
        self._patience = self.loop.call_later(PATIENCE, self.transport.close)

    def _end(self) -> None:
        self._in_head = False
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
