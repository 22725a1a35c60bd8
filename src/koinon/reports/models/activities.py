"""An activity: what a body did, once, with its day, kind, countries, how many took part, and with whom."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.models.organisations import staffed_by
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.places.models import Place
from koinon.reports.words import Kind, Origin

SAID = (
    "kind",
    "title",
    "language",
    "first_day",
    "last_day",
    "places",
    "participants",
    "at_least",
    "partners",
    "link",
)
"""What the house says of something that it records; all of it can be corrected by a person."""


def bodies_worked_for(visitor: Visitor) -> frozenset[int]:
    """The bodies for which somebody logs and reports: as editor or manager, and the consortium that one leads."""
    leads = {
        role.organisation_id
        for role in getattr(visitor, "roles", ())
        if role.kind == Role.Kind.LEAD and role.organisation_id is not None
    }
    return staffed_by(visitor) | leads


class ActivitySet(models.QuerySet["Activity"]):
    def seen_by(self, visitor: Visitor) -> Self:
        """The log of one's own bodies, of those one leads, all as coordinator (N5)."""
        if not isinstance(visitor, NetworkVisitor):
            return self.none()
        if visitor.is_coordinator:
            return self
        return self.filter(organisation__in=bodies_worked_for(visitor) | visitor.led)

    def counted(self) -> Self:
        """What was not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def between(self, first: date | None, last: date | None) -> Self:
        """What ended in the period, both days included."""
        rows = self.filter(last_day__gte=first) if first else self
        return rows.filter(last_day__lte=last) if last else rows

    def latest_first(self) -> Self:
        return self.order_by("-last_day", "-pk")


class Activity(models.Model):
    """One thing that a body did.

    What the house records names its `thing` (`session:13INFO21475`) and is there once for each body. `house` is what the
    house says of it now; `corrected` says that a person knows better, and `house_then` what the house said at that moment.
    Nobody is named: `participants` is a number, None where it is not known.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    origin = models.CharField(max_length=5, choices=Origin, default=Origin.TYPED)
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    title = models.CharField(_("title"), max_length=200, blank=True)
    language = models.CharField(
        _("language of these words"), max_length=2, choices=list(ENDONYMS.items()), default="en"
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    places = models.JSONField(default=list, blank=True, help_text="codes; empty: not stated")
    countries = models.JSONField(default=list, blank=True, help_text="those of the places")
    participants = models.PositiveIntegerField(_("participants"), null=True, blank=True)
    at_least = models.BooleanField(default=False, help_text="there may have been more")
    partners = models.JSONField(default=list, blank=True, help_text="names of bodies")
    note = models.TextField(_("note"), blank=True)
    link = models.CharField(_("where from"), max_length=500, blank=True)

    thing = models.CharField(max_length=60, blank=True)
    house = models.JSONField(default=dict, blank=True)
    corrected = models.BooleanField(default=False)
    house_then = models.JSONField(default=dict, blank=True)

    nonce = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=300, blank=True)
    gone = models.BooleanField(
        default=False, help_text="withdrawn by the house: what it records is not there"
    )
    version = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)

    objects = ActivitySet.as_manager()

    class Meta:
        verbose_name_plural = "activities"
        indexes = [models.Index(fields=["organisation", "-last_day"])]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "thing"], condition=~Q(thing=""), name="recorded_once_for_each_body"
            ),
            models.UniqueConstraint(fields=["nonce"], condition=~Q(nonce=""), name="typed_once"),
            models.CheckConstraint(
                name="an_activity_ends_after_it_begins", condition=Q(last_day__gte=F("first_day"))
            ),
            models.CheckConstraint(
                name="the_house_knows_what_it_records", condition=~Q(origin="house") | ~Q(thing="")
            ),
        ]

    def __str__(self) -> str:
        """Without its title: it is written into the journal, and not everybody reads the log."""
        return f"activity {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("reports:activity", args=[self.pk])

    @property
    def said(self) -> dict[str, Any]:
        """What it says, as it is compared with what the house says."""
        return as_said({name: getattr(self, name) for name in SAID})

    @property
    def house_has_moved(self) -> bool:
        """A person corrected it, and since then the house says something else than it said at that moment."""
        return self.corrected and self.house != self.house_then

    @property
    def is_counted(self) -> bool:
        return self.withdrawn_at is None


def as_said(values: dict[str, Any]) -> dict[str, Any]:
    """The same as JSON keeps it: days as texts."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def countries_of(codes: Iterable[str]) -> list[str]:
    """The countries of places, by their codes, each once; `EU` is all of Europe. One query where there are localities."""
    wanted = list(codes)
    found = {code if code == "EU" else code[:2] for code in wanted if not code.isdigit()}
    numbers = [code for code in wanted if code.isdigit()]
    if numbers:
        found |= set(Place.objects.filter(pk__in=numbers).values_list("country", flat=True))
    return sorted(found)
