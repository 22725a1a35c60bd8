"""What Django's tutorials do, for comparison: a StreamingHttpResponse for each reader, with a queue of its own.

`python -m bench._room_django PORT EVENT_BYTES SNAPSHOT_BYTES`. GET `/events` is the stream, POST `/post` is sent to all. No
rights, no database: only what the streaming costs.
"""

import asyncio
import sys
from collections.abc import AsyncIterator

import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY="compared",
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=[],
    INSTALLED_APPS=[],
    DATABASES={},
)

EVENT_BYTES, SNAPSHOT_BYTES = int(sys.argv[2]), int(sys.argv[3])
queues: set[asyncio.Queue[bytes]] = set()
number = 0


def event(kind: str, count: int, text: str, size: int) -> bytes:
    """An event of the stream, filled up to `size` bytes."""
    head = f'id: django-{count}\nevent: {kind}\ndata: {{"text":"{text}","pad":"'
    return (head + "x" * max(0, size - len(head) - 4) + '"}\n\n').encode()


async def events(request: HttpRequest) -> StreamingHttpResponse:
    async def stream() -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        queues.add(queue)
        try:
            yield event("snapshot", number, "", SNAPSHOT_BYTES)
            while True:
                yield await queue.get()
        finally:
            queues.discard(queue)

    return StreamingHttpResponse(stream(), content_type="text/event-stream")


async def post(request: HttpRequest) -> HttpResponse:
    global number
    number += 1
    at = request.body.find(b"kbstamp-")
    told = event("change", number, request.body[at : at + 31].decode(), EVENT_BYTES)
    for queue in queues:
        queue.put_nowait(told)
    return HttpResponse(b"{}", status=201)


def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"")


urlpatterns = [path("events", events), path("post", post), path("health/live", live)]

if __name__ == "__main__":
    uvicorn.run(
        get_asgi_application(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="error",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
