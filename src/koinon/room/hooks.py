"""What others of this floor want to be told: lists of functions, called inside the transaction of the deed."""

from collections.abc import Callable

from koinon.room.models import Contribution, Room

on_said: list[Callable[[Contribution], None]] = []
"""Called with each contribution that comes in, changes by its author, or is withdrawn: the moderators' desk listens."""

on_closed: list[Callable[[Room], None]] = []
"""Called with a room that is closed for good (no rehearsal): the report drafts itself."""
