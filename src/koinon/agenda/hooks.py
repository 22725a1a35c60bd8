"""What others add to a session: `changed` is called when one was moved or cancelled, in the transaction of the deed.

Each function gets the session as it is now, what happened (`moved` or `cancelled`) and the words to those who come. Where it
was moved, `session.moved_from[-1]` is the earlier time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from koinon.agenda.models import Session
from koinon.base.visitor import HttpRequest

What = Literal["moved", "cancelled"]

changed: list[Callable[[Session, What, str], None]] = []


@dataclass(frozen=True)
class Way:
    """A button in a session's ticket: registration, the room, the report. `strong` is the one to take first."""

    label: str
    url: str
    strong: bool = False


@dataclass(frozen=True)
class Panel:
    """A part of a session's page: the template that draws it, and what it is drawn from (`panel.context`)."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


# What a session leads on to, and further parts of its page; each gets the request and the session. For visitors without an
# account the page is kept as the same bytes for all: a function that looks at who asks gives such a visitor the same as any other.
ways: list[Callable[[HttpRequest, Session], list[Way]]] = []
panels: list[Callable[[HttpRequest, Session], Panel | None]] = []
