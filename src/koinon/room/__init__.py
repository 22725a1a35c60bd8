"""The live hour: the audience asks, shares and votes; a moderator masters it from one screen; a wall shows it."""
