"""The ESF+ programmes, where they hold and who runs them; Member States, calls, and what sources disagree about."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from koinon.network.models.facts import Fact
from koinon.network.models.organisations import Organisation
from koinon.places.models import Place


class ProgrammeSet(models.QuerySet["Programme"]):
    def public(self) -> Self:
        """What may be shown: not what the file says to keep back until it is confirmed."""
        return self.filter(published=True)

    def holding_for(self, place: Place) -> Self:
        """The programmes that hold for the whole of a place: of its country, and regional ones around it."""
        codes = [place.nuts, *place.ancestor_codes()]
        regional = ProgrammeArea.objects.filter(nuts__in=codes).values("programme")
        return (
            self.public()
            .filter(country=place.country)
            .filter(models.Q(level=Programme.Level.NATIONAL) | models.Q(pk__in=regional))
        )


class Programme(Fact):
    """An ESF+ programme of 2021–2027."""

    class Level(models.TextChoices):
        NATIONAL = "national", _("national")
        REGIONAL = "regional", _("regional")

    class Article14(models.TextChoices):
        """What is known of its support of social innovation under Article 14 of Regulation (EU) 2021/1057."""

        PRIORITY = "dedicated_priority", _("a priority of its own")
        OBJECTIVE = "dedicated_objective", _("an objective of its own")
        IN_COUNTRY = "dedicated_in_country", _("a priority of its own in the country’s programmes")
        SUPPORT = "support_seen", _("support was seen")
        NONE = "no_priority_by_that_name", _("no priority by that name")
        NOT_EXPECTED = "not_expected", _("not expected: food and material help")
        UNKNOWN = "unknown", _("not known")

    code = models.SlugField(max_length=40, unique=True, help_text="its id in the file: it-002")
    country = models.CharField(max_length=2, db_index=True)
    name = models.CharField(max_length=300)
    title_native = models.CharField(max_length=300, blank=True)
    title_native_certain = models.BooleanField(default=False)
    title_en = models.CharField(max_length=300, blank=True)
    cci = models.CharField(max_length=20, blank=True)
    cci_certain = models.BooleanField(default=False)
    level = models.CharField(max_length=8, choices=Level)
    region = models.CharField(max_length=120, blank=True)
    nuts_certain = models.BooleanField(default=False)
    nuts_note = models.CharField(max_length=300, blank=True)
    url = models.URLField(max_length=500, blank=True)
    authority = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="programmes"
    )
    authority_certain = models.BooleanField(default=False)
    authority_as_of = models.DateField(null=True, blank=True)
    authority_url = models.URLField(max_length=500, blank=True)
    funds = models.JSONField(default=list)
    funds_certain = models.BooleanField(default=False)
    esf_plus_confirmed = models.BooleanField(default=False)
    art14_status = models.CharField(max_length=24, choices=Article14, default=Article14.UNKNOWN)
    art14_priority = models.CharField(max_length=300, blank=True)
    art14_rate = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    art14_amount = models.CharField(max_length=300, blank=True)
    art14_source = models.CharField(max_length=500, blank=True)
    art14_note = models.TextField(blank=True)
    art14_certain = models.BooleanField(default=False)
    budget = models.CharField(max_length=60, blank=True)
    published = models.BooleanField(default=True)

    objects = ProgrammeSet.as_manager()

    class Meta:
        ordering = ["country", "code"]
        constraints = [
            models.UniqueConstraint(fields=["cci"], condition=~models.Q(cci=""), name="one_programme_a_cci")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """Its own title, where it was seen; else the name in the file."""
        return self.title_native or self.name

    @property
    def is_for_material_help(self) -> bool:
        return self.art14_status == self.Article14.NOT_EXPECTED


class ProgrammeArea(models.Model):
    """Where a regional programme holds, in NUTS 2024; `former` is the code of 2021 that the file states."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="areas")
    nuts = models.CharField(max_length=5, db_index=True)
    former = models.CharField(max_length=5)
    certain = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "nuts"], name="area_once")]

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.nuts}"


class MemberState(Fact):
    """What the network knows of a Member State."""

    code = models.CharField(max_length=2, primary_key=True, help_text="the EU's code: EL, not GR")
    iso = models.CharField(max_length=2)
    name = models.CharField(max_length=60)
    name_local = models.CharField(max_length=120)
    official_languages = models.JSONField(default=list)
    eu_official_languages = models.JSONField(default=list)
    regional_co_official = models.JSONField(default=list)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Call(Fact):
    """A call for proposals out of which consortia came."""

    reference = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=300)
    published_on = models.DateField(null=True)
    deadline = models.DateField(null=True)
    deadline_note = models.CharField(max_length=300, blank=True)
    deadline_certain = models.BooleanField(default=True)
    managed_by = models.CharField(max_length=120, blank=True)
    countries_stated = models.JSONField(default=list, blank=True)
    figures = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["published_on", "reference"]

    def __str__(self) -> str:
        return f"{self.reference}: {self.title}"


class Contradiction(Fact):
    """What sources disagree about. All are shown; none is hidden."""

    slug = models.SlugField(max_length=60, unique=True)
    subject = models.CharField(max_length=200)
    statements = models.JSONField(default=list, help_text="[{says, by, source}]")
    ours = models.TextField(blank=True, help_text="what this site does about it")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.subject
