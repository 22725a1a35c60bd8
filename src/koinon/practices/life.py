"""The life of a practice and of each of its versions: the states, and the arrows between them, drawn once.

    draft ─▶ submitted ─▶ published ⇄ withdrawn
               │    ▲
               ├─▶ changes asked
               └─▶ declined

A practice that is public stays so while its next version goes the same way; `withdrawn` is a state of the practice alone.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("in review")
    CHANGES = "changes", _("changes asked for")
    DECLINED = "declined", _("not taken up")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


ARROWS: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.CHANGES, State.DECLINED, State.PUBLISHED}),
    State.CHANGES: frozenset({State.SUBMITTED}),
    State.DECLINED: frozenset(),
    State.PUBLISHED: frozenset({State.WITHDRAWN}),
    State.WITHDRAWN: frozenset({State.PUBLISHED}),
}
WRITTEN_ON = frozenset({State.DRAFT, State.CHANGES})
"""The states in which words may be changed."""
IN_WORK = WRITTEN_ON | {State.SUBMITTED}
"""The states of a version that is under way; a practice has one such at most."""


class NotFrom(Exception):
    """There is no such arrow from where it is."""


def step(thing: Any, to: State) -> None:
    """Go along an arrow, or raise `NotFrom`. The thing is not saved."""
    if to not in ARROWS[State(thing.state)]:
        raise NotFrom(f"{thing.state} → {to}")
    thing.state = to
