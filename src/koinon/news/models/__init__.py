"""What is there: news items, who follows what, newsletters."""

from koinon.news.models.follows import Asked, Follow, Follower
from koinon.news.models.items import Item, ItemText
from koinon.news.models.letters import Letter

__all__ = ["Asked", "Follow", "Follower", "Item", "ItemText", "Letter"]
