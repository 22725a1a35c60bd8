"""What is there: webhooks, each with the place in the journal up to which it was told; and what came of the last deliveries.

Nothing of what is to be told is kept: it is read from the journal when its turn comes, as everybody may read it then. So nothing
is lost however long a receiver is away, and nothing is told that was withdrawn meanwhile.
"""

import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.people.models import Person

OVERLAP = timedelta(hours=24)


def new_code() -> str:
    return secrets.token_hex(8)


class HookSet(models.QuerySet["Hook"]):
    def seen_by(self, visitor: Visitor) -> Self:
        """Row H5: those of the centres one manages, of the consortium one leads and of its members; all as coordinator or operator."""
        if getattr(visitor, "is_coordinator", False) or visitor.is_operator:
            return self
        managed = {role.organisation_id for role in getattr(visitor, "roles", ()) if role.kind == "manager"}
        reached = managed | set(getattr(visitor, "led", frozenset()))
        return self.filter(organisation__in=reached) if reached else self.none()

    def due(self, now: datetime, newest: int) -> Self:
        """Active, something happened since, its moment has come, and nobody else is at it."""
        free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
        return self.filter(free, state=Hook.State.ACTIVE, cursor__lt=newest, next_at__lte=now).order_by(
            "next_at", "pk"
        )


class Hook(models.Model):
    """Where a body wants to be told what is new, and of what.

    `cursor` is the number of the last entry of the journal that it was told of, or need not be. `answerable` is who set it up or
    went on with it last; when that person may no longer, it rests. The secret is not kept: it is made from `seed`.
    """

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("a webhook", "running")
        PAUSED = "paused", _("paused")

    class Because(models.TextChoices):
        OWNER = "owner", _("Somebody who answers for it paused it.")
        FAILING = "failing", _("Nobody took anything there for three days.")
        GONE = "gone", _("The server there said that this address is gone (410).")
        NOBODY = "nobody", _("Who answered for it may no longer do so.")
        SECRET = (
            "secret",
            _(
                "Its secret no longer holds, since this installation has another. Make a new secret, then go on."
            ),
        )

    code = models.CharField(max_length=16, unique=True, default=new_code)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    answerable = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    label = models.CharField(_("what it is for"), max_length=80)
    address = models.CharField(_("address"), max_length=500)
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    types = models.JSONField(default=list, help_text="kinds of events; none: all")
    place = models.CharField(max_length=400, blank=True)
    levels = models.JSONField(default=list, help_text="of a place: what around it is told too")
    topic = models.CharField(max_length=400, blank=True)
    body = models.CharField(max_length=400, blank=True)
    seed = models.CharField(max_length=64)
    mark = models.CharField(max_length=16, blank=True, help_text="by which a secret is known again")
    old_seed = models.CharField(max_length=64, blank=True)
    old_until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    because = models.CharField(max_length=8, choices=Because, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    cursor = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    failing_since = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="when something arrived last")
    tested_at = models.DateTimeField(null=True, blank=True)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    objects = HookSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "next_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="active", because="") | Q(state="paused") & ~Q(because=""),
                name="webhook_paused_with_a_reason",
            )
        ]

    def __str__(self) -> str:
        """Without its address: it is written into the journal, and many hold a key in it."""
        return f"webhook {self.code}"

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("webhooks:hook", args=[self.code])

    @property
    def host(self) -> str:
        """The server it goes to, without the rest of the address, which may hold a key."""
        from urllib.parse import urlsplit

        return urlsplit(self.address).netloc

    @property
    def is_failing(self) -> bool:
        return self.failing_since is not None

    def keepers(self) -> "list[Person]":
        """Who is told of it: the managers of the body and its leads; where there are none, the coordinators."""
        rows = Role.objects.today().filter(person__is_active=True).select_related("person").order_by("pk")
        near = rows.filter(organisation=self.organisation, kind__in=[Role.Kind.MANAGER, Role.Kind.LEAD])
        found = list(near) or list(rows.filter(kind=Role.Kind.COORDINATOR))
        return list({row.person_id: row.person for row in found}.values())


class DeliverySet(models.QuerySet["Delivery"]):
    def latest_first(self) -> Self:
        return self.order_by("-pk")


class Delivery(models.Model):
    """One try to hand an event over, and what came of it. Only the last of each webhook are kept."""

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=60)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)
    took = models.PositiveIntegerField(default=0, help_text="milliseconds")
    arrived = models.BooleanField(default=False)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    trouble = models.CharField(max_length=20, blank=True)
    answer = models.CharField(max_length=300, blank=True, help_text="the beginning of what was answered")

    objects = DeliverySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["hook", "-id"])]

    def __str__(self) -> str:
        return f"{self.event} {self.status or self.trouble}"
