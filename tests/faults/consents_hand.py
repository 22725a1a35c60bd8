"""Many pairs who agree at once, on a database of their own: `python -m tests.faults.consents_hand PAIRS` says what came of it.

Both sides of each pair say yes, propose, agree, change, record, consent and take back at the same moment, each several times.
Meanwhile everybody reads what is public.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

import django

django.setup()

from django.core.management import call_command  # noqa: E402  Django first
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from koinon.journal import actions as journal  # noqa: E402
from koinon.journal.models import Entry as Written  # noqa: E402
from koinon.mail.models import Outbox  # noqa: E402
from koinon.network.visitor import Visitor  # noqa: E402
from koinon.peers.actions import answering, exchanging  # noqa: E402
from koinon.peers.actions.exchanging import Result, Terms  # noqa: E402
from koinon.peers.models import Entry, Exchange, Match  # noqa: E402
from koinon.peers.models.matches import SIDES, other  # noqa: E402
from koinon.peers.testing import make_two_centres  # noqa: E402
from tests.faults.crowd import Deed, at_once, mixed, ready  # noqa: E402

ROUNDS = 3
_number = count(1)


@dataclass
class Pair:
    """Two who fit, and what each of them did that was taken."""

    entries: dict[str, Entry]
    people: dict[str, Visitor]
    agreed: dict[str, set[int]] = field(default_factory=lambda: {side: set() for side in SIDES})
    """To which terms, by the number of their saving."""
    consented: dict[str, set[str]] = field(default_factory=lambda: {side: set() for side in SIDES})
    """To which words."""
    seen: set[str] = field(default_factory=set)
    """What everybody could read."""

    def exchange(self) -> Exchange:
        first, second = (self.entries[side] for side in SIDES)
        return Exchange.objects.get(match__first=first, match__second=second)

    # What one side does; it acts on what it reads at that moment.

    def say_yes(self, side: str) -> None:
        own, there = self.entries[side], self.entries[other(side)]
        answering.answer(own, there, by=self.people[side], yes=True)

    def propose(self, side: str, title: str) -> None:
        first, second = (self.entries[side] for side in SIDES)
        match = Match.objects.get(first=first, second=second)
        made = exchanging.propose(match, by=self.people[side], terms=terms(title))
        self.agreed[side].add(made.edits)

    def agree(self, side: str) -> None:
        read = self.exchange()
        exchanging.agree(read, by=self.people[side], edits=read.edits)
        self.agreed[side].add(read.edits)

    def change(self, side: str) -> None:
        read = self.exchange()
        said = terms(f"Otherwise, {next(_number)}")
        made = exchanging.change(read, by=self.people[side], edits=read.edits, terms=said)
        self.agreed[side].add(made.edits)

    def record(self, side: str, *, consents: bool) -> None:
        read = self.exchange()
        words = f"What came of it, {next(_number)}"
        said = Result("helped", "Between us.", words)
        exchanging.record_result(read, by=self.people[side], edits=read.edits, result=said, consents=consents)
        if consents:
            self.consented[side].add(words)

    def consent(self, side: str) -> None:
        read = self.exchange()
        exchanging.consent(read, by=self.people[side], edits=read.edits)
        self.consented[side].add(read.public_text)

    def take_back(self, side: str) -> None:
        exchanging.withdraw_consent(self.exchange(), by=self.people[side])

    def read(self) -> None:
        self.seen.update(
            Exchange.objects.public().filter(pk=self.exchange().pk).values_list("public_text", flat=True)
        )

    def never_agreed_to(self) -> list[str]:
        """Words that were public though a side did not consent to them."""
        return sorted(words for words in self.seen if not all(words in self.consented[s] for s in SIDES))


def terms(title: str) -> Terms:
    today = timezone.localdate()
    return Terms("en", title, "visit", today, today)


def each_twice(pairs: Iterable[Pair], *names: str) -> list[list[Deed]]:
    """Both sides of each pair do these, twice."""
    return [
        [
            lambda pair=pair, name=name, side=side: getattr(pair, name)(side)  # type: ignore[misc]
            for name in names
            for side in SIDES * 2
        ]
        for pair in pairs
    ]


def verbs() -> dict[str, int]:
    """How often what was written into the journal, and of how many things."""
    rows = Written.objects.filter(verb__startswith="peers.").values_list("verb", flat=True)
    return dict(Counter(row.removeprefix("peers.") for row in rows))


def mails() -> dict[str, int]:
    """How many mails of which kind; each has a key of its own."""
    found: Counter[str] = Counter()
    for key in Outbox.objects.values_list("key", flat=True):
        parts = (key or "none").split(":")
        found[parts[5] if parts[1:2] == ["exchange"] else parts[1] if parts[1:] else "none"] += 1
    return dict(found)


def main(many: int) -> dict[str, object]:
    ready()
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        made = [make_two_centres() for _ in range(many)]
    pairs = [
        Pair({"first": offer, "second": need}, {"first": gives, "second": needs})
        for offer, need, gives, needs in made
    ]
    chance = random.Random(7)
    late = (exchanging.Changed, exchanging.NotNow)

    failed = at_once(mixed(chance, each_twice(pairs, "say_yes")))
    introduced = {"matches": Match.objects.introduced().count(), "journal": verbs(), "mails": mails()}

    proposing: list[list[Deed]] = [
        [
            lambda pair=pair, side=side: pair.propose(side, f"By the {side}")  # type: ignore[misc]
            for side in SIDES * 2
        ]
        for pair in pairs
    ]
    failed += at_once(mixed(chance, proposing), expected=late)
    proposed = {
        "exchanges": Exchange.objects.count(),
        "journal": verbs().get("exchange_proposed", 0),
        "mails": mails().get("proposed", 0),
    }

    failed += at_once(mixed(chance, each_twice(pairs, "agree", "agree", "change")), expected=late)
    surprised = sum(
        row.is_agreed and not all(row.edits in pair.agreed[side] for side in SIDES)
        for pair in pairs
        for row in [pair.exchange()]
    )
    failed += at_once(mixed(chance, each_twice(pairs, "agree")), expected=late)
    agreed = {
        "all": sum(pair.exchange().is_agreed for pair in pairs),
        "surprised": surprised,
        "mails as journal": [
            mails().get(name, 0) - verbs().get(f"exchange_{name}", 0) for name in ("agreed", "changed")
        ],
    }

    recording: list[list[Deed]] = [
        [lambda pair=pair, side=side: pair.record(side, consents=True) for side in SIDES * 2]  # type: ignore[misc]
        for pair in pairs
    ]
    failed += at_once(mixed(chance, recording), expected=late)
    for _round in range(ROUNDS):
        deeds = each_twice(pairs, "consent", "take_back")
        for pair, mine in zip(pairs, deeds, strict=True):
            mine += [lambda pair=pair: pair.read()] * 4  # type: ignore[misc]
            mine += [
                lambda pair=pair, side=side, says=says: pair.record(side, consents=says)  # type: ignore[misc]
                for side in SIDES
                for says in (True, False)
            ]
            mine += [lambda pair=pair, side=side: pair.consent(side) for side in SIDES * 2]  # type: ignore[misc]
        failed += at_once(mixed(chance, deeds), expected=late)
        for pair in pairs:
            pair.read()
    read = sum(len(pair.seen) for pair in pairs)
    failed += at_once(mixed(chance, each_twice(pairs, "consent")), expected=late)
    public = Exchange.objects.public().count()
    for pair in pairs:
        pair.read()

    # One side takes it back while the other consents once more: nobody reads it any longer.
    last: list[list[Deed]] = [
        [lambda pair=pair: pair.take_back("first"), lambda pair=pair: pair.consent("second")] * 2  # type: ignore[misc]
        for pair in pairs
    ]
    failed += at_once(mixed(chance, last), expected=late)
    return {
        "failed": failed[:5],
        "introduced": introduced,
        "proposed": proposed,
        "agreed": agreed,
        "results: mails as journal": mails().get("result", 0) - verbs().get("result_recorded", 0),
        "read": read,
        "public": public,
        "never agreed to": [words for pair in pairs for words in pair.never_agreed_to()][:5],
        "still public": Exchange.objects.public().count(),
        "journal": journal.first_broken() is None,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]))) + "\n")
