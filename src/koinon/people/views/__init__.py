"""How accounts are reached over the web: signing in, one's own account, and the administrator's page."""
