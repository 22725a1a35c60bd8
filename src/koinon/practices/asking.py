"""What a practice's page knows of asking those who did it: the floor that takes questions adds a function in its `apps.py`."""

from collections.abc import Callable
from dataclasses import dataclass

from koinon.practices.models import Practice


@dataclass(frozen=True)
class Asking:
    """Where a question about a practice goes, and what was answered already.

    `to`: the body at whose desk it will lie; empty where neither the centre nor who did it has one, so that the place of who
    asks decides. `answers`: address, title and language of each.
    """

    to: str = ""
    is_centre: bool = False
    answers: tuple[tuple[str, str, str], ...] = ()


asking: list[Callable[[Practice], Asking]] = []


def asking_at(practice: Practice) -> Asking:
    return asking[0](practice) if asking else Asking()
