"""What others add to a call's page: peers who look for partners, who follows it. Each fills the lists in its `apps.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from koinon.base.visitor import HttpRequest
from koinon.calls.models import Call


@dataclass(frozen=True)
class Panel:
    """A part of a call's page: the template that draws it, and what it is drawn from (`panel.context`)."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


# For visitors without an account the page is kept as the same bytes for all: a function that looks at who asks gives such a
# visitor the same as any other.
panels: list[Callable[[HttpRequest, Call], Panel | None]] = []

# Called in the transaction in which a public call was closed or withdrawn, or its dates were moved.
changed: list[Callable[[Call], None]] = []
