"""A voice: what lets somebody without an account vote once, and find again what was theirs, without being known.

It is random, travels in the room's ticket (or a cookie set at the first deed of a page without script), and is kept only as
a hash under the room's key. Once the key is destroyed, 24 hours after the close, the hash leads nowhere.
"""

import hashlib
import hmac
import secrets

from koinon.room.models import Room


def new() -> str:
    return secrets.token_urlsafe(16)


def hash_of(room: Room, voice: str) -> str:
    """What is kept of a voice in this room; empty where there is no voice, or the key is gone."""
    return hash_under(room.key, voice)


def hash_under(key: str, voice: str) -> str:
    if not key or not voice:
        return ""
    return hmac.new(bytes.fromhex(key), voice.encode(), hashlib.sha256).hexdigest()


def of_person(person_id: int) -> str:
    """The voice of somebody signed in, where a session wants one vote a person: the same on all of that person's devices."""
    return f"person:{person_id}"
