"""The secret of a webhook and the signature of what is sent, in the manner of Standard Webhooks (standardwebhooks.com).

The database does not hold the secret: it is made from a seed under the installation's own. Where that was changed, the same seed
gives another secret, which no receiver knows; a mark tells (`holds`), and nothing is sent.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.utils.crypto import salted_hmac

from koinon.webhooks.models import Hook


def new_seed() -> str:
    return secrets.token_hex(32)


def _key(seed: str) -> bytes:
    return salted_hmac("koinon.webhooks.secret", seed, algorithm="sha256").digest()


def mark_of(seed: str) -> str:
    """By which the secret that a seed gave is known again; it tells nothing of the secret."""
    return hmac.new(_key(seed), b"koinon.webhooks.mark", hashlib.sha256).hexdigest()[:16]


def holds(hook: Hook) -> bool:
    """Whether what is signed now is signed with the secret that its receiver was given."""
    return hmac.compare_digest(hook.mark, mark_of(hook.seed))


def secret_from(seed: str) -> str:
    """`whsec_` and 32 bytes in base64: what the receiver keeps."""
    return "whsec_" + base64.b64encode(_key(seed)).decode()


def seeds_of(hook: Hook, now: datetime) -> list[str]:
    """The seeds that hold: the newest first, and the one before as long as the overlap lasts."""
    is_old_good = hook.old_seed and hook.old_until is not None and hook.old_until > now
    return [hook.seed, hook.old_seed] if is_old_good else [hook.seed]


def signature(seeds: Iterable[str], event: str, moment: int, body: bytes) -> str:
    """One `v1,` signature for each secret that holds, over id, moment and body."""
    signed = b".".join((event.encode(), str(moment).encode(), body))
    made = (
        base64.b64encode(hmac.new(_key(seed), signed, hashlib.sha256).digest()).decode() for seed in seeds
    )
    return " ".join(f"v1,{one}" for one in made)
