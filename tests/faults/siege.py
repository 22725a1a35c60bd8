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

from tests.faults.fallible import Cut, Deed, House, Inside, hang_up
from tests.faults.ledger import Ledger, read

ASKERS = 3
PLACES = ("IT", "ITH5", "MT", "DE", "bologna-3181928", "EU")
# Of a hundred deeds so many are cut after sending, sent again though they were acknowledged, and given up unheard.
CUT, AGAIN, GIVEN_UP = 5, 5, 2


class Siege:
    """`run()` until `writes` were acknowledged, with `kills` on the way; then `judge()` says what is wrong: nothing."""

    def __init__(
        self, house: House, folder: Path, *, writes: int, kills: int, seed: int, seconds: float
    ) -> None:
        self.house, self.folder, self.seed = house, folder, seed
        self.writes, self.kills, self.seconds = writes, kills, seconds
        self.ledger = Ledger(folder / "askers")
        self.acknowledged = self.retried = self.killed = self.different = 0
        self._read_until, self._answered, self._looked = 0, 0, 0.0
        self.wrong_words: list[str] = []
        self.receipts: list[tuple[str, str]] = []
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._known: set[str] = set()

    def run(self) -> None:
        inside = Inside(self.house)
        inside.call("prepare")
        inside.end()
        askers = [threading.Thread(target=self._asker, args=(number,)) for number in range(ASKERS)]
        desk = self._desk(0)
        try:
            for asker in askers:
                asker.start()
            chance = random.Random(self.seed)
            end = time.monotonic() + self.seconds
            while (written := self._written()) < self.writes and time.monotonic() < end:
                due = (self.killed + 1) * self.writes / (self.kills + 1)
                if self.killed >= self.kills or written < due * chance.uniform(0.8, 1):
                    time.sleep(0.01)
                    continue
                time.sleep(chance.uniform(0, 0.3))
                if (who := chance.random()) < 0.7:
                    self.house.kill()
                if who > 0.4:
                    hang_up(desk)
                    desk = self._desk(self.killed + 1)
                if who < 0.7:
                    self.house.start()
                self.killed += 1
        finally:
            self.over.set()
            for asker in askers:
                asker.join(timeout=120)
            hang_up(desk)
            self.ledger.close()

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

    def _desk(self, number: int) -> Any:
        return self.house.beside("work", str(self.folder / "desk"), str(self.seed + number))

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
        kind = chance.choices(("api", "form", "add"), (45, 25, 30))[0]
        if kind == "add" and self.receipts:
            _asked, receipt = chance.choice(self.receipts)
            return Deed("add", key, f"Siege adds {key}", receipt=receipt)
        email = f"asker-{key[:8]}@example.eu" if chance.random() < 0.3 else ""
        kind = "api" if kind == "add" else kind
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
                time.sleep(0.05)
                continue
            receipt = deed.receipt_in(reply)
            if receipt is not None:
                with self._lock:
                    self.acknowledged += deed.key not in self._known and deed.kind != "confirm"
                    self._known.add(deed.key)
                    if deed.kind in {"api", "form"}:
                        self.receipts.append((deed.text, receipt))
                self.ledger.write(done=deed.key, receipt=receipt, at=time.time())
                return receipt
            if reply.status not in {500, 503}:
                self.wrong_words.append(f"{deed.kind}: {reply.status} {reply.body[:200]!r}")
                return None
            with self._lock:
                self.retried += 1
            time.sleep(0.05)
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
        say("opening the receipts")
        found["receipts that do not open"] = self._closed_receipts()
        found["refused"] = self.wrong_words
        found["answers to the same that differ"] = self.different
        if found["mails sent twice"] <= self.killed:
            # At most one double a kill, and it bears the same Message-ID.
            found["figures"]["mails sent twice"] = found.pop("mails sent twice")
        found["figures"] |= {"kills": self.killed, "sent again": self.retried}
        return found

    def _closed_receipts(self) -> list[str]:
        asked = {
            line["will"]["key"]: line["will"]["text"]
            for line in read(self.folder / "askers")
            if "will" in line and line["will"]["kind"] in {"api", "form"}
        }
        closed = []
        for line in read(self.folder / "askers"):
            if line.get("done") not in asked:
                continue
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
) -> dict[str, Any]:
    """A siege from its first question to its judgement."""
    siege = Siege(house, folder, writes=writes, kills=kills, seed=seed, seconds=seconds)
    begun = time.monotonic()
    siege.run()
    took = time.monotonic() - begun
    found = siege.judge(say=say)
    found["figures"]["seconds"] = round(took, 1)
    say(json.dumps(found["figures"]))
    return found
