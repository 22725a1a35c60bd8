"""Organisations of every kind, and how they belong together in time.

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

from koinon.base.visitor import Visitor
from koinon.network.models.facts import Dated, Fact, in_force
from koinon.places.models import Place


def staffed_by(visitor: Visitor) -> frozenset[int]:
    """The organisations in which a visitor is editor or manager: whose drafts are its own."""
    roles = getattr(visitor, "roles", ())
    return frozenset(role.organisation_id for role in roles if role.kind in {"editor", "manager"})


class OrganisationSet(models.QuerySet["Organisation"]):
    def on(self, day: date) -> Self:
        """What existed on a day; an unknown beginning or end counts as open."""
        return self.filter(in_force(day))

    def today(self) -> Self:
        return self.on(timezone.localdate())

    def public(self) -> Self:
        return self.filter(published=True)

    def seen_by(self, visitor: Visitor) -> Self:
        """What is public, and the drafts of one's own organisations, of those one leads, and for the coordinator all."""
        if getattr(visitor, "is_coordinator", False):
            return self
        own = staffed_by(visitor) | getattr(visitor, "led", frozenset())
        return self.filter(Q(published=True) | Q(pk__in=own)) if own else self.public()

    def of_kind(self, *kinds: str) -> Self:
        return self.filter(kind__in=kinds)

    def centres(self) -> Self:
        return self.filter(kind=Organisation.Kind.CENTRE)

    def consortia(self) -> Self:
        return self.filter(kind=Organisation.Kind.CONSORTIUM)

    def serving(self, place: Place, day: date) -> Self:
        """The centres and consortia that a place belongs to on a day: its country's centre, and who covers it."""
        return self.on(day).filter(
            Q(kind=Organisation.Kind.CENTRE, country=place.country)
            | Q(kind=Organisation.Kind.EUROPEAN_CENTRE)
            | Q(pk__in=Coverage.objects.on(day).filter(country=place.country).values("consortium"))
        )

    def by_name(self) -> Self:
        return self.order_by("country", "name", "pk")


class Organisation(Fact, Dated):
    """A body of the network: a centre, a consortium, an authority, or an organisation that belongs to one of them."""

    class Kind(models.TextChoices):
        CENTRE = "centre", _("national competence centre")
        EUROPEAN_CENTRE = "european_centre", _("European competence centre")
        CONSORTIUM = "consortium", _("consortium or project")
        AUTHORITY = "authority", _("authority of a programme")
        UNIVERSITY = "university", _("university")
        SUPPORT = "support_organisation", _("support organisation")
        MINISTRY = "ministry", _("ministry")
        MANAGING_AUTHORITY = "managing_authority", _("managing authority")
        NGO = "ngo", _("non-governmental organisation")
        NETWORK = "network", _("network")
        FOUNDATION = "foundation", _("foundation")
        PUBLIC_BODY = "public_body", _("public body")
        COOPERATIVE = "cooperative", _("cooperative")
        RESEARCH = "research", _("research institute")
        COMPANY = "company", _("company")
        REGIONAL_BODY = "regional_body", _("regional body")
        FINANCE = "finance", _("finance")
        WELFARE = "welfare", _("welfare organisation")
        CITY = "city", _("city")
        CITY_BODY = "city_body", _("body of a city")
        CONSULTANCY = "consultancy", _("consultancy")
        OTHER = "other", _("kind not stated")

    class State(models.TextChoices):
        """How far a centre is, as its sources say."""

        RUNNING = "running", _("running")
        SETUP = "setup", _("being set up")
        PLANNED = "planned", _("planned")
        UNCLEAR = "unclear", _("unclear")
        ENDED = "ended", _("ended")

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=300)
    name_local = models.CharField(_("name in its own language"), max_length=300, blank=True)
    acronym = models.CharField(_("short name"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=24, choices=Kind, db_index=True)
    country = models.CharField(_("country"), max_length=2, blank=True, db_index=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    city_certain = models.BooleanField(default=True)
    website = models.URLField(_("website"), max_length=500, blank=True)
    website_note = models.CharField(max_length=200, blank=True, help_text="whose page it is, if not its own")
    contact = models.EmailField(_("public mail address"), blank=True)
    languages = models.JSONField(default=list, blank=True, help_text="codes; empty: not stated")
    lead_text = models.TextField(_("what it is"), blank=True)

    state = models.CharField(_("state"), max_length=8, choices=State, blank=True)
    state_certain = models.BooleanField(default=True)
    status_text = models.CharField(max_length=200, blank=True, help_text="the state in the words of the file")
    described_until = models.DateField(
        null=True, blank=True, help_text="the last day its sources speak of, where they speak of a period"
    )
    host_certain = models.BooleanField(default=True)
    host_text = models.CharField(max_length=300, blank=True, help_text="hosts as stated, where not resolved")

    follows = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="successors")
    lead_name = models.CharField(max_length=300, blank=True, help_text="the lead of a consortium as stated")
    lead_certain = models.BooleanField(default=True)
    generation = models.PositiveSmallIntegerField(null=True, blank=True)
    did = models.JSONField(default=list, blank=True, help_text="what a consortium did, sentence by sentence")
    figures = models.JSONField(
        default=dict, blank=True, help_text="figures as stated: budget, grant, partners"
    )
    funding = models.CharField(max_length=300, blank=True)

    published = models.BooleanField(default=True)
    asked_on = models.DateField(null=True, blank=True, help_text="when its owner was last asked to confirm")

    objects = OrganisationSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["kind", "country"])]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("network:organisation", args=[self.slug])

    @property
    def short(self) -> str:
        """What it is called in a table: the short name where it has one."""
        return self.acronym or self.name

    @property
    def is_shared(self) -> bool:
        """A consortium: its page is kept by its lead."""
        return self.kind == self.Kind.CONSORTIUM


class MembershipSet(models.QuerySet["Membership"]):
    def on(self, day: date) -> Self:
        """Ties that hold on a day; an unknown beginning or end counts as open."""
        return self.filter(in_force(day))

    def today(self) -> Self:
        return self.on(timezone.localdate())

    def public(self) -> Self:
        return self.filter(member__published=True, within__published=True)

    def leads_first(self) -> Self:
        """Who leads, then who hosts, then partners; each by name."""
        first = models.Case(
            models.When(role="lead", then=0),
            models.When(role="host", then=1),
            models.When(role="in_charge", then=2),
            models.When(role="partner", then=3),
            default=4,
        )
        return self.order_by(first, "order", "member__name", "pk")


class Membership(Fact, Dated):
    """One organisation belongs to another for a time: to a consortium as a partner, to a centre as its host."""

    class Role(models.TextChoices):
        LEAD = "lead", _("lead")
        HOST = "host", _("host")
        IN_CHARGE = "in_charge", _("ministry in charge")
        PARTNER = "partner", _("partner")
        ASSOCIATED = "associated", _("associated partner")
        NETWORK_MEMBER = "network_member", _("member of a partner’s network")
        CONTRACTOR = "contractor", _("contractor")
        CO_FUNDER = "co_funder", _("co-funder")
        FOLLOW_UP = "follow_up", _("partner of what followed")
        NATIONAL_PARTNER = "national_partner", _("national partner")
        CENTRE = "centre", _("centre built in it")

    member = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    within = models.ForeignKey(Organisation, models.CASCADE, related_name="members")
    role = models.CharField(_("role"), max_length=16, choices=Role)
    order = models.PositiveSmallIntegerField(default=0, help_text="the order in which the source names them")
    dates_inherited = models.BooleanField(
        default=False, help_text="no dates of its own were seen: those of the consortium hold"
    )

    objects = MembershipSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "within", "role", "since"], name="one_membership"),
            models.UniqueConstraint(
                fields=["member", "within", "role"],
                condition=Q(since__isnull=True),
                name="one_membership_without_beginning",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.role}, {self.within}"


class CoverageSet(models.QuerySet["Coverage"]):
    def on(self, day: date) -> Self:
        return self.filter(in_force(day))

    def today(self) -> Self:
        return self.on(timezone.localdate())


class Coverage(Fact, Dated):
    """A consortium serves a Member State for a time."""

    consortium = models.ForeignKey(Organisation, models.CASCADE, related_name="coverage")
    country = models.CharField(max_length=2, db_index=True)

    objects = CoverageSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consortium", "country"], name="consortium_serves_once")
        ]

    def __str__(self) -> str:
        return f"{self.consortium} · {self.country}"


class PhaseSet(models.QuerySet["Phase"]):
    def on(self, day: date) -> Self:
        """What is known for a day, the best dated first."""
        return self.filter(in_force(day)).order_by(models.F("since").desc(nulls_last=True), "pk")


class Phase(Fact, Dated):
    """How far a centre was, from when until when."""

    centre = models.ForeignKey(Organisation, models.CASCADE, related_name="phases")
    state = models.CharField(max_length=8, choices=Organisation.State)

    objects = PhaseSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["centre", "state", "since"], name="one_phase"),
            models.UniqueConstraint(
                fields=["centre", "state"],
                condition=Q(since__isnull=True),
                name="one_phase_without_beginning",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.centre}: {self.state}"


class Service(Fact):
    """What a centre offers, in the words of its sources."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="services")
    text = models.CharField(max_length=300)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "text"], name="one_service")]

    def __str__(self) -> str:
        return self.text
