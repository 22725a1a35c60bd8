"""What a body's page shows: what it offers and needs, the reviews it hosts, and the exchanges whose result both sides let be seen."""

from koinon.base.visitor import HttpRequest
from koinon.network.models import Organisation
from koinon.network.panels import Panel, panels
from koinon.peers.models import Entry, Exchange, PeerReview

SHOWN = 10


def peers_of(request: HttpRequest, organisation: Organisation) -> Panel | None:
    """Three queries; nothing where there is nothing."""
    entries = Entry.objects.public().filter(organisation=organisation).newest_first()[:SHOWN]
    exchanges = Exchange.objects.public().of_body(organisation).with_sides().latest_first()[:SHOWN]
    reviews = PeerReview.objects.public().filter(organisation=organisation).with_host().newest_first()[:SHOWN]
    context = {"entries": list(entries), "exchanges": list(exchanges), "reviews": list(reviews)}
    return Panel("peers/_panel.html", context) if any(context.values()) else None


def join_in() -> None:
    """Called once, when peers are ready."""
    panels.append(peers_of)
