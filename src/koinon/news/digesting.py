"""The digest run: for each follower whose moment has come, one mail with what is new, or none.

The mail is queued and the follower's cursor moved in the same transaction, so that a run that is killed anywhere has told each
follower wholly or not at all; the next run goes on where it was. Two runs at once never tell the same follower twice: each
claims a follower by the cursor it read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Min, Prefetch
from django.template.loader import render_to_string
from django.utils import timezone, translation

from koinon.base.languages import in_language
from koinon.journal import fresh, versions
from koinon.mail import actions as mail
from koinon.mail.bounces import bouncing_among
from koinon.network.actions.roles import site
from koinon.news.codes import page_of
from koinon.news.gathering import Section, Window
from koinon.news.models import Follow, Follower
from koinon.news.models.follows import Rhythm
from koinon.news.rhythm import next_for as following_moment

DIGEST_MAIL = "news/mail/digest"
A_RUN = 2000
_BATCH = 100
MOST_LINES = 20


@dataclass(frozen=True)
class Digest:
    """One mail as it will be queued."""

    context: dict[str, Any]
    html: str


def run(now: datetime | None = None, most: int = A_RUN) -> int:
    """Tell those whose moment has come; returns how many mails were queued. The tick goes on where `most` ended it."""
    now = now or timezone.now()
    upto = fresh.newest()
    # What was committed up to that entry is seen by everything that keeps things for a version of the data.
    versions.look()
    due = Follower.objects.due(now, upto)
    oldest = due.aggregate(oldest=Min("cursor"))["oldest"]
    if oldest is None:
        return 0
    window = Window(oldest, upto)
    if not window.events:
        # Nothing that anybody is told of: who is told at once has seen it, in one statement.
        due.filter(rhythm=Rhythm.AT_ONCE).order_by().update(cursor=upto)
    confirmed = Prefetch("follows", Follow.objects.confirmed().order_by("kind", "pk"), to_attr="followed")
    queued, last, seen = 0, 0, 0
    while seen < most:
        batch = list(due.filter(pk__gt=last).prefetch_related(confirmed)[:_BATCH])
        if not batch:
            break
        last, seen = batch[-1].pk, seen + len(batch)
        made = [(follower, _digest(follower, window)) for follower in batch]
        queued += _queue(made, upto, now)
    return queued


def _digest(follower: Follower, window: Window) -> Digest | None:
    """The mail for one follower; None where there is nothing new for it."""
    if not window.events:
        return None
    with translation.override(follower.language):
        sections = window.sections(follower.followed, follower.cursor)  # type: ignore[attr-defined]
        if not sections:
            return None
        context = context_of(follower, sections)
        return Digest(context, render_to_string(f"{DIGEST_MAIL}_message.html", context))


def context_of(follower: Follower, sections: Sequence[Section]) -> dict[str, Any]:
    """What the mail is made from; nothing in it reports back, every address is one of ours."""
    lines = [line for section in sections for line in section.lines]
    language = follower.language
    return {
        "follower": follower,
        "language": language,
        "sections": sections,
        "count": len(lines),
        "most": MOST_LINES,
        "first": lines[0],
        "only": sections[0] if len(sections) == 1 else None,
        "day": timezone.localdate(),
        "site": site(),
        "root": site() + in_language("/", language).rstrip("/"),
        "page": page_of(follower),
        "stop": page_of(follower, "stop"),
    }


@transaction.atomic
def _queue(made: Sequence[tuple[Follower, Digest | None]], upto: int, now: datetime) -> int:
    """Queue these mails and move these cursors, all or nothing. Who was claimed by another, changed or stopped is left alone."""
    queued = 0
    told = [follower.address for follower, digest in made if digest is not None]
    bouncing = bouncing_among(told) if told else frozenset()
    for follower, digest in made:
        if digest is not None and follower.address in bouncing:
            # Nothing is lost for who sends mails back: what is new waits until its address takes mails again.
            _move(follower, now, told=False)
            continue
        moved = _move(follower, now, told=digest is not None, upto=upto)
        if not moved or digest is None:
            continue
        queued += _send(follower, digest, upto)
    return queued


def _move(follower: Follower, now: datetime, *, told: bool, upto: int | None = None) -> int:
    claimed = Follower.objects.filter(pk=follower.pk, cursor=follower.cursor, version=follower.version)
    changes: dict[str, Any] = {"next_at": following_moment(follower, now, told=told or upto is None)}
    if upto is not None:
        changes["cursor"] = upto
    if told:
        changes["told_at"] = now
    return claimed.update(**changes)


def _send(follower: Follower, digest: Digest, upto: int) -> int:
    sent = mail.send(
        follower.address,
        DIGEST_MAIL,
        digest.context,
        language=follower.language,
        key=f"digest:{follower.pk}:{upto}",
        stop=digest.context["stop"],
        html=digest.html,
        bulk=True,
    )
    return int(sent is not None)
