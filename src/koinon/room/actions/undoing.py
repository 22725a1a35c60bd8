"""Taking a deed back: what was there before is there again, merges too, as long as the report is not published."""

from collections.abc import Callable

from django.db import transaction

from koinon.base.visitor import Visitor, require
from koinon.questions.actions.steps import Changed
from koinon.room import desk_state, state
from koinon.room.actions.deeds import holds, lock, lock_room, put_back
from koinon.room.actions.moderating import take_votes_back
from koinon.room.models import Contribution, Deed, Room
from koinon.room.permissions_moderating import may_moderate

STEPS = 10
"""How many of one's own deeds can be undone, one after the other."""

is_over: list[Callable[[Room], bool]] = []
"""Whether nothing can be undone in this room any more: the report is published (upper floors say so)."""


class Nothing(Exception):
    """There is nothing of one's own to undo."""


class Over(Exception):
    """The report is published: what it tells stays."""


def undoable(room: Room, by: Visitor) -> list[Deed]:
    """One's own last deeds that can be undone, the latest first."""
    own = list(Deed.objects.filter(room=room, by=by.person_id or 0).order_by("-pk")[:STEPS])
    return [deed for deed in own if not deed.undone]


@transaction.atomic
def undo(room: Room, *, by: Visitor) -> Deed:
    """One's own last deed. `Changed` where somebody else has changed the same since: nobody is overwritten.

    What was handed to a desk stays there, because its asker was promised a date; here it is back where it was.
    """
    now = lock_room(room)
    require(may_moderate(by, now))
    found = undoable(now, by)
    if not found:
        raise Nothing
    _revert(now, found[0])
    return found[0]


@transaction.atomic
def separate(wording: Contribution, *, by: Visitor) -> Contribution:
    """What was merged stands by itself again, however long ago; votes are counted apart again."""
    room = lock_room(wording.room)
    require(may_moderate(by, room))
    last = Deed.objects.filter(room=room, kind="merge", contribution=wording, undone=False).last()
    if last is None:
        raise Nothing
    _revert(room, last, only=wording.pk)
    return lock(room, wording.pk)[wording.pk]


def _revert(room: Room, deed: Deed, *, only: int = 0) -> None:
    """Put back what a deed changed. `only`: of a merge the wording and what came with it, whatever became of the target."""
    if any(over(room) for over in is_over):
        raise Over
    changes = {int(key): change for key, change in deed.before.get("contributions", {}).items()}
    of_room = deed.before.get("room", {})
    about = deed.contribution_id or 0
    target_key = changes[about]["merged_into_id"][1] if deed.kind == "merge" else None
    if only:
        changes, of_room = {key: change for key, change in changes.items() if "merged_into_id" in change}, {}
        if changes[only].get("state", [""])[0] == Contribution.State.STAGE:
            changes[only]["state"][0] = Contribution.State.READY
    rows = lock(room, *changes, *([target_key] if target_key else []))
    if not all(key in rows and holds(rows[key], change) for key, change in changes.items()):
        raise Changed
    if of_room and not holds(room, of_room):
        raise Changed
    shown_before = {key for key, row in rows.items() if row.state in Contribution.SHOWN}
    for key, change in changes.items():
        put_back(rows[key], change)
    if of_room:
        put_back(room, of_room)
    if target_key:
        take_votes_back(rows[about], rows[target_key])
    deed.undone = True
    deed.save(update_fields=["undone"])
    _tell(room, rows, shown_before, of_room)


def _tell(
    room: Room, rows: dict[int, Contribution], shown_before: set[int], of_room: dict[str, object]
) -> None:
    fresh = Room.objects.select_related("session", "stage", "segment", "poll").get(pk=room.pk)
    for key, row in rows.items():
        if key in shown_before or row.state in Contribution.SHOWN:
            state.tell_question(row)
        desk_state.tell_desk(room, "contribution", desk_state.brief(row))
    if of_room.keys() & {"stage_id", "stage_since", "stage_seconds", "answering"}:
        state.tell_stage(fresh)
    if "segment_id" in of_room:
        state.tell_segment(fresh)
    if "prompt" in of_room:
        state.tell_prompt(fresh)
    if of_room.keys() & {"holds", "takes_questions"}:
        state.tell_room(fresh)
    if of_room:
        desk_state.tell_desk(room, "room", {"version": fresh.version})
