"""A whole Koinon of its own for a test: `koinon up` in a process, on a free port, in a temporary data folder."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench._server import ROOT, ask, free_port


@dataclass(frozen=True)
class House:
    """A running Koinon: where it answers, where its data lie, its process."""

    url: str
    port: int
    data: Path
    process: subprocess.Popen[bytes]

    def run(self, *words: str) -> str:
        """A `koinon` command against the same data; its standard output."""
        done = subprocess.run(
            [sys.executable, "-m", "koinon", *words],
            cwd=ROOT,
            env=environment(self.data),
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode:
            raise RuntimeError(f"koinon {' '.join(words)}: {done.stderr}")
        return done.stdout


def environment(data: Path) -> dict[str, str]:
    """What a process of a test inherits: the checkout, its own data folder, no test settings."""
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "KOINON_DATA": str(data),
        # Two cores are for the tests: who wants meaning asks for it.
        "KOINON_ENCODER": os.environ.get("KOINON_ENCODER", "off"),
    }
    env.pop("DATABASE_URL", None)
    return env


def furnish(data: Path) -> None:
    """Lay a database with all facts and the static files into a data folder, as `koinon up` makes them in an empty one."""
    shutil.copytree(_furniture(), data, dirs_exist_ok=True)


@cache
def _furniture() -> Path:
    """A data folder that is made once: loading all places takes longer than most tests."""
    made = Path(tempfile.mkdtemp(prefix="koinon-furniture-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    prepare = "import django; django.setup(); from koinon.cli import prepare; prepare()"
    env = environment(made) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"}
    done = subprocess.run([sys.executable, "-c", prepare], cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"nothing to furnish with: {done.stderr[-3000:]}")
    return made


@contextmanager
def house(data: Path, *, module: str = "koinon", words: Sequence[str] = ("up",)) -> Iterator[House]:
    """Start it, wait until it answers, and end it by its process id."""
    port = free_port()
    command = [sys.executable, "-m", module, *words, "--port", str(port), "--data", str(data)]
    with (data / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(data), stdout=log, stderr=log)
    try:
        patience = time.monotonic() + 300
        while True:
            if process.poll() is not None or time.monotonic() > patience:
                raise RuntimeError(f"{command} did not start: {(data / 'log').read_text()[-3000:]}")
            try:
                if ask(port, "/health/live").startswith(b"HTTP/1.1 200"):
                    break
            except OSError:
                time.sleep(0.05)
        yield House(f"http://127.0.0.1:{port}", port, data, process)
    finally:
        process.terminate()
        process.wait(timeout=20)
