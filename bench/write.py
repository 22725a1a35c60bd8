"""`koinon bench write`: 100,000 acknowledged writes and 1,000 kills on each database; nothing lost, nothing doubled.

The siege of `tests/faults`, longer. It takes hours; `--writes`, `--kills` and `--minutes` make it shorter, and what was not
reached is said. The PostgreSQL is one of its own and is not killed: the server and the desk before it are.
"""

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests import postgresql
from tests.faults.fallible import House
from tests.faults.siege import besiege, wrong

WRITES, KILLS = 100_000, 1_000
DATABASES = ("sqlite", "postgresql")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="koinon bench write")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--writes", type=int, default=WRITES)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument(
        "--minutes", type=float, default=24 * 60, help="stop after so long, for each database"
    )
    parser.add_argument("--seed", type=int, default=1310)
    parser.add_argument("--database", choices=DATABASES, action="append")
    asked = parser.parse_args(words)
    result = {
        name: measure(name, writes=asked.writes, kills=asked.kills, minutes=asked.minutes, seed=asked.seed)
        for name in asked.database or DATABASES
    }
    text = json.dumps(result, indent=2)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")
    return 0 if all(one["reached"] for one in result.values()) else 1


def measure(database: str, *, writes: int, kills: int, minutes: float, seed: int) -> dict[str, Any]:
    """One siege of a new house; `wrong` is empty when the promise was held, `reached` wants the numbers too."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="koinon-bench-")))
        url = ends.enter_context(postgresql.Cluster()).url if database == "postgresql" else ""
        house = House(folder / "data", url)
        house.data.mkdir()
        ends.callback(house.end)
        house.start()
        found = besiege(
            house, folder, writes=writes, kills=kills, seed=seed, seconds=minutes * 60, say=_say, people=1
        )
    figures: dict[str, Any] = found["figures"]
    enough = figures["writes"] >= writes and figures["kills"] >= kills
    return figures | {"wrong": wrong(found), "reached": not wrong(found) and enough}


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
