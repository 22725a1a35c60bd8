"""In front of Django, in the same process: streams for those who listen, and quick writes with a ticket.

Upper floors register in their `apps.py`:

    streams.append(Stream(re.compile(r"/sessions/(?P<code>[^/]+)/room/events"), lambda found: f"room:{found['code']}"))
    doors.append(Door("POST", re.compile(r"/api/v1/sessions/(?P<code>[^/]+)/questions"), "room.ask", parse_question))

Addresses are matched whole, without their language. What comes to a door without a ticket goes on to Django, which serves the
same operation to programs and to those who are signed in, and documents it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from koinon.base.front import App, Receive, Scope, Send
from koinon.live.tickets import Ticket
from koinon.live.writer import Answer, Job


@dataclass(frozen=True)
class Stream:
    """An address where a channel is listened to; `channel` says which one a ticket must be for."""

    address: re.Pattern[str]
    channel: Callable[[re.Match[str]], str]


Parse = Callable[[re.Match[str], Mapping[str, str], bytes, Ticket], Job | Answer]
"""(what the address matched, headers by lower-case name, whole body, ticket) → a job, or `writer.problem(…)`.

Called on the event loop: no database, no waiting. It must check that the ticket is for the channel that the address means.
"""


@dataclass(frozen=True)
class Door:
    """An address where something is written with a ticket; `kind` is the name in `writer.writers`."""

    method: str
    address: re.Pattern[str]
    kind: str
    parse: Parse


streams: list[Stream] = []
doors: list[Door] = []


class Doors:
    """An ASGI application before another one."""

    def __init__(self, inner: App) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.inner(scope, receive, send)
