"""The code of a follower's private page: derived from its seed under the installation's secret, so that the database does
not hold it; its hash finds the row."""

import hashlib

from django.urls import reverse
from django.utils.crypto import salted_hmac

from koinon.base.languages import in_language
from koinon.network.actions.roles import site
from koinon.news.models.follows import Follower

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def code_from(seed: str) -> str:
    """Five groups of four letters: 100 bits, easy to read out, no letter that looks like another."""
    made = int.from_bytes(salted_hmac("koinon.news.follow", seed, algorithm="sha256").digest(), "big")
    letters = "".join(_ALPHABET[made >> (5 * place) & 31] for place in range(20))
    return "-".join(letters[at : at + 4] for at in range(0, 20, 4))


def hash_of(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).hexdigest()


def page_of(follower: Follower, name: str = "mine") -> str:
    """The whole address of the private page, or of one of its ways, in the follower's language."""
    path = reverse(f"news:follows_{name}", args=[code_from(follower.seed)])
    return site() + in_language(path, follower.language)
