"""What an adoption is: a practice taken over by another place, what was changed, and what became of it."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.practices.life import State
from koinon.practices.models.practices import Practice, held, takes_part


class AdoptionSet(models.QuerySet["Adoption"]):
    def public(self) -> Self:
        """What was confirmed, of practices that everybody reads."""
        return self.filter(confirmed_at__isnull=False, practice__state=State.PUBLISHED)

    def seen_by(self, visitor: Visitor) -> Self:
        """What is public, what one recorded, and what waits at a practice that one answers for (D7, D8)."""
        sees = Q(confirmed_at__isnull=False, practice__state=State.PUBLISHED)
        if isinstance(visitor, NetworkVisitor) and visitor.person_id is not None:
            here = held(visitor, Role.Kind.EDITOR, Role.Kind.MANAGER) | visitor.led
            sees |= Q(practice__organisation__in=here) | Q(practice__centre__in=here)
            if takes_part(visitor):
                sees |= Q(practice__owner=visitor.person_id)
            if not visitor.is_only_operator:
                sees |= Q(by=visitor.person_id)
            if visitor.is_coordinator:
                sees |= Q(pk__isnull=False)
        return self.filter(sees)

    def waiting(self) -> Self:
        return self.filter(confirmed_at__isnull=True)

    def earliest_first(self) -> Self:
        return self.order_by("since", "pk")


class Adoption(models.Model):
    """One place that took a practice over. Public once the origin, or who looks after the practice, has confirmed it.

    `leads_to` is the adopter's own practice, where it told of it here: the thread goes on from there.
    """

    class Stage(models.TextChoices):
        TRYING = "trying", _("being tried")
        RUNNING = "running", _("running")
        DROPPED = "dropped", _("dropped")

    practice = models.ForeignKey(Practice, models.CASCADE, related_name="adoptions")
    adopter = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    adopter_text = models.CharField(_("who took it over"), max_length=200, blank=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    since = models.DateField(_("since"))
    stage = models.CharField(_("where it stands"), max_length=8, choices=Stage, default=Stage.TRYING)
    language = models.CharField(_("language"), max_length=2, choices=list(ENDONYMS.items()), default="en")
    changed = models.TextField(_("what was changed"), blank=True)
    result = models.TextField(_("what came of it"), blank=True)
    dropped_because = models.TextField(_("why it was dropped"), blank=True)
    leads_to = models.ForeignKey(Practice, models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    edits = models.PositiveIntegerField(default=1)

    objects = AdoptionSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["practice", "since"])]
        constraints = [
            models.CheckConstraint(
                name="somebody_took_it_over",
                condition=Q(adopter__isnull=False) | ~Q(adopter_text=""),
            ),
            models.CheckConstraint(
                name="dropped_with_a_reason", condition=~Q(stage="dropped") | ~Q(dropped_because="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id}, {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("practices:adoption", args=[self.practice.slug, self.pk])

    @property
    def adopter_name(self) -> str:
        return self.adopter.name if self.adopter is not None else self.adopter_text

    @property
    def is_public(self) -> bool:
        return self.confirmed_at is not None
