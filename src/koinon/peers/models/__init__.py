"""What is there: offers and needs, profiles, matches, messages, exchanges."""

from koinon.peers.models.entries import Entry, Stamp
from koinon.peers.models.exchanges import Exchange
from koinon.peers.models.matches import Match, Message
from koinon.peers.models.profiles import Profile

__all__ = ["Entry", "Exchange", "Match", "Message", "Profile", "Stamp"]
