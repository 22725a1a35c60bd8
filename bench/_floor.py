"""The floor: a Django view that does nothing, with no middleware, on the same uvicorn as Koinon.

`python -m bench._floor PORT KIND`, where KIND is what stands between uvicorn and the view: `wsgi`, threads by a2wsgi,
the quickest of the ways that are there to be used; `own`, Koinon's own threads (base/threads.py); `asgi`, Django's own
handler.
"""

import sys

import uvicorn
from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from koinon.base.threads import Threads

settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY="floor",
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=[],
    INSTALLED_APPS=[],
    DATABASES={},
)


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"")


urlpatterns = [path("health/live", empty)]

KINDS = {
    "wsgi": lambda: WSGIMiddleware(get_wsgi_application(), workers=8),
    "own": lambda: Threads(get_wsgi_application(), 3),
    "asgi": get_asgi_application,
}

if __name__ == "__main__":
    uvicorn.run(
        KINDS[sys.argv[2]](),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="warning",
        access_log=False,
    )
