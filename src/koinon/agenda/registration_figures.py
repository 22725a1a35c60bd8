"""How many come: numbers only, for the hosts, the coordinator and the report."""

from typing import Any

from django.db.models import Count, Q

from koinon.agenda.models import Registration, Session

_State, _Mode = Registration.State, Registration.Mode


def figures_of(session: Session) -> dict[str, Any]:
    """Who comes, by way of taking part; who waits and is offered a place; who was there. One query."""
    comes = Q(state=_State.COMING)
    return session.registrations.aggregate(
        coming=Count("pk", filter=comes),
        here=Count("pk", filter=comes & Q(mode=_Mode.HERE)),
        online=Count("pk", filter=comes & Q(mode=_Mode.ONLINE)),
        waiting=Count("pk", filter=Q(state=_State.WAITING)),
        offered=Count("pk", filter=Q(state=_State.OFFERED)),
        attended=Count("pk", filter=Q(attended_at__isnull=False)),
    )
