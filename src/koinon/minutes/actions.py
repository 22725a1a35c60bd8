"""What can be done with a report: it drafts itself, hosts edit it, attendees correct it, it is published."""

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone, translation

from koinon.agenda.permissions import may_read
from koinon.base.guessing import guess_language
from koinon.base.languages import DEFAULT, in_language
from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.mail import actions as mail
from koinon.minutes.counting import count
from koinon.minutes.models import Line, Pledge, Remark, Report
from koinon.minutes.permissions import may_edit, may_publish
from koinon.network.actions.roles import site
from koinon.network.models import Organisation
from koinon.network.visitor import ANYONE
from koinon.people.models import Person
from koinon.practices.actions.origins import draft_from_experience
from koinon.practices.models import Practice
from koinon.questions.staff import people_at
from koinon.room.models import Contribution, Room

DAYS_TO_CORRECT = 5
PROMISE = "minutes/mail/promise"
MAILS = {PROMISE: "B13"}
BEFORE, LATE = timedelta(days=3), timedelta(days=30)
SHARED = (Contribution.Kind.EXPERIENCE, Contribution.Kind.PRACTICE)
"""What may become the draft of a practice."""


class Changed(Exception):
    """Somebody else changed it meanwhile."""


class NotNow(Exception):
    """It cannot be done in the state the report is in."""


@transaction.atomic
def draft(room: Room) -> Report | None:
    """Draft the report of a room that is closed. Doing it twice changes nothing; a rehearsal has none."""
    if room.rehearsal or room.state != Room.State.CLOSED:
        return None
    now = timezone.now()
    report, is_new = Report.objects.get_or_create(
        session=room.session,
        defaults={
            "language": room.session.language,
            "drafted_at": now,
            "changed_at": now,
            "figures": count(room),
        },
    )
    if is_new:
        _add_lines(report, room)
        journal.record("report.drafted", by=None, what=report, public=False)
    return report


def _add_lines(report: Report, room: Room) -> None:
    """A line for each thing that everybody saw, and for what went to a desk without having been shown."""
    rows = room.contributions.filter(
        Q(state__in=Contribution.SHOWN) | Q(state=Contribution.State.NEW, question__isnull=False)
    ).most_wanted_first()
    Line.objects.bulk_create(
        [
            Line(
                report=report,
                contribution=row,
                answer=row.answer,
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )


def draft_all() -> int:
    """The tick's part: rooms that were closed and have no report yet. Returns how many were drafted."""
    rows = Room.objects.filter(
        state=Room.State.CLOSED, rehearsal=False, session__report__isnull=True
    ).select_related("session")
    return sum(draft(room) is not None for room in rows[:20])


def _locked(report: Report) -> Report:
    return Report.objects.select_for_update().select_related("session").get(pk=report.pk)


@transaction.atomic
def edit(
    report: Report,
    *,
    by: Visitor,
    version: int,
    language: str,
    lead: str,
    lines: Mapping[int, tuple[str, str, bool]],
) -> Report:
    """Change the hosts' words. `lines`: key of a line → gist, answer, left out. `Changed` where somebody was quicker."""
    now = _locked(report)
    require(may_edit(by, now))
    if now.version != version:
        raise Changed
    for line in now.lines.filter(pk__in=lines):
        line.gist, line.answer, line.hidden = lines[line.pk]
        line.save(update_fields=["gist", "answer", "hidden"])
    _change(now, language=language, lead=lead)
    journal.record("report.changed", by=by, what=now, public=now.state != Report.State.DRAFT)
    return now


def _change(report: Report, **values: object) -> None:
    for name, value in values.items():
        setattr(report, name, value)
    report.version += 1
    report.changed_at = timezone.now()
    report.save()


@transaction.atomic
def pledge(
    report: Report, *, by: Visitor, text: str, owner: Organisation | None, owner_text: str, due: date
) -> Pledge:
    """Write down what was promised. The same promise twice is one."""
    now = _locked(report)
    require(may_edit(by, now))
    made, is_new = Pledge.objects.get_or_create(
        report=now, text=text, owner=owner, owner_text=owner_text, defaults={"due": due}
    )
    if is_new:
        journal.record("report.pledged", by=by, what=now, public=now.state != Report.State.DRAFT)
    return made


@transaction.atomic
def follow_up(pledge: Pledge, *, by: Visitor, state: str, became: str) -> Pledge:
    """Say what became of a promise, also long after the report was published."""
    report = _locked(pledge.report)
    require(may_edit(by, report))
    pledge.state, pledge.became = state, became
    pledge.save(update_fields=["state", "became"])
    journal.record("report.followed_up", by=by, what=report, details={"state": state})
    return pledge


@transaction.atomic
def open_for_corrections(report: Report, *, by: Visitor, days: int = DAYS_TO_CORRECT) -> Report:
    """Show the draft to all who may see the session, for some days."""
    now = _locked(report)
    require(may_edit(by, now))
    if now.state == Report.State.PUBLISHED:
        raise NotNow
    until = timezone.localdate() + timedelta(days=days)
    _change(now, state=Report.State.CORRECTING, corrections_until=until)
    journal.record("report.opened", by=by, what=now, details={"until": until.isoformat()})
    return now


@transaction.atomic
def publish(report: Report, *, by: Visitor) -> Report:
    """Publish it at its lasting address; the figures are counted a last time and stay. Twice changes nothing."""
    now = _locked(report)
    require(may_publish(by, now))
    if now.state == Report.State.PUBLISHED:
        return now
    room = Room.objects.get(session=now.session)
    _change(now, state=Report.State.PUBLISHED, published_at=timezone.now(), figures=count(room))
    journal.record("report.published", by=by, what=now)
    return now


@transaction.atomic
def remark(report: Report, *, by: Visitor, text: str, nonce: str) -> Remark:
    """Suggest a correction, without an account; the same form sent twice suggests once."""
    now = _locked(report)
    mark = hashlib.sha256(f"{now.pk}\x1f{nonce}\x1f{text}".encode()).hexdigest()
    before = Remark.objects.filter(nonce=mark).first()
    if before is not None:
        return before
    # Whoever may see the session may (A7 C), while the report is open for them.
    require(may_read(by, now.session), hidden=True)
    if now.state != Report.State.CORRECTING:
        raise NotNow
    language, _sure = guess_language(text, hint=now.language)
    try:
        with transaction.atomic():
            return Remark.objects.create(
                report=now, text=text, language=language, nonce=mark, at=timezone.now()
            )
    except IntegrityError:
        return Remark.objects.get(nonce=mark)


@transaction.atomic
def to_practice(report: Report, line: Line, *, by: Visitor) -> Practice:
    """Make what somebody shared the draft of a practice of the organiser, once; by consent, or in the hosts' own words."""
    now = _locked(report)
    require(may_edit(by, now))
    told = line.contribution
    if told.kind not in SHARED or told.state not in Contribution.SHOWN:
        raise NotNow
    text, language = line.gist, now.language
    if not text and told.may_quote:
        text, language = told.text, told.language
    if not text:
        raise NotNow
    session = now.session
    return draft_from_experience(
        text,
        by=by,
        organisation=session.organiser,
        language=language,
        place=told.place if told.may_quote else None,
        origin=(f"contribution:{told.pk}", f"{session.title} ({session.code})", session.get_absolute_url()),
    )


@transaction.atomic
def decide(remark: Remark, *, by: Visitor, taken: bool, reply: str) -> Remark:
    """Say whether it was taken up; who suggested it reads that at the report while it is open."""
    report = _locked(remark.report)
    require(may_edit(by, report))
    remark.state = Remark.State.TAKEN if taken else Remark.State.LEFT
    remark.reply = reply
    remark.save(update_fields=["state", "reply"])
    journal.record("report.remark_decided", by=by, what=report, public=False)
    return remark


def remind() -> int:
    """For the tick: once, some days before a promise is due, the people of who made it and of the hosts. Returns how many mails.

    Who promised is told only what everybody may read by then; the hosts always. Where nobody has a role yet, it waits.
    """
    today = timezone.localdate()
    due = Pledge.objects.filter(
        state=Pledge.State.OPEN, reminded_at=None, due__gte=today - LATE, due__lte=today + BEFORE
    )
    sent = 0
    for promise in due.select_related("owner", "report__session__organiser")[:200]:
        with transaction.atomic():
            told = _told_of(promise)
            # Who changes the row writes; another process at the same time changes nothing.
            if told and Pledge.objects.filter(pk=promise.pk, reminded_at=None).update(
                reminded_at=timezone.now()
            ):
                for person in told:
                    _remind(promise, person)
                    sent += 1
    return sent


def _told_of(promise: Pledge) -> list[Person]:
    report = promise.report
    bodies = [report.session.organiser]
    if report.state != Report.State.DRAFT and may_read(ANYONE, report.session):
        bodies.append(promise.owner)
    people = {role.person_id: role.person for body in bodies if body is not None for role in people_at(body)}
    return list(people.values())


def _remind(promise: Pledge, person: Person) -> None:
    with translation.override(DEFAULT):
        path = promise.report.get_absolute_url()
    context = {
        "promise": promise,
        "session": promise.report.session,
        "page": site() + in_language(path, person.language),
    }
    mail.send(
        person.email, PROMISE, context, language=person.language, key=f"promise:{promise.pk}:{person.pk}"
    )
