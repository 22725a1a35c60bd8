"""Seats on dates, and their waiting list: the machinery of `agenda/seats.py`, on the row of the dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from koinon.agenda import seats
from koinon.courses import letters, words
from koinon.courses.models import Cohort, Course, Enrolment
from koinon.courses.words import Pace
from koinon.journal import versions

State = Enrolment.State


class NotOffered(Exception):
    """There is no offer to take (any more)."""


@dataclass(frozen=True)
class Standing:
    """How enrolling stands, as everybody may see it: in words. How many wait or learn is nobody's but in totals (row E4).

    `kind`: `open`, `few`, `full`, or why nobody can enrol: `closed`, `past`.
    """

    kind: str

    @property
    def takes(self) -> bool:
        return self.kind in {"open", "few", "full"}


def lock(cohort: Cohort) -> Cohort:
    """The dates as they are now, their row held until the transaction ends."""
    return Cohort.objects.select_for_update().get(pk=cohort.pk)


def free_of(cohort: Cohort) -> int | None:
    """How many seats are free; None: as many as want."""
    if cohort.capacity is None:
        return None
    return cohort.capacity - Enrolment.objects.filter(cohort=cohort).taking_places().count()


def why_closed(course: Course, cohort: Cohort | None, now: datetime) -> str:
    """Why nobody can enrol; empty where one can."""
    if not course.is_public or not course.takes_learners:
        return "closed"
    if course.pace == Pace.DATES and cohort is None:
        return "closed"
    if cohort is not None and cohort.last_day < timezone.localdate(now):
        return "past"
    return ""


def standings(dates: Mapping[int, int]) -> dict[int, Standing]:
    """How the seats of many dates stand, for lists: key of the dates → its seats gives its standing; one query for all."""
    rows = Enrolment.objects.filter(cohort__in=list(dates)).taking_places().order_by()
    taken = dict(rows.values_list("cohort").annotate(n=Count("pk")))
    return {pk: _standing(capacity - taken.get(pk, 0)) for pk, capacity in dates.items()}


def standings_of(course: Course, cohorts: Sequence[Cohort]) -> list[tuple[Cohort, Standing]]:
    """The dates of a course, each with how its seats stand; one query for all, none where no seats are counted."""
    now = timezone.now()
    closed = {one.pk: why for one in cohorts if (why := why_closed(course, one, now))}
    limits = {one.pk: one.capacity for one in cohorts if one.capacity is not None and one.pk not in closed}
    counted = standings(limits) if limits else {}
    return [
        (one, Standing(closed[one.pk]) if one.pk in closed else counted.get(one.pk, Standing("open")))
        for one in cohorts
    ]


def _standing(free: int) -> Standing:
    if free <= 0:
        return Standing("full")
    return Standing("few" if free <= seats.FEW else "open")


def rank_of(enrolment: Enrolment) -> int | None:
    """Which one it is in the line; None where it does not wait."""
    return seats.rank_of(enrolment, Enrolment.objects.filter(cohort=enrolment.cohort))


def _ends(cohort: Cohort) -> datetime:
    """The end of the last day: until then an offer can hold."""
    day = cohort.last_day + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time.min))


@transaction.atomic
def fill(cohort: Cohort, *, at: datetime | None = None) -> int:
    """Offer what is free to those who wait, in their order; returns how many offers went out. Of a course that was withdrawn
    nothing is offered."""
    now = at or timezone.now()
    held = lock(cohort)
    if _ends(held) <= now or not held.course.is_public:
        return 0
    free = free_of(held)
    line = Enrolment.objects.filter(cohort=held).waiting().select_for_update()
    chosen = list(line if free is None else line[: max(free, 0)])
    begins = timezone.make_aware(datetime.combine(held.starts_on, time.min))
    for waiting in chosen:
        seats.offer(waiting, seats.offer_until(now, begins=begins, ends=_ends(held)))
        letters.offer(waiting)
    if chosen:
        show_anew(held)
    return len(chosen)


@transaction.atomic
def lapse(cohort: Cohort, *, at: datetime | None = None) -> int:
    """Take back the offers that nobody answered in time, and offer them on; returns how many lapsed."""
    now = at or timezone.now()
    held = lock(cohort)
    over = seats.lapse(Enrolment.objects.filter(cohort=held), now, letters.lapsed)
    if over:
        show_anew(held)
    fill(held, at=now)
    return over


def show_anew(cohort: Cohort) -> None:
    """What pages kept for everybody say about its seats may have changed."""
    if cohort.capacity is not None:
        versions.raise_()


def run() -> int:
    """What is due, for the tick: offers that lapsed, and seats that came free."""
    moving = Enrolment.objects.filter(state__in=[State.WAITING, State.OFFERED], cohort__isnull=False)
    moving = moving.filter(course__state=words.State.PUBLISHED)
    done = 0
    for cohort in Cohort.objects.filter(pk__in=moving.values("cohort")).order_by("pk"):
        lapse(cohort)
        done += 1
    return done
