"""Suggested corrections, the owner's confirmations, and what was loaded."""

import hashlib
from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.network.models.organisations import Organisation
from koinon.people.models import Person


def hash_of(code: str) -> str:
    """What is kept of an unguessable code: enough to know it again, not to tell it."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


class CorrectionSet(models.QuerySet["Correction"]):
    def open(self) -> Self:
        return self.filter(state=Correction.State.OPEN)

    def oldest_first(self) -> Self:
        return self.order_by("made_at", "pk")

    def with_code(self, code: str) -> Self:
        return self.filter(receipt=hash_of(code))


class Correction(models.Model):
    """Somebody says that a fact is wrong. The owner decides; who proposed it holds a private link."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    class About(models.TextChoices):
        HOST = "host", _("Host")
        DATES = "dates", _("Dates")
        SERVICES = "services", _("Services")
        CONTACT = "contact", _("Contact")
        PROGRAMME = "programme", _("Programme")
        OTHER = "other", _("Something else")

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="corrections")
    about = models.CharField(_("which fact"), max_length=10, choices=About)
    text = models.TextField(_("what is right, and how do you know"))
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(max_length=2, default="en")
    receipt = models.CharField(max_length=64, unique=True, help_text="hash of the receipt's code")
    key = models.CharField(max_length=64, unique=True, null=True, help_text="hash of the Idempotency-Key")
    made_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = CorrectionSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="decided_with_date_and_reason",
                condition=models.Q(state="open", decided_at__isnull=True)
                | (models.Q(decided_at__isnull=False) & ~models.Q(reason="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.about}"


class ConfirmationSet(models.QuerySet["Confirmation"]):
    def usable(self, now: datetime) -> Self:
        return self.filter(used_at__isnull=True, expires_at__gt=now)


class Confirmation(models.Model):
    """A link in a mail by which an owner confirms the facts of an organisation: once, and until it expires."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    code = models.CharField(max_length=64, unique=True, help_text="hash of the code in the link")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = ConfirmationSet.as_manager()

    def __str__(self) -> str:
        return f"{self.organisation}, {self.made_at:%Y-%m-%d}"


class Load(models.Model):
    """Which content of which file was last loaded; `head` keeps what stands around the list, for writing it out again."""

    file = models.CharField(max_length=60, primary_key=True)
    digest = models.CharField(max_length=64)
    records = models.PositiveIntegerField(default=0)
    generated = models.DateField(null=True)
    head = models.JSONField(default=dict)
    shipped = models.CharField(max_length=64, blank=True, help_text="digest of the shipped file last loaded")
    loaded_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.file
