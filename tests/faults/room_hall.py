"""A hall full of voices at the doors of a room, who never give up, while the server is killed at random and started again.

What was acknowledged to them is held against the tables by room_ledger.py; somebody listens all the time.
"""

import http.client
import json
import os
import random
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from koinon.live.testing import Ended, Event, Listener, Refused
from tests.faults.fallible import Cut, Forked, House, Inside, Nursery, Reply
from tests.faults.room_ledger import OPTIONS

SPEAKERS = 8
VOICES_EACH = 4
# Of a hundred deeds so many are cut after sending, sent again though they were acknowledged, and given up unheard.
CUT, AGAIN, GIVEN_UP = 6, 12, 2
# Of the contributions that were there before so many are voted for by all.
HOT = 5
COME_AGAIN = {409, 429, 503}
PATIENCE = 300.0


class Beside(Inside):
    """`room_ledger` in a process of its own: `beside.call("judge", …)`."""

    def __init__(self, house: House) -> None:
        self.process = house.beside("obey", module="tests.faults.room_ledger")
        self.log = house.data / "log.inside"


@dataclass(frozen=True)
class Voice:
    """Somebody in the room, with a ticket and an address of their own."""

    code: str
    ticket: str
    address: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.ticket}", "X-Forwarded-For": self.address}

    def saying(self, key: str, text: str) -> "Request":
        headers = self.headers | {"Content-Type": "application/json", "Idempotency-Key": key}
        body = json.dumps({"text": text, "lang": "en"}).encode()
        return Request("POST", f"/api/v1/sessions/{self.code}/questions", body, headers)

    def voting(self, contribution: int, *, voted: bool) -> "Request":
        address = f"/api/v1/sessions/{self.code}/questions/{contribution}/vote"
        return Request("PUT" if voted else "DELETE", address, b"", self.headers)

    def answering(self, poll: int, choice: int) -> "Request":
        headers = self.headers | {"Content-Type": "application/json"}
        body = json.dumps({"choices": [choice]}).encode()
        return Request("PUT", f"/api/v1/sessions/{self.code}/polls/{poll}/ballot", body, headers)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]

    def send(self, house: House, *, wait: float = 30) -> Reply:
        """On a connection of its own. `Cut` where no whole answer came."""
        line = http.client.HTTPConnection("127.0.0.1", house.port, timeout=wait)
        try:
            line.request(self.method, self.path, self.body, dict(self.headers))
            answer = line.getresponse()
            return Reply(answer.status, "", answer.read())
        except (OSError, http.client.HTTPException) as trouble:
            raise Cut from trouble
        finally:
            line.close()

    def hang_up(self, house: House, *, until: Callable[[], object]) -> None:
        """Send it whole, wait until `until` comes back, and close without reading what comes."""
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        first = f"{self.method} {self.path} HTTP/1.1\r\nHost: localhost\r\n{head}"
        with suppress(OSError), socket.create_connection(("127.0.0.1", house.port), timeout=5) as line:
            line.sendall(f"{first}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body)
            until()

    def until_acknowledged(self, house: House) -> tuple[dict[str, Any], int]:
        """What was answered, and how often it was sent again for that; `Refused` for an answer that is no promise."""
        patience = time.monotonic() + PATIENCE
        for times in range(1 << 30):
            try:
                reply = self.send(house)
            except Cut:
                if time.monotonic() > patience:
                    raise
                time.sleep(0.05)
                continue
            if reply.status in {200, 201}:
                return json.loads(reply.body), times
            if reply.status not in COME_AGAIN or time.monotonic() > patience:
                raise Refused(reply.status, f"{self.method} {self.path}", reply.body)
            time.sleep(1 if reply.status == 429 else 0.05)
        raise AssertionError


def come_in(house: House, code: str, number: int) -> Voice:
    """A new voice from an address of its own."""
    address = f"10.{random.randrange(256)}.{number >> 8 & 255}.{number & 255}"
    entering = Request("GET", f"/api/v1/sessions/{code}/room", b"", {"X-Forwarded-For": address})
    told, _times = entering.until_acknowledged(house)
    return Voice(code, told["ticket"], address)


def kill(house: House) -> None:
    """SIGKILL of the server with all that it started."""
    if house.process is not None and house.process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(house.process.pid, signal.SIGKILL)
        house.kill()


class Onlooker:
    """Listens to a room, comes again each time it is cut, and holds what it was told."""

    def __init__(self, house: House, voice: Voice) -> None:
        self.house, self.voice = house, voice
        self.questions: dict[str, list[Any]] = {}
        self.results: dict[int, Any] = {}
        self.resets, self.cuts = 0, 0
        self.epochs: list[str] = []
        self.wrong: list[str] = []
        self._last = ""
        self._number = 0
        self._is_new = True
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                with Listener(self.house.port, self._address(), last=self._last, patience=20) as stream:
                    while not self._over.is_set():
                        for event in stream.read(0.2):
                            self._take(event)
                        self._last = stream.last
            except Refused as refused:
                if refused.status not in {429, 503}:
                    self.wrong.append(str(refused))
                    return
            except Ended:
                self.cuts += 1
            except OSError:
                # Nobody answers until it is started again.
                pass
            time.sleep(0.05)

    def _address(self) -> str:
        return f"/sessions/{self.voice.code}/room/events?ticket={self.voice.ticket}"

    def _take(self, event: Event) -> None:
        epoch = event.id.rpartition("-")[0]
        if event.kind == "reset":
            self.resets += 1
            self._is_new = True
            return
        if event.kind == "snapshot":
            if not self._is_new:
                self.wrong.append(f"a snapshot without a reset before it, {event.id}")
            self._is_new = False
            self._number = event.number
            if not self.epochs or self.epochs[-1] != epoch:
                self.epochs.append(epoch)
            self.questions = {str(row["id"]): [row["text"], row["votes"]] for row in event.data["questions"]}
            self.results = {row["id"]: row["results"] for row in event.data["polls"]}
            return
        if self._is_new or epoch != self.epochs[-1] or event.number <= self._number:
            self.wrong.append(f"{event.id} after {self.epochs[-1:]} {self._number}")
        self._number = event.number
        about, data = event.data["about"], event.data["data"]
        if about == "question" and data.get("gone"):
            self.questions.pop(str(data["id"]), None)
        elif about == "question":
            self.questions[str(data["id"])] = [data["text"], data["votes"]]
        elif about == "votes":
            for pk, total in data.items():
                self.questions[pk][1] = total
        elif about == "poll":
            self.results[data["id"]] = data["results"]

    def until(self, holds: Callable[["Onlooker"], bool], seconds: float = PATIENCE) -> bool:
        """Whether that became so in time."""
        end = time.monotonic() + seconds
        while not holds(self) and not self.wrong and time.monotonic() < end:
            time.sleep(0.02)
        return holds(self)

    def end(self) -> None:
        self._over.set()
        self._thread.join(timeout=60)


class Hall:
    """`run()` until `writes` were acknowledged, with `kills` on the way; then `judge()` says what is wrong: nothing."""

    def __init__(self, house: House, beside: Beside, *, writes: int, kills: int, seed: int) -> None:
        self.house, self.beside = house, beside
        self.writes, self.kills, self.seed = writes, kills, seed
        made = beside.call("open_room", contributions=20)
        self.code, self.poll, self.ids = made["code"], made["poll"], made["ids"]
        self.meant: list[str] = []
        self.said: dict[str, dict[str, Any]] = {}
        self.wishes: dict[tuple[str, int], bool] = {}
        self.ballots: dict[str, int] = {}
        self.acknowledged = self.retried = self.repeated = self.killed = self.cold = 0
        self.refused: list[str] = []
        self.different: list[str] = []
        self.over = threading.Event()
        self._lock = threading.Lock()

    def run(self) -> dict[str, Any]:
        """What there was, in figures; and what is wrong, by kind."""
        chance = random.Random(self.seed)
        nursery = Nursery(self.house)
        voices = [come_in(self.house, self.code, number) for number in range(SPEAKERS * VOICES_EACH)]
        onlooker = Onlooker(self.house, come_in(self.house, self.code, len(voices)))
        speakers = [
            threading.Thread(target=self._speak, args=(number, voices[number::SPEAKERS]))
            for number in range(SPEAKERS)
        ]
        # The moments of the kills, by lot: counted in writes, so that a slow machine does not thin them out.
        due = sorted(chance.uniform(0, self.writes * 0.95) for _ in range(self.kills))
        try:
            onlooker.until(lambda looker: bool(looker.epochs))
            for speaker in speakers:
                speaker.start()
            # All speak on until the last kill is over, however many writes that makes.
            while any(speaker.is_alive() for speaker in speakers):
                if self.killed == self.kills and self.acknowledged >= self.writes:
                    break
                if self.killed < self.kills and self.acknowledged >= due[self.killed]:
                    time.sleep(chance.uniform(0, 0.05))
                    kill(self.house)
                    self.killed += 1
                    self._start(nursery, onlooker)
                else:
                    time.sleep(0.002)
        finally:
            self.over.set()
            for speaker in speakers:
                if speaker.is_alive():
                    speaker.join(timeout=PATIENCE + 60)
            if isinstance(self.house.process, Forked):
                kill(self.house)
                self.house.process = None
            nursery.end()
            if self.house.process is None:
                self.house.start()
            found = self._judge(onlooker)
            onlooker.end()
        return found

    def _start(self, nursery: Nursery, onlooker: Onlooker) -> None:
        """Each third time from nothing, and at the end; else forked, which has the same mark each time."""
        is_cold = self.killed % 3 == 0 or self.killed == self.kills
        before, resets = len(onlooker.epochs), onlooker.resets
        self.house.start(nursery=None if is_cold else nursery)
        if is_cold:
            self.cold += 1
            if not onlooker.until(lambda looker: len(looker.epochs) > before and looker.resets > resets, 60):
                self.refused.append("the stream did not begin anew after a restart")

    def _speak(self, number: int, voices: list[Voice]) -> None:
        chance = random.Random(self.seed * 100 + number)
        said: list[tuple[str, Request]] = []
        try:
            while not self.over.is_set():
                voice, lot = chance.choice(voices), chance.random()
                if lot < 0.4:
                    self._say(chance, voice, said)
                elif lot < 0.85:
                    self._vote(chance, voice)
                else:
                    choice = chance.randrange(len(OPTIONS))
                    answer = self._send(chance, voice.answering(self.poll, choice))
                    self.ballots[voice.ticket] = choice
                    if answer != {"id": self.poll}:
                        self.different.append(f"a ballot: {answer}")
                if said and chance.randrange(100) < AGAIN:
                    # Acknowledged before, perhaps to a server that was killed since.
                    key, request = chance.choice(said)
                    again, _times = request.until_acknowledged(self.house)
                    self.repeated += 1
                    if (again["id"], again["receipt"]) != (self.said[key]["id"], self.said[key]["receipt"]):
                        self.different.append(f"{key} sent again: {again}")
        except (Refused, Cut) as trouble:
            self.refused.append(repr(trouble))

    def _say(self, chance: random.Random, voice: Voice, said: list[tuple[str, Request]]) -> None:
        key = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        text = f"Hall asks {key}: which costs count?"
        request = voice.saying(key, text)
        self.meant.append(text)
        if chance.randrange(100) < GIVEN_UP:
            request.hang_up(self.house, until=lambda: time.sleep(chance.uniform(0, 0.05)))
            return
        answer = self._send(chance, request)
        self.said[key] = {"key": key, "text": text, "ticket": voice.ticket} | answer
        said.append((key, request))
        self.ids.append(answer["id"])

    def _vote(self, chance: random.Random, voice: Voice) -> None:
        pk = chance.choice(self.ids[:HOT] if chance.random() < 0.6 else self.ids)
        before = self.wishes.get((voice.ticket, pk), False)
        voted = before if chance.randrange(100) < AGAIN else not before
        answer = self._send(chance, voice.voting(pk, voted=voted))
        self.wishes[voice.ticket, pk] = voted
        if (answer["id"], answer["voted"]) != (pk, voted) or answer["votes"] < voted:
            self.different.append(f"a vote for {pk}: {answer}")

    def _send(self, chance: random.Random, request: Request) -> dict[str, Any]:
        if chance.randrange(100) < CUT:
            request.hang_up(self.house, until=lambda: time.sleep(chance.uniform(0, 0.05)))
        answer, times = request.until_acknowledged(self.house)
        with self._lock:
            self.acknowledged += 1
            self.retried += times
        return answer

    def _judge(self, onlooker: Onlooker) -> dict[str, Any]:
        wishes = [(ticket, pk, voted) for (ticket, pk), voted in self.wishes.items()]
        found: dict[str, Any] = self.beside.call(
            "judge",
            code=self.code,
            meant=self.meant,
            said=list(self.said.values()),
            wishes=wishes,
            ballots=list(self.ballots.items()),
        )
        shown, answers = found.pop("shown"), found.pop("answers")
        holds = onlooker.until(
            lambda looker: looker.questions == shown and looker.results == {self.poll: answers}, 60
        )
        held = onlooker.questions
        found["what the onlooker holds otherwise"] = (
            []
            if holds
            else [
                {
                    pk: (shown.get(pk), held.get(pk))
                    for pk in shown.keys() | held.keys()
                    if shown.get(pk) != held.get(pk)
                },
                (answers, onlooker.results),
            ]
        )
        found["what the onlooker was told wrongly"] = onlooker.wrong
        found["refused"] = self.refused
        found["answers that differ"] = self.different
        found["figures"] = {
            "acknowledged": self.acknowledged,
            "said": len(self.said),
            "voices for something": len(wishes),
            "ballots": len(self.ballots),
            "kills": self.killed,
            "starts from nothing": self.cold,
            "sent again": self.retried,
            "sent again though acknowledged": self.repeated,
            "resets": onlooker.resets,
            "epochs": len(set(onlooker.epochs)),
            "cuts of the onlooker": onlooker.cuts,
        }
        return found
