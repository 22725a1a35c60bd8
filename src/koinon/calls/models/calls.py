"""A call for proposals: who may apply, where, for what, for how much, until when; what it asks, and what became of it."""

import secrets
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
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
from koinon.calls.words import Currency, Deed, Kind, Stage
from koinon.network.models import Organisation, Programme
from koinon.network.models.facts import Fact, Stand
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.places.models import Place
from koinon.questions.models import Question

DEFAULT_ZONE = "Europe/Brussels"
# How long lists of deadlines say of a withdrawn call that it is cancelled: even calendars that are seldom opened have asked then.
TOLD_TO_CALENDARS = timedelta(days=30)
MOST_SHARE = Decimal(100)
# Article 14(4) of Regulation (EU) 2021/1057: for a priority of social innovation.
MOST_SHARE_OF_PRIORITY = Decimal(95)
_ROLES = frozenset({"editor", "manager", "authority"})


def kept_by(visitor: Visitor) -> frozenset[int]:
    """The bodies whose drafts are a visitor's own: where one is editor, manager or the authority; and those one leads."""
    if not isinstance(visitor, NetworkVisitor):
        return frozenset()
    own = {r.organisation_id for r in visitor.roles if r.kind in _ROLES and r.organisation_id is not None}
    return frozenset(own) | visitor.led


class CallSet(models.QuerySet["Call"]):
    def public(self) -> Self:
        return self.filter(state__in=[Call.State.PUBLISHED, Call.State.CLOSED])

    def seen_by(self, visitor: Visitor) -> Self:
        """What is public; drafts of one's own bodies and of those one leads; as coordinator all (E6, E7)."""
        there = self.exclude(state=Call.State.WITHDRAWN)
        if not isinstance(visitor, NetworkVisitor) or visitor.person_id is None:
            return there.public()
        if visitor.is_coordinator:
            return there
        return there.filter(
            Q(state__in=[Call.State.PUBLISHED, Call.State.CLOSED]) | Q(keeper__in=kept_by(visitor))
        )

    def run_by(self, visitor: Visitor) -> Self:
        """What somebody may work on: calls that one's own bodies keep, or those one leads; as coordinator all."""
        there = self.exclude(state=Call.State.WITHDRAWN)
        if not isinstance(visitor, NetworkVisitor) or visitor.person_id is None:
            return self.none()
        return there if visitor.is_coordinator else there.filter(keeper__in=kept_by(visitor))

    def closing_first(self) -> Self:
        """By the last cut-off date; what has none comes last."""
        return self.order_by(models.F("closes_at").asc(nulls_last=True), "slug")

    def withdrawn_lately(self, now: datetime) -> Self:
        """Withdrawn so short a time ago that subscribed calendars may not know of it. Of these only their dates are told."""
        return self.filter(state=Call.State.WITHDRAWN, withdrawn_at__gt=now - TOLD_TO_CALENDARS)

    def past_their_time(self, now: datetime) -> Self:
        """Published, and the last cut-off has gone by."""
        return self.filter(state=Call.State.PUBLISHED, closes_at__lt=now)

    def waiting_to_open(self) -> Self:
        """Published before their first day, which may have come by now (a day early: zones differ)."""
        tomorrow = timezone.localdate() + timedelta(days=1)
        return self.filter(state=Call.State.PUBLISHED, opened=False, opens_on__lte=tomorrow)


class Call(Fact):
    """One call. `keeper` is the body whose people keep the entry; `opener` is who opened the call, which may be another.

    What is not known stays empty and is said to be unknown. `closes_at` is derived from the last cut-off date.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        CLOSED = "closed", _("closed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Reason(models.TextChoices):
        """Why a call was taken away; all that its address still tells."""

        CANCELLED = "cancelled", _("Its authority took it back.")
        MISTAKE = "mistake", _("It was entered by mistake.")
        TWICE = "twice", _("It stands here under another address.")
        OTHER = "other", _("For another reason.")
        NOTICE = "notice", _("After a report.")

    slug = models.SlugField(max_length=120, unique=True)
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    summary = models.CharField(_("in one sentence"), max_length=300, blank=True)
    text = models.TextField(_("what it is for"), blank=True)

    keeper = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    opener = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    opener_text = models.CharField(max_length=200, blank=True, help_text="who opened it, if no body here")
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, blank=True, related_name="+")

    who = models.JSONField(default=list, blank=True, help_text="kinds of bodies; empty: not stated")
    who_text = models.CharField(_("who may apply, in its own words"), max_length=500, blank=True)
    places = models.ManyToManyField(Place, through="CallPlace", related_name="+", blank=True)
    places_says = models.CharField(max_length=500, blank=True, help_text="what the call says of where")
    topics = models.JSONField(default=list, blank=True, help_text="keys of the field's vocabulary")
    objectives = models.JSONField(default=list, blank=True, help_text="letters a to m")

    under_priority = models.BooleanField(null=True, blank=True, help_text="Article 14; null: not known")
    share = models.DecimalField(
        _("EU share at most, per cent"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    least = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    most = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    budget = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, choices=Currency, default=Currency.EUR)

    opens_on = models.DateField(null=True, blank=True, help_text="in the zone of its first cut-off")
    closes_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    no_deadline = models.CharField(
        max_length=200, blank=True, help_text="why there is none: until the money is spent"
    )

    url = models.URLField(_("address of its text"), max_length=500, blank=True)
    disagree = models.JSONField(default=list, blank=True, help_text="where sources say different things")
    conditions_whole = models.BooleanField(
        default=False, help_text="whether the conditions here are all that the text of the call has"
    )

    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, db_index=True)
    published_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(help_text="when something that is shown last changed")
    closed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=10, choices=Reason, blank=True)
    opened = models.BooleanField(default=False, help_text="whether it was noted that its first day came")
    is_demo = models.BooleanField(default=False)

    objects = CallSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_call_pays_no_negative_sum",
                condition=(Q(least__isnull=True) | Q(least__gte=0))
                & (Q(most__isnull=True) | Q(most__gte=0))
                & (Q(budget__isnull=True) | Q(budget__gte=0)),
            ),
            models.CheckConstraint(
                name="a_call_s_least_is_not_above_its_most",
                condition=Q(least__isnull=True) | Q(most__isnull=True) | Q(least__lte=models.F("most")),
            ),
            models.CheckConstraint(
                name="a_share_is_a_per_cent",
                condition=Q(share__isnull=True) | Q(share__gt=0, share__lte=MOST_SHARE),
            ),
            models.CheckConstraint(
                name="under_article_14_at_most_95_per_cent",
                condition=Q(share__isnull=True)
                | Q(under_priority__isnull=True)
                | Q(under_priority=False)
                | Q(share__lte=MOST_SHARE_OF_PRIORITY),
            ),
            models.CheckConstraint(
                name="a_call_is_withdrawn_with_a_reason",
                condition=~Q(state="withdrawn") | ~Q(withdrawn_because=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("calls:call", args=[self.slug])

    @property
    def is_public(self) -> bool:
        return self.state in {self.State.PUBLISHED, self.State.CLOSED}

    @property
    def opener_name(self) -> str:
        return self.opener.name if self.opener is not None else self.opener_text

    @property
    def zone(self) -> str:
        """The zone of its dates."""
        dates = self.dates
        return dates[0].zone if dates else DEFAULT_ZONE

    @property
    def dates(self) -> "list[Cutoff]":
        """Its cut-off dates, the first first."""
        return sorted(self.cutoffs.all(), key=lambda one: (one.ends_at, one.pk))

    def next_date(self, now: datetime) -> "Cutoff | None":
        """The next date by which one may hand in; None where there is none, or all have gone by."""
        return next((one for one in self.dates if one.ends_at >= now), None)

    def stage(self, now: datetime | None = None) -> Stage:
        """Where it stands: one whose last date has gone by counts as closed before the tick writes it down."""
        now = now or timezone.now()
        if self.state in {self.State.CLOSED, self.State.WITHDRAWN}:
            return Stage.CLOSED
        if self.closes_at is not None and self.closes_at < now:
            return Stage.CLOSED
        if self.opens_on is not None and now.astimezone(ZoneInfo(self.zone)).date() < self.opens_on:
            return Stage.COMING
        return Stage.OPEN

    @property
    def dates_certain(self) -> bool:
        return all(one.certain for one in self.cutoffs.all())

    @property
    def stand(self) -> Stand:
        """What sources say differently of it comes first; what is unsure stays unsure."""
        if self.disagree:
            return Stand.SPLIT
        if not self.dates_certain:
            return Stand.UNSURE
        return super().stand


class CallPlace(models.Model):
    """A place for which a call is open: who lies in it, or is it, may apply."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "place"], name="a_place_once_for_a_call")]

    def __str__(self) -> str:
        return f"{self.call_id}: {self.place_id}"


def new_key() -> str:
    """What names a cut-off date in calendars, and never changes."""
    return secrets.token_hex(6)


class Cutoff(models.Model):
    """A date until which one may hand in. `day`, `at` and `zone` are what was announced; `ends_at` is derived.

    Without a time of day (`at`) it ends with its day. `moved_from` keeps earlier times: [day, time or "", zone].
    """

    call = models.ForeignKey(Call, models.CASCADE, related_name="cutoffs")
    key = models.CharField(max_length=12, unique=True, default=new_key, editable=False)
    label = models.CharField(_("which one"), max_length=120, blank=True)
    day = models.DateField(_("day"))
    at = models.TimeField(_("time"), null=True, blank=True)
    fold = models.PositiveSmallIntegerField(default=0)
    zone = models.CharField(_("time zone"), max_length=60, default=DEFAULT_ZONE)
    announced = models.CharField(
        max_length=120, blank=True, help_text="the announcement in its own words, where it differs"
    )
    certain = models.BooleanField(default=True)
    moved_from = models.JSONField(default=list, blank=True)
    ends_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["ends_at", "pk"]

    def __str__(self) -> str:
        return f"{self.day.isoformat()} {self.at or ''} {self.zone}"

    def save(self, *args: object, **more: object) -> None:
        """Derive the instant from the wall time."""
        self.ends_at = self.instant
        super().save(*args, **more)  # type: ignore[arg-type]

    @property
    def moment(self) -> Moment:
        return Moment(self.day, self.at or time(0), self.zone, self.fold)

    @property
    def instant(self) -> datetime:
        """When it ends; a day without a time ends at its midnight."""
        if self.at is not None:
            return self.moment.instant
        midnight = datetime.combine(self.day + timedelta(days=1), time(0), ZoneInfo(self.zone))
        return midnight.astimezone(UTC)

    @property
    def words(self) -> str:
        """The wall time, as it is kept in histories: 2026-12-18 17:00 Europe/Rome."""
        at = f" {self.at:%H:%M}" if self.at is not None else ""
        return f"{self.day.isoformat()}{at} {self.zone}"


class Condition(models.Model):
    """One thing that a call asks, as it can be asked of somebody; `says` is the text of the call that it rests on."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="conditions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("what it asks"), max_length=12, choices=Kind)
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    day = models.DateField(_("day"), null=True, blank=True)
    question = models.CharField(_("question"), max_length=300, blank=True)
    says = models.CharField(_("what the call says"), max_length=500)
    section = models.CharField(_("where it says so"), max_length=60, blank=True)
    mendable = models.BooleanField(
        _("who does not meet it can still see to it"), default=False, help_text="a partner can be found"
    )

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["call", "position"], name="one_condition_a_position")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.says}"


class Change(models.Model):
    """What happened to a call that everybody sees, and what differs: {field: [before, after]}. Added, never changed."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="changes")
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    deed = models.CharField(max_length=12, choices=Deed)
    differences = models.JSONField(default=dict, blank=True)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.call_id} {self.version} {self.deed}"


class Asked(models.Model):
    """A question that came from a call: where it began."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="+")
    question = models.OneToOneField(Question, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.call_id}: {self.question_id}"


def tombstone(slug: str) -> Call | None:
    """A call that was withdrawn: its address tells why, and nothing else."""
    return Call.objects.filter(slug=slug, state=Call.State.WITHDRAWN).first()


def today_in(zone: str) -> date:
    return timezone.now().astimezone(ZoneInfo(zone)).date()
