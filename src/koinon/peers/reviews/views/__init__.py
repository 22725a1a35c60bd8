"""How reviews are reached over the web."""
