"""What runs beside the server on its database: the desk that answers and sends mail, and whoever looks at what was kept.

`python -m tests.faults.inside work LEDGER SEED` answers what waits until it is killed; `… obey` does what it is told.
"""

import json
import random
import re
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import django
from django.conf import settings

django.setup()

from django.db import connection  # noqa: E402  Django first
from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from koinon.base.ticking import tick  # noqa: E402
from koinon.journal import actions as journal  # noqa: E402
from koinon.mail.actions import send_due  # noqa: E402
from koinon.mail.models import Outbox  # noqa: E402
from koinon.network.models import Organisation, Role  # noqa: E402
from koinon.network.visitor import Visitor, visitor_for  # noqa: E402
from koinon.people.models import Person  # noqa: E402
from koinon.places.models import Place  # noqa: E402
from koinon.questions.actions import asking, publishing, working  # noqa: E402
from koinon.questions.actions.steps import Changed, NotFrom, broken_steps  # noqa: E402
from koinon.questions.life import State  # noqa: E402
from koinon.questions.models import Answer, Question, Step  # noqa: E402
from koinon.questions.models.questions import hash_of  # noqa: E402
from koinon.questions.staff import people_at  # noqa: E402
from tests.faults.ledger import Ledger, read  # noqa: E402

CENTRE = "ncc-it"
WORKERS = ("desk-1@example.eu", "desk-2@example.eu")
OPERATOR = "operator@example.eu"
# Of its ledger the desk reads so many bytes when it starts: more than it can have left undone.
TAIL = 1 << 16


def prepare(people: int = len(WORKERS)) -> None:
    """People at the desk of Italy's centre, and an operator for all other places."""
    centre = Organisation.objects.get(slug=CENTRE)
    for email in WORKERS[:people]:
        person, _ = Person.objects.get_or_create(email=email)
        Role.objects.get_or_create(person=person, kind=Role.Kind.MANAGER, organisation=centre)
    person, _ = Person.objects.get_or_create(email=OPERATOR)
    Role.objects.get_or_create(person=person, kind=Role.Kind.COORDINATOR, organisation=None)


def visitor(email: str) -> Visitor:
    return visitor_for(Person.objects.get(email=email))


# The desk


def work(path: str, seed: str) -> None:
    """Answer what waits, send what is due, until killed. What was begun and not acknowledged is done again first."""
    chance = random.Random(int(seed))
    known = list(read(Path(path), last=TAIL))
    ended = {line["done"] for line in known if "done" in line}
    ledger = Ledger(Path(path))
    by = {None: visitor(OPERATOR)} | {Organisation.objects.get(slug=CENTRE).pk: visitor(WORKERS[0])}
    begun = [line for line in known if "will" in line and line["will"] not in ended]
    for line in begun[-3:]:
        question = Question.objects.get(pk=line["question"])
        _answer(ledger, question, by[question.desk_id], line["will"], line["version"])
    # What an asker opened again has kept who took it.
    siege = Question.objects.filter(text__startswith="Siege asks", state__in=[State.WAITING, State.TAKEN])
    while True:
        waiting = list(siege.order_by("?")[:5])
        for question in waiting:
            key = str(uuid.UUID(int=chance.getrandbits(128), version=4))
            ledger.write(will=key, question=question.pk, version=question.version)
            _answer(ledger, question, by[question.desk_id], key, question.version)
        if chance.random() < 0.1:
            tick()
        elif not send_due() and not waiting:
            time.sleep(0.02)


def _answer(ledger: Ledger, question: Question, by: Visitor, key: str, version: int) -> None:
    try:
        working.answer(question, by=by, text=f"Siege answers {key}", language="en", version=version)
    except (Changed, NotFrom):
        # The asker was quicker, or the answer was given before the kill.
        return
    ledger.write(done=key)


# Judging


def finish() -> None:
    """An hour later: what a killed process had taken goes out, and all that waits."""
    Outbox.objects.exclude(taken_at=None).update(taken_at=F("taken_at") - timedelta(minutes=61))
    Outbox.objects.filter(state=Outbox.State.WAITING).update(try_at=timezone.now())
    while send_due():
        continue


def judge(askers: str, desk: str) -> dict[str, Any]:
    """What ledgers and database do not agree on. Each entry but `figures` is empty when all is well."""
    deeds = {line["will"]["key"]: line["will"] for line in read(Path(askers)) if "will" in line}
    done = {line["done"]: line for line in read(Path(askers)) if "done" in line}
    asked = {deed["text"]: key for key, deed in deeds.items() if deed["kind"] in {"api", "form"}}
    added = {deed["text"]: key for key, deed in deeds.items() if deed["kind"] == "add"}
    answers = {f"Siege answers {line['will']}": line["will"] for line in read(Path(desk)) if "will" in line}
    answered = {line["done"] for line in read(Path(desk)) if "done" in line}

    rows = list(Question.objects.filter(text__startswith="Siege ").select_related("desk"))
    steps = list(
        Step.objects.filter(question__in=[row.pk for row in rows]) if len(rows) < 500 else Step.objects.all()
    )
    kept = {
        "asked": (Counter(row.text for row in rows), asked, done),
        "added": (
            Counter(s.text for s in steps if s.kind == Step.Kind.ADDED and s.text.startswith("Siege")),
            added,
            done,
        ),
        "answered": (
            Counter(s.text for s in steps if s.kind == Step.Kind.ANSWERED and s.text.startswith("Siege")),
            answers,
            answered,
        ),
    }
    found: dict[str, Any] = {"figures": {}}
    found |= _marks(rows, deeds, done)
    for what, count in Counter(deeds[key]["kind"] for key in done).items():
        if what in MARKS:
            found["figures"][f"{MARKS[what]}, acknowledged"] = count
    for what, (counted, meant, acknowledged) in kept.items():
        found[f"{what}, acknowledged, lost"] = [
            key for text, key in meant.items() if key in acknowledged and not counted[text]
        ]
        found[f"{what} twice"] = [text for text, times in counted.items() if times > 1]
        found[f"{what} by nobody"] = [text for text in counted if text not in meant]
        found["figures"][f"{what}, acknowledged"] = sum(key in acknowledged for key in meant.values())
    found["other receipts"] = [
        row.number
        for row in rows
        if row.text in asked
        and asked[row.text] in done
        and row.receipt != hash_of(done[asked[row.text]]["receipt"].rstrip("/").rpartition("/")[2])
    ]
    desks = {row.desk for row in rows}
    at_desk = {desk: [role.person_id for role in people_at(desk)] for desk in desks}
    firsts = Counter((s.question_id, s.kind) for s in steps if s.kind in {Step.Kind.ASKED, Step.Kind.ROUTED})
    found["without a beginning"] = [
        row.number for row in rows if (firsts[row.pk, "asked"], firsts[row.pk, "routed"]) != (1, 1)
    ]
    found["without owner or date"] = [
        row.number for row in rows if not row.due or "rung" not in row.because or not at_desk[row.desk]
    ]
    found["numbers that are missing or double"] = _gaps_in_numbers()
    found["steps that the journal knows otherwise"] = broken_steps()
    broken = journal.first_broken()
    found["first entry that breaks the chain"] = str(broken) if broken is not None else ""
    found |= _mails(rows, steps, deeds, done, at_desk)
    found["figures"]["journal entries and mails"] = [len(steps), Outbox.objects.count()]
    return found


# What is not a step of the thread but a mark on the question: doing it twice is the same as once.
MARKS = {"confirm": "confirmed", "decide": "decided"}


def _marks(
    rows: list[Question], deeds: dict[str, dict[str, str]], done: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Addresses that were confirmed and decisions that were taken, each on the question whose receipt it was."""
    held = {row.receipt: row for row in rows}
    lost: dict[str, list[str]] = {f"{what}, acknowledged, lost": [] for what in MARKS.values()}
    for key, line in done.items():
        if (kind := deeds[key]["kind"]) not in MARKS:
            continue
        row = held.get(hash_of(line["receipt"].rstrip("/").rpartition("/")[2]))
        if row is None or not (row.email_confirmed if kind == "confirm" else row.may_follow_up):
            lost[f"{MARKS[kind]}, acknowledged, lost"].append(key)
    return lost


def _gaps_in_numbers() -> list[str]:
    """Ordinary questions are counted without a gap, by country and year."""
    numbers: dict[str, list[int]] = {}
    for number in Question.objects.ordinary().values_list("number", flat=True):
        country, count = number.rsplit("-", 1)
        numbers.setdefault(country, []).append(int(count))
    return [which for which, counts in numbers.items() if sorted(counts) != list(range(1, len(counts) + 1))]


def _mails(
    rows: list[Question],
    steps: list[Step],
    deeds: dict[str, dict[str, str]],
    done: dict[str, dict[str, Any]],
    at_desk: dict[Organisation | None, list[int]],
) -> dict[str, Any]:
    """Each question told its desk once, each step its asker once, and what was queued went out under its Message-ID."""
    queued = dict(Outbox.objects.values_list("key", "message_id"))
    told = Counter(key.rsplit(":", 1)[0] for key in queued if key and ":desk:" in key)
    missing = [
        f"{row.number}: the desk"
        for row in rows
        for person in at_desk[row.desk]
        if told[f"question:{row.pk}:desk:{person}:new"] != 1
    ]
    missing += [
        f"{row.number}: confirm" for row in rows if row.email and f"question:{row.pk}:confirm" not in queued
    ]
    confirmed = {
        hash_of(line["receipt"].rstrip("/").rpartition("/")[2]): line["at"]
        for key, line in done.items()
        if deeds[key]["kind"] == "confirm"
    }
    since = {row.pk: confirmed[row.receipt] for row in rows if row.receipt in confirmed}
    missing += [
        f"{step.question_id}: {step.kind}"
        for step in steps
        if step.kind in {Step.Kind.TAKEN, Step.Kind.ANSWERED}
        and step.question_id in since
        and step.at.timestamp() > since[step.question_id]
        and f"question:{step.question_id}:step:{step.pk}" not in queued
    ]
    files = Counter(
        part
        for file in Path(settings.EMAIL_FILE_PATH).glob("*.log")
        for whole in file.read_text(encoding="utf-8", errors="replace").split("-" * 79)[:-1]
        for part in re.findall(
            r"^Message-ID: (<\S+>)", whole.replace("Message-ID:\n ", "Message-ID: "), re.MULTILINE
        )
    )
    sent = set(Outbox.objects.filter(state=Outbox.State.SENT).values_list("message_id", flat=True))
    # What came within the hour to one address goes out in one mail.
    joined = Outbox.objects.filter(
        state=Outbox.State.JOINED,
        joined_into__state__in=[Outbox.State.SENT, Outbox.State.JOINED],
        joined_into__text__contains=F("subject"),
    )
    neither = Outbox.objects.exclude(state=Outbox.State.SENT).exclude(pk__in=joined.values("pk"))
    return {
        "mails that were not queued": missing,
        "mails neither sent nor joined into one that was": list(
            neither.values_list("state", "subject", "trouble")
        ),
        "mails that did not go out": sorted(sent - set(files)),
        "mails of nobody": sorted(set(files) - sent),
        "mails sent twice": sum(times - 1 for times in files.values()),
    }


# Two at once


def count(text: str) -> dict[str, int]:
    """How often a text was kept, as a question and as a step of its thread; and what of its question was queued."""
    rows = list(Question.objects.filter(text=text))
    return {
        "questions": len(rows),
        "added": Step.objects.filter(text=text, kind=Step.Kind.ADDED).count(),
        "desk told": Outbox.objects.filter(key__regex=rf"^question:{rows[0].pk}:desk:[0-9]+:new:").count()
        if rows
        else 0,
    }


def answer(text: str) -> str:
    """The desk answers the question with this text."""
    question = Question.objects.get(text=text)
    by = visitor(OPERATOR) if question.desk_id is None else visitor(WORKERS[0])
    working.answer(question, by=by, text="It counts when it is needed.", language="en")
    return question.number


def _asked() -> Question:
    question, _code = asking.ask(
        Place.objects.get(pk="IT"),
        by=visitor_for_nobody(),
        text=f"Which costs count? {uuid.uuid4()}",
        nonce=str(uuid.uuid4()),
        language="en",
    )
    return question


def visitor_for_nobody() -> Visitor:
    return Visitor()


def race(what: str, runners: int) -> dict[str, Any]:
    """Several do the same at the same moment, each on a connection of its own: how it ended for each, and what was kept."""
    question, other = _asked(), _asked()
    people = [visitor(email) for email in WORKERS]
    if what == "publish":
        working.answer(question, by=people[0], text="It counts.", language="en")
        asking.decide(question, helped="yes", may_publish=True, may_follow_up=False)
    question.refresh_from_db()
    version, place = question.version, Place.objects.get(pk="IT")

    def do(number: int) -> None:
        by = people[number % len(people)]
        match what:
            case "take":
                working.take(question, by=by, version=version)
            case "answer":
                working.answer(
                    question, by=by, text=f"It counts, says {number}.", language="en", version=version
                )
            case "merge":
                working.merge(question, by=by, into=other, version=version)
            case "merge crosswise":
                one, two = (question, other) if number % 2 else (other, question)
                working.merge(one, by=by, into=two, version=one.version)
            case "publish":
                publishing.publish(
                    question,
                    by=by,
                    asked="Which costs count?",
                    text="It counts.",
                    language="en",
                    asked_language="en",
                    places=[place],
                )

    ends = together(do, runners)
    question.refresh_from_db()
    other.refresh_from_db()
    return {
        "ends": dict(Counter(ends)),
        "steps": dict(Counter(question.steps.values_list("kind", flat=True))),
        "other": dict(Counter(other.steps.values_list("kind", flat=True))),
        "states": sorted([question.state, other.state]),
        "published": Answer.objects.filter(question=question).count(),
        "broken": broken_steps(),
    }


def together(do: Callable[[int], None], runners: int) -> list[str]:
    """Run it in so many threads at once; "done" or the name of what each ended with."""
    ends = [""] * runners
    start = Barrier(runners)

    def run(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            do(number)
            ends[number] = "done"
        except Exception as trouble:
            ends[number] = type(trouble).__name__
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,)) for number in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return ends


DEEDS: dict[str, Callable[..., Any]] = {
    deed.__name__: deed for deed in (prepare, finish, judge, count, answer, race)
}


def obey() -> None:
    """One line of JSON in, one out, until nobody asks any more."""
    for line in sys.stdin:
        told = json.loads(line)
        print(json.dumps(DEEDS[told["name"]](**told["words"])), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "work":
        work(*sys.argv[2:])
    else:
        obey()
