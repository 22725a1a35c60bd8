"""`koinon bench place`: place pages per second, asked for the first time and again, as a ratio to an empty Django view.

Each round measures the floor, pages never asked before, and one page asked again, in shuffled order on servers that all
run and have been running for some seconds (the first seconds are told as `just_started`); the figure is the ratio within the round. Five rounds: median and spread. A round in which the floor moved by more
than 1.5 from the median is void and told. Beside it stands the ratio of processor time for one request, which other work
on the machine disturbs less. The floor that counts is the quickest there is to be had (a2wsgi); the same view behind our
own threads and behind Django's own ASGI handler are told in `other_floors`.
"""

import argparse
import csv
import gzip
import json
import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench._load import load
from bench._server import ROOT, Server

GOALS = {"uncached": 0.3, "again": 6.0}
SECONDS = 4.0
CONNECTIONS = 8


def keys() -> list[str]:
    """The address of every locality, in random order with a fixed seed: enough for pages that nobody asked before."""
    table = ROOT / "src/koinon/places/data/localities.tsv.gz"
    with gzip.open(table, "rt", encoding="utf-8", newline="") as file:
        ids = [row["geonameid"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    random.Random(13102021).shuffle(ids)
    return ids


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="koinon bench place")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(words)
    rounds: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="koinon-bench-") as folder:
        data = Path(folder)
        with (
            Server.koinon(data) as ours,
            Server.floor(data) as floor,
            Server.floor(data, "own") as own,
            Server.floor(data, "asgi") as django,
        ):
            canonical = addresses(data)
            fresh = iter(canonical)
            again = canonical[0]
            # A house that has just started has cut no stencil yet (guide/stencils.py): told apart, not mixed in.
            cold = load(
                ours.port, [next(fresh) for _ in range(3000)], seconds=SECONDS, connections=CONNECTIONS
            )
            load(ours.port, [next(fresh) for _ in range(6000)], seconds=3 * SECONDS, connections=CONNECTIONS)
            load(ours.port, [again], seconds=1, connections=2)
            for number in range(asked.rounds):
                figures: dict[str, Any] = {}
                order = ["floor", "uncached", "again"]
                random.Random(number).shuffle(order)
                for what in order:
                    server, paths = ours, [again]
                    if what == "floor":
                        server, paths = floor, ["/health/live"]
                    elif what == "uncached":
                        paths = [next(fresh) for _ in range(12000)]
                    before = server.cpu()
                    figures[what] = load(server.port, paths, seconds=SECONDS, connections=CONNECTIONS)
                    used = (server.cpu() - before) * 1000 / figures[what]["requests"]
                    figures[what]["cpu_ms"] = round(used, 3)
                    if what == "uncached" and figures[what]["requests"] > len(paths):
                        raise RuntimeError("void: pages were asked twice")
                rounds.append(figures)
                print(json.dumps(figures), file=sys.stderr)
            others = {
                name: load(server.port, ["/health/live"], seconds=SECONDS, connections=CONNECTIONS)
                for name, server in (("own_threads", own), ("django_asgi", django))
            }
    result = judge(rounds) | {"just_started": cold, "other_floors": others}
    text = json.dumps(result, indent=2)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n")
    return 0 if result["reached"] else 1


def addresses(data: Path) -> list[str]:
    """The canonical addresses (no redirects), read from the database that the measured server made."""
    import sqlite3

    from django.utils.text import slugify

    with sqlite3.connect(f"file:{data / 'koinon.sqlite3'}?mode=ro", uri=True) as base:
        latin = dict(base.execute("SELECT code, latin FROM places_place WHERE kind = 'locality'"))
    return [f"/places/{slugify(latin[i]) or 'place'}-{i}/" for i in keys() if i in latin]


def judge(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    floors = [figures["floor"]["per_second"] for figures in rounds]
    middle = statistics.median(floors)
    sound = [f for f in rounds if middle / 1.5 <= f["floor"]["per_second"] <= middle * 1.5]
    result: dict[str, Any] = {"void_rounds": len(rounds) - len(sound), "floor_per_second": middle}
    for what, goal in GOALS.items():
        ratios = [f[what]["per_second"] / f["floor"]["per_second"] for f in sound]
        result[what] = {
            "ratio_median": round(statistics.median(ratios), 2),
            "ratio_least": round(min(ratios), 2),
            "ratio_most": round(max(ratios), 2),
            "cpu_ratio_median": round(
                statistics.median(f["floor"]["cpu_ms"] / f[what]["cpu_ms"] for f in sound), 2
            ),
            "cpu_ms": statistics.median(f[what]["cpu_ms"] for f in sound),
            "per_second": statistics.median(f[what]["per_second"] for f in sound),
            "p50_ms": statistics.median(f[what]["p50_ms"] for f in sound),
            "p99_ms": statistics.median(f[what]["p99_ms"] for f in sound),
            "goal": goal,
        }
    result["reached"] = all(result[what]["ratio_median"] >= goal for what, goal in GOALS.items())
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
