"""What webhooks add to a person's own page, and to the copy of the data."""

from typing import Any

from django.http import HttpRequest

from koinon.network.visitor import ANYONE
from koinon.people import mine
from koinon.people.models import Person
from koinon.webhooks.models import Hook
from koinon.webhooks.permissions import may_have_webhooks


def my_webhooks(request: HttpRequest, person: Person) -> mine.Panel:
    """The way to the webhooks of one's bodies, for who answers for any."""
    return mine.Panel(
        "webhooks/_mine.html", {"has_webhooks": may_have_webhooks(getattr(request, "visitor", ANYONE))}
    )


def webhooks_of(person: Person) -> list[dict[str, Any]]:
    """For the copy of the data: those the person answers for. They belong to the bodies and stay with them."""
    rows = Hook.objects.filter(answerable=person).select_related("organisation").order_by("pk")
    return [
        {
            "organisation": row.organisation.slug,
            "label": row.label,
            "server": row.host,
            "since": row.made_at.isoformat(),
        }
        for row in rows
    ]


def join_in() -> None:
    """Called once, when webhooks are ready."""
    mine.panels.append(my_webhooks)
    mine.exports["webhooks"] = webhooks_of
