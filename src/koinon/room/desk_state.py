"""The moderators' channel `room:CODE:desk`: that something changed, and who else is at the desk. Hosts alone may listen.

Nothing of a text travels on it: a page that hears of a change asks again through its ordinary view, which checks anew who
asks. So what waits, what was held back and what hosts note among themselves is in no stream at all.
"""

import re
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from koinon.agenda.models import Session
from koinon.live import doors
from koinon.live.actions import announce
from koinon.people.models import Person
from koinon.room import hooks
from koinon.room.models import Contribution, Room
from koinon.room.permissions_moderating import hosts_among

HERE_FOR = 45
"""Seconds for which somebody who was seen at the desk counts as there."""
_SUFFIX = ":desk"


def tell_desk(room: Room, about: str, data: dict[str, Any]) -> None:
    """Tell the moderators that something changed: `contribution`, `room`, `poll`, `here`. Call it inside the deed."""
    announce(room.desk_channel, about, data, at_once=True)


def tell_new(contribution: Contribution) -> None:
    """Something came in, was changed by its author or withdrawn."""
    tell_desk(contribution.room, "contribution", brief(contribution))


def brief(contribution: Contribution) -> dict[str, Any]:
    """Which one, and how far it is; no word of it."""
    return {"id": contribution.pk, "state": contribution.state, "version": contribution.version}


def is_desk(channel: str) -> bool:
    return channel.endswith(_SUFFIX)


def code_of(channel: str) -> str:
    return channel.removeprefix("room:").removesuffix(_SUFFIX)


def snapshot(channel: str) -> dict[str, Any] | None:
    """What a moderator's page that joins has to know: how far everything is. None where there is no such room."""
    room = Room.objects.filter(session__code=code_of(channel)).first()
    if room is None:
        return None
    rows = room.contributions.values_list("pk", "state", "version")
    return {
        "version": room.version,
        "contributions": {str(pk): {"state": state, "version": version} for pk, state, version in rows},
    }


def may_listen(channel: str, persons: set[int]) -> set[int]:
    """The hosts among them, as of now; never who is not signed in."""
    session = Session.objects.filter(code=code_of(channel)).first()
    return hosts_among(session, persons) if session is not None else set()


def look_in(room: Room, person: Person, selected: int | None) -> None:
    """Somebody sits at the desk and has this one selected; the others are told when that is news."""
    key, now = f"{room.desk_channel}:here", timezone.now().timestamp()
    seats: dict[int, tuple[float, str, int | None]] = cache.get(key) or {}
    before = seats.get(person.pk)
    seats = {pk: seat for pk, seat in seats.items() if seat[0] > now}
    seats[person.pk] = (now + HERE_FOR, str(person), selected)
    cache.set(key, seats, HERE_FOR)
    if before is None or before[0] <= now + HERE_FOR / 2 or before[2] != selected:
        tell_desk(room, "here", {"who": person.pk, "name": str(person), "selected": selected})


def here(room: Room, person_id: int | None) -> list[tuple[str, int | None]]:
    """Who else sits at the desk, and what each has selected."""
    now = timezone.now().timestamp()
    seats: dict[int, tuple[float, str, int | None]] = cache.get(f"{room.desk_channel}:here") or {}
    return [
        (name, selected)
        for pk, (until, name, selected) in sorted(seats.items())
        if until > now and pk != person_id
    ]


def join_in() -> None:
    """Called once from `apps.py`: hear of what comes in, and let the desk's stream be listened to."""
    if tell_new not in hooks.on_said:
        hooks.on_said.append(tell_new)
    address = re.compile(r"/sessions/(?P<code>[^/]+)/moderate/events")
    doors.streams.append(doors.Stream(address, lambda found: f"room:{found['code']}{_SUFFIX}"))
