"""`koinon bench digest`: a digest run for 10,000 followers that is killed in the middle; nothing missed, nothing told twice.

The siege of `tests/faults`, with ten times the followers, on each database; and how long one whole run takes without kills.
"""

import argparse
import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests import postgresql
from tests.faults.digest_siege import Hand, besiege

FOLLOWERS, ROUNDS, KILLS = 10_000, 2, 10
DATABASES = ("sqlite", "postgresql")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="koinon bench digest")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--followers", type=int, default=FOLLOWERS)
    parser.add_argument("--kills", type=int, default=KILLS, help="in each of the two rounds")
    parser.add_argument("--database", choices=DATABASES, action="append")
    asked = parser.parse_args(words)
    result = {
        name: measure(name, followers=asked.followers, kills=asked.kills)
        for name in asked.database or DATABASES
    }
    text = json.dumps(result, indent=2)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")
    return 0 if all(one["reached"] for one in result.values()) else 1


def measure(database: str, *, followers: int, kills: int) -> dict[str, Any]:
    """One siege, then one round that nobody disturbs."""
    with ExitStack() as ends:
        data = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="koinon-bench-")))
        url = ends.enter_context(postgresql.Cluster()).url if database == "postgresql" else ""
        hand = Hand(data, url)
        found = besiege(hand, followers=followers, rounds=ROUNDS, kills=kills)
        hand.do("happen", ROUNDS)
        begin = time.perf_counter()
        queued = hand.do("tell", 2 * ROUNDS + 2)["queued"]
        found |= {"queued": queued, "seconds": round(time.perf_counter() - begin, 1)}
    held = not (found["missed"] or found["twice"] or found["other"])
    return found | {"reached": held and found["killed"] == ROUNDS * kills and followers >= FOLLOWERS}


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
