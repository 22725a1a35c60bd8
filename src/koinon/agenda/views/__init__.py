"""How sessions and registrations are reached over the web."""
