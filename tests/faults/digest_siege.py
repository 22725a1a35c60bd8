"""Digest runs that are killed in the middle, and two of them at once: for the test and for the measurement."""

import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench._server import ROOT


@dataclass(frozen=True)
class Hand:
    """Starts `digest_hand`, or another hand, on one database."""

    data: Path
    database: str = ""
    module: str = "tests.faults.digest_hand"

    def start(self, *words: object) -> subprocess.Popen[str]:
        env = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "KOINON_MAIL"}
        }
        if self.database:
            env["DATABASE_URL"] = self.database
        return subprocess.Popen(
            [sys.executable, "-m", self.module, *map(str, words)],
            cwd=ROOT,
            env=env
            | {
                "KOINON_DATA": str(self.data),
                "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
                "DJANGO_SETTINGS_MODULE": "koinon.settings",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def do(self, *words: object) -> dict[str, Any]:
        return said(self.start(*words))


def said(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, trouble = process.communicate(timeout=3600)
    if process.returncode:
        raise RuntimeError(trouble[-3000:])
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def besiege(hand: Hand, *, followers: int, rounds: int, kills: int, seed: int = 7) -> dict[str, Any]:
    """So many followers, and in each round so many runs that end by SIGKILL at a mail drawn by lot; then two at once finish."""
    chance = random.Random(seed)
    hand.do("prepare", followers)
    killed = 0
    for number in range(rounds):
        hand.do("happen", number)
        days = 2 * number + 2
        for _kill in range(kills):
            doomed = hand.start("tell", days, chance.randint(1, max(2, followers // (2 * kills))))
            doomed.communicate(timeout=3600)
            killed += doomed.returncode == -signal.SIGKILL
        both = [hand.start("tell", days) for _ in range(2)]
        for process in both:
            said(process)
        hand.do("tell", days)
    return hand.do("count", rounds) | {"killed": killed}
