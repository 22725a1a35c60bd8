"""What a course is: what it is about and for whom, its modules in their order, the questions in them, its dates."""

import secrets
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.agenda.models import Session
from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.courses.words import (
    COURSE_TEXTS,
    MODULE_TEXTS,
    Level,
    ModuleKind,
    Pace,
    QuestionKind,
    State,
)
from koinon.network.models import Organisation
from koinon.network.models.organisations import staffed_by
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.places.models import Place

LANGUAGES = list(ENDONYMS.items())


def new_code() -> str:
    return secrets.token_urlsafe(16)


class CourseSet(models.QuerySet["Course"]):
    def public(self) -> Self:
        return self.filter(state=State.PUBLISHED)

    def seen_by(self, visitor: Visitor) -> Self:
        """What is published; drafts of one's own bodies, of the consortium one leads, all as coordinator (E3, E8)."""
        if not isinstance(visitor, NetworkVisitor) or visitor.person_id is None:
            return self.public()
        drafts = Q(state=State.DRAFT)
        if not visitor.is_coordinator:
            drafts &= Q(organiser__in=staffed_by(visitor) | visitor.led)
        return self.filter(Q(state=State.PUBLISHED) | drafts)

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")


class Course(models.Model):
    """Something to learn. Its texts are in `language`; what others made of them lies in `Translation`.

    `edits` counts the savings, so that two people at once never overwrite each other.
    """

    slug = models.SlugField(max_length=120, unique=True)
    organiser = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("organiser"))
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="en")
    title = models.CharField(_("title"), max_length=200)
    lead = models.CharField(_("in one sentence"), max_length=300, blank=True)
    about = models.TextField(_("what it is about"), blank=True)
    outcomes = models.TextField(_("what one can do afterwards"), blank=True)
    requires = models.TextField(_("what one should know before"), blank=True)
    level = models.CharField(_("level"), max_length=6, choices=Level, default=Level.FIRST)
    minutes = models.PositiveIntegerField(_("workload in minutes"), default=60)
    pace = models.CharField(_("when"), max_length=5, choices=Pace, default=Pace.SELF)
    takes_learners = models.BooleanField(_("takes learners"), default=True)
    gives_certificate = models.BooleanField(_("gives a certificate"), default=True)
    topics = models.JSONField(default=list)
    competences = models.JSONField(default=list)
    places = models.ManyToManyField(Place, related_name="+", blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)
    edits = models.PositiveIntegerField(default=1)

    objects = CourseSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "-published_at"])]
        constraints = [
            models.CheckConstraint(
                name="a_public_course_has_a_day",
                condition=~Q(state="published") | Q(published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse("courses:course", args=[self.slug])

    @property
    def is_public(self) -> bool:
        return self.state == State.PUBLISHED

    @property
    def texts(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in COURSE_TEXTS}


def tombstone(slug: str) -> Course | None:
    """What stands where a course was withdrawn: that there was one; anybody may know."""
    return Course.objects.filter(slug=slug, state=State.WITHDRAWN).first()


class Cohort(models.Model):
    """Dates on which a course is learnt together, with so many seats (none: as many as want)."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="cohorts")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    enrol_until = models.DateField(_("one can enrol until"), null=True, blank=True)
    capacity = models.PositiveIntegerField(_("seats"), null=True, blank=True)
    note = models.CharField(_("rhythm"), max_length=100, blank=True)
    edits = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="a_cohort_ends_after_it_starts", condition=Q(ends_on__gte=models.F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_id}, {self.starts_on}"

    @property
    def last_day(self) -> date:
        """The last day on which one can enrol."""
        return min(self.enrol_until or self.ends_on, self.ends_on)


class Module(models.Model):
    """One step of a course. `number` is its address and stays; `position` is its place in the order.

    `link`: a video elsewhere. `session`: a session of the agenda. A quiz is passed with `needs` per cent of the answers
    right, in at most `tries` tries (none: as many as one likes).
    """

    course = models.ForeignKey(Course, models.CASCADE, related_name="modules")
    number = models.PositiveIntegerField()
    position = models.PositiveIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=7, choices=ModuleKind, default=ModuleKind.TEXT)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="en")
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    minutes = models.PositiveIntegerField(_("minutes"), default=20)
    link = models.URLField(_("address of the video"), max_length=500, blank=True)
    session = models.ForeignKey(Session, models.SET_NULL, null=True, blank=True, related_name="+")
    needs = models.PositiveSmallIntegerField(_("per cent that have to be right"), default=60)
    tries = models.PositiveSmallIntegerField(_("tries at most"), null=True, blank=True)
    edits = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="each_module_has_its_number"),
            models.CheckConstraint(name="per_cent_of_a_quiz", condition=Q(needs__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.course_id}, {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("courses:module", args=[self.course.slug, self.number])

    @property
    def own_texts(self) -> dict[str, str]:
        """What is written in the module's language, its questions too: name → text. Choices are lines."""
        found = {name: getattr(self, name) for name in MODULE_TEXTS}
        for question in self.questions.all():
            found |= {f"q{question.pk}.{name}": text for name, text in question.texts.items()}
        return found


class ModuleFile(models.Model):
    """The file of a module, washed before it was kept (`base.uploads`)."""

    module = models.OneToOneField(Module, models.CASCADE, related_name="file")
    code = models.CharField(max_length=32, unique=True, default=new_code)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """One question of a quiz. `right` are the places of the right choices; what is to be put in order is written in order.

    A number is right within `within` of it. Answers are kept by place, so that they hold in every language.
    """

    module = models.ForeignKey(Module, models.CASCADE, related_name="questions")
    position = models.PositiveIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=7, choices=QuestionKind, default=QuestionKind.SINGLE)
    text = models.CharField(_("question"), max_length=500)
    choices = models.JSONField(default=list)
    right = models.JSONField(default=list)
    number = models.DecimalField(
        _("the right number"), max_digits=16, decimal_places=4, null=True, blank=True
    )
    within = models.DecimalField(_("give or take"), max_digits=16, decimal_places=4, default=0)
    explanation = models.TextField(_("why"), blank=True)
    edits = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="a_number_is_asked_with_its_answer",
                condition=~Q(kind="number") | Q(number__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.module_id}, {self.pk}"

    @property
    def texts(self) -> dict[str, str]:
        found = {"text": self.text, "explanation": self.explanation}
        return found | ({"choices": "\n".join(self.choices)} if self.choices else {})
