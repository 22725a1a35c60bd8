"""Who follows what by mail: an address with its rhythm, and the things it follows. No account is needed.

A follower's private page is opened by a code derived from its seed under the installation's secret; the database keeps the
hash. `cursor` is the number of the last entry of the journal that the follower was told of, or need not be.
"""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.agenda.models import BodyKind
from koinon.base.languages import ENDONYMS


class Rhythm(models.TextChoices):
    AT_ONCE = "at_once", _("At once, what falls within an hour together")
    DAILY = "daily", _("Once a day, only if there is something")
    WEEKLY = "weekly", _("Once a week, only if there is something")
    MONTHLY = "monthly", _("Once a month, only if there is something")


class Level(models.TextChoices):
    """What of the places around a followed place is told too."""

    REGION = "region", _("its region")
    COUNTRY = "country", _("its country")
    CONSORTIUM = "consortium", _("its consortium")
    EUROPE = "europe", _("all of Europe")


DEFAULT_LEVELS = [Level.REGION.value, Level.COUNTRY.value]


class FollowerSet(models.QuerySet["Follower"]):
    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False)

    def due(self, now: datetime, upto: int) -> Self:
        """Whose moment has come. Who is told at once has one whenever something happened after what it was told of."""
        come = self.confirmed().filter(next_at__lte=now)
        return come.filter(~Q(rhythm=Rhythm.AT_ONCE) | Q(cursor__lt=upto)).order_by("pk")

    def unconfirmed_since(self, moment: datetime) -> Self:
        """Whose address nobody has confirmed, and who was asked about nothing since."""
        asked = Follow.objects.waiting().filter(follower=OuterRef("pk"), made_at__gte=moment)
        return self.filter(~Exists(asked), confirmed_at__isnull=True, made_at__lt=moment)


class Follower(models.Model):
    """One address, in its language, with its rhythm: at which hour, on which day of the week, by the clock of which zone."""

    address = models.EmailField(unique=True)
    seed = models.CharField(max_length=64)
    code_hash = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    body_kind = models.CharField(max_length=20, choices=BodyKind, blank=True)
    rhythm = models.CharField(max_length=8, choices=Rhythm, default=Rhythm.WEEKLY)
    weekday = models.PositiveSmallIntegerField(default=0, help_text="Monday is 0")
    hour = models.PositiveSmallIntegerField(default=7)
    zone = models.CharField(max_length=40, default="Europe/Brussels")
    made_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cursor = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, blank=True, help_text="when the last digest was made")
    left_out = models.PositiveIntegerField(default=0, help_text="what was asked for beyond the most")
    version = models.PositiveIntegerField(default=1)

    objects = FollowerSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_at", "cursor"])]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="follower_day_of_the_week"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="follower_hour_of_the_day"),
        ]

    def __str__(self) -> str:
        return f"follower {self.pk}"


class FollowSet(models.QuerySet["Follow"]):
    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False)

    def waiting(self) -> Self:
        """Asked for, and not yet confirmed by who owns the address."""
        return self.filter(confirmed_at__isnull=True)


class Follow(models.Model):
    """One thing that an address follows. `begins_after`: entries of the journal up to this one are not news to it."""

    follower = models.ForeignKey(Follower, models.CASCADE, related_name="follows")
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=400)
    levels = models.JSONField(default=list, help_text="of a place: what around it is told too")
    groups = models.JSONField(default=list, help_text="names of sources; none: all")
    made_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    told = models.BooleanField(default=False, help_text="whether a mail has asked to confirm it")
    begins_after = models.BigIntegerField(default=0)

    objects = FollowSet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follower", "kind", "key"], name="followed_once")]
        indexes = [models.Index(fields=["kind", "key"])]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"


class Asked(models.Model):
    """When an address was last asked whether it wants our mails, by its keyed hash; so that nobody is asked twice a day.

    `refused`: who owns it wants to be asked no more.
    """

    address_hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    refused = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "asked"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
