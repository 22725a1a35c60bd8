"""The codes of registrations: of a private page, of what is held at once, of attendance on site, of a certificate.

Private pages are opened by a code derived from a seed under the installation's secret, so that mails can hold it and the
database does not; the hash of it finds the row.
"""

import secrets

from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from koinon.agenda.models import Registration, Session
from koinon.base.languages import in_language
from koinon.network.actions.roles import site
from koinon.questions.actions.receipts import tidy_code

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def code_from(seed: str) -> str:
    """Five groups of four letters: 100 bits, easy to read out, no letter that looks like another."""
    letters = _letters("koinon.agenda.registration", seed, 20)
    return "-".join(letters[at : at + 4] for at in range(0, 20, 4))


def code_of(registration: Registration) -> str:
    return code_from(registration.seed)


def page_of(registration: Registration, name: str = "place") -> str:
    """The whole address of the private page, or of one of its ways, in the language of who registered."""
    path = reverse(f"sessions:{name}", args=[code_of(registration)])
    return site() + in_language(path, registration.page_language)


def room_code(session: Session) -> str:
    """Six letters that the moderator shows on site: who types them was there. Other ones after the session was moved."""
    return _letters("koinon.agenda.attendance", f"{session.code}:{session.day.isoformat()}", 6)


def is_room_code(session: Session, typed: str) -> bool:
    return constant_time_compare(tidy_code(typed).replace("-", ""), room_code(session))


def new_certificate() -> str:
    """The number of a certificate: unguessable, so that whoever can name it was shown it."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def _letters(salt: str, text: str, many: int) -> str:
    made = int.from_bytes(salted_hmac(salt, text, algorithm="sha256").digest(), "big")
    return "".join(_ALPHABET[made >> (5 * place) & 31] for place in range(many))
