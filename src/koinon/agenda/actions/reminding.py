"""Reminders, word to all when a session is moved or cancelled, and to the hosts while access needs have no answer.

Mails to many go out in pieces, each in a transaction of its own that writes down how far it came: a process that dies
in between sends nothing twice and leaves nobody out.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from koinon.agenda.actions import registration_letters as letters
from koinon.agenda.hooks import What
from koinon.agenda.models import Registration, Reminder, Session, Telling
from koinon.agenda.permissions_registration import may_set_reminders
from koinon.base.visitor import Visitor, require
from koinon.base.when import Moment
from koinon.journal import actions as journal

BY_DEFAULT = (24 * 60, 60)
EARLIEST = 30 * 24 * 60
MOST = 6
NEEDS_WARNED = (3, 1)
_PIECE, _PIECES = 200, 10
_Need = Registration.Need
SendSome = Callable[[int], tuple[int, bool]]


class TooMany(Exception):
    """A session has six reminders at most."""


def ready(session: Session) -> None:
    """Give a session the two usual reminders, once: what hosts switch off stays off."""
    if not session.reminders.exists():
        Reminder.objects.bulk_create(Reminder(session=session, minutes_before=many) for many in BY_DEFAULT)


@transaction.atomic
def set_reminder(
    session: Session,
    *,
    by: Visitor,
    minutes_before: int,
    mode: str = "",
    text: str = "",
    off: bool = False,
    reminder: Reminder | None = None,
) -> Reminder:
    """Change a reminder, or add one. What was sent already is not sent anew, unless it is moved to a moment to come."""
    require(may_set_reminders(by, session))
    session = Session.objects.select_for_update().get(pk=session.pk)
    ready(session)
    if reminder is None:
        if session.reminders.count() >= MOST:
            raise TooMany
        reminder = Reminder(session=session)
    moved = reminder.minutes_before != minutes_before
    reminder.minutes_before, reminder.mode, reminder.text, reminder.off = minutes_before, mode, text, off
    if moved and due_at(reminder, session) > timezone.now():
        reminder.sent_at, reminder.sent_up_to = None, 0
    reminder.save()
    journal.record(
        "session.reminder_set",
        by=by,
        what=session,
        details={"minutes": minutes_before, "off": off},
        public=False,
    )
    return reminder


def due_at(reminder: Reminder, session: Session) -> datetime:
    return session.starts_at - timedelta(minutes=reminder.minutes_before)


def run() -> int:
    """What is due, for the tick; returns how many mails were queued."""
    return send_reminders() + send_tellings() + warn_of_needs()


def send_reminders() -> int:
    """Reminders whose moment has come and whose session has not begun."""
    now = timezone.now()
    waiting = Reminder.objects.filter(
        off=False,
        sent_at__isnull=True,
        session__in=Session.objects.to_come(now).filter(published=True, starts_at__gt=now),
        session__starts_at__lte=now + timedelta(minutes=EARLIEST),
    ).select_related("session")
    due = [reminder for reminder in waiting.order_by("pk") if due_at(reminder, reminder.session) <= now]
    return sum(_in_pieces(_remind_some, reminder.pk) for reminder in due)


def _in_pieces(send_some: SendSome, pk: int) -> int:
    sent = 0
    for _piece in range(_PIECES):
        many, is_done = send_some(pk)
        sent += many
        if is_done:
            break
    return sent


@transaction.atomic
def _remind_some(pk: int) -> tuple[int, bool]:
    """The next ones to remind. Who registered after its moment has just had a mail, and gets none."""
    now = timezone.now()
    reminder = Reminder.objects.select_for_update().get(pk=pk)
    session = Session.objects.get(pk=reminder.session_id)
    if reminder.off or reminder.sent_at is not None or due_at(reminder, session) > now:
        return 0, True
    rows = session.registrations.filter(
        state=Registration.State.COMING, at__lt=due_at(reminder, session), pk__gt=reminder.sent_up_to
    )
    if reminder.mode:
        rows = rows.filter(mode=reminder.mode)
    some = list(rows.select_related("session", "session__organiser").order_by("pk")[:_PIECE])
    for registration in some:
        letters.remind(registration, reminder)
    is_done = len(some) < _PIECE
    reminder.sent_up_to = some[-1].pk if some else reminder.sent_up_to
    reminder.sent_at = now if is_done else None
    reminder.save(update_fields=["sent_up_to", "sent_at"])
    return len(some), is_done


@transaction.atomic
def tell_all(session: Session, what: What, words: str) -> None:
    """Hook of `agenda.hooks.changed`: word to all who registered. The tick sends it; reminders start anew.

    Who was not told of an earlier move yet is told once, from the first time to the last.
    """
    now = timezone.now()
    was = list(session.moved_from[-1]) if what == "moved" and session.moved_from else []
    earlier = Telling.objects.select_for_update().filter(session=session, done_at__isnull=True, sent_up_to=0)
    first = earlier.order_by("pk").first()
    if first is not None and first.was and what == "moved":
        was = first.was
    earlier.update(done_at=now)
    Telling.objects.create(session=session, what=what, words=words[:500], was=was, at=now)
    if what == "moved":
        for reminder in session.reminders.exclude(sent_up_to=0, sent_at__isnull=True):
            if due_at(reminder, session) > now:
                reminder.sent_at, reminder.sent_up_to = None, 0
                reminder.save(update_fields=["sent_at", "sent_up_to"])


def send_tellings() -> int:
    rows = Telling.objects.filter(done_at__isnull=True).order_by("pk").values_list("pk", flat=True)
    return sum(_in_pieces(_tell_some, pk) for pk in list(rows[:50]))


@transaction.atomic
def _tell_some(pk: int) -> tuple[int, bool]:
    telling = Telling.objects.select_for_update().get(pk=pk)
    if telling.done_at is not None:
        return 0, True
    rows = telling.session.registrations.active().filter(pk__gt=telling.sent_up_to, at__lte=telling.at)
    some = list(rows.select_related("session", "session__organiser").order_by("pk")[:_PIECE])
    for registration in some:
        letters.told(registration, telling, _earlier(telling.was))
    is_done = len(some) < _PIECE
    telling.sent_up_to = some[-1].pk if some else telling.sent_up_to
    telling.done_at = timezone.now() if is_done else None
    telling.save(update_fields=["sent_up_to", "done_at"])
    return len(some), is_done


def _earlier(was: list[str]) -> Moment | None:
    """The earlier time as it was announced; None where it was not written down."""
    if len(was) < 3:
        return None
    return Moment(date.fromisoformat(was[0]), time.fromisoformat(was[1]), was[2])


def warn_of_needs() -> int:
    """Three days and one day before: the hosts hear that access needs have no answer."""
    now, warned = timezone.now(), 0
    soon = Session.objects.to_come(now).filter(
        starts_at__gt=now, starts_at__lte=now + timedelta(days=max(NEEDS_WARNED))
    )
    open_ = Registration.objects.active().filter(need_state__in=[_Need.ASKED, _Need.WORKING])
    for session in soon.filter(pk__in=open_.values("session")).select_related("organiser").order_by("pk"):
        left = session.starts_at - now
        days = min(many for many in NEEDS_WARNED if left <= timedelta(days=many))
        count = open_.filter(session=session).count()
        letters.needs_wait(session, count, f"{days}:{session.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M}")
        warned += 1
    return warned
