"""Mutual learning: offers and needs of bodies and people, matches with stated reasons, introductions, agreed exchanges."""
