"""A load client on loopback: a few connections that each ask one thing after the other, for a bounded time.

Run as a process of its own (`python -m bench._load PORT SECONDS CONNECTIONS < paths`), so that its work does not count
as the server's. Prints requests, seconds, errors and the 50th and 99th percentile in milliseconds as JSON.
"""

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import Any

import uvloop


class Line(asyncio.Protocol):
    def __init__(
        self, port: int, paths: "itertools.cycle[str]", until: float, done: "asyncio.Future[None]"
    ) -> None:
        self.port, self.paths, self.until, self.done = port, paths, until, done
        self.times: list[float] = []
        self.errors = 0
        self.buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.ask()

    def ask(self) -> None:
        self.begun = time.perf_counter()
        if self.begun > self.until:
            self.transport.close()
            return
        self.buffer.clear()
        self.transport.write(
            f"GET {next(self.paths)} HTTP/1.1\r\nHost: localhost:{self.port}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self.buffer[:end]).lower()
        at = head.find(b"content-length:")
        if at >= 0:
            whole = len(self.buffer) >= end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0])
        else:
            whole = self.buffer.endswith(b"0\r\n\r\n")
        if whole:
            self.times.append(time.perf_counter() - self.begun)
            self.errors += not head.startswith(b"http/1.1 200")
            self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def drive(port: int, paths: list[str], seconds: float, connections: int) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    cycle = itertools.cycle(paths)
    lines = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        _, line = await loop.create_connection(
            lambda done=done: Line(port, cycle, begun + seconds, done), "127.0.0.1", port
        )
        lines.append(line)
    await asyncio.gather(*(line.done for line in lines))
    took = time.perf_counter() - begun
    times = sorted(t for line in lines for t in line.times)
    return {
        "requests": len(times),
        "per_second": round(len(times) / took, 1),
        "errors": sum(line.errors for line in lines),
        "p50_ms": round(times[len(times) // 2] * 1000, 2),
        "p99_ms": round(times[len(times) * 99 // 100] * 1000, 2),
    }


def load(port: int, paths: Iterable[str], *, seconds: float, connections: int) -> dict[str, Any]:
    """Drive a server from a process of its own; fails where any answer was not 200."""
    done = subprocess.run(
        [sys.executable, "-m", "bench._load", str(port), str(seconds), str(connections)],
        input="\n".join(paths),
        text=True,
        capture_output=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    if result["errors"]:
        raise RuntimeError(f"void: {result['errors']} of {result['requests']} answers were not 200")
    return result


if __name__ == "__main__":
    port, seconds, connections = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    paths = sys.stdin.read().split("\n")
    print(json.dumps(uvloop.run(drive(port, paths, seconds, connections))))
