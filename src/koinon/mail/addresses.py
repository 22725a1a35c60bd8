"""Addresses of ours: what a Message-ID is made of, and the reply addresses that lead a letter back to where it belongs."""

import re
import secrets
from email.utils import parseaddr

from django.conf import settings
from django.utils.crypto import salted_hmac

TOKEN = re.compile(r"[a-z0-9-]{8,48}")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,240}@[^<>\s]{1,240}>")


def new_message_id() -> str:
    """A Message-ID that nobody can guess: who can name it has had the mail, or the mail's way back."""
    return f"<{secrets.token_hex(16)}@{own_domain()}>"


def own_address() -> str:
    """The bare address that our mails come from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()


def own_domain() -> str:
    """The domain that our mails come from; the installation's first name where that is no real one."""
    domain = own_address().rpartition("@")[2]
    if domain and domain != "localhost":
        return domain
    hosts: list[str] = settings.ALLOWED_HOSTS
    return next((host for host in hosts if re.fullmatch(r"[a-z0-9.-]+", host)), "localhost")


def reply_address(token: str) -> str | None:
    """The address that a reply with this token goes to; none where the installation takes no mail.

    Tokens are small letters, digits and hyphens: there are servers that fold the case of an address.
    """
    if not TOKEN.fullmatch(token):
        raise ValueError("a reply token is 8 to 48 small letters, digits and hyphens")
    if not settings.MAIL_IN:
        return None
    local, _, domain = settings.MAIL_IN.rpartition("@")
    return f"{local}+{token}@{domain}"


def tokens_in(text: str) -> list[str]:
    """The tokens of all reply addresses of ours in a text, in their order, each once."""
    local, _, domain = settings.MAIL_IN.rpartition("@")
    ours = re.compile(rf"(?<![\w.+-]){re.escape(local)}\+({TOKEN.pattern})@{re.escape(domain)}(?![\w.-]*\w)")
    return list(dict.fromkeys(ours.findall(text.lower())))


def address_hash(address: str) -> str:
    """A keyed hash: whether an address is known can be asked, which are known cannot be read."""
    return salted_hmac("koinon.mail.address", address.strip().lower(), algorithm="sha256").hexdigest()
