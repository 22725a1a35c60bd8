"""`koinon bench search`: the search by words at a million records, its page, and the search by meaning on a set of its own.

    koinon bench search                       all of it
    koinon bench search --only words          the engine: top 20 with a filter and two facets; size and time of the index
    koinon bench search --only page           the whole page against an empty Django view, in the same run
    koinon bench search --only rows           from a file with 100,000 rows to searchable
    koinon bench search --only meaning        across languages (bench/_search_meaning.py)

`--records 100000` takes fewer. What is generated speaks of the concepts of the field in 24 languages, beside invented words.
"""

import argparse
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

PARTS = ("words", "page", "rows", "meaning")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="koinon bench search")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--keep", type=Path, help="a folder in which the index is kept, and found again")
    asked, rest = parser.parse_known_args(words)
    wanted = asked.only or PARTS
    result: dict[str, Any] = {}
    if {"words", "page", "rows"} & set(wanted):
        from bench import _search_words

        result |= _search_words.measure(
            wanted, records=asked.records, rows=asked.rows, rounds=asked.rounds, keep=asked.keep
        )
    if "meaning" in wanted:
        if importlib.util.find_spec("bench._search_meaning") is None:
            result["meaning"] = {"reached": False, "why": "bench/_search_meaning.py is not there"}
        else:
            meaning = importlib.import_module("bench._search_meaning")
            result["meaning"] = meaning.measure(rest)
    text = json.dumps(result, indent=2, ensure_ascii=False)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n")
    return 0 if all(part.get("reached", True) for part in result.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
