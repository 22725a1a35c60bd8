"""How peers are reached over the web."""
