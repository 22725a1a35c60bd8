"""The first page, what is said about the house itself, and what machines ask."""

import os
from dataclasses import asdict
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from koinon import __version__
from koinon.base import sqlite
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.problems import problem
from koinon.base.visitor import HttpRequest
from koinon.home import figures
from koinon.mail.models import Outbox
from koinon.network.actions import load as network
from koinon.places import actions as places
from koinon.search import service, vectors


@require_safe
@governed("P1")
def home(request: HttpRequest) -> HttpResponse:
    """What is there for your region or city? The map, the countries, where it began and what is missing."""
    context = figures.first_page(timezone.localdate())
    return shared(render(request, "home/home.html", context))


@require_safe
@governed("P1")
def sources(request: HttpRequest) -> HttpResponse:
    """Where facts come from, how sure they are, and where sources disagree."""
    return shared(render(request, "home/sources.html", figures.sources()))


@require_safe
@governed("P1")
def accessibility(request: HttpRequest) -> HttpResponse:
    return shared(render(request, "home/accessibility.html", {"contact": _contact()}))


@require_safe
@governed("P1")
def privacy(request: HttpRequest) -> HttpResponse:
    return shared(render(request, "home/privacy.html", {"contact": _contact()}))


@require_safe
@governed("P1")
def live(request: HttpRequest) -> JsonResponse:
    """The process answers. Asks nothing of anybody."""
    return JsonResponse({"state": "live", "version": __version__})


@require_safe
@governed("P1")
def ready(request: HttpRequest) -> HttpResponse:
    """Whether all that is needed is there: the database and the facts; which SQLite, and in which mode."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        loaded = {"places": places.is_loaded(), "facts": network.is_loaded()}
        mails = Outbox.objects.counts()
    except DatabaseError:
        return problem(503, "The database does not answer.")
    body: dict[str, Any] = {
        "state": "ready" if all(loaded.values()) else "loading",
        "version": __version__,
        "database": connection.vendor,
        "index": loaded,
        "search": service.state(),
        "encoder": service.encoder_state(),
        "meaning": asdict(vectors.progress()),
        "mode": service.mode(),
        "mail": {state: mails[state] for state in (Outbox.State.FAILED, Outbox.State.HELD)},
    }
    if connection.vendor == "sqlite":
        body["sqlite"] = sqlite.why()
    return JsonResponse(body, status=200 if all(loaded.values()) else 503)


@require_safe
@governed("P1")
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /account/\nDisallow: /api/\n", content_type="text/plain")


def _contact() -> str:
    return os.environ.get("KOINON_CONTACT", "")
