"""Askers that never give up, a desk that answers, mail that goes out, and somebody who kills server and desk at random.

The test run takes a thousand writes (`test_kill.py`), the long run as many as one likes (`koinon bench write`).
"""

import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tests.faults.fallible import Cut, Deed, Forked, House, Inside, Nursery
from tests.faults.ledger import Ledger, read

ASKERS = 8
PLACES = ("IT", "ITH5", "MT", "DE", "bologna-3181928", "EU")
# Of a hundred deeds so many are cut after sending, sent again though they were acknowledged, and given up unheard.
CUT, AGAIN, GIVEN_UP = 5, 5, 2
# Of a hundred starts of the server so many are from nothing (the others are forked), and so many are cut by the next kill.
COLD, CUT_STARTS = 6, 15
MOST_OPENED = 1_000
KINDS = {"api": 27, "form": 18, "add": 35, "decide": 20}
DONE = ("asked", "added", "confirmed", "decided", "answered")


class Siege:
    """`run()` until `writes` were acknowledged, with `kills` on the way; then `judge()` says what is wrong: nothing."""

    def __init__(
        self,
        house: House,
        folder: Path,
        *,
        writes: int,
        kills: int,
        seed: int,
        seconds: float,
        people: int,
    ) -> None:
        self.house, self.folder, self.seed = house, folder, seed
        self.writes, self.kills, self.seconds, self.people = writes, kills, seconds, people
        self.ledger = Ledger(folder / "askers")
        self.acknowledged = self.retried = self.killed = self.different = 0
        self.cold = self.cut_starts = self.desks = 0
        self.took = 0.0
        self._read_until, self._answered, self._looked = 0, 0, 0.0
        self.wrong_words: list[str] = []
        self.receipts: list[str] = []
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._known: set[str] = set()

    def run(self, say: Callable[[str], None]) -> None:
        inside = Inside(self.house)
        inside.call("prepare", people=self.people)
        inside.end()
        nursery = Nursery(self.house)
        askers = [threading.Thread(target=self._asker, args=(number,)) for number in range(ASKERS)]
        chance = random.Random(self.seed)
        # The moments of the kills, by lot: counted in writes, so that a slow machine does not thin them out.
        due = sorted(chance.uniform(0, self.writes * 0.98) for _ in range(self.kills))
        desk = self._desk(nursery)
        begun = told = time.monotonic()
        try:
            for asker in askers:
                asker.start()
            while time.monotonic() < begun + self.seconds:
                written = self._written()
                if time.monotonic() > told + 60:
                    told = time.monotonic()
                    say(
                        f"{told - begun:.0f} s: {written} writes, {self.killed} kills, {self.retried} retries"
                    )
                if self.killed < self.kills and written >= due[self.killed]:
                    desk = self._kill(chance, nursery, desk)
                elif written < self.writes:
                    time.sleep(0.005)
                else:
                    break
        finally:
            self.took = time.monotonic() - begun
            self.over.set()
            for asker in askers:
                asker.join(timeout=120)
            desk.kill()
            self.house.end()
            nursery.end()
            self.house.start()
            self.ledger.close()

    def _kill(self, chance: random.Random, nursery: Nursery, desk: Forked) -> Forked:
        """The server, the desk, or both, a moment from now; started again at once, and now and then killed in that too.

        The first time always, and from nothing, so that a short siege has both.
        """
        time.sleep(chance.uniform(0, 0.05))
        who = chance.random()
        if who < 0.7:
            self.house.kill()
        if who > 0.4:
            desk.kill()
            desk.wait(timeout=20)
            desk = self._desk(nursery)
        self.killed += 1
        while who < 0.7:
            is_cold = not self.cold or chance.randrange(100) < COLD
            self.cold += is_cold
            self.house.begin(nursery=None if is_cold else nursery)
            is_cut = not self.cut_starts or chance.randrange(100) < CUT_STARTS
            if self.killed >= self.kills or not is_cut:
                self.house.wait_until_ready()
                break
            time.sleep(chance.uniform(0, 2 if is_cold else 0.3))
            self.house.kill()
            self.killed += 1
            self.cut_starts += 1
        return desk

    def _written(self) -> int:
        """How many deeds of askers and answers of the desk are acknowledged so far."""
        desk = self.folder / "desk"
        if time.monotonic() > self._looked + 0.5 and desk.exists():
            self._looked = time.monotonic()
            with desk.open("rb") as lines:
                lines.seek(self._read_until)
                self._answered += lines.read().count(b'"done"')
                self._read_until = lines.tell()
        return self.acknowledged + self._answered

    def _desk(self, nursery: Nursery) -> Forked:
        self.desks += 1
        words = ["work", str(self.folder / "desk"), str(self.seed + self.desks)]
        return nursery.fork(words, self.house.data / "log.inside")

    def _asker(self, number: int) -> None:
        chance = random.Random(self.seed * 100 + number)
        while not self.over.is_set():
            deed = self._next(chance)
            self.ledger.write(will=asdict(deed))
            give_up = chance.randrange(100) < GIVEN_UP
            if give_up or chance.randrange(100) < CUT:
                self.house.post_and_hang_up(*deed.request(), after=chance.uniform(0, 0.05))
            if give_up:
                continue
            receipt = self._until_acknowledged(deed)
            if receipt is None:
                return
            if chance.randrange(100) < AGAIN and self._until_acknowledged(deed) not in {receipt, None}:
                self.different += 1
            if deed.email and deed.kind != "confirm":
                confirm = replace(
                    deed, kind="confirm", receipt=receipt, key=str(uuid.UUID(int=chance.getrandbits(128)))
                )
                self.ledger.write(will=asdict(confirm))
                self._until_acknowledged(confirm)

    def _next(self, chance: random.Random) -> Deed:
        key = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        kind = chance.choices(tuple(KINDS), tuple(KINDS.values()))[0]
        if kind in {"add", "decide"} and self.receipts:
            text = f"Siege adds {key}" if kind == "add" else ""
            return Deed(kind, key, text, receipt=chance.choice(self.receipts))
        email = f"asker-{key[:8]}@example.eu" if chance.random() < 0.2 else ""
        kind = kind if kind == "form" else "api"
        return Deed(kind, key, f"Siege asks {key}: which costs count?", chance.choice(PLACES), email)

    def _until_acknowledged(self, deed: Deed) -> str | None:
        """The receipt; None only when all is over and the server does not come back."""
        patience = time.monotonic() + 100
        while time.monotonic() < patience:
            try:
                reply = self.house.post(*deed.request(), wait=15)
            except Cut:
                with self._lock:
                    self.retried += 1
                time.sleep(0.08)
                continue
            receipt = deed.receipt_in(reply)
            if receipt is not None:
                with self._lock:
                    is_first = deed.key not in self._known
                    self.acknowledged += is_first
                    self._known.add(deed.key)
                    if is_first and deed.kind in {"api", "form"}:
                        self.receipts.append(receipt)
                self.ledger.write(done=deed.key, receipt=receipt, at=time.time())
                return receipt
            if reply.status not in {500, 503}:
                self.wrong_words.append(f"{deed.kind}: {reply.status} {reply.body[:200]!r}")
                return None
            with self._lock:
                self.retried += 1
            time.sleep(0.08)
        return None

    def judge(self, *, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
        """What is wrong, by kind; and under `figures` what there was. All mails have gone out before."""
        inside = Inside(self.house)
        try:
            say("sending what waits")
            inside.call("finish")
            say("comparing ledger and database")
            found: dict[str, Any] = inside.call(
                "judge", askers=str(self.folder / "askers"), desk=str(self.folder / "desk")
            )
        finally:
            inside.end()
        say("opening receipts")
        found["receipts that do not open"] = self._closed_receipts(found["figures"])
        found["refused"] = self.wrong_words
        found["answers to the same that differ"] = self.different
        if found["mails sent twice"] <= self.killed:
            # At most one double a kill, and it bears the same Message-ID.
            found["figures"]["mails sent twice"] = found.pop("mails sent twice")
        found["figures"] |= {
            "writes": sum(found["figures"].get(f"{what}, acknowledged", 0) for what in DONE),
            "kills": self.killed,
            "of these while starting": self.cut_starts,
            "starts from nothing": self.cold,
            "sent again": self.retried,
        }
        return found

    def _closed_receipts(self, figures: dict[str, Any]) -> list[str]:
        """Of many receipts so many as are opened within minutes, by lot; the database was compared for all of them."""
        asked = {
            line["will"]["key"]: line["will"]["text"]
            for line in read(self.folder / "askers")
            if "will" in line and line["will"]["kind"] in {"api", "form"}
        }
        held = [line for line in read(self.folder / "askers") if line.get("done") in asked]
        opened = random.Random(self.seed).sample(held, min(len(held), MOST_OPENED))
        figures["receipts opened"] = len(opened)
        closed = []
        for line in opened:
            page = self.house.get(line["receipt"])
            if (
                page.status != 200
                or asked[line["done"]].encode() not in page.body
                or b"Owner</dt>" not in page.body
            ):
                closed.append(line["receipt"])
        return closed


def wrong(found: dict[str, Any]) -> dict[str, Any]:
    """What of a judgement is not as promised; of many the number and the first three."""
    return {
        name: [len(what), *what[:3]] if isinstance(what, list) else what
        for name, what in found.items()
        if what and name != "figures"
    }


def besiege(
    house: House,
    folder: Path,
    *,
    writes: int,
    kills: int,
    seed: int,
    seconds: float,
    say: Callable[[str], None],
    people: int = 2,
) -> dict[str, Any]:
    """A siege from its first question to its judgement."""
    siege = Siege(house, folder, writes=writes, kills=kills, seed=seed, seconds=seconds, people=people)
    siege.run(say)
    found = siege.judge(say=say)
    found["figures"]["seconds"] = round(siege.took, 1)
    say(json.dumps(found["figures"]))
    return found
