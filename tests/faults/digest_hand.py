"""A process that makes followers, lets things happen and sends digests, and that kills itself in the middle when told to.

`python -m tests.faults.digest_hand DEED [words]`; what it found is one line of JSON.
"""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402  Django first
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from koinon.agenda.testing import make_session  # noqa: E402
from koinon.journal import actions as journal  # noqa: E402
from koinon.journal import fresh  # noqa: E402
from koinon.mail import actions as mail  # noqa: E402
from koinon.mail.models import Outbox  # noqa: E402
from koinon.network.models import Organisation  # noqa: E402
from koinon.network.testing import make_organisation  # noqa: E402
from koinon.news import digesting  # noqa: E402
from koinon.news.models import Follow, Follower  # noqa: E402
from koinon.news.testing import make_follower  # noqa: E402
from koinon.places.models import Place  # noqa: E402

PLACES = {
    "EU": "",
    "ES": "EU",
    "ES2": "ES",
    "ES24": "ES2",
    "ES243": "ES24",
    "3104324": "ES243",
    "FI": "EU",
    "IT": "EU",
}
# What somebody follows → the places whose news it is told of; written down by hand, not asked of the code.
EXPECTED = {
    "3104324": {"3104324", "ES24", "ES"},
    "ES24": {"3104324", "ES24", "ES"},
    "ES": {"3104324", "ES24", "ES"},
    "IT": {"IT"},
    "FI": set(),
}
HAPPENING = ("3104324", "ES24", "ES", "IT")


def prepare(many: str) -> dict[str, Any]:
    """An empty house with a few places and so many followers of them, in three languages."""
    call_command("migrate", verbosity=0)
    for code, parent in PLACES.items():
        kind = "locality" if code.isdigit() else "country" if len(code) == 2 else "region"
        level = -1 if code == "EU" else 4 if code.isdigit() else len(code) - 2
        country = "ES" if code.isdigit() else "" if code == "EU" else code[:2]
        Place.objects.create(
            code=code,
            kind=kind,
            level=level,
            parent_id=parent or None,
            country=country,
            name=f"Place {code}",
            latin=f"Place {code}",
            latitude=0,
            longitude=0,
        )
    make_organisation("Who announces", slug="who-announces")
    keys = list(EXPECTED)
    with transaction.atomic():
        for number in range(int(many)):
            make_follower(
                f"f{number}@example.eu",
                ("place", keys[number % len(keys)]),
                language=("en", "de", "el")[number % 3],
                rhythm=("daily", "at_once")[number % 2],
            )
    return {"followers": Follower.objects.count()}


def happen(round_number: str) -> dict[str, Any]:
    """One session is announced for each place."""
    organiser = Organisation.objects.get(slug="who-announces")
    for code in HAPPENING:
        title = f"Round {round_number} in {code}."
        session = make_session(title, code=f"R{round_number}{code}", organiser=organiser)
        session.places.set([Place.objects.get(pk=code)])
        journal.record("session.published", by=None, what=session)
    return {"newest": fresh.newest()}


def tell(days: str, dies_at: str = "0") -> dict[str, Any]:
    """The digests of so many days from now; ends itself by SIGKILL when it queues the mail with this number."""
    moment = timezone.now() + timedelta(days=int(days))
    if int(dies_at):
        _die_at(int(dies_at))
    queued = 0
    while went := digesting.run(moment):
        queued += went
    return {"queued": queued}


def _die_at(number: int) -> None:
    send: Callable[..., Any] = mail.send
    left = [number]

    def dying(*args: Any, **more: Any) -> Any:
        sent = send(*args, **more)
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return sent

    mail.send = dying


def count(rounds: str) -> dict[str, Any]:
    """What was told, held against what should have been: nothing missed, nothing twice, nothing else."""
    texts: dict[str, list[str]] = {}
    for to, text in Outbox.objects.values_list("to", "text"):
        texts.setdefault(to, []).append(text)
    missed = twice = other = 0
    for follow in Follow.objects.select_related("follower").iterator():
        said = Counter(
            (number, code)
            for number in range(int(rounds))
            for code in HAPPENING
            for text in texts.get(follow.follower.address, [])
            if f"Round {number} in {code}." in text
        )
        wanted = {(number, code) for number in range(int(rounds)) for code in EXPECTED[follow.key]}
        missed += len(wanted - set(said))
        other += len(set(said) - wanted)
        twice += sum(times > 1 for times in said.values())
    return {
        "missed": missed,
        "twice": twice,
        "other": other,
        "mails": Outbox.objects.count(),
        "ids": Outbox.objects.values("message_id").distinct().count(),
    }


if __name__ == "__main__":
    deed, *words = sys.argv[1:]
    print(json.dumps({"prepare": prepare, "happen": happen, "tell": tell, "count": count}[deed](*words)))
