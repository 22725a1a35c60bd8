"""`koinon bench room`: ten thousand who listen, held against the least that a server can do, in one run.

Each round measures, in shuffled order and each on a server just started: the floor (`_room_floor.c`), Koinon, Django's
StreamingHttpResponse and Django Channels (both with fewer readers: `--few`). One load client serves them all
(`_room_load.c`; both are built with gcc into a temporary folder). The server is pinned to one core, the client to the other.
What counts is the ratio to the floor of the same round: median, least and most. A round is void when what was delivered is not what was
expected, or the floor moved by more than 1.5 from its median; void rounds are told and repeated, up to twice as many.

Processor time is that of all processes of the server, the database too, but without the encoder: a question is compared with
the others once (some 60 ms), however many listen; `koinon bench search --only meaning` measures it. Afterwards: votes committed
a second on SQLite (`synchronous=FULL`) and on PostgreSQL (one of its own, with fsync), and memory and database connections of
readers who only read (`--minutes`). All on loopback, bounded in number and time.
"""

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from resource import RLIMIT_NOFILE, getrlimit, setrlimit
from typing import Any

from bench._room_house import write
from bench._server import ROOT, free_port
from tests import postgresql

GOALS = {
    "cpu_per_delivery_to_floor": 1.3,
    "last_screen_p50_to_floor": 1.25,
    "last_screen_p99_to_floor": 2.0,
    "votes_screen_p99_to_floor": 3.0,
    "kb_per_reader": 12.0,
    "connections_of_idle_readers": 0,
    "committed_p99_ms_sqlite": 50.0,
    "committed_p99_ms_postgresql": 50.0,
}
LEAST = {
    "joins_per_second": 3000.0,
    "channels_cpu_to_ours": 35.0,
    "committed_per_second_sqlite": 3000.0,
    "committed_per_second_postgresql": 1000.0,
}
EVENT_BYTES, SNAPSHOT_BYTES, FRAME_MS = 400, 12_000, 100
POSTS, POSTS_PER_SECOND = 20, 2.0
FEW_POSTS, FEW_POSTS_PER_SECOND = 8, 0.5  # so that Channels gets to the end of one before the next
VOTES, VOTES_PER_SECOND = 10_000, 2_000
SOURCES, PARALLEL, LINES = 16, 256, 1000
SERVER_CORE, CLIENT_CORE = 0, 1
COMMITS, COMMIT_LINES = 20_000, 64

PATHS = {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")])}

Figures = dict[str, Any]


class Void(Exception):
    """What was delivered is not what was expected: nothing can be said about this round."""


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="koinon bench room")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--few", type=int, default=1_000, help="readers of Django streaming and Channels")
    parser.add_argument(
        "--minutes", type=float, default=1, help="how long readers only read; ten before a release"
    )
    parser.add_argument("--only", choices=["rounds", "commits", "idle"], action="append")
    parser.add_argument(
        "--nice",
        type=int,
        default=0,
        help="priority of all that is measured, where others work on the machine",
    )
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    asked = parser.parse_args(words)
    parts = asked.only or ["rounds", "commits", "idle"]
    if "channels" in asked.kinds and find_spec("channels") is None:
        _say("Channels is not installed (pip install channels): not compared.")
        asked.kinds.remove("channels")
    if shutil.which("gcc") is None or len(os.sched_getaffinity(0)) < 2:
        print("koinon bench room needs gcc and two cores.", file=sys.stderr)
        return 2
    os.setpriority(os.PRIO_PROCESS, 0, asked.nice)
    _, most = getrlimit(RLIMIT_NOFILE)
    setrlimit(RLIMIT_NOFILE, (most, most))
    readers = min(asked.readers, most - 1500)
    if readers < asked.readers:
        _say(f"Only {readers} readers: a process may open {most} files.")
    result: Figures = {
        "readers": readers,
        "few": asked.few,
        "cores": os.cpu_count(),
        "nice": asked.nice,
        "load": os.getloadavg(),
    }
    with tempfile.TemporaryDirectory(prefix="koinon-bench-") as name:
        folder = Path(name)
        build(folder)
        if "rounds" in parts:
            result |= judge_rounds(rounds(folder, asked.rounds, readers, asked.few, asked.kinds))
        if "commits" in parts:
            result |= commits(folder, asked.rounds)
        if "idle" in parts:
            result |= idle(folder, readers, asked.minutes)
    result["missed"] = [
        name for name, goal in GOALS.items() if name in result and middle(result[name]) > goal
    ]
    result["missed"] += [
        name for name, goal in LEAST.items() if name in result and middle(result[name]) < goal
    ]
    text = json.dumps(result, indent=2)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")
    return 1 if result["missed"] or result.get("too_few_rounds") else 0


def middle(figure: Any) -> float:
    return float(figure["median"] if isinstance(figure, dict) else figure)


# Servers and the client.


def build(folder: Path) -> None:
    for name in ("_room_load", "_room_floor"):
        subprocess.run(["gcc", "-O2", "-o", folder / name, ROOT / "bench" / f"{name}.c"], check=True)


class Serving:
    """A server on one core, and what its processes use."""

    def __init__(
        self, words: list[str], port: int, env: dict[str, str], also: Callable[[], list[int]]
    ) -> None:
        self.port, self.also = port, also
        self.process = subprocess.Popen(
            words,
            cwd=ROOT,
            env=os.environ | PATHS | env,
            stdout=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}),
        )
        self._wait()

    def _wait(self) -> None:
        import socket

        until = time.monotonic() + 90
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the server did not answer")

    def cpu(self) -> float:
        """Seconds of processor time of all its processes so far, to the nanosecond (Linux)."""
        return sum(_nanoseconds(pid) for pid in [self.process.pid, *self.also()]) / 1e9

    def settle(self) -> None:
        """Wait until it rests: what a house does in its first seconds is not what is measured here."""
        time.sleep(3)  # what it keeps warm begins after two seconds (asgi.py)
        calm = 0
        for _ in range(60):
            before = self.cpu()
            time.sleep(0.5)
            calm = calm + 1 if self.cpu() - before < 0.03 else 0
            if calm == 4:
                return

    def memory(self) -> int:
        """Bytes that the server's own process holds."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def files(self, part: str) -> int:
        """How many open files have `part` in their name."""
        found = 0
        for link in Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                found += part in os.readlink(link)
            except OSError:
                continue
        return found

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Client:
    """The load client, on the other core. One word in, one JSON out."""

    def __init__(self, folder: Path, port: int) -> None:
        self.process = subprocess.Popen(
            [folder / "_room_load", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {CLIENT_CORE}),
        )

    def do(self, *words: object) -> Figures:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the load client ended at {words}")
        answer: Figures = json.loads(line)
        return answer

    def end(self) -> None:
        self.process.communicate(timeout=60)


@contextmanager
def serving(
    folder: Path,
    words: list[str],
    port: int,
    *,
    env: dict[str, str] | None = None,
    also: Callable[[], list[int]] = list,
) -> Iterator[tuple[Serving, Client]]:
    with ExitStack() as ends:
        server = Serving(words, port, env or {}, also)
        ends.callback(server.end)
        client = Client(folder, port)
        ends.callback(client.end)
        yield server, client


class House:
    """Koinon with its data folder, on SQLite or on a PostgreSQL of its own (on the server's core, and counted with it)."""

    def __init__(self, folder: Path, name: str, ends: ExitStack) -> None:
        self.folder, self.data, self.shots_in = folder, folder / name, folder / f"{name}-shots"
        self.data.mkdir()
        self.shots_in.mkdir()
        self.cluster: postgresql.Cluster | None = None
        self.env = {"KOINON_DATA": str(self.data), "DATABASE_URL": "", "KOINON_ENCODER": "off"}
        if name.startswith("postgresql"):
            before = os.sched_getaffinity(0)
            os.sched_setaffinity(0, {SERVER_CORE})
            self.cluster = ends.enter_context(postgresql.Cluster("-c fsync=on", "-c synchronous_commit=on"))
            os.sched_setaffinity(0, before)
            self.env["DATABASE_URL"] = self.cluster.url
        self.ask("make")

    def ask(self, *words: object) -> Figures:
        done = subprocess.run(
            [sys.executable, "-m", "bench._room_house", *[str(word) for word in words]],
            cwd=ROOT,
            env=os.environ | PATHS | self.env,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        answer: Figures = json.loads(done.stdout.splitlines()[-1])
        return answer

    def serve(self) -> Any:
        port = free_port()
        words = [sys.executable, "-m", "koinon", "up", "--port", str(port), "--data", str(self.data)]
        return serving(self.folder, words, port, env=self.env, also=self.database_processes)

    def database_processes(self) -> list[int]:
        if self.cluster is None:
            return []
        first = int((self.cluster.folder / "data/postmaster.pid").read_text().split("\n", 1)[0])
        return [first, *_children(first)]

    def connections(self, server: Serving) -> int:
        """Database connections that the server holds now."""
        if self.cluster is None:
            return server.files(".sqlite3")
        return len([1 for pid in self.database_processes()[1:] if b"koinon" in _command(pid)])


# The rounds.


def floor(folder: Path, readers: int, few: int, house: House | None) -> Figures:
    port = free_port()
    words = [str(folder / "_room_floor"), str(port), str(EVENT_BYTES), str(SNAPSHOT_BYTES), str(FRAME_MS)]
    head, post, vote = plain_requests(folder)
    with serving(folder, words, port) as (server, client):
        found = join(client, server, head, readers)
        found |= posts(client, server, post)
        found["burst"] = burst(client, server, vote, '"votes":', 0)
    return found


def ours(folder: Path, readers: int, few: int, house: House | None) -> Figures:
    assert house is not None
    made = house.ask("shots", house.shots_in, readers, POSTS, VOTES)
    at = house.shots_in
    with house.serve() as (server, client):
        server.settle()
        idle_connections = house.connections(server)
        client.do("dump", at / "dump")
        found = join(client, server, at / "heads", readers)
        found["connections_more"] = house.connections(server) - idle_connections
        client.do("read", 1.5)
        client.do("mark")
        found |= posts(client, server, at / "asks")
        key = made["voted"][0]
        found["burst"] = burst(client, server, at / "votes0", f'"{key}":', 0)
        for _ in range(20):
            client.do("read", 1.5)
            found["state"] = client.do("state")
            if not found["state"]["behind"]:
                break
        held = house.ask("held")
        found["wrong"] = wrong(found, held, folded(at / "dump"), key)
        found["memory_after_mb"] = round(server.memory() / 1e6, 1)
    if found["wrong"]:
        raise Void("; ".join(found["wrong"]))
    return found


def few_of(module: str) -> Callable[[Path, int, int, House | None], Figures]:
    def measure(folder: Path, readers: int, few: int, house: House | None) -> Figures:
        port = free_port()
        words = [sys.executable, "-m", module, str(port), str(EVENT_BYTES), str(SNAPSHOT_BYTES)]
        head, post, _vote = plain_requests(folder, FEW_POSTS)
        with serving(folder, words, port) as (server, client):
            return join(client, server, head, few) | posts(
                client, server, post, FEW_POSTS, FEW_POSTS_PER_SECOND
            )

    return measure


KINDS: dict[str, Callable[[Path, int, int, House | None], Figures]] = {
    "floor": floor,
    "ours": ours,
    "django": few_of("bench._room_django"),
    "channels": few_of("bench._room_channels"),
}


def plain_requests(folder: Path, many: int = POSTS) -> tuple[Path, Path, Path]:
    """What the floor and the servers compared are asked."""
    head, post, vote = folder / "head", folder / "post", folder / "vote"
    body = b'{"text":"kbstamp-000000-0000000000000000"}'
    write(head, [b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"])
    write(
        post,
        [b"POST /post HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)]
        * many,
    )
    write(vote, [b"PUT /vote HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"] * VOTES)
    return head, post, vote


def join(client: Client, server: Serving, heads: Path, readers: int) -> Figures:
    before, cpu = server.memory(), server.cpu()
    found = client.do("join", heads, readers, PARALLEL, SOURCES)
    if found["joined"] != readers:
        raise Void(f"{found['joined']} of {readers} joined: {found['refusal']}")
    return {
        "joins_per_second": found["per_second"],
        "joins_per_processor_second": round(readers / (server.cpu() - cpu), 1),
        "join_cpu_us": round((server.cpu() - cpu) * 1e6 / readers, 1),
        "kb_per_reader": round((server.memory() - before) / readers / 1000, 2),
    }


def posts(
    client: Client, server: Serving, file: Path, many: int = POSTS, per_second: float = POSTS_PER_SECOND
) -> Figures:
    """Each POST is one event to all. Processor time is counted from the first to the last that arrived."""
    cpu = server.cpu()
    found = client.do("fire", file, per_second, many, many / per_second + 5, 60, "posts")
    used = server.cpu() - cpu
    sound(found, many)
    return {
        "cpu_us": round(used * 1e6 / found["delivered"], 2),
        "last_ms": found["last_ms"],
        "last_p50_ms": found["last_p50_ms"],
        "last_p99_ms": found["last_p99_ms"],
        "reply_p50_ms": found["reply_p50_ms"],
        "watching": found["watching"],
    }


def burst(client: Client, server: Serving, file: Path, mark: str, base: int) -> Figures:
    """Votes on time, while all watch. A screen has a vote when the total that it shows counts it."""
    cpu = server.cpu()
    found = client.do(
        "fire", file, VOTES_PER_SECOND, LINES, VOTES / VOTES_PER_SECOND + 5, 20, "votes", mark, base
    )
    used = server.cpu() - cpu
    sound(found, VOTES)
    return {
        "screen_p50_ms": found["screen_p50_ms"],
        "screen_p99_ms": found["screen_p99_ms"],
        "reply_p50_ms": found["reply_p50_ms"],
        "reply_p99_ms": found["reply_p99_ms"],
        "per_second": found["per_second"],
        "frames": round(found["frames"] / max(1, found["watching"])),
        "core_share": round(used / found["seconds"], 2),
        # Where the machine has no time left for 2,000 a second, it is another measurement.
        "on_time": found["per_second"] > 0.9 * VOTES_PER_SECOND,
        "cpu_us_per_vote": round(used * 1e6 / VOTES, 1),
        "acknowledged": found["acknowledged"],
        "total": found["total"],
    }


def sound(found: Figures, asked: int) -> None:
    if found["acknowledged"] != asked or found["failed"]:
        raise Void(
            f"{found['acknowledged']} of {asked} were acknowledged: {found['statuses']} {found['refusal']}"
        )
    if found["delivered"] != found["expected"] or found["doubled"]:
        raise Void(f"{found['delivered']} of {found['expected']} arrived, {found['doubled']} twice")
    if found["still_watching"] != found["watching"]:
        raise Void(f"{found['watching'] - found['still_watching']} streams were cut")


def folded(dump: Path) -> Figures:
    """The state that a page has which followed the stream: the snapshot, then each change in order."""
    state: Figures = {}
    for event in dump.read_text(encoding="utf-8").split("\n\n"):
        lines = event.split("\n")
        kind = next((line[6:].strip() for line in lines if line.startswith("event:")), "")
        data = "".join(line[5:].strip() for line in lines if line.startswith("data:"))
        if kind == "snapshot":
            given = json.loads(data)
            given = given.get("snapshot", given)
            state = {str(item["id"]): item for item in given["questions"]}
        elif kind == "change":
            change = json.loads(data)
            for one in change if isinstance(change, list) else change.get("changes", [change]):
                about, what = one.get("about"), one.get("data", one)
                if about == "question" and what.get("gone"):
                    state.pop(str(what["id"]), None)
                elif about == "question":
                    state[str(what["id"])] = what
                elif about == "votes":
                    for key, total in what.items():
                        if key in state:
                            state[key]["votes"] = total
    return state


def wrong(found: Figures, held: Figures, seen: Figures, key: int) -> list[str]:
    """What a reader's state, or what the database counts, differs in from what was acknowledged."""
    troubles = []
    state = found["state"]
    if state["behind"] or state["other_bytes"]:
        troubles.append(
            f"{state['behind']} readers end at another change, {state['other_bytes']} had other bytes"
        )
    if state["repeats"]:
        troubles.append(f"{state['repeats']} changes came twice")
    there = {str(item["id"]): item for item in held["snapshot"]["questions"]}
    if seen != there:
        differing = [k for k in seen.keys() | there.keys() if seen.get(k) != there.get(k)]
        troubles.append(f"the stream leads to another state than the database in {len(differing)} questions")
    if held["votes"].get(str(key)) != found["burst"]["acknowledged"]:
        troubles.append(
            f"{held['votes'].get(str(key))} votes of {found['burst']['acknowledged']} acknowledged lie there"
        )
    if there.get(str(key), {}).get("votes") != found["burst"]["acknowledged"]:
        troubles.append("the total is not the number of votes")
    return troubles


def rounds(folder: Path, wanted: int, readers: int, few: int, kinds: list[str]) -> Figures:
    """`wanted` sound rounds, and what the void ones said."""
    done: list[Figures] = []
    void: list[str] = []
    with ExitStack() as ends:
        house = House(folder, "sqlite", ends) if "ours" in kinds else None
        for number in range(2 * wanted):
            if len(done) == wanted:
                break
            order = list(kinds)
            random.Random(number).shuffle(order)
            figures: Figures = {"order": order}
            try:
                for what in order:
                    figures[what] = KINDS[what](folder, readers, few, house)
            except Void as reason:
                void.append(f"{what}: {reason}")
                _say(f"void: {void[-1]}")
                continue
            done.append(figures)
            _say(json.dumps(figures))
            if len(done) == wanted:
                done, drifted = steady(done)
                void += drifted
    return {"done": done, "void": void, "wanted": wanted}


def steady(done: list[Figures]) -> tuple[list[Figures], list[str]]:
    """The rounds in which the floor did not move by more than 1.5 from its median."""
    if not all("floor" in one for one in done):
        return done, []
    centre = statistics.median(one["floor"]["cpu_us"] for one in done)
    kept = [one for one in done if centre / 1.5 <= one["floor"]["cpu_us"] <= centre * 1.5]
    return kept, [f"the floor drifted from {centre}"] * (len(done) - len(kept))


def spread(values: list[float]) -> Figures:
    return {
        "median": round(statistics.median(values), 2),
        "least": round(min(values), 2),
        "most": round(max(values), 2),
    }


def judge_rounds(given: Figures) -> Figures:
    done = given["done"]
    result: Figures = {
        "void": given["void"],
        "rounds": len(done),
        "too_few_rounds": len(done) < given["wanted"],
    }
    if not done:
        return result

    def ratio(over_: str, under: str, *names: str) -> Figures:
        return spread([deep(one[over_], names) / deep(one[under], names) for one in done])

    for what in done[0]["order"]:
        for name in (
            "cpu_us",
            "last_p50_ms",
            "last_p99_ms",
            "joins_per_second",
            "join_cpu_us",
            "kb_per_reader",
        ):
            result[f"{what}_{name}"] = spread([one[what][name] for one in done])
    if {"ours", "floor"} <= done[0].keys():
        result["cpu_per_delivery_to_floor"] = ratio("ours", "floor", "cpu_us")
        result["last_screen_p50_to_floor"] = ratio("ours", "floor", "last_p50_ms")
        result["last_screen_p99_to_floor"] = ratio("ours", "floor", "last_p99_ms")
        kept = [one for one in done if all(one[what]["burst"]["on_time"] for what in ("ours", "floor"))]
        result["burst_rounds_on_time"] = len(kept)
        if kept:
            result["votes_screen_p99_to_floor"] = spread(
                [
                    one["ours"]["burst"]["screen_p99_ms"] / one["floor"]["burst"]["screen_p99_ms"]
                    for one in kept
                ]
            )
    for what in ("ours", "floor"):
        if what in done[0]:
            for name in (
                "screen_p50_ms",
                "screen_p99_ms",
                "reply_p99_ms",
                "core_share",
                "cpu_us_per_vote",
                "per_second",
            ):
                result[f"{what}_burst_{name}"] = spread([one[what]["burst"][name] for one in done])
    if "ours" in done[0]:
        result["joins_per_second"] = result["ours_joins_per_second"]
        result["kb_per_reader"] = result["ours_kb_per_reader"]
        for other in {"channels", "django"} & done[0].keys():
            result[f"{other}_cpu_to_ours"] = ratio(other, "ours", "cpu_us")
    return result


def deep(figures: Figures, names: Sequence[str]) -> float:
    for name in names:
        figures = figures[name]
    return float(figures)  # type: ignore[arg-type]


# Votes, as many as can be written, and readers who only read.


def commits(folder: Path, wanted: int) -> Figures:
    """Votes over 64 connections, each sent when the one before is answered; all that was acknowledged is counted anew."""
    result: Figures = {}
    with ExitStack() as ends:
        houses = {name: House(folder, f"{name}-votes", ends) for name in ("sqlite", "postgresql")}
        per_second: dict[str, list[float]] = {name: [] for name in houses}
        p99: dict[str, list[float]] = {name: [] for name in houses}
        cpu: dict[str, list[float]] = {name: [] for name in houses}
        for number in range(wanted):
            for name in random.Random(number).sample(list(houses), 2):
                house = houses[name]
                made = house.ask("shots", house.shots_in, 1, 0, 500, COMMITS)
                with house.serve() as (server, client):
                    server.settle()
                    client.do("fire", house.shots_in / "votes0", 0, COMMIT_LINES, 5, 5, "votes")
                    used = server.cpu()
                    found = client.do("fire", house.shots_in / "votes1", 0, COMMIT_LINES, 8, 20, "votes")
                    used = server.cpu() - used
                counted = house.ask("held")["votes"].get(str(made["voted"][1]))
                if (
                    found["failed"]
                    or found["acknowledged"] != found["sent"]
                    or counted != found["acknowledged"]
                ):
                    raise RuntimeError(
                        f"{name}: {counted} votes of {found['acknowledged']} acknowledged: {found}"
                    )
                per_second[name].append(found["per_second"])
                p99[name].append(found["reply_p99_ms"])
                cpu[name].append(used * 1e6 / found["acknowledged"])
                _say(
                    f"{name}: {found['per_second']} votes/s, p50 {found['reply_p50_ms']}, p99 {found['reply_p99_ms']} ms"
                )
        for name in houses:
            result[f"committed_per_second_{name}"] = spread(per_second[name])
            result[f"committed_p99_ms_{name}"] = spread(p99[name])
            result[f"committed_cpu_us_{name}"] = spread(cpu[name])
    return result


def idle(folder: Path, readers: int, minutes: float) -> Figures:
    """Memory and database connections on PostgreSQL while `readers` only listen."""
    with ExitStack() as ends:
        house = House(folder, "postgresql-idle", ends)
        house.ask("shots", house.shots_in, readers, POSTS)
        with house.serve() as (server, client):
            server.settle()
            connections = house.connections(server)
            join(client, server, house.shots_in / "heads", readers)
            memory: list[float] = []
            held: list[float] = []
            until = time.monotonic() + 60 * minutes
            while time.monotonic() < until:
                open_ = client.do("read", 5)["open"]
                memory.append(round(server.memory() / 1e6, 1))
                for _ in range(5):
                    held.append(float(house.connections(server)))
                    time.sleep(0.17)
            if open_ != readers:
                raise RuntimeError(f"{readers - open_} of {readers} readers were cut while they only read")
            return {
                "idle_minutes": minutes,
                "idle_memory_mb_first_and_last": [memory[0], memory[-1]],
                "connections_before_readers": connections,
                "connections_with_readers": spread(held),
                "connections_of_idle_readers": round(statistics.median(held)) - connections,
            }


def _nanoseconds(pid: int) -> int:
    used = 0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            used += int((task / "schedstat").read_text().split()[0])
    except (OSError, IndexError):
        pass
    return used


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
