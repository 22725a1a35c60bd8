"""Files and dates of a space. Files come in cleaned (`base.uploads`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from koinon.agenda.models import Session
from koinon.base.guessing import guess_language
from koinon.base.visitor import Visitor, require
from koinon.base.when import Moment
from koinon.spaces import telling
from koinon.spaces.actions.known import lock, next_step, record
from koinon.spaces.actions.pacing import pace
from koinon.spaces.models import Date, File, Member, Space
from koinon.spaces.nonces import mark
from koinon.spaces.permissions import may_change_date, may_withdraw_file, may_write

if TYPE_CHECKING:
    from koinon.base.uploads import Clean

MOST_FILES = 200
MOST_BYTES = 200 * 1024**2
MOST_DATES = 500
"""How much one space holds in all."""


class TooMuch(Exception):
    """The space holds as much of this as it can."""


class Cancelled(Exception):
    """The date was cancelled meanwhile."""


class Changed(Exception):
    """Somebody else saved meanwhile. `current` is what stands there now."""

    def __init__(self, current: Date) -> None:
        self.current = current
        super().__init__("changed meanwhile")


@transaction.atomic
def add_files(
    space: Space, *, by: Visitor, files: "Sequence[Clean]", words: str, language: str, nonce: str = ""
) -> list[File]:
    """Add files with a line about them; members hear of it as they chose. The same sent twice from one form is once."""
    now = lock(space)
    require(may_write(by, now), hidden=now.is_closed)
    marks = [mark(by, nonce, at, file.name, file.size) for at, file in enumerate(files)]
    if nonce and (before := list(now.files.filter(nonce__in=marks).order_by("pk"))):
        return before
    pace(by)
    standing = now.files.standing()
    size = standing.aggregate(all=Sum("size"))["all"] or 0
    if standing.count() + len(files) > MOST_FILES or size + sum(one.size for one in files) > MOST_BYTES:
        raise TooMuch
    mine = Member.objects.get(space=now, person=by.person_id)
    guessed = guess_language(words, hint=language)[0] if words else language
    made = [
        File.objects.create(
            space=now,
            person_id=by.person_id,
            by_name=mine.name,
            name=file.name,
            words=words,
            language=guessed,
            kind=file.kind,
            size=file.size,
            content=file.content,
            step=next_step(now),
            nonce=sent,
        )
        for file, sent in zip(files, marks, strict=True)
    ]
    telling.tell_files(now, made)
    record("files_added", now, by=by, what=made[0])
    return made


@transaction.atomic
def withdraw_file(file: File, *, by: Visitor) -> None:
    """It goes, its bytes too. Twice changes nothing."""
    space = lock(file.space)
    now = File.objects.select_for_update().light().get(pk=file.pk)
    now.space = space
    require(may_withdraw_file(by, now), hidden=space.is_closed)
    if now.withdrawn_at is None:
        File.objects.filter(pk=now.pk).update(withdrawn_at=timezone.now(), content=b"", size=0, words="")
        record("file_withdrawn", space, by=by, what=now)


@transaction.atomic
def remove_file_after_notice(file: File) -> None:
    """Decided upon a notice: nobody gets it any more. Whether that person may decide, `notices` has asked."""
    space = lock(file.space)
    if File.objects.filter(pk=file.pk, removed_at__isnull=True).update(removed_at=timezone.now()):
        record("file_removed", space, by=None, what=file)


@transaction.atomic
def restore_file_after_complaint(file: File) -> None:
    space = lock(file.space)
    if File.objects.filter(pk=file.pk, removed_at__isnull=False).update(removed_at=None):
        record("file_restored", space, by=None, what=file)


@dataclass(frozen=True)
class Appointment:
    """A date as somebody types it: a wall time of its own, or a session of the programme."""

    title: str = ""
    words: str = ""
    where: str = ""
    language: str = "en"
    moment: Moment | None = None
    minutes: int = 60
    session: Session | None = None


def _write(date: Date, told: Appointment) -> None:
    date.title, date.words, date.where = told.title, told.words, told.where
    date.language, date.changed_at = told.language, timezone.now()
    date.session = told.session
    if told.session is not None:
        date.starts_at, date.ends_at = told.session.starts_at, told.session.ends_at
        date.day = date.begins = None
        date.zone = told.session.zone
    else:
        assert told.moment is not None
        date.day, date.begins, date.zone, date.fold = (
            told.moment.day,
            told.moment.at,
            told.moment.zone,
            told.moment.fold,
        )
        date.starts_at = told.moment.instant
        date.ends_at = date.starts_at + timedelta(minutes=told.minutes)


@transaction.atomic
def set_date(space: Space, told: Appointment, *, by: Visitor, nonce: str = "") -> Date:
    """Set a date, or bring in a session; members hear of it as they chose. The same sent twice is one; so is a session, which stands again where it was cancelled."""
    now = lock(space)
    require(may_write(by, now), hidden=now.is_closed)
    sent = mark(by, nonce, told.title, told.moment or "", told.session.pk if told.session else "")
    if sent and (before := now.dates.filter(nonce=sent).first()) is not None:
        return before
    if told.session is not None and (before := now.dates.filter(session=told.session).first()) is not None:
        if before.cancelled_at is not None:
            pace(by)
            before.cancelled_at, before.cancelled_because = None, ""
            before.edits += 1
            before.step = next_step(now)
            _write(before, told)
            before.save()
            telling.tell_date(now, before, "set")
            record("date_set", now, by=by, what=before, shows=True)
        return before
    pace(by)
    if now.dates.count() >= MOST_DATES:
        raise TooMuch
    mine = Member.objects.get(space=now, person=by.person_id)
    date = Date(space=now, person_id=by.person_id, by_name=mine.name, step=next_step(now), nonce=sent)
    _write(date, told)
    date.save()
    telling.tell_date(now, date, "set")
    record("date_set", now, by=by, what=date, shows=True)
    return date


def follow_session(session: Session, what: str, words: str) -> None:
    """A session was moved or cancelled: where it stands in a space, it stands at its new hour. Who comes hears it from the session."""
    Date.objects.filter(session=session).update(
        starts_at=session.starts_at, ends_at=session.ends_at, zone=session.zone, changed_at=timezone.now()
    )


def _locked(date: Date) -> tuple[Space, Date]:
    space = lock(date.space)
    now = Date.objects.select_for_update(of=("self",)).select_related("session").get(pk=date.pk)
    now.space = space
    return space, now


@transaction.atomic
def change_date(date: Date, told: Appointment, *, by: Visitor, edits: int) -> Date:
    """Move it or say it otherwise; members who get each post hear of it. `Changed` where somebody else saved meanwhile."""
    space, now = _locked(date)
    require(may_change_date(by, now), hidden=space.is_closed)
    if now.cancelled_at is not None:
        raise Cancelled
    if now.edits != edits:
        raise Changed(now)
    before = (now.starts_at, now.ends_at, now.where)
    _write(now, told)
    now.edits += 1
    moved = before != (now.starts_at, now.ends_at, now.where)
    if moved:
        pace(by)
        now.step = next_step(space)
    now.save()
    if moved:
        telling.tell_date(space, now, "moved")
    record("date_changed", space, by=by, what=now, shows=True)
    return now


@transaction.atomic
def cancel_date(date: Date, *, by: Visitor, because: str) -> Date:
    """It does not take place; the reason stands there, and calendars learn it. Twice changes nothing."""
    space, now = _locked(date)
    require(may_change_date(by, now), hidden=space.is_closed)
    if now.cancelled_at is None:
        now.cancelled_at, now.cancelled_because = timezone.now(), because
        now.edits += 1
        now.step = next_step(space)
        now.save(update_fields=["cancelled_at", "cancelled_because", "edits", "step"])
        telling.tell_date(space, now, "cancelled")
        record("date_cancelled", space, by=by, what=now, shows=True)
    return now
