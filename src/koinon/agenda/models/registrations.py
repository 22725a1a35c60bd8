"""Who comes: registrations with and without an account, the waiting list, reminders."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from koinon.agenda.models.sessions import Session
from koinon.base.languages import ENDONYMS
from koinon.people.models import Person
from koinon.places.models import Place


class Invitation(models.Model):
    """Somebody may see and register for a session that is not for everybody."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="invitations")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "person"], name="invited_once")]

    def __str__(self) -> str:
        return f"{self.session.code}"


class RegistrationSet(models.QuerySet["Registration"]):
    def active(self) -> Self:
        """All that were not cancelled or let go."""
        return self.filter(state__in=Registration.ACTIVE)

    def taking_places(self) -> Self:
        """What counts against the capacity: who comes, and to whom a place is offered."""
        return self.filter(state__in=[Registration.State.COMING, Registration.State.OFFERED])

    def waiting(self) -> Self:
        """The waiting list in its order: who came first."""
        return self.filter(state=Registration.State.WAITING).order_by("waiting_since", "pk")

    def offers_over(self, now: datetime) -> Self:
        return self.filter(state=Registration.State.OFFERED, offer_until__lte=now)


class Registration(models.Model):
    """One person's place. Nothing is asked but an address; the private page needs no account.

    Its code is derived from `seed` under the installation's secret, as a receipt's is. Names stay with the hosts unless
    `listed` is chosen.
    """

    class State(models.TextChoices):
        COMING = "coming", _("comes")
        WAITING = "waiting", _("on the waiting list")
        OFFERED = "offered", _("has a place offered")
        CANCELLED = "cancelled", _("cancelled")
        LAPSED = "lapsed", _("let the offer go by")

    ACTIVE = (State.COMING, State.WAITING, State.OFFERED)

    class Mode(models.TextChoices):
        ONLINE = "online", _("online")
        HERE = "here", _("on site")

    class Need(models.TextChoices):
        """How far an access need is."""

        NONE = "", _("none told")
        ASKED = "asked", _("asked for")
        WORKING = "working", _("being arranged")
        MET = "met", _("arranged")
        NOT_MET = "not_met", _("cannot be met")

    session = models.ForeignKey(Session, models.CASCADE, related_name="registrations")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    email = models.EmailField()
    email_confirmed = models.BooleanField(default=False)
    name = models.CharField(_("name"), max_length=150, blank=True)
    body_kind = models.CharField(_("what you are from"), max_length=24, blank=True)
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+")
    zone = models.CharField(_("time zone"), max_length=60, blank=True, help_text="empty: that of the session")
    page_language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    mode = models.CharField(max_length=6, choices=Mode, default=Mode.ONLINE)
    listed = models.BooleanField(_("on the list of participants"), default=False)
    need = models.CharField(_("what you need to take part"), max_length=500, blank=True)
    need_state = models.CharField(max_length=8, choices=Need, blank=True, default=Need.NONE)
    need_answer = models.CharField(max_length=500, blank=True)

    state = models.CharField(max_length=9, choices=State, default=State.COMING)
    at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True, blank=True)
    offer_until = models.DateTimeField(null=True, blank=True)
    attended_at = models.DateTimeField(null=True, blank=True)
    certificate = models.CharField(max_length=24, unique=True, null=True, blank=True)
    seed = models.CharField(max_length=64, unique=True)
    receipt = models.CharField(max_length=64, unique=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = RegistrationSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["session", "state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "email"],
                condition=Q(state__in=["coming", "waiting", "offered"]),
                name="registered_once",
            ),
            models.CheckConstraint(
                name="an_offer_has_an_end", condition=~Q(state="offered") | Q(offer_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        """Without name or address: it is written into journals and logs."""
        return f"{self.session.code} {self.pk}"


class Reminder(models.Model):
    """A mail to all who come, so long before the beginning, in the host's own words."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="reminders")
    minutes_before = models.PositiveIntegerField(_("minutes before"))
    mode = models.CharField(max_length=6, choices=Registration.Mode, blank=True, help_text="empty: all")
    text = models.TextField(_("in your own words"), blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-minutes_before"]

    def __str__(self) -> str:
        return f"{self.session.code} −{self.minutes_before}"
