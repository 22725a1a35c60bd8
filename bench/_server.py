"""A server for a measurement: `koinon up` on a free port of this machine, or the floor it is held against."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Server:
    """`with Server(...) as server:` starts it and waits until it answers; leaving ends it by its process id."""

    def __init__(self, words: Sequence[str], *, port: int, data: Path) -> None:
        self.words, self.port, self.data = list(words), port, data
        self.seconds = 0.0

    @classmethod
    def koinon(cls, data: Path) -> Self:
        port = free_port()
        return cls(["-m", "koinon", "up", "--port", str(port), "--data", str(data)], port=port, data=data)

    @classmethod
    def floor(cls, data: Path, kind: str = "wsgi") -> Self:
        """An empty Django view on the same uvicorn; `kind` as in `bench._floor`."""
        port = free_port()
        return cls(["-m", "bench._floor", str(port), kind], port=port, data=data)

    def __enter__(self) -> Self:
        env = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
            "KOINON_DATA": str(self.data),
        }
        env.pop("DJANGO_SETTINGS_MODULE", None)
        begun = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, *self.words], cwd=ROOT, env=env, stdout=subprocess.DEVNULL
        )
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.words} ended with {self.process.returncode}")
            try:
                answer = ask(self.port, "/health/live")
            except OSError:
                time.sleep(0.02)
                continue
            if answer.startswith(b"HTTP/1.1 200"):
                break
        self.seconds = time.perf_counter() - begun
        return self

    def cpu(self) -> float:
        """Seconds of processor time that the server has used so far (Linux), in all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


def ask(port: int, path: str) -> bytes:
    """One GET on a connection of its own; the whole answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        parts = []
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts)
