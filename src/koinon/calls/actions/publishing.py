"""Showing a call to all; holding it against its source, confirming it; its end by itself, and taking it away."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.calls.actions.writing import Over, is_still, locked, note, raise_version, tell
from koinon.calls.models import Call, Cutoff
from koinon.calls.permissions import may_change, may_confirm, may_publish, may_withdraw
from koinon.calls.words import Deed, Stage
from koinon.journal import actions as journal
from koinon.journal import versions

# So many a tick; the rest the next minute.
_AT_ONCE = 200
# A tick comes each minute; one that comes late finds it too.
_JUST = timedelta(minutes=3)


class Lacking(Exception):
    """Something has to be said before it can be shown. `fields` names what."""

    def __init__(self, fields: list[str]) -> None:
        self.fields = fields
        super().__init__(", ".join(fields))


def lacking(call: Call) -> list[str]:
    """What has to be said before everybody may read it: where, who opened it, where it is written, until when."""
    missing = []
    if not call.places.exists():
        missing.append("places")
    if not call.opener_name:
        missing.append("opener")
    if not (call.url or call.sources):
        missing.append("sources")
    if call.closes_at is None and not call.no_deadline:
        missing.append("date")
    return missing


@transaction.atomic
def publish(call: Call, *, by: Visitor) -> Call:
    """Show it to all. Doing it twice changes nothing. A call whose last date has gone by is shown as closed."""
    require(may_publish(by, call))
    row = locked(call)
    if row.state != Call.State.DRAFT:
        return row
    if missing := lacking(row):
        raise Lacking(missing)
    now = timezone.now()
    is_over = row.closes_at is not None and row.closes_at < now
    row.state = Call.State.CLOSED if is_over else Call.State.PUBLISHED
    row.published_at, row.closed_at = now, now if is_over else None
    row.opened = is_over or row.stage(now) == Stage.OPEN
    if may_confirm(by, row):
        # Who opened it writes its own words: that is its confirmation.
        row.confirmed_on = timezone.localdate()
    raise_version(row)
    note(row, by, Deed.PUBLISHED)
    return row


@transaction.atomic
def confirm(call: Call, *, by: Visitor, version: int | None = None) -> Call:
    """Whoever opened it says: so it is. Others hold it against its source (`checked`). `version`: the one that was read; what
    somebody else wrote since is not confirmed (`Changed`)."""
    row = locked(call)
    require(may_confirm(by, row))
    today = timezone.localdate()
    if row.confirmed_on != today:
        is_still(row, version)
        row.confirmed_on = row.checked_on = today
        raise_version(row)
        note(row, by, Deed.CONFIRMED)
    return row


@transaction.atomic
def checked(call: Call, *, by: Visitor, on: date | None = None, version: int | None = None) -> Call:
    """Somebody has held it against its source today, and it is as it says there; `version` as in `confirm`."""
    require(may_change(by, call))
    row = locked(call)
    day = on or timezone.localdate()
    if row.checked_on < day:
        is_still(row, version)
        row.checked_on = day
        raise_version(row)
        note(row, by, Deed.CHECKED)
    return row


@transaction.atomic
def withdraw(call: Call, *, by: Visitor, because: str) -> Call:
    """Take it away for good: its address says so and why, and holds nothing of it. Twice changes nothing."""
    require(may_withdraw(by, call))
    row = Call.objects.select_for_update().get(pk=call.pk)
    if row.state == Call.State.WITHDRAWN:
        return row
    if not row.is_public:
        raise Over
    row.state, row.withdrawn_because, row.withdrawn_at = Call.State.WITHDRAWN, because, timezone.now()
    raise_version(row)
    journal.record("call.withdrawn", by=by, what=row, details={"because": because})
    tell(row)
    return row


@transaction.atomic
def withdraw_after_notice(call: Call) -> None:
    """It was reported, and decided that it goes; `notices` has asked who may decide."""
    row = Call.objects.select_for_update().get(pk=call.pk)
    if row.is_public:
        row.state, row.withdrawn_at = Call.State.WITHDRAWN, timezone.now()
        row.withdrawn_because = Call.Reason.NOTICE
        raise_version(row)
        journal.record("call.withdrawn", by=None, what=row, details={"because": "notice"})
        tell(row)


@transaction.atomic
def restore_after_complaint(call: Call) -> None:
    """The decision did not hold: it is public again, closed where its time has gone by."""
    row = Call.objects.select_for_update().get(pk=call.pk)
    if row.state == Call.State.WITHDRAWN and row.withdrawn_because == Call.Reason.NOTICE:
        now = timezone.now()
        is_over = row.closes_at is not None and row.closes_at < now
        row.state = Call.State.CLOSED if is_over else Call.State.PUBLISHED
        row.closed_at = (row.closed_at or now) if is_over else None
        row.withdrawn_at, row.withdrawn_because = None, ""
        raise_version(row)
        journal.record("call.restored", by=None, what=row)


def close_due() -> None:
    """What the tick does: calls whose last date has gone by are closed, each once, and pages are made anew."""
    now = timezone.now()
    for pk in list(Call.objects.past_their_time(now).values_list("pk", flat=True)[:_AT_ONCE]):
        with transaction.atomic():
            row = Call.objects.select_for_update().past_their_time(now).filter(pk=pk).first()
            if row is None:
                continue
            row.state, row.closed_at = Call.State.CLOSED, now
            raise_version(row)
            note(row, None, Deed.CLOSED)


@transaction.atomic
def dates_due() -> None:
    """What the tick does: where one of several dates has just gone by, pages that named it as the next one are made anew."""
    now = timezone.now()
    just = Cutoff.objects.filter(ends_at__lte=now, ends_at__gt=now - _JUST, call__closes_at__gt=now)
    if just.filter(call__state=Call.State.PUBLISHED).exists():
        versions.raise_()


def open_due() -> None:
    """What the tick does: calls that open are noted, each once, so that pages which said "opens later" are made anew."""
    for pk in list(Call.objects.waiting_to_open().values_list("pk", flat=True)[:_AT_ONCE]):
        with transaction.atomic():
            row = Call.objects.select_for_update().waiting_to_open().filter(pk=pk).first()
            if row is not None and row.stage() == Stage.OPEN:
                row.opened = True
                raise_version(row)
                note(row, None, Deed.OPENED)
