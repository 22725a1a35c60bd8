"""Showing a session to others; moving it and cancelling it, with word to all; deleting it; and the end of its time."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from koinon.agenda import found, hooks
from koinon.agenda.actions import speaking
from koinon.agenda.actions.writing import TooLong, locked, raise_version, taken
from koinon.agenda.models import Registration, Session
from koinon.agenda.permissions import may_change, may_delete, may_publish
from koinon.base.visitor import Visitor, require
from koinon.base.when import Moment
from koinon.journal import actions as journal

# An hour that somebody runs may take longer than planned; so long after its end nobody runs it any more.
OVERRUN = timedelta(hours=12)


class Started(Exception):
    """It runs or is over: it can no longer be moved, cancelled or deleted."""


class HasPeople(Exception):
    """Somebody is registered: it is cancelled with word to them, not deleted."""


@transaction.atomic
def publish(session: Session, *, by: Visitor) -> Session:
    """Show it to those it is for. Doing it twice changes nothing."""
    require(may_publish(by, session))
    row = locked(session)
    if not row.published:
        row.published = True
        raise_version(row)
        journal.record("session.published", by=by, what=row)
    return row


@transaction.atomic
def move(
    session: Session, *, by: Visitor, version: int, moment: Moment, minutes: int, words: str = ""
) -> Session:
    """Hold it at another time. The earlier time stays on its page; all who come and speak get a mail with the words."""
    require(may_publish(by, session))
    row = locked(session, version)
    if row.state != Session.State.PLANNED:
        raise Started
    if (over := taken(row) - minutes) > 0:
        raise TooLong(over)
    if row.moment == moment and row.minutes == minutes:
        return row
    earlier = [row.day.isoformat(), f"{row.begins:%H:%M}", row.zone]
    row.moved_from = [*row.moved_from, earlier]
    row.day, row.begins, row.zone, row.fold = moment.day, moment.at, moment.zone, moment.fold
    row.minutes, row.time_certain, row.announced_time = minutes, True, ""
    raise_version(row, version)
    journal.record("session.moved", by=by, what=row, details={"from": earlier}, public=row.published)
    if row.published:
        _tell(row, "moved", words)
    return row


@transaction.atomic
def cancel(session: Session, *, by: Visitor, because: str) -> Session:
    """It does not take place. The page stays and says why; all who come and speak get a mail. Twice changes nothing."""
    require(may_publish(by, session))
    row = locked(session)
    if row.state == Session.State.CANCELLED:
        return row
    if row.state != Session.State.PLANNED:
        raise Started
    row.state, row.cancelled_because = Session.State.CANCELLED, because
    raise_version(row)
    journal.record("session.cancelled", by=by, what=row, details={"because": because}, public=row.published)
    if row.published:
        _tell(row, "cancelled", because)
    return row


@transaction.atomic
def delete(session: Session, *, by: Visitor) -> None:
    """Take away a draft, or what was published by mistake and nobody has registered for."""
    require(may_delete(by, session))
    row = locked(session)
    if row.published and row.state in {Session.State.LIVE, Session.State.ENDED}:
        raise Started
    if Registration.objects.filter(session=row).active().exists():
        raise HasPeople
    journal.record("session.deleted", by=by, what=row, details={"title": row.title}, public=row.published)
    found.changed(row)
    row.delete()


@transaction.atomic
def confirm_time(session: Session, *, by: Visitor) -> Session:
    """A person who answers for it says that the time is what was meant. The announcement's words stay."""
    require(may_change(by, session))
    row = locked(session)
    if not row.time_certain:
        row.time_certain = True
        raise_version(row)
        journal.record("session.time_confirmed", by=by, what=row, public=row.published)
    return row


def end_over() -> int:
    """For the tick: what was planned and whose time has gone by has ended; also what was left running for half a day."""
    now = timezone.now()
    over = Session.objects.filter(state=Session.State.PLANNED, ends_at__lt=now) | Session.objects.filter(
        state=Session.State.LIVE, ends_at__lt=now - OVERRUN
    )
    ended = 0
    for row in list(over.order_by("pk")[:200]):
        with transaction.atomic():
            if Session.objects.filter(pk=row.pk, state=row.state).update(state=Session.State.ENDED):
                journal.record("session.ended", by=None, what=row, public=row.published)
                ended += 1
    return ended


def _tell(session: Session, what: hooks.What, words: str) -> None:
    speaking.tell(session, what, words)
    for tell in hooks.changed:
        tell(session, what, words)
