"""A session as it is announced, held and kept: when, where, in which languages, who speaks, what it left."""

from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.base.when import Moment
from koinon.network.models import Organisation
from koinon.network.models.organisations import staffed_by
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.people.models import Person
from koinon.places.models import Place


class Series(models.Model):
    """Sessions that belong together, such as a clinic each month."""

    slug = models.SlugField(max_length=120, unique=True)
    title = models.CharField(_("title"), max_length=200)
    about = models.TextField(_("what it is about"), blank=True)
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    organiser = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.title


class SessionSet(models.QuerySet["Session"]):
    def public(self) -> Self:
        return self.filter(published=True, audience=Session.Audience.PUBLIC)

    def seen_by(self, visitor: Visitor) -> Self:
        """What is public; what one is invited to or registered for; one's own and one's consortium's; all as coordinator (B1–B3)."""
        if not isinstance(visitor, NetworkVisitor) or visitor.person_id is None:
            return self.public()
        if visitor.is_coordinator:
            return self
        return self.filter(_public() | _own(visitor) | _invited(visitor))

    def run_by(self, visitor: Visitor) -> Self:
        """What somebody may work on: sessions of one's own organisations, of those one leads, all as coordinator."""
        if not isinstance(visitor, NetworkVisitor) or visitor.person_id is None:
            return self.none()
        return self if visitor.is_coordinator else self.filter(_own(visitor))

    def between(self, first: date | None, last: date | None) -> Self:
        """Sessions whose day in their own zone lies between two days, both included."""
        rows = self.filter(day__gte=first) if first else self
        return rows.filter(day__lte=last) if last else rows

    def concerning(self, codes: list[str]) -> Self:
        """Sessions for one of these places, or for no place in particular."""
        return self.filter(Q(places__in=codes) | Q(places__isnull=True)).distinct()

    def to_come(self, now: datetime) -> Self:
        """What has not ended and was not cancelled."""
        return self.filter(ends_at__gte=now, state__in=[Session.State.PLANNED, Session.State.LIVE])

    def soonest_first(self) -> Self:
        return self.order_by("starts_at", "code")

    def latest_first(self) -> Self:
        return self.order_by("-starts_at", "code")


def _public() -> Q:
    return Q(published=True, audience=Session.Audience.PUBLIC)


def _own(visitor: NetworkVisitor) -> Q:
    return Q(organiser__in=staffed_by(visitor) | visitor.led)


def _invited(visitor: NetworkVisitor) -> Q:
    """Published, and one is invited, registered, or on its programme."""
    from koinon.agenda.models.registrations import Invitation, Registration

    person = visitor.person_id
    keys = Registration.objects.filter(person=person).active().values("session")
    return Q(published=True) & (
        Q(pk__in=keys)
        | Q(pk__in=Invitation.objects.filter(person=person).values("session"))
        | Q(pk__in=Speaker.objects.filter(person=person).values("session"))
    )


class Session(models.Model):
    """One session. `code` is what people call it by, an opaque key that never changes.

    `day`, `begins` and `zone` are what was announced; `starts_at` and `ends_at` are derived from them when it is saved.
    Facts of the past keep their source; what is not known stays empty and is said to be unknown.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        LIVE = "live", _("live")
        ENDED = "ended", _("ended")
        CANCELLED = "cancelled", _("cancelled")

    class Audience(models.TextChoices):
        PUBLIC = "public", _("everybody")
        INVITED = "invited", _("only those who are invited or registered")

    class Format(models.TextChoices):
        INFORMATION = "information", _("Information session (followed by Q&A)")
        CLINIC = "clinic", _("Question hour")
        WORKSHOP = "workshop", _("Workshop")
        EXCHANGE = "exchange", _("Exchange among peers")
        TRAINING = "training", _("Training")
        CONFERENCE = "conference", _("Conference")

    code = models.CharField(_("code"), max_length=20, unique=True)
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(
        _("language of these words"), max_length=2, choices=list(ENDONYMS.items()), default="en"
    )
    lead = models.CharField(_("in one sentence"), max_length=300, blank=True)
    format = models.CharField(_("format"), max_length=12, choices=Format, default=Format.INFORMATION)
    theme = models.CharField(_("theme"), max_length=120, blank=True)
    outline = models.TextField(_("purpose and outline"), blank=True)
    notes = models.JSONField(default=list, blank=True, help_text="glossary notes: [word, what it means]")
    series = models.ForeignKey(Series, models.SET_NULL, null=True, blank=True, related_name="+")
    follows = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="followed_by")

    organiser = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    organiser_text = models.CharField(
        _("organiser as announced"),
        max_length=200,
        blank=True,
        help_text="where it is no body of the network",
    )
    places = models.ManyToManyField(Place, related_name="+", blank=True)
    spoken = models.JSONField(default=list, blank=True, help_text="codes of languages; empty: not stated")
    interpreted = models.JSONField(default=list, blank=True)
    captioned = models.JSONField(default=list, blank=True)
    asked_in = models.JSONField(default=list, blank=True, help_text="languages of the Q&A; empty: any")

    day = models.DateField(_("day"))
    begins = models.TimeField(_("begins"))
    fold = models.PositiveSmallIntegerField(default=0, help_text="1: the second of two equal wall times")
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=60)
    zone = models.CharField(_("time zone"), max_length=60, default="Europe/Brussels")
    announced_time = models.CharField(
        max_length=120,
        blank=True,
        help_text="the announcement in its own words, where it differs or is unsure",
    )
    time_certain = models.BooleanField(
        default=True, help_text="false: until a person confirms what was meant"
    )
    starts_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)

    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    published = models.BooleanField(default=False)
    audience = models.CharField(max_length=8, choices=Audience, default=Audience.PUBLIC)
    cancelled_because = models.CharField(max_length=500, blank=True)
    moved_from = models.JSONField(default=list, blank=True, help_text="earlier times: [day, begins, zone]")

    takes_registrations = models.BooleanField(default=True)
    capacity = models.PositiveIntegerField(_("places in all"), null=True, blank=True)
    here_capacity = models.PositiveIntegerField(_("places on site"), null=True, blank=True)
    venue = models.CharField(_("where, on site"), max_length=300, blank=True)
    video = models.URLField(_("link to the video"), max_length=500, blank=True)
    votes_need_account = models.BooleanField(_("voting needs signing in"), default=False)
    holds_questions = models.BooleanField(_("questions wait for a moderator"), default=True)

    sources = models.JSONField(default=list, blank=True)
    checked_on = models.DateField(null=True, blank=True)
    unknown = models.JSONField(
        default=list, blank=True, help_text="what is not known of a past one: [what, words]"
    )
    disagree = models.JSONField(default=list, blank=True, help_text="where sources say different things")
    is_demo = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True, blank=True, help_text="when its announcement last changed")
    version = models.PositiveIntegerField(default=1)

    objects = SessionSet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["published", "starts_at"]),
            models.Index(fields=["state", "starts_at"]),
        ]
        constraints = [
            models.CheckConstraint(name="a_session_ends_after_it_begins", condition=Q(minutes__gt=0)),
            models.CheckConstraint(
                name="cancelled_with_a_reason",
                condition=~Q(state="cancelled") | ~Q(cancelled_because=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def save(self, *args: object, **more: object) -> None:
        """Derive the instants from the wall time."""
        self.starts_at, self.ends_at = self.moment.instant, self.moment.plus(self.minutes)
        if more.get("update_fields"):
            more["update_fields"] = {*more["update_fields"], "starts_at", "ends_at"}  # type: ignore[misc]
        super().save(*args, **more)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        return reverse("sessions:session", args=[self.code])

    @property
    def moment(self) -> Moment:
        return Moment(self.day, self.begins, self.zone, self.fold)

    def is_over(self, now: datetime) -> bool:
        """Whether it belongs to the past: ended, or its time has gone by while nobody was live."""
        if self.state == self.State.ENDED:
            return True
        return self.state != self.State.LIVE and self.ends_at < now

    @property
    def state_now(self) -> str:
        """Its state; one that was planned and whose time has gone by counts as ended, before the tick writes it down."""
        gone_by = self.state == self.State.PLANNED and self.is_over(timezone.now())
        return self.State.ENDED.value if gone_by else self.state

    @property
    def ends_here(self) -> datetime:
        """The wall time at which it ends, by the clocks of its zone."""
        return self.ends_at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    @property
    def announced_as(self) -> str:
        """How the announcement called its zone: what stands in brackets at its end (`9:30 (CET)`)."""
        _before, bracket, name = self.announced_time.rpartition("(")
        return name.rstrip(") ") if bracket else ""

    @property
    def organiser_name(self) -> str:
        return self.organiser.name if self.organiser is not None else self.organiser_text


class Segment(models.Model):
    """A part of the hour: what happens, how long, and who speaks."""

    class Kind(models.TextChoices):
        TALK = "talk", _("talk")
        EXCHANGE = "exchange", _("exchange of views")
        QA = "qa", _("questions and answers")
        BREAK = "break", _("break")

    session = models.ForeignKey(Session, models.CASCADE, related_name="segments")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TALK)
    title = models.CharField(_("title"), max_length=120)
    text = models.CharField(_("in a sentence"), max_length=300, blank=True)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), null=True, blank=True, help_text="empty: not announced"
    )
    who = models.CharField(_("who"), max_length=200, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["session", "position"], name="one_segment_a_position")]

    def __str__(self) -> str:
        return self.title


class Speaker(models.Model):
    """Somebody on the programme. Invited by mail; says yes or no, and hands in a bio and slides by a date, without an account."""

    class Role(models.TextChoices):
        SPEAKER = "speaker", _("speaks")
        MODERATOR = "moderator", _("moderates")
        INTERPRETER = "interpreter", _("interprets")

    class State(models.TextChoices):
        NAMED = "named", _("named")
        INVITED = "invited", _("invited")
        ACCEPTED = "accepted", _("has accepted")
        DECLINED = "declined", _("has declined")

    session = models.ForeignKey(Session, models.CASCADE, related_name="speakers")
    position = models.PositiveSmallIntegerField(default=0)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.SPEAKER)
    name = models.CharField(_("name"), max_length=150)
    body = models.CharField(_("organisation"), max_length=200, blank=True)
    bio = models.TextField(_("in a few sentences"), blank=True)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    email = models.EmailField(blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.NAMED)
    slides_due = models.DateField(_("slides until"), null=True, blank=True)
    slides = models.URLField(_("link to the slides"), max_length=500, blank=True)
    page_language = models.CharField(
        _("language of our mails"), max_length=2, choices=list(ENDONYMS.items()), default="en"
    )
    reminded_at = models.DateTimeField(null=True, blank=True, help_text="of the slides")
    seed = models.CharField(max_length=64, unique=True, null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class Material(models.Model):
    """What a session left elsewhere: slides, recording, captions, transcript. A recording is not shown without captions."""

    class Kind(models.TextChoices):
        SLIDES = "slides", _("slides")
        RECORDING = "recording", _("recording")
        CAPTIONS = "captions", _("captions")
        TRANSCRIPT = "transcript", _("transcript")
        DOCUMENT = "document", _("document")

    session = models.ForeignKey(Session, models.CASCADE, related_name="material")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    title = models.CharField(_("title"), max_length=200)
    url = models.URLField(_("address"), max_length=500)
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), blank=True)
    published = models.BooleanField(default=True)

    class Meta:
        ordering = ["kind", "pk"]

    def __str__(self) -> str:
        return self.title
