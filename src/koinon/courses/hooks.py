"""What floors above add: what was answered in a session, and peers for a competence. Each adds its function in its `apps.py`."""

from collections.abc import Callable
from dataclasses import dataclass

from koinon.agenda.models import Session
from koinon.base.visitor import HttpRequest


@dataclass(frozen=True)
class Answered:
    """A question of a session with its answer, as everybody may read them."""

    asked: str
    answer: str
    language: str


answered_in: list[Callable[[Session], list[Answered]]] = []
"""What was asked and answered in a session, of what is public."""


@dataclass(frozen=True)
class Lead:
    """A way on from a self-check: what it is, where it leads, and why it is shown (a whole sentence)."""

    title: str
    url: str
    because: str
    language: str = ""


peers: list[Callable[[HttpRequest, str], list[Lead]]] = []
"""Who offers to share a competence (`words.Competence`)."""
