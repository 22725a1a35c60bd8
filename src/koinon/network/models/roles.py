"""Who may act for whom, since when and until when."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.network.models.organisations import Organisation
from koinon.people.models import Person


class RoleSet(models.QuerySet["Role"]):
    def held_on(self, day: date) -> Self:
        """Roles in force on a day."""
        return self.filter(since__lte=day).filter(Q(until__isnull=True) | Q(until__gt=day))

    def today(self) -> Self:
        return self.held_on(timezone.localdate())

    def held_by(self, person_id: int) -> Self:
        return self.filter(person_id=person_id).today()

    def in_organisation(self, organisation: Organisation) -> Self:
        """Its people, whoever ranks highest first."""
        return self.filter(organisation=organisation).select_related("person").order_by("kind", "since", "pk")

    def managers_of(self, organisation: Organisation) -> Self:
        """Who can let others in: the managers in force whose account is open."""
        return self.today().filter(kind=Role.Kind.MANAGER, organisation=organisation, person__is_active=True)


class Role(models.Model):
    """What somebody is in an organisation, with dates. The coordinator's and the administrator's role need no organisation."""

    class Kind(models.TextChoices):
        EDITOR = "editor", _("centre editor")
        MANAGER = "manager", _("centre manager")
        LEAD = "lead", _("consortium lead")
        AUTHORITY = "authority", _("managing authority")
        INNOVATOR = "innovator", _("social innovator")
        COORDINATOR = "coordinator", _("network coordinator")
        ADMINISTRATOR = "administrator", _("administrator")

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    kind = models.CharField(_("role"), max_length=20, choices=Kind)
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="+")
    since = models.DateField(_("since"), default=timezone.localdate)
    until = models.DateField(_("until"), null=True, blank=True, help_text="the first day without it")

    objects = RoleSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="only_network_roles_without_organisation",
                condition=Q(organisation__isnull=False) | Q(kind__in=["coordinator", "administrator"]),
            ),
            models.CheckConstraint(
                name="role_ends_after_it_begins",
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
            ),
            models.UniqueConstraint(
                fields=["person", "kind", "organisation"],
                condition=Q(until__isnull=True),
                name="one_open_role_of_a_kind",
            ),
            # Nulls are distinct, and SQLite knows no other way: what holds in the network as a whole needs its own rule.
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(until__isnull=True, organisation__isnull=True),
                name="one_open_network_role_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        """Without the person's name: it is written into the journal, which forgets persons."""
        return (
            f"{self.get_kind_display()}, {self.organisation}"
            if self.organisation
            else self.get_kind_display()
        )
