"""The periodic report of a body: figures and activities of a period, with words of its own; frozen when it is handed in."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.reports.models.activities import bodies_worked_for
from koinon.reports.words import HANDED_IN, State


class ReportSet(models.QuerySet["PeriodReport"]):
    def seen_by(self, visitor: Visitor) -> Self:
        """Those of one's own bodies; once handed in also those of the bodies one leads, all as coordinator (F1, F2)."""
        if not isinstance(visitor, NetworkVisitor):
            return self.none()
        own = Q(organisation__in=bodies_worked_for(visitor))
        handed_in = Q(state__in=HANDED_IN)
        if visitor.is_coordinator:
            return self.filter(own | handed_in)
        return self.filter(own | (handed_in & Q(organisation__in=visitor.led)))

    def handed_in(self) -> Self:
        return self.filter(state__in=HANDED_IN)

    def latest_first(self) -> Self:
        return self.order_by("-last_day", "-pk")


class PeriodReport(models.Model):
    """One report of one body for a period, both days included.

    While it is written its figures are counted anew each time; `kept` is what was counted when it was handed in.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(
        _("language of these words"), max_length=2, choices=list(ENDONYMS.items()), default="en"
    )
    text = models.TextField(_("in your own words"), blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    kept = models.JSONField(default=dict, blank=True)
    reason = models.CharField(_("why it was sent back"), max_length=500, blank=True)
    nonce = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)

    objects = ReportSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_period_ends_after_it_begins", condition=Q(last_day__gte=F("first_day"))
            ),
            models.CheckConstraint(
                name="handed_in_at_a_moment",
                condition=~Q(state__in=["submitted", "accepted"]) | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="sent_back_with_a_reason", condition=~Q(state="sent_back") | ~Q(reason="")
            ),
            models.UniqueConstraint(fields=["nonce"], condition=~Q(nonce=""), name="a_report_begun_once"),
        ]

    def __str__(self) -> str:
        """Without its title: it is written into the journal, and a draft is its own body's."""
        return f"report {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("reports:report", args=[self.pk])

    @property
    def is_handed_in(self) -> bool:
        return self.state in HANDED_IN
