"""Webhooks: what is new is handed to programs of others, signed, in order, again until it arrived."""
