"""How calls are reached over the web."""
