"""The daily mail of a space: what is new since the last one, once; nothing new is no mail.

A member's row keeps the number of the last step that it was told of. The mail and that number are written in one transaction,
while the space is held, so nothing is told twice and nothing is missed, whenever a process ends.
"""

import logging

from django.db import transaction
from django.utils import timezone

from koinon.spaces import telling
from koinon.spaces.actions.known import lock
from koinon.spaces.models import Date, File, Member, Post, Space
from koinon.spaces.rhythm import next_morning

log = logging.getLogger("koinon.spaces")
MOST_AT_ONCE = 500
MOST_TOLD = 100
"""How many posts one mail holds; the rest is behind its link."""


def run() -> int:
    """Everybody whose hour has come. Returns how many mails that are."""
    due = Member.objects.belonging().filter(mail=Member.Mail.DAILY, digest_at__lte=timezone.now())
    sent = 0
    for pk, space in list(due.order_by("pk").values_list("pk", "space")[:MOST_AT_ONCE]):
        try:
            sent += _one(pk, space)
        except Exception:
            # One that fails keeps nobody else from theirs.
            log.exception("the daily mail of member %s failed", pk)
    return sent


@transaction.atomic
def _one(pk: int, space: int) -> int:
    held = lock(Space(pk=space))
    now = timezone.now()
    mine = Member.objects.select_for_update(of=("self",)).select_related("person").filter(pk=pk).first()
    if (
        mine is None
        or mine.mail != Member.Mail.DAILY
        or mine.state != Member.State.MEMBER
        or mine.digest_at is None
        or mine.digest_at > now
    ):
        return 0
    told = tell(held, mine)
    mine.digest_at = next_morning(now)
    mine.save(update_fields=["told", "digest_at"])
    return told


def tell(locked: Space, mine: Member) -> int:
    """Queue the mail of what this member has not been told, and remember it in `mine`, which the caller saves."""
    after, upto = mine.told, locked.steps
    mine.told = upto
    if after >= upto or locked.removed_at is not None:
        return 0
    new = {"step__gt": after, "step__lte": upto}
    posts = list(
        Post.objects.standing()
        .filter(thread__space=locked, **new)
        .exclude(person=mine.person_id)
        .select_related("thread")
        .oldest_first()[: MOST_TOLD + 1]
    )
    files = list(File.objects.standing().light().filter(space=locked, **new).exclude(person=mine.person_id))
    dates = list(
        Date.objects.shown()
        .filter(space=locked, **new)
        .exclude(person=mine.person_id)
        .select_related("session")
    )
    if not (posts or files or dates):
        return 0
    telling.tell_daily(locked, mine, posts[:MOST_TOLD], files, dates, more=len(posts) > MOST_TOLD)
    return 1
