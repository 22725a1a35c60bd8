"""Who comes: registrations with and without an account, the waiting list, reminders."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from koinon.agenda.models.sessions import Session
from koinon.agenda.seats import SeatSet
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


class RegistrationSet(SeatSet["Registration"]):
    """Registrations as seats (`agenda/seats.py`)."""


class BodyKind(models.TextChoices):
    """What somebody comes from; for the figures of the report, never asked for by name."""

    MUNICIPALITY = "municipality", _("a city or municipality")
    REGION = "region", _("a region or province")
    MINISTRY = "ministry", _("a ministry or national body")
    AUTHORITY = "authority", _("a managing authority")
    CENTRE = "centre", _("a competence centre")
    SOCIAL = "social", _("a social enterprise or association")
    COMPANY = "company", _("a company")
    RESEARCH = "research", _("a university or research body")
    EUROPE = "europe", _("a European institution or network")
    OTHER = "other", _("something else, or myself")


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
    body_kind = models.CharField(_("what you are from"), max_length=24, choices=BodyKind, blank=True)
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
    certificate_name = models.CharField(max_length=150, blank=True)
    mails_stopped = models.BooleanField(default=False)
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
                condition=Q(state__in=["coming", "waiting", "offered"]) & ~Q(email=""),
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
    off = models.BooleanField(default=False)
    sent_up_to = models.PositiveBigIntegerField(default=0, help_text="the last registration that it went to")

    class Meta:
        ordering = ["-minutes_before", "pk"]

    def __str__(self) -> str:
        return f"{self.session.code} −{self.minutes_before}"

    @property
    def before(self) -> str:
        """How long before the beginning, in the largest measure that fits: "1 day before"."""
        days, hours = self.minutes_before // (24 * 60), self.minutes_before // 60
        if days * 24 * 60 == self.minutes_before:
            return ngettext("%(number)d day before", "%(number)d days before", days) % {"number": days}
        if hours * 60 == self.minutes_before:
            return ngettext("%(number)d hour before", "%(number)d hours before", hours) % {"number": hours}
        minutes = self.minutes_before
        return ngettext("%(number)d minute before", "%(number)d minutes before", minutes) % {
            "number": minutes
        }


class Slip(models.Model):
    """What somebody without an account holds who has registered an address: what was said at that moment, and no more.

    Anybody can type any address, so a slip names no registration: whether the address was registered before cannot be
    read from it, nor from the database. The key to the private page goes to the address by mail.
    """

    session = models.ForeignKey(Session, models.CASCADE, related_name="+")
    seed = models.CharField(max_length=64, unique=True)
    receipt = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=9, choices=Registration.State)
    rank = models.PositiveIntegerField(null=True, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.session.code} {self.state}"


class Telling(models.Model):
    """Word to all who registered, sent in pieces by the tick: the session was moved or cancelled."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="+")
    what = models.CharField(max_length=10)
    words = models.CharField(max_length=500, blank=True)
    was = models.JSONField(default=list, help_text="the earlier time: [day, begins, zone]")
    at = models.DateTimeField()
    sent_up_to = models.PositiveBigIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.session.code} {self.what}"
