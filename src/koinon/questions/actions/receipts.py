"""The code that opens an asker's private page: derived from a seed under the installation's secret, kept nowhere."""

from django.urls import reverse
from django.utils.crypto import salted_hmac

from koinon.base.languages import in_language
from koinon.mail.addresses import reply_address
from koinon.network.actions.roles import site
from koinon.people.models import Person
from koinon.questions.models import Question

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def code_of(question: Question) -> str:
    return code_from(question.seed)


def code_from(seed: str) -> str:
    """Five groups of four letters: 100 bits, easy to read out, no letter that looks like another."""
    made = salted_hmac("koinon.questions.receipt", seed, algorithm="sha256").digest()
    number = int.from_bytes(made[:13], "big")
    letters = "".join(_ALPHABET[number >> (5 * place) & 31] for place in range(20))
    return "-".join(letters[at : at + 4] for at in range(0, 20, 4))


def tidy_code(typed: str) -> str:
    """A code as somebody may type it: small letters, without hyphens, O for 0, I and L for 1."""
    letters = typed.upper().replace("-", "").replace(" ", "")[:40]
    letters = letters.translate(str.maketrans("OIL", "011"))
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def receipt_url(question: Question, name: str = "receipt") -> str:
    """The whole address of the private page, or of one of its ways, in the asker's language."""
    path = reverse(f"receipts:{name}", args=[code_of(question)])
    return site() + in_language(path, question.page_language)


def address_for(question: Question, person: Person | None = None) -> str | None:
    """Where a reply of the asker (or of a person at the desk) goes; None where mail is not taken, or not for this one."""
    if question.confidential:
        return None
    return reply_address(token_of(question, str(person.pk) if person is not None else "a"))


def token_of(question: Question, who: str) -> str:
    """The token of a reply address: which question, who got the mail (`a`, the asker, or a person's key), and a proof."""
    made = salted_hmac("koinon.questions.reply", f"{question.seed}:{who}", algorithm="sha256").hexdigest()
    return f"{question.seed[:16]}-{who}-{made[:20]}"
