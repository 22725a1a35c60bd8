"""What Django Channels does, for comparison: a consumer for each reader, in one group of the layer kept in memory.

`python -m bench._room_channels PORT EVENT_BYTES SNAPSHOT_BYTES`. GET `/events` is the stream, POST `/post` is sent to the
group. The layer in memory is the cheapest there is: with Redis, which several processes would need, it costs more.
"""

import sys
from typing import Any

import uvicorn
from django.conf import settings

settings.configure(
    SECRET_KEY="compared",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=[],
    DATABASES={},
    CHANNEL_LAYERS={
        "default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}
    },
)

import django  # noqa: E402  settings first

django.setup()

from channels.generic.http import AsyncHttpConsumer  # type: ignore[import-untyped]  # noqa: E402
from channels.layers import get_channel_layer  # type: ignore[import-untyped]  # noqa: E402

EVENT_BYTES, SNAPSHOT_BYTES = int(sys.argv[2]), int(sys.argv[3])
number = 0


def event(kind: str, count: int, text: str, size: int) -> str:
    """An event of the stream, filled up to `size` bytes."""
    head = f'id: channels-{count}\nevent: {kind}\ndata: {{"text":"{text}","pad":"'
    return head + "x" * max(0, size - len(head) - 4) + '"}\n\n'


# Channels has no types, and need not be installed.
class Reader(AsyncHttpConsumer):  # type: ignore[misc]
    async def handle(self, body: bytes) -> None:
        await self.send_headers(headers=[(b"Content-Type", b"text/event-stream")])
        await self.channel_layer.group_add("room", self.channel_name)
        await self.send_body(event("snapshot", number, "", SNAPSHOT_BYTES).encode(), more_body=True)

    async def http_request(self, message: dict[str, Any]) -> None:
        """As Channels has it, except that the stream stays open when `handle` has returned."""
        if "body" in message:
            self.body.append(message["body"])
        if not message.get("more_body"):
            await self.handle(b"".join(self.body))

    async def room_event(self, message: dict[str, Any]) -> None:
        await self.send_body(message["text"].encode(), more_body=True)

    async def disconnect(self) -> None:
        await self.channel_layer.group_discard("room", self.channel_name)


class Poster(AsyncHttpConsumer):  # type: ignore[misc]
    async def handle(self, body: bytes) -> None:
        global number
        number += 1
        at = body.find(b"kbstamp-")
        text = event("change", number, body[at : at + 31].decode(), EVENT_BYTES)
        await get_channel_layer().group_send("room", {"type": "room.event", "text": text})
        await self.send_response(201, b"{}")


class Live(AsyncHttpConsumer):  # type: ignore[misc]
    async def handle(self, body: bytes) -> None:
        await self.send_response(200, b"")


KINDS = {"/events": Reader.as_asgi(), "/post": Poster.as_asgi(), "/health/live": Live.as_asgi()}


async def application(scope: Any, receive: Any, send: Any) -> None:
    await KINDS[scope["path"]](scope, receive, send)


if __name__ == "__main__":
    uvicorn.run(
        application,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="error",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
