"""Writing a report, handing it in, accepting it or sending it back. What is handed in keeps its figures as they were then."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.network.models import Organisation
from koinon.reports import content, mails
from koinon.reports.actions.log import mark_of
from koinon.reports.models import PeriodReport
from koinon.reports.permissions import may_decide, may_edit, may_submit, may_write
from koinon.reports.words import State


@dataclass(frozen=True)
class Told:
    """What a report says beside its figures."""

    title: str
    first_day: date
    last_day: date
    language: str
    text: str = ""


class Changed(Exception):
    """Somebody else changed it meanwhile; `current` is how it stands."""

    def __init__(self, current: PeriodReport) -> None:
        super().__init__()
        self.current = current


class NotOver(Exception):
    """The period is not over: its figures would not be whole."""


@transaction.atomic
def begin(told: Told, *, by: Visitor, organisation: Organisation, nonce: str = "") -> PeriodReport:
    """Begin a report of a body. Nobody else sees it. Sent twice with the same `nonce` and the same words it is one."""
    require(may_write(by, organisation))
    mark = mark_of(by, nonce, organisation, told)
    if mark and (before := PeriodReport.objects.filter(nonce=mark).first()) is not None:
        return before
    try:
        with transaction.atomic():
            report = PeriodReport.objects.create(
                organisation=organisation,
                title=told.title,
                first_day=told.first_day,
                last_day=told.last_day,
                language=told.language,
                text=told.text,
                nonce=mark,
            )
    except IntegrityError:
        return PeriodReport.objects.get(nonce=mark)
    journal.record("report.begun", by=by, what=report, public=False)
    return report


@transaction.atomic
def edit(report: PeriodReport, told: Told, *, by: Visitor, version: int) -> PeriodReport:
    """Write on it. Of two at once the second is told: `Changed`."""
    require(may_edit(by, report))
    now = _lock(report, version)
    now.title, now.language, now.text = told.title, told.language, told.text
    now.first_day, now.last_day = told.first_day, told.last_day
    _save(now)
    journal.record("report.changed", by=by, what=now, public=False)
    return now


@transaction.atomic
def submit(report: PeriodReport, *, by: Visitor, version: int) -> PeriodReport:
    """Hand it in: from now on it shows what was counted at this moment. Who decides is told. Twice is once."""
    now = _newest(report)
    if now.is_handed_in:
        return now
    require(may_submit(by, now))
    _must_be(now, version)
    if now.last_day >= timezone.localdate():
        raise NotOver
    now.kept = content.count(now)
    now.state, now.submitted_at, now.reason, now.decided_at = State.SUBMITTED, timezone.now(), "", None
    _save(now)
    mails.tell_handed_in(now)
    journal.record("report.submitted", by=by, what=now, public=False)
    return now


@transaction.atomic
def accept(report: PeriodReport, *, by: Visitor, version: int) -> PeriodReport:
    """It is right as it stands. Twice is once."""
    now = _newest(report)
    if now.state == State.ACCEPTED:
        return now
    require(may_decide(by, now))
    _must_be(now, version)
    now.state, now.decided_at = State.ACCEPTED, timezone.now()
    _save(now)
    journal.record("report.accepted", by=by, what=now, public=False)
    return now


@transaction.atomic
def send_back(report: PeriodReport, *, by: Visitor, version: int, reason: str) -> PeriodReport:
    """Something is missing: its body reads why, is told, and writes on it. Its figures are counted anew."""
    now = _newest(report)
    # Whoever may not decide it any more may not read how it stands either.
    require(may_decide(by, now))
    _must_be(now, version)
    now.state, now.decided_at, now.reason, now.kept = State.SENT_BACK, timezone.now(), reason, {}
    _save(now)
    mails.tell_sent_back(now)
    journal.record("report.sent_back", by=by, what=now, public=False)
    return now


def _newest(report: PeriodReport) -> PeriodReport:
    """How it stands; whoever else would change it waits."""
    rows = PeriodReport.objects.select_for_update(of=("self",)).select_related("organisation")
    return rows.get(pk=report.pk)


def _must_be(now: PeriodReport, version: int) -> None:
    if now.version != version:
        raise Changed(now)


def _lock(report: PeriodReport, version: int) -> PeriodReport:
    now = _newest(report)
    _must_be(now, version)
    return now


def _save(row: PeriodReport) -> None:
    row.version += 1
    row.changed_at = timezone.now()
    row.save()
