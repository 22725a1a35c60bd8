"""The digest run: for each follower whose moment has come, one mail with what is new, or none.

The mail is queued and the follower's cursor moved in the same transaction, so that a run that is killed anywhere has told each
follower wholly or not at all; the next run goes on where it was. Two runs at once never tell the same follower twice: each
claims a follower by the cursor it read.

Who sends our mails back is passed over before anything is read, so that a dead address makes no run read far back. What is
new waits for it for ninety days, as long as pages and feeds show it; nobody else ever loses anything, however late it is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
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
from koinon.news.recent import too_old
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
    oldest = _oldest(now, upto)
    if oldest is None:
        return 0
    window = Window(oldest, upto)
    # Whoever became due meanwhile and was told of less than this window holds waits for the next run.
    due = Follower.objects.due(now, upto).filter(cursor__gte=oldest)
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


def _oldest(now: datetime, upto: int) -> int | None:
    """The least that anybody was told of who is due and takes mails; None where nobody is. Those before who take none wait.

    Who takes none for long was told of the least, so the others are not looked at one by one.
    """
    due = Follower.objects.due(now, upto).order_by("cursor", "pk")
    while rows := list(due[:_BATCH]):
        bouncing = bouncing_among(row.address for row in rows)
        takes = next((at for at, row in enumerate(rows) if row.address not in bouncing), len(rows))
        for row in rows[:takes]:
            _wait(row, now)
        if takes < len(rows):
            return rows[takes].cursor
    return None


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
            _wait(follower, now)
            continue
        moved = _move(follower, now, told=digest is not None, upto=upto)
        if not moved or digest is None:
            continue
        queued += _send(follower, digest, upto)
    return queued


def _wait(follower: Follower, now: datetime) -> None:
    """What is new waits for who sends mails back until its address takes them again; what nothing shows any more does not."""
    floor = too_old(timezone.localdate(now))
    claimed = Follower.objects.filter(pk=follower.pk, cursor=follower.cursor, version=follower.version)
    claimed.update(next_at=following_moment(follower, now, told=True), cursor=max(follower.cursor, floor))


def _move(follower: Follower, now: datetime, *, told: bool, upto: int) -> int:
    claimed = Follower.objects.filter(pk=follower.pk, cursor=follower.cursor, version=follower.version)
    changes: dict[str, Any] = {"next_at": following_moment(follower, now, told=told), "cursor": upto}
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
