"""What a body's page shows: its open spaces. Known in the process for the version of the data."""

from collections import defaultdict
from functools import lru_cache

from koinon.base.visitor import HttpRequest
from koinon.journal import versions
from koinon.network.models import Organisation
from koinon.network.panels import Panel, panels
from koinon.spaces.models import Space

SHOWN = 10


def of_body(request: HttpRequest, organisation: Organisation) -> Panel | None:
    """Nothing where the body has no open space. No query once the version of the data is known."""
    rows = _known(versions.known()).get(organisation.pk)
    return Panel("spaces/_panel.html", {"spaces": rows[:SHOWN]}) if rows else None


@lru_cache(maxsize=1)
def _known(version: int) -> dict[int, tuple[Space, ...]]:
    found: dict[int, list[Space]] = defaultdict(list)
    for row in Space.objects.public().newest_first():
        found[row.organisation_id].append(row)
    return {key: tuple(rows) for key, rows in found.items()}


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _known.cache_clear()


def join_in() -> None:
    """Called once, when spaces are ready."""
    panels.append(of_body)
