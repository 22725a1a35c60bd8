"""`koinon test`: every test on PostgreSQL, then every test on SQLite, each in a process and a data folder of its own.

What cannot run here (no PostgreSQL, no Chromium) is listed loudly at the end; with KOINON_TEST_ALL=1 it is a failure.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import chromium, postgresql

ROOT = Path(__file__).resolve().parents[1]


def pytest(words: list[str], **environment: str) -> int:
    """One run of pytest in a fresh data folder; returns its exit status."""
    with tempfile.TemporaryDirectory(prefix="koinon-test-") as data:
        env = os.environ | {"KOINON_DATA": data} | environment
        env.pop("DATABASE_URL", None) if "DATABASE_URL" not in environment else None
        return subprocess.call([sys.executable, "-m", "pytest", *words], cwd=ROOT, env=env)


def main(words: list[str]) -> int:
    missing: list[str] = []
    states: list[int] = []
    if postgresql.programs() is None:
        missing.append("PostgreSQL's programs (initdb, pg_ctl) were not found: nothing ran on PostgreSQL.")
    else:
        with postgresql.Cluster() as cluster:
            print("— on PostgreSQL —", flush=True)
            states.append(pytest(["-m", "not browser and not server", *words], DATABASE_URL=cluster.url))
    if chromium.program() is None:
        missing.append("Chromium was not found: no page was opened in a browser.")
        words = ["-m", "not browser", *words]
    print("— on SQLite —", flush=True)
    states.append(pytest(words))
    if missing:
        print("\nNOT EVERYTHING RAN:", *missing, sep="\n  ", file=sys.stderr)
        if os.environ.get("KOINON_TEST_ALL"):
            return 1
    # 5: no test was selected, which is no failure where the words chose tests that only run on the other database.
    return next((state for state in states if state not in {0, 5}), 0 if 0 in states else max(states))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
