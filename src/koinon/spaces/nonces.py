"""What makes a form that is sent twice one deed."""

import hashlib

from django.utils.crypto import salted_hmac

from koinon.base.visitor import Visitor

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def code_from(kind: str, by: Visitor, nonce: str) -> str:
    """A code that the same form, sent twice by the same person, gives again."""
    made = salted_hmac(f"koinon.spaces.{kind}", f"{by.person_id}:{nonce}", algorithm="sha256").digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in made[:12])


def mark(by: Visitor, nonce: str, *words: object) -> str:
    """What is kept of a form that was sent: the same person, form and words give the same. Empty where there is no nonce."""
    if not nonce:
        return ""
    return hashlib.sha256("\x1f".join(map(str, (by.person_id, nonce, *words))).encode()).hexdigest()
