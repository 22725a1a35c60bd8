"""What others add to a practice's page: sessions, calls, people. Each floor above fills the list in its `apps.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from koinon.base.visitor import HttpRequest
from koinon.practices.models import Practice, Version


@dataclass(frozen=True)
class Panel:
    """A part of a practice's page: the template that draws it, and what it is drawn from (`panel.context`)."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


# Asked for what everybody reads, never for a draft. For visitors without an account the page is kept as the same bytes for all
# as long as the data stays: a function gives such a visitor what holds for the version of the data, and nothing about persons.
panels: list[Callable[[HttpRequest, Practice, Version], Panel | None]] = []


def panels_of(request: HttpRequest, practice: Practice, version: Version) -> list[Panel]:
    return [panel for make in panels if (panel := make(request, practice, version))]
