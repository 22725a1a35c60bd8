"""How courses are reached over the web."""
