"""What an exchange is: what two agreed to do, when, and what came of it; its public part where both consent."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.peers.models.codes import new_code
from koinon.peers.models.entries import SEEKERS, STAFF, held, takes_part
from koinon.peers.models.matches import Match
from koinon.peers.words import Format, Outcome
from koinon.people.models import Person


def _party(visitor: Visitor) -> Q:
    if not takes_part(visitor):
        return Q(pk__in=())
    bodies, seekers = held(visitor, STAFF), held(visitor, SEEKERS)
    seen = Match.objects.seen_by(visitor).values("pk")
    return (
        Q(match__in=seen)
        | Q(first_organisation__in=bodies)
        | Q(second_organisation__in=bodies)
        | Q(first_person=visitor.person_id)
        | Q(second_person=visitor.person_id)
        | Q(is_of_review=True, first_organisation__in=seekers)
        | Q(is_of_review=True, second_organisation__in=seekers)
    )


class ExchangeSet(models.QuerySet["Exchange"]):
    def public(self) -> Self:
        """Those of which both sides let the result be seen."""
        return self.filter(
            first_consent__isnull=False,
            second_consent__isnull=False,
            result_at__isnull=False,
            removed_at__isnull=True,
        )

    def seen_by(self, visitor: Visitor) -> Self:
        """What is public, and those to which one is a party (E9)."""
        shown = Q(
            first_consent__isnull=False,
            second_consent__isnull=False,
            result_at__isnull=False,
            removed_at__isnull=True,
        )
        return self.filter(shown | _party(visitor))

    def of_party(self, visitor: Visitor) -> Self:
        return self.filter(_party(visitor))

    def of_body(self, organisation: Organisation) -> Self:
        return self.filter(Q(first_organisation=organisation) | Q(second_organisation=organisation))

    def with_sides(self) -> Self:
        return self.select_related(
            "first_organisation", "second_organisation", "first_person", "second_person"
        )

    def latest_first(self) -> Self:
        return self.order_by("-result_at", "-pk")


class Exchange(models.Model):
    """One thing that two agreed on. Whatever is changed in what was agreed asks both again; likewise the public words.

    `where`, `terms` and `result` are the two sides' alone: where they met may be where one of them lives, and neither ever
    said yes to its being seen. What both let be seen is `public_text`, with what it was called, its form, days and outcome.
    """

    code = models.CharField(max_length=12, unique=True, default=new_code)
    match = models.ForeignKey(Match, models.SET_NULL, null=True, related_name="exchanges")
    first_organisation = models.ForeignKey(Organisation, models.SET_NULL, null=True, related_name="+")
    second_organisation = models.ForeignKey(Organisation, models.SET_NULL, null=True, related_name="+")
    first_person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    second_person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    language = models.CharField(_("language"), max_length=2, choices=list(ENDONYMS.items()), default="en")
    title = models.CharField(_("what"), max_length=160)
    format = models.CharField(_("form"), max_length=10, choices=Format)
    topics = models.JSONField(default=list, blank=True)
    begins_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    where = models.CharField(_("where"), max_length=200, blank=True)
    terms = models.TextField(_("who does what"), blank=True)
    first_agreed = models.DateTimeField(null=True, blank=True)
    second_agreed = models.DateTimeField(null=True, blank=True)
    called_off_at = models.DateTimeField(null=True, blank=True)

    outcome = models.CharField(_("did it help?"), max_length=8, choices=Outcome, blank=True)
    result = models.TextField(_("what came of it"), blank=True)
    result_at = models.DateTimeField(null=True, blank=True)
    public_text = models.TextField(_("for all to see"), blank=True)
    first_consent = models.DateTimeField(null=True, blank=True)
    second_consent = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    asked_at = models.DateTimeField(null=True, blank=True)
    asked = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    edits = models.PositiveIntegerField(default=1)
    is_of_review = models.BooleanField(
        default=False, help_text="what is agreed stands in the terms of a review (`peers/reviews/`)"
    )
    is_demo = models.BooleanField(default=False)

    objects = ExchangeSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_exchange_ends_after_it_begins", condition=Q(ends_on__gte=models.F("begins_on"))
            ),
            models.CheckConstraint(
                name="consent_is_to_a_result",
                condition=Q(first_consent__isnull=True, second_consent__isnull=True)
                | Q(result_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"exchange {self.code}"

    def get_absolute_url(self) -> str:
        return reverse("peers:exchange", args=[self.code])

    @property
    def is_agreed(self) -> bool:
        return self.first_agreed is not None and self.second_agreed is not None

    @property
    def is_public(self) -> bool:
        return (
            self.first_consent is not None
            and self.second_consent is not None
            and self.result_at is not None
            and self.removed_at is None
        )

    def organisation(self, side: str) -> Organisation | None:
        return self.first_organisation if side == "first" else self.second_organisation

    def person(self, side: str) -> Person | None:
        return self.first_person if side == "first" else self.second_person

    def agreed(self, side: str) -> bool:
        return (self.first_agreed if side == "first" else self.second_agreed) is not None

    def consented(self, side: str) -> bool:
        return (self.first_consent if side == "first" else self.second_consent) is not None
