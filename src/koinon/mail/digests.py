"""One mail instead of many: the first of a group goes at once, what follows within the hour is joined into one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import ngettext

from koinon.mail.models import Outbox

WAIT = timedelta(hours=1)
_TOGETHER = 100


def goes_at(digest: str, to: str, now: datetime) -> datetime:
    """When a new mail of a group may go: now, with those that wait already, or an hour after the last one went."""
    group = Outbox.objects.filter(digest=digest, to=to)
    if (waiting := group.untouched().order_by("try_at").first()) is not None:
        return max(now, waiting.try_at)
    last = (
        group.filter(taken_at__gt=now - WAIT).exclude(state=Outbox.State.JOINED).order_by("taken_at").last()
    )
    return now if last is None or last.taken_at is None else last.taken_at + WAIT


def join(mail: Outbox) -> None:
    """Take into a mail, before it is tried for the first time, what else waits in its group.

    From then on its text is fixed: what is tried again under the same Message-ID is the same mail.
    """
    others = list(
        Outbox.objects.untouched()
        .filter(digest=mail.digest, to=mail.to)
        .exclude(pk=mail.pk)
        .order_by("made_at", "pk")[: _TOGETHER - 1]
    )
    taken = [
        other
        for other in others
        if Outbox.objects.untouched()
        .filter(pk=other.pk)
        .update(state=Outbox.State.JOINED, joined_into=mail, try_at=mail.try_at)
    ]
    if not taken:
        return
    together = sorted([mail, *taken], key=lambda one: (one.made_at, one.pk))
    mail.subject, mail.text = _words(together, mail.language)
    mail.html = ""
    # A reply to many cannot be led to one of them, and one click stops only what all of them belong to.
    mail.reply_to = _common([one.reply_to for one in together])
    mail.in_reply_to = mail.references = ""
    if any(one.headers != mail.headers for one in together):
        mail.headers = {}
    mail.save(update_fields=["subject", "text", "html", "reply_to", "in_reply_to", "references", "headers"])


def _words(mails: Sequence[Outbox], language: str) -> tuple[str, str]:
    with translation.override(language):
        subject = ngettext("%(count)s message: %(first)s", "%(count)s messages: %(first)s", len(mails)) % {
            "count": len(mails),
            "first": mails[0].subject,
        }
    listed = "\n".join(f"{number}. {mail.subject}" for number, mail in enumerate(mails, 1))
    texts = [f"{number}. {mail.subject}\n\n{mail.text.strip()}" for number, mail in enumerate(mails, 1)]
    return subject[:300], f"\n\n{'-' * 40}\n\n".join([listed, *texts]) + "\n"


def _common(values: Sequence[str]) -> str:
    return values[0] if len(set(values)) == 1 else ""
