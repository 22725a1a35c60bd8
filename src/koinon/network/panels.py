"""What other capabilities add to an organisation's page: each adds a function in its `apps.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from koinon.base.visitor import HttpRequest
from koinon.network.models import Organisation


@dataclass(frozen=True)
class Panel:
    """A part of the page: the template that draws it, and what it is drawn from."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


panels: list[Callable[[HttpRequest, Organisation], Panel | None]] = []
