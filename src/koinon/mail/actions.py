"""Sending mail: queued in the transaction of the deed, sent by the tick, tried again when it fails, never sent twice."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from koinon.base.governance import mail_row
from koinon.mail.models import Outbox

log = logging.getLogger("koinon.mail")
# How long to wait after the first, second … failure; after the last, the mail counts as failed.
_WAITS = (1, 5, 30, 120, 720)
_BATCH = 50
KEPT_FOR = timedelta(days=30)


def send(
    to: str, template: str, context: Mapping[str, Any], *, language: str = "en", key: str | None = None
) -> Outbox | None:
    """Queue a mail made of `TEMPLATE_subject.txt` and `TEMPLATE_message.txt`, in a language.

    It goes out when the transaction is committed and the tick comes by. With a `key`, the same mail is queued once.
    """
    mail_row(template)
    with translation.override(language):
        subject = " ".join(render_to_string(f"{template}_subject.txt", dict(context)).split())[:300]
        text = render_to_string(f"{template}_message.txt", dict(context)).strip() + "\n"
    made = {"to": to, "subject": subject, "text": text, "language": language}
    if key is None:
        return Outbox.objects.create(**made)
    mail, is_new = Outbox.objects.get_or_create(key=key, defaults=made)
    return mail if is_new else None


def send_due() -> int:
    """Send what waits; returns how many went out. Two ticks at once never take the same mail."""
    now = timezone.now()
    sent = 0
    for pk in list(Outbox.objects.due(now).values_list("pk", flat=True)[:_BATCH]):
        # Taken in a statement of its own: of two processes only one changes the row. What dies between here and the
        # end stays "sending" and is not tried again: rather one mail lost, and seen in the table, than one sent twice.
        taken = Outbox.objects.due(now).filter(pk=pk).update(state=Outbox.State.SENDING)
        if taken:
            sent += _deliver(Outbox.objects.get(pk=pk))
    return sent


def _deliver(mail: Outbox) -> int:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.to],
        headers={"Auto-Submitted": "auto-generated", "Content-Language": mail.language},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    except Exception as trouble:
        mail.tries += 1
        mail.trouble = f"{type(trouble).__name__}: {trouble}"[:300]
        if mail.tries > len(_WAITS):
            mail.state = Outbox.State.FAILED
        else:
            mail.state = Outbox.State.WAITING
            mail.try_at = timezone.now() + timedelta(minutes=_WAITS[mail.tries - 1])
        log.warning("mail %s was not sent, try %s: %s", mail.pk, mail.tries, type(trouble).__name__)
        mail.save(update_fields=["tries", "trouble", "state", "try_at"])
        return 0
    mail.state, mail.sent_at, mail.trouble = Outbox.State.SENT, timezone.now(), ""
    mail.save(update_fields=["state", "sent_at", "trouble"])
    return 1


@transaction.atomic
def forget_old() -> int:
    """Delete what was sent more than thirty days ago: text and address are not kept longer."""
    gone, _ = Outbox.objects.filter(state=Outbox.State.SENT, sent_at__lt=timezone.now() - KEPT_FOR).delete()
    return gone
