"""How figures, the log and reports are reached over the web."""
