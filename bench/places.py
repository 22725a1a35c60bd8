"""`koinon bench places`: how long a keystroke takes, over every beginning of 2,000 names that people type.

Asks the gazetteer in this process, with the whole reference in the database of KOINON_DATA or DATABASE_URL (load it
with `koinon up` first); names are drawn with a fixed seed. Goal: 20 ms at the 99th percentile.
"""

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path

GOAL_MS = 20.0
NAMES = 2000


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="koinon bench places")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(words)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koinon.settings")
    import django

    django.setup()
    from koinon.places import gazetteer
    from koinon.places.models import PlaceName

    before, start = _memory(), time.perf_counter()
    gazetteer.warm()
    warm, memory = time.perf_counter() - start, _memory() - before
    names = sorted(set(PlaceName.objects.values_list("name", flat=True)))
    if not names:
        print("There are no places in this database; `koinon up` loads them.", file=sys.stderr)
        return 2
    chosen = random.Random(13102021).sample(names, NAMES)
    times = []
    for name in chosen:
        for length in range(1, len(name) + 1):
            start = time.perf_counter()
            gazetteer.find(name[:length], limit=8)
            times.append((time.perf_counter() - start) * 1000)
    times.sort()
    result = {
        "keystrokes": len(times),
        "p50_ms": round(times[len(times) // 2], 3),
        "p99_ms": round(times[int(len(times) * 0.99)], 3),
        "worst_ms": round(times[-1], 3),
        "goal_p99_ms": GOAL_MS,
        "reading_all_names_s": round(warm, 2),
        "memory_mb": round(memory),
    }
    text = json.dumps(result, indent=2)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")
    return 0 if result["p99_ms"] <= GOAL_MS else 1


def _memory() -> float:
    """Resident memory of this process in megabytes; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
