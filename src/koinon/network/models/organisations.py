"""Organisations of every kind, how they belong together in time, and the programmes they run.

Centres, consortia and authorities are organisations too. Every fact keeps its sources, how sure it is, when it was
checked, and when its owner last confirmed it.
"""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.people.models import Person
from koinon.places.models import Place

STALE_AFTER_MONTHS = 12


class Fact(models.Model):
    """What every record of the network carries: where it comes from and how far to trust it."""

    sources = models.JSONField(default=list, help_text="addresses or names of what it was read in")
    certain = models.BooleanField(default=True)
    note = models.TextField(blank=True)
    checked_on = models.DateField(help_text="when somebody of ours last held it against its sources")
    confirmed_on = models.DateField(null=True, blank=True, help_text="when its owner last confirmed it")

    class Meta:
        abstract = True


class Dated(models.Model):
    """What holds for a time. Days at either end may be unsure or unknown (null)."""

    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True, help_text="the last day on which it holds")
    since_certain = models.BooleanField(default=True)
    until_certain = models.BooleanField(default=True)

    class Meta:
        abstract = True


class OrganisationSet(models.QuerySet["Organisation"]):
    def on(self, day: date) -> Self:
        """What existed on a day; an unknown beginning or end counts as open."""
        return self.filter(
            Q(since__isnull=True) | Q(since__lte=day), Q(until__isnull=True) | Q(until__gte=day)
        )


class Organisation(Fact, Dated):
    """A body of the network: a centre, a consortium, an authority, or an organisation that belongs to one of them."""

    class Kind(models.TextChoices):
        CENTRE = "centre", _("national competence centre")
        EUROPEAN_CENTRE = "european_centre", _("European competence centre")
        CONSORTIUM = "consortium", _("consortium")
        AUTHORITY = "authority", _("managing authority")

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=40)
    country = models.CharField(max_length=2, blank=True, db_index=True)

    objects = OrganisationSet.as_manager()

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("network:organisation", args=[self.slug])
