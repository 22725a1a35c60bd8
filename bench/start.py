"""`koinon bench start`: from the command to the first answer, on an empty data folder and again.

The floor is the same Python starting an empty Django on the same server, so that a slow machine shows as one.
"""

import argparse
import compileall
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench._server import ROOT, Server, ask

GOALS = {"first": 20.0, "again": 2.0}


def started(data: Path) -> float:
    """Seconds from starting the process until the first page has answered whole."""
    begun = time.perf_counter()
    with Server.koinon(data) as server:
        answer = ask(server.port, "/places/ITH5/")
        seconds = time.perf_counter() - begun
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"void: {answer[:80]!r}")
    return seconds


def floor(data: Path) -> float:
    with Server.floor(data) as server:
        return server.seconds


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="koinon bench start")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(words)
    # As the launcher leaves it after installing; what was edited since is compiled before the clock runs.
    compileall.compile_dir(ROOT / "src", quiet=1)
    first, again, floors = [], [], []
    for _ in range(asked.rounds):
        with tempfile.TemporaryDirectory(prefix="koinon-bench-") as folder:
            data = Path(folder)
            floors.append(floor(data))
            first.append(started(data))
            again.append(started(data))
    result = {
        name: {
            "seconds_median": round(statistics.median(times), 2),
            "seconds_most": round(max(times), 2),
            "ratio_to_floor": round(statistics.median(times) / statistics.median(floors), 1),
            "goal": GOALS.get(name),
        }
        for name, times in (("floor", floors), ("first", first), ("again", again))
    }
    reached = all(result[name]["seconds_median"] <= goal for name, goal in GOALS.items())  # type: ignore[operator]
    text = json.dumps(result | {"reached": reached}, indent=2)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
