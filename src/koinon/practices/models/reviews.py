"""What reviewers said of a version: four things looked at, each with reasons, and one decision."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.people.models import Person
from koinon.practices.models.practices import Version


class ReviewSet(models.QuerySet["Review"]):
    def of_now(self) -> Self:
        """Those of the round that holds: only they count for the decision."""
        return self.filter(round=F("version__round"))

    def of_before(self) -> Self:
        """Those of earlier rounds, the latest round first."""
        return self.filter(round__lt=F("version__round")).order_by("-round", "pk")

    def done(self) -> Self:
        return self.filter(done_at__isnull=False)

    def waiting(self) -> Self:
        return self.filter(done_at__isnull=True)


class Review(models.Model):
    """One reviewer's look at one version. `note` is for those who decide; `words` go to who wrote it.

    Where the version was sent back and in again, a new round begins: what was said before stays to be read, and counts no more.
    Who reviewed is told to the author only where the reviewer chose so (`is_named`).
    """

    class Decision(models.TextChoices):
        PUBLISH = "publish", _("publish")
        CHANGES = "changes", _("ask for changes")
        DECLINE = "decline", _("do not take it up")

    class Look(models.TextChoices):
        GOOD = "good", _("good")
        WEAK = "weak", _("weak")
        MISSING = "missing", _("missing")

    LOOKS = ("scope", "approach", "results", "transfer")

    version = models.ForeignKey(Version, models.CASCADE, related_name="reviews")
    round = models.PositiveSmallIntegerField(default=1)
    reviewer = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    is_named = models.BooleanField(default=False)

    scope = models.CharField(max_length=8, choices=Look, blank=True)
    scope_because = models.TextField(blank=True)
    approach = models.CharField(max_length=8, choices=Look, blank=True)
    approach_because = models.TextField(blank=True)
    results = models.CharField(max_length=8, choices=Look, blank=True)
    results_because = models.TextField(blank=True)
    transfer = models.CharField(max_length=8, choices=Look, blank=True)
    transfer_because = models.TextField(blank=True)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    words = models.TextField(blank=True)
    note = models.TextField(blank=True)

    objects = ReviewSet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "round", "reviewer"], name="each_reviews_a_round_once"
            ),
            models.CheckConstraint(
                name="a_review_that_is_done_says_why",
                condition=Q(done_at__isnull=True)
                | (
                    ~Q(decision="")
                    & ~Q(scope_because="")
                    & ~Q(approach_because="")
                    & ~Q(results_because="")
                    & ~Q(transfer_because="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.decision or '…'}"

    @property
    def looks(self) -> list[tuple[str, str, str]]:
        """What was looked at: its name, how it was found, why."""
        names = {
            "scope": _("Scope"),
            "approach": _("Approach"),
            "results": _("Results"),
            "transfer": _("Transfer"),
        }
        return [
            (
                str(names[look]),
                str(self.Look(getattr(self, look)).label) if getattr(self, look) else "",
                getattr(self, f"{look}_because"),
            )
            for look in self.LOOKS
        ]
