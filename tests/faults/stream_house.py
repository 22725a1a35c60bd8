"""A small house with one live channel, for tests of the stream: `python -m tests.faults.stream_house PORT`.

Its channels `tiny:NAME` show all the words that were said on them, in order. POST `/tiny/NAME/say` says some through the writer,
with a ticket. `/page` is an empty page and `/stream.js` the script. In the folder KOINON_DATA the file `revoked` names persons (and 0) who may not listen any more. GET `/figures`
tells what the hub has done.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from re import Match
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koinon.settings")
if __name__ == "__main__":
    django.setup()

from koinon import live
from koinon.base.front import Receive, Scope, Send
from koinon.live import notify
from koinon.live.actions import News, announce_many
from koinon.live.models import Change
from koinon.live.sources import Source, sources
from koinon.live.tickets import Ticket
from koinon.live.writer import Answer, Job, problem, writers


def snapshot(channel: str) -> dict[str, Any] | None:
    """All that was said. There is no channel whose name begins with `no`."""
    if channel.startswith("tiny:no"):
        return None
    said: list[Any] = []
    votes: dict[str, int] = {}
    for change in Change.objects.of(channel):
        data = json.loads(change.data)
        if change.about == "votes":
            votes |= data
        else:
            said.append(data["said"])
    return {"said": said, "votes": votes, "filling": os.environ.get("TINY_FILLING", "")}


def may_listen(channel: str, persons: set[int]) -> set[int]:
    """All but those in the file `revoked`."""
    file = Path(os.environ["KOINON_DATA"]) / "revoked"
    return persons - {int(word) for word in file.read_text().split()} if file.exists() else persons


_batches: list[int] = []
# A key is one voice's own.
_keys: dict[tuple[str, str], Answer] = {}
SCRIPT = Path(live.__file__).parent / "static" / "live" / "stream.js"


def say(jobs: list[Job]) -> list[Answer]:
    """Announce what was said, one after the other; `bad` breaks the whole batch."""
    answers = []
    if any(job.data["said"] == "slow" for job in jobs):
        time.sleep(0.5)
    for job in jobs:
        if job.data["said"] == "bad":
            raise RuntimeError("a bad job")
        mine = (job.ticket.voice, job.key)
        if mine in _keys:
            answers.append(_keys[mine])
            continue
        about = "votes" if isinstance(job.data["said"], dict) else "say"
        data = job.data["said"] if about == "votes" else {"said": job.data["said"]}
        number = announce_many(job.ticket.channel, [News(about, data, bool(job.data.get("at_once")))])
        answers.append(Answer(201, {"number": number, "key": job.key}))
        if job.key:
            _keys[mine] = answers[-1]
    _batches.append(len(jobs))
    return answers


def parse(found: Match[str], headers: Mapping[str, str], body: bytes, ticket: Ticket) -> Job | Answer:
    if ticket.channel != f"tiny:{found['name']}":
        return problem(403, "This ticket is for another channel.")
    try:
        sent = json.loads(body)
    except ValueError:
        return problem(400, "This is not JSON.")
    if not isinstance(sent, dict) or "said" not in sent:
        return problem(422, "Something has to be said.")
    return Job(sent, ticket)


def register() -> None:
    """Put the tiny source, stream and door into the lists, once."""
    import re

    from koinon.live.doors import Door, Stream, doors, streams

    if "tiny" in sources:
        return
    sources["tiny"] = Source(snapshot, may_listen)
    streams.append(Stream(re.compile(r"/tiny/(?P<name>\w+)/events"), lambda found: f"tiny:{found['name']}"))
    doors.append(Door("POST", re.compile(r"/tiny/(?P<name>\w+)/say"), "tiny.say", parse))
    writers["tiny.say"] = say


async def _inner(scope: Scope, receive: Receive, send: Send) -> None:
    """Behind the doors, where Django would be."""
    from koinon.live.hub import hub

    body = b"from inside"
    if scope["path"] == "/figures":
        held = [name for name in os.listdir("/proc/self/fd") if _leads_to_database(name)]
        told = vars(hub.figures) | {
            "readers": sum(len(one.readers) for one in hub.channels.values()),
            "behind": sum(len(one.behind) for one in hub.channels.values()),
            "databases": len(held),
            "batches": _batches,
            "memory": int(Path("/proc/self/statm").read_text().split()[1]) * 4096,
            "cpu": time.process_time(),
        }
        body = json.dumps(told).encode()
    kind = b"application/json"
    if scope["path"] == "/page":
        body, kind = b"<!doctype html><title>tiny</title>", b"text/html"
    if scope["path"] == "/stream.js":
        body, kind = SCRIPT.read_bytes(), b"text/javascript"
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", kind)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _leads_to_database(name: str) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{name}").endswith("koinon.sqlite3")
    except OSError:
        return False


def main(port: int) -> None:
    import uvicorn
    from django.core.management import call_command
    from django.db import connections

    from koinon.base.wire import BoundedHead
    from koinon.live import doors, hub

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    call_command("migrate", "live", verbosity=0)
    connections.close_all()
    register()
    # What a test cannot wait for, or must not come to help.
    for constant in ("STUCK", "LOOK", "COMMENT"):
        if value := os.environ.get(f"TINY_{constant}"):
            setattr(hub, constant, float(value))
    if value := os.environ.get("TINY_SILENCE"):
        doors.SILENCE = float(value)  # type: ignore[misc]
    notify.start()

    class Server(uvicorn.Server):
        """As in `koinon up` (cli.py)."""

        async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
            hub.hub.end()
            await super().shutdown(sockets)  # type: ignore[arg-type]

    config = uvicorn.Config(
        doors.Doors(_inner),
        host="127.0.0.1",
        port=port,
        http=BoundedHead,
        log_level="warning",
        access_log=False,
        backlog=4096,
        timeout_graceful_shutdown=10,
    )
    Server(config).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
