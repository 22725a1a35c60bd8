"""News and what is new: items by place and topic, follows by mail and feed, the newsletter. Looks across all capabilities."""
