"""The part of `koinon bench search` that needs no encoder: the engine, the page, and rows from a file."""

import contextlib
import csv
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench._load import load
from bench._server import ROOT, Server

GOALS = {"p99_ms": 5.0, "page_ratio": 5.0, "rows_seconds": 60.0}
SEED = 20261126
WORDS_OF_A_RECORD = 60
QUERIES = 1000
COUNTRIES = "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
SYLLABLES = "ba ko mi ter lan sto ver nia pol gra du sel or ti ka men pro vis lo ra shu un fe zo".split()


class Maker:
    """Generates records, the same for the same number: common and rare words, and words of the field in one language."""

    def __init__(self) -> None:
        from koinon.topics import concepts

        chance = random.Random(SEED)
        self.words = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 5))) for _ in range(60_000)]
        self.weights = list(itertools.accumulate(1 / (number + 8) for number in range(len(self.words))))
        self.labels: dict[str, list[tuple[str, str]]] = {}
        for language in ("en", "de", "fi", "bg", "el", "mt", "pl", "fr"):
            self.labels[language] = list(concepts.by_label(language))

    def row(self, number: int) -> dict[str, str]:
        chance = random.Random(SEED + number)
        language = chance.choice(list(self.labels))
        named = chance.sample(self.labels[language], 3)
        words = chance.choices(self.words, cum_weights=self.weights, k=WORDS_OF_A_RECORD)
        for _, label in named:
            words.insert(chance.randrange(len(words)), label)
        return {
            "key": str(number),
            "language": language,
            "title": " ".join(words[:7]).capitalize(),
            "body": " ".join(words[7:]) + ".",
            "country": chance.choice(COUNTRIES),
            "topics": " ".join(key for key, _ in named[:2]),
            "objective": chance.choice("abcdefghijklm"),
            "stage": chance.choice(["idea", "tried", "running", "spread", "ended"]),
            "cost": chance.choice(["under20", "under100", "under500", "more"]),
            "evidence": chance.choice("01234"),
            "on": (date(2020, 1, 1) + timedelta(days=chance.randrange(2500))).isoformat(),
        }


def document(row: dict[str, str]) -> Any:
    from koinon.search.documents import Document, Text

    return Document(
        "practice",
        row["key"],
        f"/practices/{row['key']}/",
        (Text(row["language"], row["title"], row["body"]),),
        countries=(row["country"],),
        topics=tuple(row["topics"].split()),
        objectives=(row["objective"],),
        stage=row["stage"],
        cost=row["cost"],
        evidence=row["evidence"],
        on=date.fromisoformat(row["on"]),
    )


def measure(
    wanted: Sequence[str], *, records: int, rows: int, rounds: int, keep: Path | None
) -> dict[str, Any]:
    """Makes the index of all records in a data folder of its own, then measures what is wanted on it."""
    result: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        data = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="koinon-bench-")))
        data.mkdir(parents=True, exist_ok=True)
        os.environ |= {"KOINON_DATA": str(data), "DJANGO_SETTINGS_MODULE": "koinon.settings"}
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        if {"words", "page"} & set(wanted):
            result["index"] = make(data, records)
        if "words" in wanted:
            result["words"] = words(records)
        if "page" in wanted:
            result["page"] = page(data, records, rounds)
        if "rows" in wanted:
            with tempfile.TemporaryDirectory(prefix="koinon-bench-") as other:
                result["rows"] = in_a_process_of_its_own(Path(other), rows)
    return result


def make(data: Path, records: int) -> dict[str, Any]:
    """The index in use, of so many generated records; the one of the last time where there is one."""
    from koinon.search import engine, shelf

    note = data / "search" / "bench.json"
    if note.exists() and json.loads(note.read_text())["records"] == records:
        folder = shelf.current()
        shelf.write_state(folder, shelf.State(engine.VERSION, 0, time.time(), time.time()))
        told: dict[str, Any] = json.loads(note.read_text())
        return told
    maker = Maker()
    folder = shelf.new_folder()
    index = engine.make_index(folder)
    writer = index.writer(100_000_000, 2)
    begun, cpu = time.perf_counter(), time.process_time()
    generating = 0.0
    for number in range(records):
        before = time.perf_counter()
        made = document(maker.row(number))
        generating += time.perf_counter() - before
        writer.add_document(engine.to_index(made))
        if number % 100_000 == 99_999:
            print(f"{number + 1} in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    writer.commit()
    writer.wait_merging_threads()
    told = {
        "records": records,
        "seconds": round(time.perf_counter() - begun - generating, 1),
        "cpu_seconds": round(time.process_time() - cpu - generating, 1),
        "megabytes": round(sum(file.stat().st_size for file in folder.iterdir()) / 1e6, 1),
    }
    shelf.write_state(folder, shelf.State(engine.VERSION, 0, time.time(), time.time()))
    shelf.put_in_use(folder)
    note.write_text(json.dumps(told))
    return told


def queries(records: int, number: int = QUERIES) -> Iterator[tuple[str, str]]:
    """What people type: words of one record, some half typed, some with a slip, some rare together; and a country."""
    maker, chance = Maker(), random.Random(SEED)
    for _ in range(number):
        row = maker.row(chance.randrange(records))
        words = row["title"].split() if chance.random() < 0.6 else row["body"].split()
        typed = chance.sample(words, min(chance.randint(1, 4), len(words)))
        how = chance.random()
        at = chance.randrange(len(typed))
        if how < 0.15 and len(typed[at]) > 5:
            letters = list(typed[at])
            letters[2], letters[3] = letters[3], letters[2]
            typed[at] = "".join(letters)
        elif how < 0.3 and len(typed[at]) > 5:
            typed[at] = typed[at][:4]
        elif how < 0.35:
            typed.append(maker.row(chance.randrange(records))["title"].split()[0])
        yield " ".join(typed), row["country"]


def words(records: int) -> dict[str, Any]:
    """Top 20 with a filter and two facets, in the engine, each query once; the last word on what was found."""
    from koinon.search import bridges, engine
    from koinon.search.service import reader

    using = reader.engine()
    for text, country in queries(records, 30):
        using.search(engine.words_of(text), filters=engine.Filters({"country": [country]}), limit=20)
    whole: list[float] = []
    cpu: list[float] = []
    empty = 0
    for text, country in queries(records):
        asked, concepts = engine.words_of(text), bridges.concepts_in(text)
        begun, used = time.perf_counter(), time.thread_time()
        found = using.search(
            asked,
            concepts=concepts,
            filters=engine.Filters({"country": [country]}),
            facets=("topic", "stage"),
            limit=20,
        )
        whole.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.thread_time() - used) * 1000)
        empty += not found.total
    told = {
        "documents": using.documents,
        "queries": len(whole),
        "found_nothing": empty,
        "p50_ms": _at(whole, 0.5),
        "p99_ms": _at(whole, 0.99),
        "cpu_p50_ms": _at(cpu, 0.5),
        "cpu_p99_ms": _at(cpu, 0.99),
        "goal": GOALS["p99_ms"],
    }
    return told | {"reached": told["cpu_p99_ms"] <= GOALS["p99_ms"]}


def page(data: Path, records: int, rounds: int) -> dict[str, Any]:
    """The whole page, never asked before, against an empty Django view on the same machine in the same round."""
    from koinon.cli import prepare

    prepare()
    paths = [f"/search/?q={quote(text)}&country={country}" for text, country in queries(records, 12_000)]
    fresh = iter(paths)
    measured: list[dict[str, Any]] = []
    os.environ["KOINON_ENCODER"] = "off"
    with Server.koinon(data) as ours, Server.floor(data) as floor:
        time.sleep(3)
        load(ours.port, [next(fresh) for _ in range(500)], seconds=4, connections=4)
        for number in range(rounds):
            figures: dict[str, Any] = {}
            for what in random.Random(number).sample(["floor", "page"], 2):
                server = floor if what == "floor" else ours
                asked = ["/health/live"] if what == "floor" else [next(fresh) for _ in range(1500)]
                before = server.cpu()
                figures[what] = load(server.port, asked, seconds=4, connections=4)
                figures[what]["cpu_ms"] = (server.cpu() - before) * 1000 / figures[what]["requests"]
            measured.append(figures)
            print(json.dumps(figures), file=sys.stderr)
    ratios = [one["page"]["cpu_ms"] / one["floor"]["cpu_ms"] for one in measured]
    wall = [one["floor"]["per_second"] / one["page"]["per_second"] for one in measured]
    return {
        "times_an_empty_view": round(statistics.median(wall), 2),
        "least": round(min(wall), 2),
        "most": round(max(wall), 2),
        "by_processor_time": round(statistics.median(ratios), 2),
        "cpu_ms": round(statistics.median(one["page"]["cpu_ms"] for one in measured), 2),
        "floor_cpu_ms": round(statistics.median(one["floor"]["cpu_ms"] for one in measured), 2),
        "p50_ms": statistics.median(one["page"]["p50_ms"] for one in measured),
        "p99_ms": statistics.median(one["page"]["p99_ms"] for one in measured),
        "errors": sum(one["page"]["errors"] for one in measured),
        "goal": GOALS["page_ratio"],
        "reached": statistics.median(wall) <= GOALS["page_ratio"],
    }


def in_a_process_of_its_own(data: Path, rows: int) -> dict[str, Any]:
    environment = os.environ | {"KOINON_DATA": str(data)}
    command = [sys.executable, "-m", "bench._search_words", str(rows)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def from_rows(rows: int) -> dict[str, Any]:
    """A file with so many rows is read, each says that it is new, and the indexer takes them in: until the last is found."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import transaction

    from koinon.search import changes, indexer, service, shelf, sources

    call_command("migrate", "search", verbosity=0)
    maker = Maker()
    path = Path(settings.DATA) / "rows.csv"
    last = maker.row(rows - 1)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(last))
        writer.writeheader()
        writer.writerows(maker.row(number) for number in range(rows))
    there: dict[str, Any] = {}
    sources.sources.clear()
    sources.register(
        sources.Source(
            "practice", lambda: list(there), lambda keys: [there[key] for key in keys if key in there]
        )
    )
    with shelf.writing():
        indexer.rebuild()
        writing = indexer.Writing(shelf.current())
        begun, cpu = time.perf_counter(), time.process_time()
        with path.open(encoding="utf-8", newline="") as lines, transaction.atomic():
            for row in csv.DictReader(lines):
                there[row["key"]] = document(row)
            changes.touch("practice", *there)
        read = time.perf_counter() - begun
        writing.catch_up()
        took, used = time.perf_counter() - begun, time.process_time() - cpu
        found = service.search(last["title"], limit=5).hits
        writing.close()
    return {
        "rows": rows,
        "read_seconds": round(read, 1),
        "seconds": round(took, 1),
        "cpu_seconds": round(used, 1),
        "last_is_found": last["key"] in [hit.document.key for hit in found],
        "goal": GOALS["rows_seconds"],
        "reached": took <= GOALS["rows_seconds"] * rows / 100_000,
    }


def _at(values: Sequence[float], part: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(len(values) * part))], 2)


if __name__ == "__main__":
    print(json.dumps(from_rows(int(sys.argv[1]))))
