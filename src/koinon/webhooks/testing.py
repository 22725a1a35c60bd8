"""How to make a webhook, and a receiver for tests: a server of our own on this machine, as others would run it."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from koinon.journal import fresh
from koinon.network.models import Organisation, Role
from koinon.people.models import Person
from koinon.people.testing import make_person
from koinon.webhooks.models import Hook
from koinon.webhooks.signing import mark_of, new_seed

_number = count(1)


def make_hook(
    organisation: Organisation,
    address: str = "https://hooks.example/in",
    *,
    person: Person | None = None,
    **more: Any,
) -> Hook:
    """A webhook of a body, told of all up to now; who answers for it manages the body unless said otherwise."""
    if person is None:
        person = make_person(f"keeper{next(_number)}@hooks.example")
        Role.objects.create(person=person, kind=Role.Kind.MANAGER, organisation=organisation)
    values: dict[str, Any] = {
        "label": "Ours",
        "seed": (seed := new_seed()),
        "mark": mark_of(str(more.get("seed", seed))),
        "cursor": fresh.newest(),
        "answerable": person,
    }
    return Hook.objects.create(organisation=organisation, address=address, **(values | more))


@dataclass(frozen=True)
class Taken:
    """One request as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def is_signed_with(self, secret: str) -> bool:
        """As docs/webhooks.md says that a receiver looks."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = b".".join((self.id.encode(), self.headers["webhook-timestamp"].encode(), self.body))
        right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return any(
            hmac.compare_digest(one, f"v1,{right}") for one in self.headers["webhook-signature"].split()
        )


@dataclass
class Receiver:
    """Takes what is sent. `answers`: what it says to each request; 204 unless a test says otherwise."""

    url: str
    taken: list[Taken] = field(default_factory=list)
    answer: Callable[[Taken], tuple[int, dict[str, str], bytes]] = lambda _taken: (204, {}, b"")

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.taken]


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """A receiver on this machine, as long as it lasts. The setting OUTWARD_LOOPBACK has to allow it."""
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            taken = Taken({name.lower(): value for name, value in self.headers.items()}, body)
            receiver.taken.append(taken)
            status, headers, said = receiver.answer(taken)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_words: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/in"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
