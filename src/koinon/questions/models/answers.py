"""Answers as knowledge: anonymised copies, by consent, never a view on the question."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.network.models import Organisation, Programme
from koinon.places.models import Place
from koinon.questions.models.questions import Question


class AnswerSet(models.QuerySet["Answer"]):
    def public(self) -> Self:
        return self.filter(withdrawn_at__isnull=True)

    def for_place(self, place: Place) -> Self:
        """What holds for a place: answers for the place itself and for whatever it lies in."""
        codes = [place.code, *place.ancestor_codes()]
        return self.filter(pk__in=Answer.places.through.objects.filter(place__in=codes).values("answer"))

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")


class Answer(models.Model):
    """One published answer: who answered, which places and topics it holds for, what it rests on, how long it is valid."""

    question = models.OneToOneField(
        Question, models.SET_NULL, null=True, blank=True, related_name="published"
    )
    asked = models.TextField(_("question"))
    text = models.TextField(_("answer"))
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()))
    asked_language = models.CharField(max_length=2, choices=list(ENDONYMS.items()))
    body = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    places = models.ManyToManyField(Place, related_name="+")
    topics = models.JSONField(default=list)
    sources = models.JSONField(default=list)
    programme = models.ForeignKey(Programme, models.SET_NULL, null=True, blank=True, related_name="+")
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    published_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = AnswerSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-published_at"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("questions:answer", args=[self.pk])

    @property
    def title(self) -> str:
        first = self.asked.strip().split("\n", 1)[0]
        return first if len(first) <= 140 else first[:137].rsplit(" ", 1)[0] + "…"

    @property
    def body_name(self) -> str:
        return self.body.name if self.body is not None else str(_("the operators of this installation"))

    def is_old(self, day: date) -> bool:
        """Past its day, or given before the end of a programme that is over: the rules may have changed."""
        return self.valid_until is not None and self.valid_until < day


class Wording(models.Model):
    """Another way in which the same was asked, in its language."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="wordings")
    text = models.CharField(max_length=500)
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()))

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["answer", "text"], name="one_wording_once")]

    def __str__(self) -> str:
        return self.text


class Use(models.Model):
    """How often an answer helped: counted by the country of the place, never by person."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="uses")
    country = models.CharField(max_length=2)
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "country"], name="uses_once_a_country"),
            models.CheckConstraint(name="used_at_least_once", condition=Q(times__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.country}: {self.times}"
