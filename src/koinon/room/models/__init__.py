"""What is there: the room of a session, what its audience says, votes, polls, and what moderators did."""

from koinon.room.models.contributions import Contribution, Vote
from koinon.room.models.polls import Ballot, Poll
from koinon.room.models.rooms import Deed, Room

__all__ = ["Ballot", "Contribution", "Deed", "Poll", "Room", "Vote"]
