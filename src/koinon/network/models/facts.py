"""What every record of the network carries: where it comes from, how far to trust it, and for how long it holds."""

from datetime import date, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

STALE_AFTER = timedelta(days=365)


class Stand(models.TextChoices):
    """How sure a fact is; the line drawn before it (design: Stand)."""

    HELD = "held", _("confirmed by its owner")
    CHECKED = "checked", _("checked")
    STALE = "stale", _("stale")
    UNSURE = "unsure", _("unsure")
    SPLIT = "split", _("sources disagree")
    NOT_FOUND = "notfound", _("not found")


class Fact(models.Model):
    """What every record carries. `loaded` is the record of the file, as it was loaded; `edited_at` says that an owner
    changed it since, so that loading again leaves it alone."""

    sources = models.JSONField(
        default=list, blank=True, help_text="addresses or names of what it was read in"
    )
    certain = models.BooleanField(default=True)
    note = models.TextField(blank=True)
    checked_on = models.DateField(help_text="when somebody of ours last held it against its sources")
    confirmed_on = models.DateField(null=True, blank=True, help_text="when its owner last confirmed it")
    edited_at = models.DateTimeField(null=True, blank=True, help_text="when somebody last changed it here")
    version = models.PositiveIntegerField(default=1)
    loaded = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True

    @property
    def is_stale(self) -> bool:
        """Older than twelve months, or than what its sources describe."""
        return is_stale(self.checked_on, self.confirmed_on, getattr(self, "described_until", None))

    @property
    def stand(self) -> Stand:
        """How far to trust it: what is unsure stays unsure; else what is old; else who says so."""
        if not self.certain:
            return Stand.UNSURE
        if self.is_stale:
            return Stand.STALE
        return Stand.HELD if self.confirmed_on else Stand.CHECKED


def is_stale(checked_on: date, confirmed_on: date | None, described_until: date | None = None) -> bool:
    today = timezone.localdate()
    if described_until and described_until < today and not (confirmed_on and confirmed_on > described_until):
        return True
    return today - max(checked_on, confirmed_on or checked_on) > STALE_AFTER


class Precision(models.TextChoices):
    """How exactly a source dates something: `2021-05` is a month; the day kept is its first or last."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Dated(models.Model):
    """What holds for a time. Days at either end may be unsure or unknown (null)."""

    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True, help_text="the last day on which it holds")
    since_certain = models.BooleanField(default=True)
    until_certain = models.BooleanField(default=True)
    since_precision = models.CharField(max_length=5, choices=Precision, default=Precision.DAY)
    until_precision = models.CharField(max_length=5, choices=Precision, default=Precision.DAY)

    class Meta:
        abstract = True

    @property
    def dates_certain(self) -> bool:
        return self.since_certain and self.until_certain

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day; an unknown beginning or end counts as open."""
        return (self.since is None or self.since <= day) and (self.until is None or self.until >= day)

    def is_exact_on(self, day: date) -> bool:
        """Whether the sources are exact enough for that day: not in the very month or year they name as an end."""
        ends = ((self.since, self.since_precision), (self.until, self.until_precision))
        return not any(end and _same(end, day, precision) for end, precision in ends)


def _same(end: date, day: date, precision: str) -> bool:
    if precision == Precision.YEAR:
        return end.year == day.year
    return precision == Precision.MONTH and (end.year, end.month) == (day.year, day.month)


def in_force(day: date, prefix: str = "") -> Q:
    """The condition that something holds on a day; an unknown beginning or end counts as open."""
    since, until = f"{prefix}since", f"{prefix}until"
    begun: Q = Q(**{f"{since}__isnull": True}) | Q(**{f"{since}__lte": day})
    return begun & (Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gte": day}))
