"""Addresses that send our mails back: known by a keyed hash, written to no more until they are forgotten."""

import re
import smtplib
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from koinon.mail.addresses import address_hash
from koinon.mail.models import Bounced, Outbox

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


def is_bouncing(address: str) -> bool:
    """Whether a mail to this address was refused for good."""
    return Bounced.objects.filter(address_hash=address_hash(address)).exists()


def bouncing_among(addresses: Iterable[str]) -> frozenset[str]:
    """Those of many addresses to which a mail was refused for good. One query."""
    by_hash = {address_hash(address): address for address in addresses}
    found = Bounced.objects.filter(address_hash__in=by_hash).values_list("address_hash", flat=True)
    return frozenset(by_hash[one] for one in found)


def mark_bouncing(address: str, reason: str) -> None:
    """Remember that this address refuses our mails. The first reason stays."""
    Bounced.objects.get_or_create(address_hash=address_hash(address), defaults={"reason": reason[:120]})


@transaction.atomic
def forget_bounce(address: str) -> int:
    """Write to this address again; what was held for it goes out. Returns how many mails that are."""
    Bounced.objects.filter(address_hash=address_hash(address)).delete()
    return (
        Outbox.objects.held()
        .filter(to__iexact=address.strip())
        .update(state=Outbox.State.WAITING, try_at=timezone.now(), trouble="")
    )


@transaction.atomic
def came_back(message_ids: list[str], status: str) -> Outbox | None:
    """A report says that a mail of ours was not delivered. Returns the mail, or none where no such mail was sent.

    Who can name a Message-ID of ours has had the mail or carried it, so a forged report reaches nobody else's address.
    """
    mail = Outbox.objects.filter(message_id__in=message_ids).exclude(state=Outbox.State.JOINED).first()
    if mail is None:
        return None
    Outbox.objects.filter(pk=mail.pk).update(state=Outbox.State.FAILED, trouble=f"came back: {status}")
    if is_about_the_address(status):
        mark_bouncing(mail.to, f"came back: {status}")
    return mail


def refused_for_good(trouble: Exception) -> str | None:
    """The status with which a server refused the recipient for good; none where trying again may help.

    A server that refuses us (relaying, policy, sign-in: 5.7.x) says nothing about the address: once an operator has set
    that right, what waits still goes out.
    """
    if not isinstance(trouble, smtplib.SMTPRecipientsRefused):
        return None
    for code, words in trouble.recipients.values():
        said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        found = _STATUS.search(said)
        if 500 <= code < 600 and not (found is None and re.search("relay|authenticat", said, re.IGNORECASE)):
            status = found[0] if found else "5.0.0"
            return f"{code} {status}" if is_about_the_address(status) else None
    return None


def is_about_the_address(status: str) -> bool:
    """Whether a status (RFC 3463) says that the address itself takes no mail, as against policy, content or network.

    >>> [is_about_the_address(status) for status in ("5.1.1", "5.2.1", "5.4.1", "5.0.0", "5.7.1", "4.2.2")]
    [True, True, True, True, False, False]
    """
    kind, subject, _ = status.split(".")
    return kind == "5" and subject in {"0", "1", "2", "4"}
