"""`koinon bench denied`: a confidential request answers a stranger like one that does not exist: same bytes, same time.

Row I14 of the matrix: two times 10,000 answers in shuffled order, through all of Django but no server. Held: body and headers are
equal, and the medians differ by less than 1 ms, or a Mann-Whitney test cannot tell the two apart (p > 0.01). The control,
that the difference would be seen: the same with 1.5 ms added to one of them on purpose must fail.
"""

import argparse
import json
import math
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TIMES = 10_000
MOST_MS, LEAST_P = 1.0, 0.01
CONTROL_MS = 1.5


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="koinon bench denied")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--times", type=int, default=TIMES)
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="koinon-bench-") as data:
        os.environ["KOINON_DATA"] = data
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koinon.settings")
        os.environ.pop("DATABASE_URL", None)
        result = measure(asked.times)
    text = json.dumps(result, indent=2)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")
    return 0 if result["reached"] else 1


def measure(times: int) -> dict[str, Any]:
    """Each way in that knows a request by its number, asked by a coordinator who has no part in it."""
    import django

    django.setup()
    from django.test import Client

    from koinon.cli import prepare
    from koinon.people.testing import come_in
    from koinon.questions.testing import make_request, make_triage, staff

    prepare()
    make_triage()
    secret = make_request(confidential=True).question.number
    coordinator = staff(None).person
    if coordinator is None:
        raise RuntimeError("void: nobody coordinates")
    stranger = come_in(Client(HTTP_HOST="localhost"), coordinator)
    # Of the same form, so that it is looked for just the same.
    missing = secret[:-1] + ("7" if secret[-1] != "7" else "8")
    ways = {
        "desk": "/desk/{}/",
        "request": "/support/{}/",
        "files": "/questions/{}/files/",
    }
    found = {}
    for name, way in ways.items():
        found[name] = compare(stranger, way.format(secret), way.format(missing), times // len(ways) + 1)
    control = told_apart([one + CONTROL_MS for one in found["desk"]["secret"]], found["desk"]["missing"])
    result = {
        name: {
            "answers": len(one["secret"]),
            "same_bytes": one["same"],
            "median_ms": round(statistics.median(one["secret"]), 3),
            "median_ms_missing": round(statistics.median(one["missing"]), 3),
            "p": round(p_of(one["secret"], one["missing"]), 4),
            "told_apart": told_apart(one["secret"], one["missing"]),
        }
        for name, one in found.items()
    }
    reached = control and all(one["same_bytes"] and not one["told_apart"] for one in result.values())
    return result | {"control_seen": control, "reached": reached}


def compare(client: Any, secret: str, missing: str, times: int) -> dict[str, Any]:
    """Times in milliseconds of both addresses, in shuffled order, and whether all answers were equal but for the address."""
    kept: dict[str, list[float]] = {secret: [], missing: []}
    seen: dict[str, set[bytes]] = {secret: set(), missing: set()}
    chance = random.Random(1310)
    for round_ in range(times + 20):
        for address in chance.sample((secret, missing), 2):
            begun = time.perf_counter()
            answer = client.get(address)
            took = (time.perf_counter() - begun) * 1000
            if answer.status_code != 404:
                raise RuntimeError(f"void: {address} answered {answer.status_code}")
            if round_ >= 20:
                kept[address].append(took)
            if round_ % 100 == 0:
                bare = repr(sorted(answer.headers.items())).encode() + answer.content
                seen[address].add(bare.replace(address.encode(), b"ADDRESS"))
    return {"secret": kept[secret], "missing": kept[missing], "same": seen[secret] == seen[missing]}


def told_apart(one: list[float], other: list[float]) -> bool:
    differ = abs(statistics.median(one) - statistics.median(other)) >= MOST_MS
    return differ and p_of(one, other) <= LEAST_P


def p_of(one: list[float], other: list[float]) -> float:
    """Two-sided p of a Mann-Whitney U test, by the normal approximation (both samples are large)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_value, which) in enumerate(ranked, start=1) if which == 0)
    m, n = len(one), len(other)
    u = ranks - m * (m + 1) / 2
    deviation = math.sqrt(m * n * (m + n + 1) / 12)
    return math.erfc(abs(u - m * n / 2) / deviation / math.sqrt(2))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
