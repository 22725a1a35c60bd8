"""How many learn a course and how far they are, for those who run it: totals, never who, and no number that tells of one.

Below five a number is not told; above, it is told down to the next five, so that no difference between two numbers, or
between two days, gives a single person away.
"""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from koinon.courses.models import Course, Enrolment, Module, Step

LEAST = 5


@dataclass(frozen=True)
class Total:
    """A number as it is told."""

    told: int

    @classmethod
    def of(cls, number: int) -> "Total":
        return cls(number - number % LEAST)

    @property
    def is_few(self) -> bool:
        return self.told < LEAST

    def __str__(self) -> str:
        if self.is_few:
            return _("fewer than five")
        return _("at least %(n)s") % {"n": self.told}


@dataclass(frozen=True)
class Figures:
    """Totals of a course."""

    learning: Total
    waiting: Total
    finished: Total
    modules: list[tuple[Module, Total]]


def figures_of(course: Course) -> Figures:
    """Three queries, however many learn."""
    state = Enrolment.State
    counted = course.enrolments.aggregate(
        learning=Count("pk", filter=Q(state=state.COMING)),
        waiting=Count("pk", filter=Q(state__in=[state.WAITING, state.OFFERED])),
        finished=Count("pk", filter=Q(finished_at__isnull=False)),
    )
    done = dict(
        Step.objects.filter(enrolment__course=course, done_at__isnull=False)
        .values_list("module")
        .annotate(n=Count("pk"))
        .order_by()
    )
    modules = [(row, Total.of(done.get(row.pk, 0))) for row in course.modules.all()]
    return Figures(
        Total.of(counted["learning"]), Total.of(counted["waiting"]), Total.of(counted["finished"]), modules
    )
