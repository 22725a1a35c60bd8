"""Hands: processes that do something to a database of their own and say on their last line what came of it."""

import json
import os
import subprocess
import sys
from typing import Any

from bench._server import ROOT

LONG = bool(os.environ.get("KOINON_TEST_LONG"))
"""Whether there is time for a thousand."""


def done_by(hand: str, env: dict[str, str], *words: object) -> Any:
    """What `python -m tests.faults.HAND WORDS` found."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.faults.{hand}", *map(str, words)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])
