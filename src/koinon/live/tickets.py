"""Tickets: what Django hands out so that somebody may listen and write without being looked up each time.

A ticket is signed, not stored. It names a channel, a random voice (who votes once, without being a person) and, for somebody
signed in, the person's key. To connect it is good for ten minutes; a stream that stands is not cut by its ticket's age.
To write, and to be renewed with the same voice, it is good for a day.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from django.core.signing import BadSignature, Signer
from django.utils.encoding import force_bytes

LISTEN_FOR = 10 * 60
"""Seconds in which a ticket opens a stream."""
RENEW_FOR = 24 * 3600
"""Seconds in which a ticket writes, and is renewed with the same voice."""

MARK = "kt1."
"""How a ticket begins: by this a door tells it from the token of a program."""


class _Seal(Signer):
    """Django's signer, with the same signatures, which keeps what it derives from the key: ten thousand come at once.

    A copy of a keyed HMAC also keeps the interpreter's lock, which `hmac.digest` lets go of: on the event loop each vote then
    waited for its turn against the writer.
    """

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        keyed = _keyed(force_bytes(self.salt), force_bytes(key or self.key), self.algorithm).copy()
        keyed.update(force_bytes(value))
        return base64.urlsafe_b64encode(keyed.digest()).rstrip(b"=").decode()


@lru_cache(maxsize=16)
def _keyed(salt: bytes, key: bytes, algorithm: str) -> hmac.HMAC:
    return hmac.new(hashlib.sha256(salt + b"signer" + key).digest(), digestmod=algorithm)


_signer = _Seal(salt="koinon.live.tickets", sep=".")
_LONGEST = 1000


class NoTicket(Exception):
    """What was shown is no ticket of ours, or too old."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket says: the channel it opens, the voice, the signed-in person if any, and when it was made."""

    channel: str
    voice: str
    person: int | None
    at: datetime


def new_voice() -> str:
    """A random voice, which nobody can guess."""
    return secrets.token_urlsafe(16)


def issue(channel: str, *, voice: str = "", person: int | None = None) -> str:
    """A new ticket, for whom the caller has found to be allowed. It is text for addresses and headers."""
    body = json.dumps([channel, voice, person, int(time.time())], ensure_ascii=False, separators=(",", ":"))
    return MARK + _signer.sign(base64.urlsafe_b64encode(body.encode()).decode().rstrip("="))


def read(text: str, *, max_age: float) -> Ticket:
    """What a ticket says. `NoTicket` for a forged one, one of another house, and one older than `max_age` seconds."""
    if not looks_like_one(text) or len(text) > _LONGEST:
        raise NoTicket
    try:
        body = _signer.unsign(text[len(MARK) :])
        channel, voice, person, at = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        age = time.time() - at
        ticket = Ticket(channel, voice, person, datetime.fromtimestamp(at, UTC))
    except (BadSignature, ValueError, TypeError, OverflowError, OSError) as trouble:
        raise NoTicket from trouble
    if not -60 <= age <= max_age:
        raise NoTicket
    return ticket


def looks_like_one(text: str) -> bool:
    """Whether this is meant to be a ticket, good or bad; a program's token is not."""
    return text.startswith(MARK)
