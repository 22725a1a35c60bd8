"""The report of a session: what was asked, answered, left open, promised and shared; and what attendees would correct."""

from datetime import date
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from koinon.agenda.models import Session
from koinon.agenda.permissions import may_host
from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.room.models import Contribution


class ReportSet(models.QuerySet["Report"]):
    def of(self, session: Session) -> "Report | None":
        return self.filter(session=session).select_related("session", "session__organiser").first()

    def public(self) -> Self:
        return self.filter(
            state=Report.State.PUBLISHED,
            session__published=True,
            session__audience=Session.Audience.PUBLIC,
        )


class Report(models.Model):
    """One report a session. A draft is the hosts'; open for corrections it is for all who may see the session; then it is published.

    `figures` is counted from the record of the room and frozen when it is published.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        CORRECTING = "correcting", _("open for corrections")
        PUBLISHED = "published", _("published")

    session = models.OneToOneField(Session, models.CASCADE, primary_key=True, related_name="report")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    language = models.CharField(
        _("language of these words"), max_length=2, choices=list(ENDONYMS.items()), default="en"
    )
    lead = models.TextField(_("in your own words"), blank=True)
    figures = models.JSONField(default=dict)
    drafted_at = models.DateTimeField()
    corrections_until = models.DateField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = ReportSet.as_manager()

    def __str__(self) -> str:
        return str(self.session.code)

    def get_absolute_url(self) -> str:
        return reverse("minutes:report", args=[self.session.code])

    def is_shown_to(self, visitor: Visitor) -> bool:
        """Whether somebody who may see the session may see its report."""
        return self.state != self.State.DRAFT or may_host(visitor, self.session)


class LineSet(models.QuerySet["Line"]):
    def shown(self) -> Self:
        return self.filter(hidden=False)

    def asked(self) -> Self:
        return self.filter(contribution__kind=Contribution.Kind.QUESTION)

    def shared(self) -> Self:
        return self.exclude(contribution__kind=Contribution.Kind.QUESTION)


class Line(models.Model):
    """One thing that was asked or shared, as the report tells it.

    Word for word only where its author agreed (`Contribution.may_quote`); else in the hosts' own words (`gist`), and where
    there are none yet, the report says only that something was asked. What became of it is read from the record.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="lines")
    contribution = models.OneToOneField(Contribution, models.CASCADE, related_name="+")
    gist = models.CharField(_("in your own words"), max_length=500, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    hidden = models.BooleanField(_("leave it out"), default=False)

    objects = LineSet.as_manager()

    def __str__(self) -> str:
        return f"{self.report_id} {self.pk}"


class Pledge(models.Model):
    """Something that was promised in the hour: by whom, until when, and what became of it."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        KEPT = "kept", _("kept")
        DROPPED = "dropped", _("not kept")

    report = models.ForeignKey(Report, models.CASCADE, related_name="pledges")
    text = models.CharField(_("what was promised"), max_length=500)
    owner = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    owner_text = models.CharField(
        _("by whom, where it is no body of the network"), max_length=200, blank=True
    )
    due = models.DateField(_("until"))
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    became = models.CharField(_("what became of it"), max_length=500, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due", "pk"]

    def __str__(self) -> str:
        return self.text

    @property
    def owner_name(self) -> str:
        return self.owner.name if self.owner is not None else self.owner_text

    def is_late(self, day: date) -> bool:
        return self.state == self.State.OPEN and self.due < day


class Remark(models.Model):
    """What somebody who was there would correct. The hosts decide; nothing of who it was is kept."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        TAKEN = "taken", _("taken up")
        LEFT = "left", _("not taken up")

    report = models.ForeignKey(Report, models.CASCADE, related_name="remarks")
    text = models.TextField(_("what is right"))
    language = models.CharField(max_length=2, default="en")
    nonce = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    reply = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.report_id} {self.pk}"
