"""`koinon bench search --only meaning [--cache FILE]`: how well meaning finds the one right text, on the set of `bench/search_set`.

Everything goes the way of a search on the page: the same index, the same background work, `service.search` and
`ranking.alike`. Odd numbers were looked at while the ranking was made (tuning), even ones were not (reporting); they are told
apart, and only the second are a result. Plain cosines of the bundled encoder stand beside them as the floor. `--cache FILE` keeps
vectors between runs, for the set takes some minutes to embed.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

SET = Path(__file__).resolve().parent / "search_set"
GOALS = {"across R@1": 0.55, "across R@5": 0.80, "within R@1": 0.98, "typo R@1": 0.95}
KINDS = ("across", "within", "typo")


def read(pattern: str) -> list[dict[str, Any]]:
    """All lines of some files of the set."""
    files = sorted(SET.glob(pattern))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line]


class Cached:
    """The bundled encoder, with what it said before kept in a file."""

    def __init__(self, file: Path | None) -> None:
        from koinon.search.encoder import process

        self.real = process.bundled()
        self.model = self.real.model
        self.kept = sqlite3.connect(file or ":memory:", check_same_thread=False, isolation_level=None)
        self.kept.execute(
            "CREATE TABLE IF NOT EXISTS v (kind TEXT, text TEXT, data BLOB, PRIMARY KEY (kind, text))"
        )

    def embed(self, texts: Sequence[str], kind: Any, within: float, *, background: bool = False) -> Any:
        import numpy as np

        from koinon.search.encoder import wash

        rows = []
        for text in texts:
            key = (kind, wash(text, kind))
            found = self.kept.execute("SELECT data FROM v WHERE kind = ? AND text = ?", key).fetchone()
            if found is None:
                row = self.real.embed([text], kind, 60.0, background=background)[0]
                self.kept.execute("INSERT OR IGNORE INTO v VALUES (?, ?, ?)", (*key, row.tobytes()))
            else:
                row = np.frombuffer(found[0], np.float32)
            rows.append(row)
        return np.stack(rows)

    def look(self) -> None:
        self.real.look()

    def state(self) -> dict[str, Any]:
        return self.real.state()

    def stop(self) -> None:
        self.real.stop()


def measure(words: list[str]) -> dict[str, Any]:
    """All of it, in a process of its own: it has a data folder of its own."""
    command = [sys.executable, "-m", "bench._search_meaning", *words]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    found: dict[str, Any] = json.loads(said) if said else {"reached": False, "why": "it broke"}
    return found


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="koinon bench search --only meaning")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--cache", type=Path)
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="koinon-bench-") as folder:
        os.environ["KOINON_DATA"] = folder
        os.environ.pop("DATABASE_URL", None)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koinon.settings")
        import django

        django.setup()
        result = measured(Path(folder), asked.cache)
    text = json.dumps(result, indent=2)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n")
    return 0 if result["reached"] else 1


def measured(folder: Path, cache: Path | None) -> dict[str, Any]:
    from django.core.management import call_command

    from koinon.base.languages import ENDONYMS
    from koinon.search import encoder, spaces, testing, vectors
    from koinon.search.documents import Document, Text
    from koinon.topics import concepts

    call_command("migrate", "search", verbosity=0)
    concepts.join_in()
    spaces.register_parallel(lambda: {language: dict(concepts.by_label(language)) for language in ENDONYMS})
    use = Cached(cache)
    documents = [
        Document("practice", p["id"], f"/practices/{p['id']}/", (Text(p["lang"], p["title"], p["body"]),))
        for p in read("practices-*.jsonl")
    ]
    with testing.house(folder, encoder=""), testing.things(*documents):
        encoder.use(use)
        testing.build()
        began = time.monotonic()
        vectors.take(documents)
        while vectors.make_some() + vectors.make_wished():
            vectors.store.look()
        vectors.store.look()
        result: dict[str, Any] = {"embedded_in_s": round(time.monotonic() - began, 1)}
        result |= {"found": find(documents), "plain": plain(documents, use), "equal": equal()}
        result["child"] = of_child(use)
        encoder.use(None)
    report = result["found"]["reporting"]
    got = {f"{kind} {name}": report[kind][name] for kind in KINDS for name in ("R@1", "R@5")}
    result["goals"] = {name: {"goal": goal, "got": got[name]} for name, goal in GOALS.items()}
    result["reached"] = all(got[name] >= goal for name, goal in GOALS.items())
    return result


def find(documents: Sequence[Any]) -> dict[str, Any]:
    from koinon.search import service

    places: dict[str, dict[str, list[int]]] = {"tuning": {}, "reporting": {}}
    seconds = []
    for query in read("queries-*.jsonl"):
        began = time.perf_counter()
        found = service.search(query["text"], limit=20, facets=())
        seconds.append(time.perf_counter() - began)
        keys = [hit.document.key for hit in found.hits]
        place = min((keys.index(want) for want in query["want"] if want in keys), default=10**6)
        half(places, query["id"]).setdefault(query["kind"], []).append(place)
    told: dict[str, Any] = {part: {k: figures(v) for k, v in kinds.items()} for part, kinds in places.items()}
    return {**told, "ms_median_with_vector_kept": round(median(seconds) * 1000, 1)}


def plain(documents: Sequence[Any], use: Cached) -> dict[str, Any]:
    """The same queries by the encoder's own cosines."""
    rows = use.embed([f"{d.texts[0].title}. {d.texts[0].body}" for d in documents], "passage", 60.0)
    places: dict[str, dict[str, list[int]]] = {"tuning": {}, "reporting": {}}
    for query in read("queries-*.jsonl"):
        near = rows @ use.embed([query["text"]], "query", 60.0)[0]
        best = max(near[at] for at, d in enumerate(documents) if d.key in query["want"])
        half(places, query["id"]).setdefault(query["kind"], []).append(int((near > best).sum()))
    return {part: {k: figures(v) for k, v in kinds.items()} for part, kinds in places.items()}


def equal() -> dict[str, Any]:
    """Each question as if it had just come in, all others as those that are there: what would be offered to a moderator."""
    from koinon.search import encoder, ranking, vectors

    all_ = [(group["group"], q["text"]) for group in read("equal-*.jsonl") for q in group["questions"]]
    for _group, text in all_:
        vectors.of_query(text, "passage", within=60.0)
    told: dict[str, Any] = {}
    for part, odd in (("tuning", True), ("reporting", False)):
        best, first, offered, wrong, offered_right, number = 0, 0, 0, 0, 0, 0
        for at, (group, text) in enumerate(all_):
            if is_odd(group) != odd:
                continue
            others = [pair for place, pair in enumerate(all_) if place != at]
            likeness = ranking.alike(text, [other for _group, other in others])
            order = sorted(range(len(others)), key=lambda place: -likeness[place])[:3]
            right = [others[place][0] == group for place in order]
            offer = [
                is_right
                for place, is_right in zip(order, right, strict=True)
                if likeness[place] >= ranking.OFFER
            ]
            number += 1
            best += right[0]
            first += any(right)
            offered += len(offer)
            wrong += len(offer) - sum(offer)
            offered_right += any(offer)
        told[part] = {
            "questions": number,
            "right_first": round(best / number, 2),
            "right_in_three": round(first / number, 2),
            "right_offered": round(offered_right / number, 2),
            "offers": offered,
            "wrong_offers": round(wrong / max(offered, 1), 2),
        }
    assert encoder.model()
    return told


def of_child(use: Cached) -> dict[str, Any]:
    """What the process of the encoder costs: memory, and milliseconds for a query of some sixty letters."""
    texts = [query["text"] for query in read("queries-1.jsonl")][:20]
    use.real.embed(["ready"], "query", 60.0)
    times = []
    for text in texts:
        began = time.perf_counter()
        use.real.embed([text], "query", 60.0)
        times.append(time.perf_counter() - began)
    use.real.embed(["a long passage of plain words " * 40], "passage", 60.0)
    status = Path(f"/proc/{use.real.quick.pid}/status").read_text("ascii")
    most = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return {"most_memory_mb": round(most / 1024, 1), "ms_per_query_median": round(median(times) * 1000, 1)}


def is_odd(name: str) -> bool:
    return int(name[1:]) % 2 == 1


def half(places: dict[str, dict[str, list[int]]], name: str) -> dict[str, list[int]]:
    return places["tuning" if is_odd(name) else "reporting"]


def figures(places: list[int]) -> dict[str, float]:
    number = len(places)
    return {
        "queries": number,
        "R@1": round(sum(place < 1 for place in places) / number, 2),
        "R@3": round(sum(place < 3 for place in places) / number, 2),
        "R@5": round(sum(place < 5 for place in places) / number, 2),
        "R@10": round(sum(place < 10 for place in places) / number, 2),
        "MRR": round(sum(1 / (place + 1) for place in places) / number, 3),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
