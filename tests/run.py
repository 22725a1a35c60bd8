"""`koinon test`: every test on PostgreSQL and every test on SQLite, each in a process and a data folder of its own.

Both run at once, one on each core; what is said on SQLite is shown after what is said on PostgreSQL. What cannot run here
(no PostgreSQL, no Chromium) is listed loudly at the end; with KOINON_TEST_ALL=1 it is a failure.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests import chromium, postgresql

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def _started(
    words: list[str], out: IO[bytes] | None = None, **environment: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """A run of pytest in a fresh data folder; ended by its process id where we end before it."""
    with tempfile.TemporaryDirectory(prefix="koinon-test-") as data:
        env = os.environ | {"KOINON_DATA": data} | environment
        env.pop("DATABASE_URL", None) if "DATABASE_URL" not in environment else None
        command = [sys.executable, "-m", "pytest", *words]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out and subprocess.STDOUT)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=60)


def pytest(words: list[str], **environment: str) -> int:
    """One run of pytest in a fresh data folder; returns its exit status."""
    with _started(words, None, **environment) as process:
        return process.wait()


def _follow(process: "subprocess.Popen[bytes]", out: IO[bytes]) -> int:
    """Show what a process has said so far and goes on saying, until it ends; its exit status."""
    while True:
        ended = process.poll() is not None
        sys.stdout.buffer.write(out.read())
        sys.stdout.flush()
        if ended:
            return process.returncode
        time.sleep(0.2)


def main(words: list[str]) -> int:
    missing: list[str] = []
    states: list[int] = []
    if chromium.program() is None:
        missing.append("Chromium was not found: no page was opened in a browser.")
    here = words if chromium.program() is not None else ["-m", "not browser", *words]
    if postgresql.programs() is None:
        missing.append("PostgreSQL's programs (initdb, pg_ctl) were not found: nothing ran on PostgreSQL.")
        print("— on SQLite —", flush=True)
        states.append(pytest(here))
    else:
        with (
            tempfile.NamedTemporaryFile(prefix="koinon-test-") as said,
            _started(here, said.file) as sqlite,
        ):
            with postgresql.Cluster() as cluster:
                print("— on PostgreSQL —", flush=True)
                states.append(pytest(["-m", "not browser and not server", *words], DATABASE_URL=cluster.url))
            print("— on SQLite —", flush=True)
            with Path(said.name).open("rb") as reading:
                states.append(_follow(sqlite, reading))
    if missing:
        print("\nNOT EVERYTHING RAN:", *missing, sep="\n  ", file=sys.stderr)
        if os.environ.get("KOINON_TEST_ALL"):
            return 1
    # 5: no test was selected, which is no failure where the words chose tests that only run on the other database.
    return next((state for state in states if state not in {0, 5}), 0 if 0 in states else max(states))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
