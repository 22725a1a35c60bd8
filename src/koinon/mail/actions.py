"""Sending mail: queued in the transaction of the deed, sent by the tick, tried again when it fails or its process dies."""

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation

from koinon.base.governance import mail_row
from koinon.mail import digests
from koinon.mail.addresses import MESSAGE_ID
from koinon.mail.bounces import is_bouncing, mark_bouncing, refused_for_good
from koinon.mail.models import Outbox, OutboxSet, Received

log = logging.getLogger("koinon.mail")
# How long to wait after the first, second … failure; after the last, the mail counts as failed.
_WAITS = (1, 5, 30, 120, 720)
_BATCH = 50
# So many of those that go to many leave in one minute, at most.
_BULK = 1000
_HEADER = re.compile(r"(List|X-Koinon)-[A-Za-z-]{1,60}")
KEPT_FOR = timedelta(days=30)
RECEIVED_KEPT_FOR = timedelta(days=90)


def send(
    to: str,
    template: str,
    context: Mapping[str, Any],
    *,
    language: str = "en",
    key: str | None = None,
    reply_to: str | None = None,
    in_reply_to: str = "",
    references: Sequence[str] = (),
    stop: str | None = None,
    headers: Mapping[str, str] | None = None,
    digest: str = "",
    html: str = "",
    bulk: bool = False,
) -> Outbox | None:
    """Queue a mail made of `TEMPLATE_subject.txt` and `TEMPLATE_message.txt`, in a language.

    It goes out when the transaction is committed and the tick comes by. With a `key`, the same mail is queued once.
    `in_reply_to` and `references` name Message-IDs (an earlier mail's `message_id`) and keep a thread together; `stop` is
    the address whose POST stops these mails by one click; of one `digest` to one address the first goes at once, and
    what follows within the hour is joined into one mail. `html` is the same mail for programs that show it, made by who sends it;
    what is `bulk` (one of many) goes when nothing waits that somebody asked for.
    """
    mail_row(template)
    with translation.override(language):
        subject = " ".join(render_to_string(f"{template}_subject.txt", dict(context)).split())[:300]
        text = render_to_string(f"{template}_message.txt", dict(context)).strip() + "\n"
    now = timezone.now()
    made = {
        "to": to,
        "subject": subject,
        "text": text,
        "html": html,
        "language": language,
        "reply_to": _one_line(reply_to or ""),
        "in_reply_to": " ".join(MESSAGE_ID.findall(in_reply_to)[:1])[:500],
        "references": " ".join(MESSAGE_ID.findall(" ".join(references))[-20:]),
        "headers": _headers(stop, headers or {}),
        "digest": digest,
        "bulk": bulk,
        "state": Outbox.State.HELD if is_bouncing(to) else Outbox.State.WAITING,
        "made_at": now,
        "try_at": digests.goes_at(digest, to, now) if digest else now,
    }
    if key is None:
        return Outbox.objects.create(**made)
    mail, is_new = Outbox.objects.get_or_create(key=key, defaults=made)
    return mail if is_new else None


def send_due() -> int:
    """Send what waits; returns how many went out. Two ticks at once never take the same mail."""
    sent = _send_some(Outbox.objects.urgent().due(timezone.now()), _BATCH)
    for _round in range(_BULK // _BATCH):
        went = _send_some(Outbox.objects.in_bulk_mail().due(timezone.now()), _BATCH)
        # Whoever asks to be signed in does not wait for ten thousand digests.
        sent += went + _send_some(Outbox.objects.urgent().due(timezone.now()), _BATCH)
        if not went:
            break
    return sent


def _send_some(waiting: OutboxSet, most: int) -> int:
    sent = 0
    for pk in list(waiting.values_list("pk", flat=True)[:most]):
        mail = take(pk, timezone.now())
        if mail is not None:
            sent += _deliver(mail)
    return sent


@transaction.atomic
def take(pk: int, now: datetime) -> Outbox | None:
    """Take a mail for ten minutes, by one statement: of two processes only one changes the row. None: it is not ours.

    A try is counted here, so that a mail that kills its process is not tried for ever.
    """
    taken = Outbox.objects.due(now).filter(pk=pk)
    if not taken.update(state=Outbox.State.SENDING, taken_at=now, tries=F("tries") + 1):
        return None
    mail = Outbox.objects.get(pk=pk)
    if mail.tries > len(_WAITS) + 1:
        _end(
            mail,
            state=Outbox.State.FAILED,
            trouble=mail.trouble or "the process that sent it ended, each time",
        )
        return None
    if is_bouncing(mail.to):
        _end(mail, state=Outbox.State.HELD)
        return None
    if mail.digest and mail.tries == 1:
        digests.join(mail)
    return mail


def _deliver(mail: Outbox) -> int:
    try:
        _message(mail).send()
    except Exception as trouble:
        _not_sent(mail, trouble)
        return 0
    _end(mail, state=Outbox.State.SENT, sent_at=timezone.now(), trouble="")
    return 1


def _message(mail: Outbox) -> EmailMultiAlternatives:
    headers = {
        "Message-ID": mail.message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": mail.language,
        **mail.headers,
    }
    if mail.in_reply_to:
        headers["In-Reply-To"] = mail.in_reply_to
    if mail.references or mail.in_reply_to:
        headers["References"] = mail.references or mail.in_reply_to
    sender = settings.DEFAULT_FROM_EMAIL
    if settings.MAIL_IN:
        # What cannot be delivered comes back to where `koinon receive` reads it.
        headers["From"], sender = sender, settings.MAIL_IN
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        from_email=sender,
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers=headers,
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _not_sent(mail: Outbox, trouble: Exception) -> None:
    words = f"{type(trouble).__name__}: {trouble}"[:300]
    log.warning("mail %s was not sent, try %s: %s", mail.pk, mail.tries, type(trouble).__name__)
    if (reason := refused_for_good(trouble)) is not None:
        mark_bouncing(mail.to, f"refused: {reason}")
        _end(mail, state=Outbox.State.FAILED, trouble=words)
    elif mail.tries > len(_WAITS):
        _end(mail, state=Outbox.State.FAILED, trouble=words)
    else:
        later = timezone.now() + timedelta(minutes=_WAITS[mail.tries - 1])
        _end(mail, state=Outbox.State.WAITING, try_at=later, trouble=words)


def _end(mail: Outbox, **changes: Any) -> None:
    """Bring a mail to its next state, as long as it is still ours: whoever took it after ten minutes decides otherwise."""
    Outbox.objects.filter(pk=mail.pk, state=Outbox.State.SENDING, taken_at=mail.taken_at).update(**changes)


def _headers(stop: str | None, more: Mapping[str, str]) -> dict[str, str]:
    made = {}
    for name, value in more.items():
        if not _HEADER.fullmatch(name):
            raise ValueError(f"{name} is no header that a mail of ours may set")
        made[name] = _one_line(value)
    if stop is not None:
        made["List-Unsubscribe"] = f"<{_one_line(stop)}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return made


def _one_line(value: str) -> str:
    if len(value.splitlines()) > 1 or value != value.strip():
        raise ValueError("a header of a mail is one line")
    return value


@transaction.atomic
def forget(beginning: str) -> int:
    """Delete the mails whose key begins so, sent or not: what they speak of was erased. Returns how many went."""
    rows = Outbox.objects.filter(key__startswith=beginning).exclude(state=Outbox.State.SENDING)
    return rows.delete()[0]


@transaction.atomic
def take_out(beginning: str, words: str, *, instead: str) -> None:
    """Put something else in the place of words that were erased, in mails whose key begins so and that speak of more than them."""
    rows = Outbox.objects.select_for_update().filter(key__startswith=beginning, text__contains=words)
    for mail in rows.exclude(state=Outbox.State.SENDING).order_by("pk"):
        mail.text = mail.text.replace(words, instead)
        mail.save(update_fields=["text"])


@transaction.atomic
def forget_old() -> int:
    """Delete what is more than thirty days old: text and address are not kept longer, whatever became of the mail."""
    now = timezone.now()
    over = Outbox.objects.filter(state=Outbox.State.SENT, sent_at__lt=now - KEPT_FOR) | Outbox.objects.filter(
        state__in=[Outbox.State.FAILED, Outbox.State.HELD], made_at__lt=now - KEPT_FOR
    )
    gone, _ = over.delete()
    Received.objects.filter(at__lt=now - RECEIVED_KEPT_FOR).delete()
    return gone


def try_again() -> int:
    """Put what was given up or came back into the queue again, as it is; returns how many mails that are.

    For an operator who has set right what was wrong. What was tried keeps its text and its Message-ID.
    """
    return Outbox.objects.failed().update(state=Outbox.State.WAITING, tries=1, try_at=timezone.now())
