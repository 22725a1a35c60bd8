"""What a body's page shows of its calls: those it opened and that are open or to come."""

from django.db.models import Q
from django.utils import timezone

from koinon.base.visitor import HttpRequest
from koinon.calls.listing import line
from koinon.calls.models import Call
from koinon.network.models import Organisation
from koinon.network.panels import Panel, panels

_SHOWN = 5


def calls_of(request: HttpRequest, organisation: Organisation) -> Panel | None:
    """The next dates first; nothing where it has none. Three queries."""
    now = timezone.now()
    rows = Call.objects.public().filter(opener=organisation, state=Call.State.PUBLISHED)
    alive = rows.filter(Q(closes_at__isnull=True) | Q(closes_at__gte=now)).prefetch_related("cutoffs")
    found = [line(row, now) for row in alive.closing_first()[:_SHOWN]]
    return Panel("calls/_panel.html", {"lines": found}) if found else None


def join_in() -> None:
    """Called once, when the calls are ready."""
    panels.append(calls_of)
