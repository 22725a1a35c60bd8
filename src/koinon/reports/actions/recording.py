"""What the house records by itself: sessions held, courses held, exchanges with a public result, answers published.

Each is recorded once for each body that did it, however often this runs and in however many processes. What changes there
changes its record, unless a person corrected it: then the record says that the house says something else now. What is not
there any more counts no more.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from koinon.agenda.models import Session
from koinon.courses.figures import Total
from koinon.courses.models import Cohort, Enrolment
from koinon.courses.words import State as CourseState
from koinon.journal import actions as journal
from koinon.journal import versions
from koinon.peers.models import Exchange
from koinon.questions.invented import is_invented
from koinon.questions.models import Answer
from koinon.reports.actions.log import take_house
from koinon.reports.models import Activity
from koinon.reports.models.activities import as_said, countries_of
from koinon.reports.words import Kind, Origin

MOST_TITLE = 200


@dataclass(frozen=True)
class Done:
    """Something that a body did, as the house knows it. `participants` None: nobody counted them."""

    thing: str
    body: int
    kind: str
    title: str
    language: str
    first_day: date
    last_day: date
    places: tuple[str, ...] = ()
    participants: int | None = None
    at_least: bool = False
    partners: tuple[str, ...] = ()
    link: str = ""
    is_demo: bool = False

    @property
    def said(self) -> dict[str, Any]:
        return as_said(
            {
                "kind": str(self.kind),
                "title": self.title[:MOST_TITLE],
                "language": self.language,
                "first_day": self.first_day,
                "last_day": self.last_day,
                "places": list(self.places),
                "participants": self.participants,
                "at_least": self.at_least,
                "partners": list(self.partners),
                "link": self.link,
            }
        )


def held_sessions() -> "Iterator[Done]":
    """Announced sessions that were held. Who came is what hosts marked; nobody marked: it is not known."""
    state = Session.State
    rows = (
        Session.objects.filter(published=True, organiser__isnull=False)
        .filter(Q(state=state.ENDED) | Q(state=state.PLANNED, ends_at__lt=timezone.now()))
        .annotate(came=Count("registrations", filter=Q(registrations__attended_at__isnull=False)))
        .prefetch_related("places")
        .order_by("pk")
    )
    for row in rows:
        yield Done(
            thing=f"session:{row.code}",
            body=row.organiser_id or 0,
            kind=Kind.SESSION,
            title=row.title,
            language=row.language,
            first_day=row.day,
            last_day=row.day,
            places=tuple(sorted(place.pk for place in row.places.all())),
            participants=row.came or None,  # type: ignore[attr-defined]
            link=f"/sessions/{row.code}/",
            is_demo=row.is_demo,
        )


def held_courses() -> "Iterator[Done]":
    """Dates of published courses that are over. How many learnt is told as the course tells it: down to the next five."""
    rows = (
        Cohort.objects.filter(course__state=CourseState.PUBLISHED, ends_on__lt=timezone.localdate())
        .annotate(learnt=Count("enrolments", filter=Q(enrolments__state=Enrolment.State.COMING)))
        .select_related("course")
        .prefetch_related("course__places")
        .order_by("pk")
    )
    for row in rows:
        told = Total.of(row.learnt).told
        yield Done(
            thing=f"cohort:{row.pk}",
            body=row.course.organiser_id,
            kind=Kind.COURSE,
            title=row.course.title,
            language=row.course.language,
            first_day=row.starts_on,
            last_day=row.ends_on,
            places=tuple(sorted(place.pk for place in row.course.places.all())),
            participants=told or None,
            at_least=bool(told),
            link=f"/courses/{row.course.slug}/",
            is_demo=row.course.is_demo,
        )


def exchanges_with_a_result() -> "Iterator[Done]":
    """Exchanges that came to a result. Of one that is not for all to see only that there was one: rank opens nothing there."""
    rows = (
        Exchange.objects.filter(result_at__isnull=False, removed_at__isnull=True, called_off_at__isnull=True)
        .with_sides()
        .order_by("pk")
    )
    for row in rows:
        if not row.is_agreed:
            continue
        sides = [row.first_organisation, row.second_organisation]
        for own, other in (sides, sides[::-1]):
            if own is None:
                continue
            shown = row.is_public
            yield Done(
                thing=f"exchange:{row.code}",
                body=own.pk,
                kind=Kind.EXCHANGE,
                title=row.title if shown else "",
                language=row.language,
                first_day=row.begins_on,
                last_day=row.ends_on,
                places=tuple(sorted({body.country for body in sides if body and body.country}))
                if shown
                else (),
                partners=(other.name,) if shown and other is not None else (),
                link=f"/peers/exchanges/{row.code}/" if shown else "",
                is_demo=row.is_demo,
            )


def published_answers() -> "Iterator[Done]":
    """Answers that stand in the house for everybody."""
    rows = Answer.objects.public().filter(body__isnull=False).prefetch_related("places").order_by("pk")
    for row in rows:
        day = timezone.localdate(row.published_at)
        yield Done(
            thing=f"answer:{row.pk}",
            body=row.body_id or 0,
            kind=Kind.ANSWER,
            title=row.title,
            language=row.asked_language,
            first_day=day,
            last_day=day,
            places=tuple(sorted(place.pk for place in row.places.all())),
            link=f"/questions/{row.pk}/",
            is_demo=is_invented(row),
        )


SOURCES: tuple[Callable[[], "Iterator[Done]"], ...] = (
    held_sessions,
    held_courses,
    exchanges_with_a_result,
    published_answers,
)

_looked: tuple[int, int] | None = None


def run() -> None:
    """For the clock: look when the public data changed, and once an hour, as what passes with time changes nothing."""
    global _looked
    seen = (versions.known(), int(timezone.now().timestamp()) // 3600)
    if seen == _looked:
        return
    record_all()
    _looked = seen


def forget() -> None:
    """Look again the next time (for tests)."""
    global _looked
    _looked = None


def record_all() -> int:
    """Bring the log up to what was done; returns how many records were made or changed. A second time it is none."""
    there = {
        (row.organisation_id, row.thing): row
        for row in Activity.objects.filter(origin=Origin.HOUSE).exclude(thing="")
    }
    changed = 0
    for source in SOURCES:
        for done in source():
            row = there.pop((done.body, done.thing), None)
            if row is None:
                changed += _begin(done)
            elif row.house != done.said or row.gone:
                changed += _renew(row, done.said)
    for row in there.values():
        if not row.gone and row.is_counted:
            changed += _end(row)
    return changed


@transaction.atomic
def _begin(done: Done) -> int:
    """Record it; another process may have done so at this moment."""
    row = Activity(
        organisation_id=done.body,
        origin=Origin.HOUSE,
        thing=done.thing,
        house=done.said,
        is_demo=done.is_demo,
    )
    take_house(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return 0
    journal.record("activity.recorded", by=None, what=row, public=False)
    return 1


@transaction.atomic
def _renew(row: Activity, said: dict[str, Any]) -> int:
    """What the house says has changed: so does its record, unless a person corrected it."""
    now = Activity.objects.select_for_update().get(pk=row.pk)
    if now.house == said and not now.gone:
        return 0
    now.house = said
    if now.gone:
        now.gone, now.withdrawn_at, now.withdrawn_because = False, None, ""
    if not now.corrected:
        take_house(now)
    _keep(now)
    journal.record("activity.renewed", by=None, what=now, public=False)
    return 1


@transaction.atomic
def _end(row: Activity) -> int:
    """What it records is not there any more: it counts no more."""
    now = Activity.objects.select_for_update().get(pk=row.pk)
    if not now.is_counted:
        return 0
    now.gone, now.withdrawn_at = True, timezone.now()
    _keep(now)
    journal.record("activity.ended", by=None, what=now, public=False)
    return 1


def _keep(row: Activity) -> None:
    row.countries = countries_of(row.places)
    row.version += 1
    row.changed_at = timezone.now()
    row.save()
