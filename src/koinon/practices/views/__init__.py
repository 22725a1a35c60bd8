"""How the library is reached over the web."""
