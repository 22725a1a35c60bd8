"""What two who were introduced write to each other. No address is shown: the house brings it."""

import hashlib

from django.db import transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.peers import telling
from koinon.peers.models import Match, Message
from koinon.peers.permissions import may_write_message, side_of


@transaction.atomic
def write(
    match: Match,
    *,
    by: Visitor,
    text: str,
    language: str,
    nonce: str,
    by_mail: bool = False,
    left_out: int = 0,
) -> Message:
    """Write to the other side. The same text sent twice from one form is one message."""
    now = Match.objects.select_for_update(of=("self",)).with_sides().get(pk=match.pk)
    require(may_write_message(by, now), hidden=True)
    mark = hashlib.sha256(f"{by.person_id}\x1f{nonce}\x1f{text}".encode()).hexdigest() if nonce else ""
    if mark and (before := now.messages.filter(nonce=mark).first()) is not None:
        return before
    message = Message.objects.create(
        match=now,
        side=side_of(by, now),
        by_id=by.person_id,
        language=language,
        text=text,
        at=timezone.now(),
        by_mail=by_mail,
        left_out=left_out,
        nonce=mark,
    )
    journal.record("peers.message_written", by=by, what=message, public=False)
    telling.tell_message(message)
    return message


@transaction.atomic
def remove_after_notice(message: Message) -> None:
    """Decided upon a notice: both parties see that a message was taken off."""
    now = Message.objects.select_for_update().get(pk=message.pk)
    if now.removed_at is None:
        now.removed_at = timezone.now()
        now.save(update_fields=["removed_at"])
        journal.record("peers.message_removed", by=None, what=now, public=False)


@transaction.atomic
def restore_after_complaint(message: Message) -> None:
    now = Message.objects.select_for_update().get(pk=message.pk)
    if now.removed_at is not None:
        now.removed_at = None
        now.save(update_fields=["removed_at"])
        journal.record("peers.message_restored", by=None, what=now, public=False)
