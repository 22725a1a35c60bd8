"""How a room, its moderators and its wall are reached over the web."""
