"""Making a deed in a space known: to the journal, to pages that are kept, to the search. What is closed is told to nobody."""

from django.db import models

from koinon.base.visitor import Visitor
from koinon.journal import actions as journal
from koinon.search import changes
from koinon.spaces.models import Space

FOUND = "space"
"""The type under which open spaces are found."""


def lock(space: Space) -> Space:
    """The space as it stands now, and nobody else's until the end of the transaction."""
    return Space.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=space.pk)


def next_step(locked: Space) -> int:
    """The number of what is added now. The space is locked until the commit, so nobody sees a later number first."""
    locked.steps += 1
    locked.save(update_fields=["steps"])
    return locked.steps


def record(
    verb: str, space: Space, *, by: Visitor | None, what: models.Model | None = None, shows: bool = False
) -> None:
    """Write down what was done. `shows`: something that lists, pages of bodies or digests show changed with it.

    Last of all in a deed, after its mails are queued: until the commit nobody else in the house writes into the journal.
    """
    is_public = shows and not space.is_closed and space.state != Space.State.PROPOSED
    journal.record(f"spaces.{verb}", by=by, what=what or space, public=is_public)
    if is_public:
        changes.touch(FOUND, space.code)
