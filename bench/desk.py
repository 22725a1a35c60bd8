"""`koinon bench desk`: the inbox of a desk with ten thousand questions, to that of one with ten.

Both desks lie in one new SQLite; who works at them asks for `/desk/` in turn, in shuffled rounds, through all of Django but
no server. Goals: the same number of queries, and at most twice the time.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FEW, MANY = 10, 10_000
ROUNDS = 41
GOAL = 2.0


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="koinon bench desk")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="koinon-bench-") as data:
        os.environ["KOINON_DATA"] = data
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koinon.settings")
        os.environ.pop("DATABASE_URL", None)
        result = measure(asked.rounds)
    text = json.dumps(result, indent=2)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")
    return 0 if result["reached"] else 1


def measure(rounds: int) -> dict[str, Any]:
    """Times in milliseconds: medians, and the median of the ratios of neighbouring requests."""
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from koinon.cli import prepare
    from koinon.people.testing import come_in

    prepare()
    desks = {number: filled_desk(number) for number in (FEW, MANY)}
    browsers = {number: come_in(Client(HTTP_HOST="localhost"), person) for number, person in desks.items()}
    times: dict[int, list[float]] = {FEW: [], MANY: []}
    works: dict[int, list[float]] = {FEW: [], MANY: []}
    queries: dict[int, set[int]] = {FEW: set(), MANY: set()}
    chance = random.Random(1310)
    for round_ in range(rounds + 2):
        for number in chance.sample((FEW, MANY), 2):
            begun, worked = time.perf_counter(), time.process_time()
            answer = browsers[number].get("/desk/")
            took, work = time.perf_counter() - begun, time.process_time() - worked
            if answer.status_code != 200:
                raise RuntimeError(f"void: /desk/ answered {answer.status_code}")
            if round_ > 1:
                times[number].append(took * 1000)
                works[number].append(work * 1000)
    for number, browser in browsers.items():
        with CaptureQueriesContext(connection) as counted:
            browser.get("/desk/")
        queries[number].add(len(counted))
    ratio = statistics.median(many / few for few, many in zip(times[FEW], times[MANY], strict=True))
    return {
        "rounds": rounds,
        "ms_with_ten": round(statistics.median(times[FEW]), 2),
        "ms_with_ten_thousand": round(statistics.median(times[MANY]), 2),
        "ratio": round(ratio, 2),
        "ratio_of_processor_time": round(statistics.median(works[MANY]) / statistics.median(works[FEW]), 2),
        "processor_ms_with_ten": round(statistics.median(works[FEW]), 2),
        "goal": GOAL,
        "queries_with_ten": sum(queries[FEW]),
        "queries_with_ten_thousand": sum(queries[MANY]),
        "reached": ratio <= GOAL and queries[FEW] == queries[MANY],
    }


def filled_desk(number: int) -> Any:
    """A centre with so many questions in all states; gives who works there."""
    from koinon.questions.testing import make_desk

    desk, worker = make_desk(f"Centre with {number}")
    fill(desk, worker, number)
    return worker.person


def fill(desk: Any, worker: Any, number: int) -> None:
    """Questions of a desk with the first steps of their threads: six of ten wait, the rest is taken or answered."""
    from datetime import timedelta

    from django.utils import timezone

    from koinon.questions.models import Question, Step

    now, today = timezone.now(), timezone.localdate()
    states = ["waiting"] * 6 + ["taken", "taken", "answered", "asked_back"]
    places = ["IT", "ITH5", "ITC4", "MT", "DE"]
    questions = Question.objects.bulk_create(
        Question(
            number=f"B{desk.pk}-{at:05}",
            text=f"Which costs count for project {at}?\nIt begins in spring, and the municipality pays half of it.",
            language="en",
            place_id=places[at % len(places)],
            state=states[at % len(states)],
            desk=desk,
            handler_id=worker.person_id if states[at % len(states)] == "taken" else None,
            because={"rung": "centre", "place": "Italy", "body": desk.name},
            due=today + timedelta(days=at % 20 - 4),
            take_by=today + timedelta(days=at % 5),
            first_due=today + timedelta(days=at % 20 - 4),
            seed=f"{desk.pk}-{at}",
            receipt=f"{desk.pk}-{at}",
            asked_at=now - timedelta(minutes=at),
            answered_at=now if states[at % len(states)] == "answered" else None,
        )
        for at in range(number)
    )
    Step.objects.bulk_create(
        Step(
            question=question, kind=kind, at=question.asked_at, by_asker=kind == Step.Kind.ASKED, by_body=desk
        )
        for question in questions
        for kind in (Step.Kind.ASKED, Step.Kind.ROUTED)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
