"""Expert support for a managing authority: what a request holds beyond its question, and who is named for triage."""

import secrets
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Programme
from koinon.people.models import Person
from koinon.questions.models.answers import Answer
from koinon.questions.models.questions import Question


def new_handle() -> str:
    """What the triage persons call a request by: neither its number nor a count."""
    return secrets.token_urlsafe(12)


class RequestSet(models.QuerySet["Request"]):
    def seen_by(self, visitor: Visitor) -> Self:
        """Those whose question the visitor may read (C1, C2)."""
        return self.filter(question__in=Question.objects.seen_by(visitor).values("pk"))

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class Request(models.Model):
    """A managing authority asks for expert support. The challenge is the question's text, the format its wish.

    `shared_as` is the copy of the outcome that others may read, by consent; nothing leads from the copy back to here.
    """

    class Urgency(models.TextChoices):
        CALM = "calm", _("no date presses")
        MONTH = "month", _("within a month")
        NOW = "now", _("within two weeks")

    question = models.OneToOneField(Question, models.CASCADE, related_name="support")
    handle = models.CharField(max_length=32, unique=True, default=new_handle)
    for_body = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, models.SET_NULL, null=True, blank=True, related_name="+")
    priority = models.TextField(_("priority"), blank=True)
    urgency = models.CharField(max_length=8, choices=Urgency, default=Urgency.CALM)
    outcome = models.TextField(_("outcome"), blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)
    outcome_shared = models.BooleanField(default=False, help_text="consent to these very words")
    shared_as = models.OneToOneField(Answer, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_after_3 = models.DateField(null=True, blank=True)
    asked_after_6 = models.DateField(null=True, blank=True)
    changed_after_3 = models.TextField(_("what changed after three months"), blank=True)
    changed_after_6 = models.TextField(_("what changed after six months"), blank=True)

    objects = RequestSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="consent_to_an_outcome_that_is_there",
                condition=models.Q(outcome_shared=False) | ~models.Q(outcome=""),
            )
        ]

    def __str__(self) -> str:
        return str(self.question)


class Triage(models.Model):
    """A coordinator who is named to see that there are confidential requests, and to say by name who handles them."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Without the person's name: it is written into the journal, which forgets persons."""
        return "triage"
