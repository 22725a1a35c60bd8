"""What registrations add to a person's own page, to the copy of the data, and to the end of an account."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from koinon.agenda.actions import registering
from koinon.agenda.models import Registration
from koinon.agenda.registration_codes import code_of
from koinon.people import mine
from koinon.people.models import Person

_SHOWN = 50


def my_places(request: HttpRequest, person: Person) -> mine.Panel:
    """Sessions one registered for, with the account or with an address that one has proved."""
    rows = list(
        Registration.objects.filter(registering.of_person(person))
        .select_related("session")
        .order_by("-session__starts_at", "-pk")[:_SHOWN]
    )
    places = [(row, reverse("sessions:place", args=[code_of(row)])) for row in rows]
    return mine.Panel("agenda/_my_places.html", {"places": places})


def registrations_of(person: Person) -> list[dict[str, Any]]:
    """For the copy of the data: all that one told, and what came of it."""
    rows = Registration.objects.filter(registering.of_person(person)).select_related("session", "place")
    return [_copy(row) for row in rows.order_by("at", "pk")]


def _copy(row: Registration) -> dict[str, Any]:
    return {
        "session": row.session.code,
        "title": row.session.title,
        "registered": row.at.isoformat(),
        "state": row.state,
        "email": row.email,
        "name": row.name,
        "from": row.body_kind,
        "place": row.place.key if row.place else None,
        "zone": row.zone,
        "language": row.page_language,
        "mode": row.mode,
        "listed": row.listed,
        "need": row.need,
        "need_state": row.need_state,
        "need_answer": row.need_answer,
        "attended": row.attended_at.isoformat() if row.attended_at else None,
        "certificate": row.certificate,
        "certificate_name": row.certificate_name,
    }


def join_in() -> None:
    """Called once, when the agenda is ready."""
    mine.panels.append(my_places)
    mine.exports["registrations"] = registrations_of
    mine.farewells.append(registering.forget_person)
