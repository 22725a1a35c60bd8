"""Codes in addresses: short, without letters that look alike, not to be guessed."""

import secrets

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def new_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


def new_secret() -> str:
    """The code of an invitation or of a door: as long as a key, since whoever holds it comes in."""
    return "".join(secrets.choice(_LETTERS) for _ in range(28))
