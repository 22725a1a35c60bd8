"""Files and dates of a space."""

import secrets
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from koinon.agenda.models import Session
from koinon.base.languages import ENDONYMS
from koinon.people.models import Person
from koinon.spaces.models.codes import new_code
from koinon.spaces.models.spaces import Space


def new_file_code() -> str:
    return secrets.token_urlsafe(16)


class FileSet(models.QuerySet["File"]):
    def standing(self) -> Self:
        return self.filter(withdrawn_at__isnull=True, removed_at__isnull=True)

    def light(self) -> Self:
        """Without the bytes, for lists."""
        return self.defer("content")


class File(models.Model):
    """One file: cleaned before it is kept (base/uploads.py), sent out only as a download, asked anew each time who may."""

    space = models.ForeignKey(Space, models.CASCADE, related_name="files")
    code = models.CharField(max_length=32, unique=True, default=new_file_code)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=100)
    words = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    kind = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    at = models.DateTimeField(default=timezone.now)
    step = models.PositiveIntegerField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    nonce = models.CharField(max_length=64, blank=True)

    objects = FileSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["space", "step"])]
        constraints = [
            models.UniqueConstraint(
                fields=["space", "nonce"], condition=~Q(nonce=""), name="a_file_is_added_once"
            )
        ]

    def __str__(self) -> str:
        """Without its name: it is written into the journal."""
        return f"file {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("spaces:file", args=[self.space.code, self.code])


class DateSet(models.QuerySet["Date"]):
    def shown(self) -> Self:
        """Dates of the space itself, and sessions that everybody may see."""
        return self.filter(
            Q(session__isnull=True) | Q(session__published=True, session__audience=Session.Audience.PUBLIC)
        )

    def standing(self) -> Self:
        return self.filter(cancelled_at__isnull=True)

    def soonest_first(self) -> Self:
        return self.order_by("starts_at", "pk")


class Date(models.Model):
    """A day and hour of the space, told by the clocks of a zone; or a session of the programme, which then says its own time."""

    space = models.ForeignKey(Space, models.CASCADE, related_name="dates")
    code = models.CharField(max_length=12, unique=True, default=new_code)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=80, blank=True)
    session = models.ForeignKey(Session, models.CASCADE, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=160, blank=True)
    words = models.TextField(blank=True)
    where = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    day = models.DateField(null=True, blank=True)
    begins = models.TimeField(null=True, blank=True)
    fold = models.PositiveSmallIntegerField(default=0)
    zone = models.CharField(max_length=40, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    step = models.PositiveIntegerField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_because = models.CharField(max_length=300, blank=True)
    nonce = models.CharField(max_length=64, blank=True)
    edits = models.PositiveIntegerField(default=1)

    objects = DateSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["space", "starts_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["space", "nonce"], condition=~Q(nonce=""), name="a_date_is_set_once"
            ),
            models.UniqueConstraint(
                fields=["space", "session"], condition=Q(session__isnull=False), name="a_session_stands_once"
            ),
            models.CheckConstraint(
                name="a_date_has_its_own_time_or_a_session",
                condition=Q(session__isnull=False)
                | (Q(day__isnull=False) & Q(begins__isnull=False) & ~Q(zone="") & ~Q(title="")),
            ),
        ]

    def __str__(self) -> str:
        """Without its title and its code: it is written into the journal, of a closed space too."""
        return f"date {self.pk}"

    def get_absolute_url(self) -> str:
        return f"{self.space.get_absolute_url()}#d{self.code}"

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def local_start(self) -> datetime:
        """When it begins, by the clocks of its zone."""
        return self.starts_at.astimezone(ZoneInfo(self.zone or "Europe/Brussels"))

    @property
    def shown_title(self) -> str:
        """What it is called: the session's own title, where it is one."""
        return self.session.title if self.session is not None else self.title

    @property
    def is_off(self) -> bool:
        """It does not take place: it was cancelled here, or its session in the programme."""
        cancelled = self.session is not None and self.session.state == Session.State.CANCELLED
        return cancelled or self.cancelled_at is not None

    @property
    def wall_day(self) -> date:
        """The day by the clocks of its zone."""
        return self.local_start.date()

    @property
    def wall_start(self) -> str:
        """The hour by the clocks of its zone, whatever zone is active."""
        return f"{self.local_start:%H:%M}"

    @property
    def wall_end(self) -> str:
        return f"{self.local_end:%H:%M}"

    @property
    def local_end(self) -> datetime:
        return self.ends_at.astimezone(ZoneInfo(self.zone or "Europe/Brussels"))
