"""Who learns, how far somebody is, what was certified, and self-checks that somebody kept. All of it is the person's own (E4).

Nothing of it is written into the journal with a name or a course together: who may read a journal may not read this.
"""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.agenda.seats import SeatSet
from koinon.base.visitor import Visitor
from koinon.courses.models.courses import LANGUAGES, Cohort, Course, Module
from koinon.people.models import Person


class EnrolmentSet(SeatSet["Enrolment"]):
    """Enrolments as seats (`agenda/seats.py`)."""

    def seen_by(self, visitor: Visitor) -> Self:
        """One's own and nobody else's (E4)."""
        if visitor.person_id is None or visitor.is_only_operator:
            return self.none()
        return self.filter(person=visitor.person_id)

    def not_left(self) -> Self:
        """Without those of which only counted tries are left (`actions.learning.leave`): for everybody they are not enrolled."""
        return self.exclude(state=Enrolment.State.CANCELLED)

    def learning(self) -> Self:
        """Who has a seat."""
        return self.filter(state=Enrolment.State.COMING)


class Enrolment(models.Model):
    """One person in one course, in every language. `language` is the one in which something was last done.

    Who leaves leaves no row, but where tries of a quiz are bounded and were used: then one that is `CANCELLED` keeps their count.
    """

    class State(models.TextChoices):
        COMING = "coming", _("enrolled")
        WAITING = "waiting", _("on the waiting list")
        OFFERED = "offered", _("has a seat offered")
        CANCELLED = "cancelled", _("left")
        LAPSED = "lapsed", _("let the offer go by")

    ACTIVE = (State.COMING, State.WAITING, State.OFFERED)

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    course = models.ForeignKey(Course, models.CASCADE, related_name="enrolments")
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, blank=True, related_name="enrolments")
    language = models.CharField(max_length=2, choices=LANGUAGES, default="en")
    state = models.CharField(max_length=9, choices=State, default=State.COMING)
    at = models.DateTimeField(default=timezone.now)
    waiting_since = models.DateTimeField(null=True, blank=True)
    offer_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = EnrolmentSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["cohort", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["person", "course"], name="enrolled_once"),
            models.CheckConstraint(
                name="an_offered_seat_has_an_end",
                condition=~Q(state="offered") | Q(offer_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Step(models.Model):
    """How far somebody is in one module. Of a quiz: the last answers by the place of what was chosen, and how many were right.

    Of who left the course there are only the tries of quizzes that bound them, without answers.
    """

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="steps")
    module = models.ForeignKey(Module, models.CASCADE, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=2, choices=LANGUAGES, default="en")
    tries = models.PositiveIntegerField(default=0)
    answers = models.JSONField(default=dict)
    right = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "module"], name="each_module_once_for_each")
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Certificate(models.Model):
    """That somebody finished a course. The number is unguessable; the name stands there only as the person wished.

    Taken back, the number stays, with nothing of the person: whoever checks it reads that it does not hold any more.
    """

    number = models.CharField(max_length=24, unique=True)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    course = models.ForeignKey(Course, models.SET_NULL, null=True, related_name="+")
    organiser = models.CharField(max_length=300)
    title = models.CharField(max_length=200)
    language = models.CharField(max_length=2, choices=LANGUAGES)
    minutes = models.PositiveIntegerField()
    name = models.CharField(_("name"), max_length=150, blank=True)
    finished_on = models.DateField(null=True)
    issued_at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="what_is_taken_back_names_nobody",
                condition=Q(taken_back_at__isnull=True)
                | (Q(name="") & Q(person__isnull=True) & Q(finished_on__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=["person", "course"],
                condition=Q(person__isnull=False),
                name="one_certificate_for_each_course",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("courses:certificate", args=[self.number])


class SelfCheck(models.Model):
    """What somebody answered about a centre's competences and wished to keep: statement → level."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    levels = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.pk}"
