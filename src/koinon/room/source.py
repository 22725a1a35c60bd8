"""What a room's channels show and who may listen, for `live`; and how many do."""

from typing import Any

from koinon.agenda.models import Session
from koinon.live.hub import hub
from koinon.live.sources import Source, sources
from koinon.room import desk_state, state
from koinon.room.actions.lifecycle import room_of
from koinon.room.permissions import may_see


def join_in() -> None:
    sources["room"] = Source(snapshot=snapshot, may_listen=may_listen)
    state.listening.append(listeners)


def snapshot(channel: str) -> dict[str, Any] | None:
    """All that everybody in the room sees; of the moderators' channel what they see of it."""
    if desk_state.is_desk(channel):
        return desk_state.snapshot(channel)
    session = _session(channel)
    return None if session is None else state.snapshot(room_of(session))


def may_listen(channel: str, persons: set[int]) -> set[int]:
    """Who may see the session (B14, as B2 and B3); at the desk who hosts it."""
    if desk_state.is_desk(channel):
        return desk_state.may_listen(channel, persons)
    session = _session(channel)
    return set() if session is None else may_see(session, persons)


def listeners(channel: str) -> int:
    """How many listen in this process."""
    found = hub.channels.get(channel)
    return len(found.readers) if found is not None else 0


def _session(channel: str) -> Session | None:
    code = channel.removeprefix("room:")
    return Session.objects.select_related("organiser").filter(code=code).first()
