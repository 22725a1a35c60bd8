"""How news and follows are reached over the web."""
