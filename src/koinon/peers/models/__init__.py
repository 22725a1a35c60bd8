"""What is there: offers and needs, profiles, matches, messages, exchanges; reviews are in `peers/reviews/`."""

from koinon.peers.models.entries import Entry, Stamp
from koinon.peers.models.exchanges import Exchange
from koinon.peers.models.matches import Match, Message
from koinon.peers.models.profiles import Profile
from koinon.peers.reviews.models import PeerReview

__all__ = ["Entry", "Exchange", "Match", "Message", "PeerReview", "Profile", "Stamp"]
