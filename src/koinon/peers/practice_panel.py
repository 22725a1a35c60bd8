"""What peers add to a practice's page: who knows its topics, of those who chose to be listed; for people with an account alone."""

from django.utils.translation import get_language

from koinon.base.languages import DEFAULT
from koinon.base.visitor import HttpRequest
from koinon.peers import directory
from koinon.practices.models import Practice, Version
from koinon.practices.panels import Panel, panels

SHOWN = 3


def experts_of(request: HttpRequest, practice: Practice, version: Version) -> Panel | None:
    """Those of the expert directory who share most topics with it, the available first (E1b). One query.

    Nobody for who has no account: to them the page says nothing of it, by not a byte.
    """
    found = directory.knowing(request.visitor, version.topics, most=SHOWN)
    if not found:
        return None
    spoken = get_language() or DEFAULT
    people = [(one, directory.topic_names(one, spoken)) for one in found]
    return Panel("peers/_practice.html", {"people": people})


def join_in() -> None:
    """Called once, when peers are ready."""
    panels.append(experts_of)
