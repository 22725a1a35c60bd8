"""How questions are reached over the web: asking, the private page, published answers, the register."""
