"""`koinon test`: every test on PostgreSQL and on SQLite, and those that start a server of their own, on the databases they name.

The three run at once, each in a process and a data folder of its own; what they say is shown one after the other, SQLite
last. What cannot run here (no PostgreSQL, no Chromium) is listed loudly at the end; with KOINON_TEST_ALL=1 it is a failure.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from tests import chromium, postgresql

ROOT = Path(__file__).resolve().parents[1]
Run = tuple["subprocess.Popen[bytes]", str]
"""A run of pytest, and the file into which it speaks."""


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
    servers = "server"
    if chromium.program() is None:
        missing.append("Chromium was not found: no page was opened in a browser.")
        servers = "server and not browser"
    with ExitStack() as running:

        def start(*before: str, **environment: str) -> Run:
            said = running.enter_context(tempfile.NamedTemporaryFile(prefix="koinon-test-"))
            return running.enter_context(_started([*before, *words], said.file, **environment)), said.name

        runs: dict[str, Run] = {}
        if postgresql.programs() is None:
            missing.append(
                "PostgreSQL's programs (initdb, pg_ctl) were not found: nothing ran on PostgreSQL."
            )
        else:
            cluster = running.enter_context(postgresql.Cluster())
            runs["on PostgreSQL"] = start("-m", "not server", DATABASE_URL=cluster.url)
        runs["with servers"] = start("-m", servers)
        runs["on SQLite"] = start("-m", "not server")
        for name, (process, said) in runs.items():
            print(f"— {name} —", flush=True)
            with Path(said).open("rb") as reading:
                states.append(_follow(process, reading))
    if missing:
        print("\nNOT EVERYTHING RAN:", *missing, sep="\n  ", file=sys.stderr)
        if os.environ.get("KOINON_TEST_ALL"):
            return 1
    # 5: no test was selected, which is no failure where the words chose tests that only run on the other database.
    return next((state for state in states if state not in {0, 5}), 0 if 0 in states else max(states))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
