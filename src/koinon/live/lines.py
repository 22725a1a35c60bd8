"""Three ways of writing to somebody who listens; which one is found by looking at what the server offers.

`AsgiLine` works on every server. `TransportLine` writes past the server's own framing to its transport. `DescriptorLine`
calls the system's `send` itself. All three take a frame whole or not at all, never wait, and never hold more than one
frame for somebody who does not read: who is behind is caught up later (hub.py).
"""

import asyncio
import ctypes
import errno
import fcntl
import os
import socket
import struct
import sys
import termios
import types
from collections.abc import Coroutine, Generator, Iterable
from contextlib import suppress
from typing import Any, Final, Protocol

from koinon.base.front import Message, Send

HELD: Final = 64 * 1024
"""Bytes in a transport above which somebody counts as behind."""
SEND_BUFFER: Final = 64 * 1024
"""What the system may hold for one reader (Linux doubles it), so that thousands who do not read do not fill its memory."""
UNHEARD: Final = 14_000
"""Milliseconds after which the system gives up somebody who confirms nothing (with a comment each 15 s: gone within 30 s)."""

_TRY_LATER = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR, errno.ENOBUFS}


class Frame:
    """Bytes for many readers: made once, with and without the framing of HTTP/1.1."""

    __slots__ = ("body", "chunk", "size")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.chunk = b"%x\r\n%b\r\n" % (len(body), body)
        self.size = len(self.chunk)


class Line(Protocol):
    """A way to one reader."""

    def begin(self, frame: Frame) -> bool:
        """Write the first frame, right behind the head that is still with the server; it is taken, however long."""

    def push(self, frame: Frame) -> bool:
        """Write it if the reader keeps up; False where nothing was taken."""

    def waiting(self) -> int:
        """Bytes that the reader has not taken yet, as far as one can know."""

    def is_gone(self) -> bool: ...

    def abort(self) -> None:
        """Cut it now."""


class AsgiLine:
    """Through the server's `send`, driven here until it waits, and only then by a task."""

    __slots__ = ("_rest", "_send", "_task")

    def __init__(self, send: Send, task: "asyncio.Task[Any] | None") -> None:
        self._send = send
        self._task = task
        self._rest: asyncio.Task[None] | None = None

    def begin(self, frame: Frame) -> bool:
        return self.push(frame)

    def push(self, frame: Frame) -> bool:
        if self._rest is not None:
            if not self._rest.done():
                return False
            self._rest = None
        message: Message = {"type": "http.response.body", "body": frame.body, "more_body": True}
        sending: Coroutine[Any, Any, None] = self._send(message)  # type: ignore[assignment]
        try:
            waits_for = sending.send(None)
        except StopIteration:
            return True
        except Exception:
            self.abort()
            return False
        self._rest = asyncio.ensure_future(_finish(sending, waits_for))
        self._rest.add_done_callback(_heard)
        return True

    def waiting(self) -> int:
        return 0 if self._rest is None or self._rest.done() else 1

    def is_gone(self) -> bool:
        return self._task is not None and self._task.done()

    def abort(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        if self._task is not None:
            self._task.cancel()


class TransportLine:
    """Straight into the transport of the server, which keeps what the reader does not take at once."""

    __slots__ = ("_transport",)

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def begin(self, frame: Frame) -> bool:
        return _hand_over(self._transport, frame)

    def push(self, frame: Frame) -> bool:
        transport = self._transport
        if transport.is_closing() or transport.get_write_buffer_size() > HELD:
            return False
        transport.write(frame.chunk)
        return True

    def waiting(self) -> int:
        return int(self._transport.get_write_buffer_size())

    def is_gone(self) -> bool:
        return bool(self._transport.is_closing())

    def abort(self) -> None:
        self._transport.abort()


class DescriptorLine:
    """The system's `send` on the reader's descriptor. What it does not take of a frame is left to the transport, and until
    that has been taken nothing goes past it."""

    __slots__ = ("clear", "descriptor", "transport")

    def __init__(self, transport: Any, descriptor: int) -> None:
        self.transport = transport
        self.descriptor = descriptor
        self.clear = False

    def begin(self, frame: Frame) -> bool:
        return _hand_over(self.transport, frame)

    def push(self, frame: Frame) -> bool:
        transport = self.transport
        # A descriptor is closed, and may be another's, only after the transport says that it is closing.
        if transport.is_closing():
            return False
        if not self.clear:
            if transport.get_write_buffer_size():
                return False
            self.clear = True
        sent = _send_now(self.descriptor, frame.chunk, frame.size, _FLAGS)
        return sent == frame.size or self.finish(frame, sent)

    def finish(self, frame: Frame, sent: int) -> bool:
        """The system took only `sent` bytes of it, or none (-1): leave the rest to the transport, or see why."""
        transport = self.transport
        if sent < 0:
            # Asked again by way of the one that says why.
            sent = _send_and_say(self.descriptor, frame.chunk, frame.size, _FLAGS)
            if sent == frame.size:
                return True
        if sent < 0:
            if ctypes.get_errno() not in _TRY_LATER:
                transport.abort()
            return False
        self.clear = False
        transport.write(memoryview(frame.chunk)[sent:])
        return True

    def waiting(self) -> int:
        if self.transport.is_closing():
            return 0
        return int(self.transport.get_write_buffer_size()) + _unsent(self.descriptor)

    def is_gone(self) -> bool:
        return bool(self.transport.is_closing())

    def abort(self) -> None:
        self.transport.abort()


def push_all(lines: Iterable[Line], frame: Frame) -> list[bool]:
    """`push` to each of many, and whether it took the frame. What is usual goes past all calls but the system's."""
    chunk, size, flags, send = frame.chunk, frame.size, _FLAGS, _send_now
    return [
        # What the system took in part must never be sent again from its beginning.
        ((sent := send(line.descriptor, chunk, size, flags)) == size or line.finish(frame, sent))
        if type(line) is DescriptorLine and line.clear and not line.transport.is_closing()
        else line.push(frame)
        for line in lines
    ]


WAYS: Final = ("descriptors", "transport", "asgi")


def way_of(send: Send) -> str:
    """The quickest way that this server offers, seen on one of its requests; `KOINON_STREAM_WAY` may ask for a slower one."""
    asked = os.environ.get("KOINON_STREAM_WAY", "")
    allowed = WAYS[WAYS.index(asked) :] if asked in WAYS else WAYS
    transport = _transport(send)
    if transport is None:
        return "asgi"
    if "descriptors" in allowed and _send_now is not None and _descriptor(transport) is not None:
        return "descriptors"
    return "transport" if "transport" in allowed else "asgi"


def line_to(send: Send, task: "asyncio.Task[Any] | None", way: str) -> Line:
    """A line to whoever this `send` answers. Call after the head of the answer has gone out."""
    transport = _transport(send) if way != "asgi" else None
    if transport is None:
        return AsgiLine(send, task)
    descriptor = _descriptor(transport)
    if descriptor is not None:
        _bound(transport)
        if way == "descriptors":
            return DescriptorLine(transport, descriptor)
    return TransportLine(transport)


def _hand_over(transport: Any, frame: Frame) -> bool:
    """To the server, which has not written all that came before."""
    if transport.is_closing():
        return False
    transport.write(frame.chunk)
    return True


def _transport(send: Send) -> Any | None:
    """The transport of uvicorn, where `send` is uvicorn's own and it frames in chunks; else None."""
    cycle = getattr(send, "__self__", None)
    if not hasattr(cycle, "chunked_encoding"):
        return None
    transport = getattr(cycle, "transport", None)
    needed = ("write", "is_closing", "get_write_buffer_size", "abort")
    return transport if all(hasattr(transport, name) for name in needed) else None


def _descriptor(transport: Any) -> int | None:
    """The descriptor behind a transport, where bytes can go to it as they are (no TLS)."""
    if transport.get_extra_info("sslcontext") is not None:
        return None
    line = transport.get_extra_info("socket")
    if line is None or line.type != socket.SOCK_STREAM:
        return None
    descriptor = int(line.fileno())
    return descriptor if descriptor >= 0 and not os.get_blocking(descriptor) else None


def _bound(transport: Any) -> None:
    """Bound what the system keeps for one reader, and for how long."""
    line = transport.get_extra_info("socket")
    with suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if line.family in {socket.AF_INET, socket.AF_INET6} and hasattr(socket, "TCP_USER_TIMEOUT"):
        with suppress(OSError):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD)


def _unsent(descriptor: int) -> int:
    """What the system still holds for this reader; 0 where it does not tell."""
    try:
        return int(struct.unpack("i", fcntl.ioctl(descriptor, termios.TIOCOUTQ, b"\0\0\0\0"))[0])
    except OSError:
        return 0


@types.coroutine
def _go_on(sending: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    while True:
        try:
            got = yield waits_for
        except BaseException as trouble:
            try:
                waits_for = sending.throw(trouble)
            except StopIteration:
                return
        else:
            try:
                waits_for = sending.send(got)
            except StopIteration:
                return


async def _finish(sending: Coroutine[Any, Any, None], waits_for: Any) -> None:
    await _go_on(sending, waits_for)


def _heard(task: "asyncio.Task[None]") -> None:
    """A reader that went away in the middle is no fault."""
    if not task.cancelled():
        task.exception()


def _find_send(*, says_why: bool) -> Any | None:
    """The system's `send`, called without giving up the interpreter's lock: it never waits.

    No types are told for the quick one: plain numbers and bytes go through as they are, at half the cost of a call.
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        found = ctypes.PyDLL(None, use_errno=says_why).send
    except (OSError, AttributeError):
        return None
    if says_why:
        found.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
        found.restype = ctypes.c_ssize_t
    return found


_send_now: Any = _find_send(says_why=False)
_send_and_say: Any = _find_send(says_why=True)
_FLAGS = getattr(socket, "MSG_DONTWAIT", 0) | getattr(socket, "MSG_NOSIGNAL", 0)
