"""What is one's own in a room: what one voted for and said. Found by the voice, shown to nobody else."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from koinon.live.tickets import Ticket
from koinon.room.actions.common import voice_to_speak, voice_to_vote
from koinon.room.actions.saying import said
from koinon.room.models import Ballot, Contribution, Room, Vote


@dataclass(frozen=True)
class Mine:
    """Of one voice: keys of what it voted for, its own contributions, its ballots by poll."""

    voted: frozenset[int] = frozenset()
    said: tuple[Contribution, ...] = ()
    ballots: dict[int, Ballot] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """The same for programs: `{"voted": […], "said": [{"id", "state", "receipt", "text"}], "ballots": {…}}`."""
        return {
            "voted": sorted(self.voted),
            "said": [
                {**said(row), "kind": row.kind, "text": row.text, "lang": row.language} for row in self.said
            ],
            "ballots": {
                str(poll): {"choices": ballot.choices, "words": ballot.words}
                for poll, ballot in self.ballots.items()
            },
        }


NOTHING = Mine()


def of_ticket(room: Room, ticket: Ticket | None) -> Mine:
    """What this ticket's voice did in the room; nothing without a voice, or once the key is gone."""
    if ticket is None or not room.key:
        return NOTHING
    votes, speaks = voice_to_vote(room, ticket), voice_to_speak(room, ticket)
    return Mine(
        frozenset(
            Vote.objects.filter(contribution__room=room, voice=votes).values_list("contribution", flat=True)
        )
        if votes
        else frozenset(),
        tuple(_rows(room.contributions.of_voice(speaks).select_related("place").order_by("-pk"))),
        {ballot.poll_id: ballot for ballot in Ballot.objects.filter(poll__room=room, voice=votes)}
        if votes
        else {},
    )


def _rows(rows: Iterable[Contribution]) -> Iterable[Contribution]:
    return [row for row in rows if row.state != Contribution.State.WITHDRAWN or row.question_id is not None]
