"""Mail that is to go out: queued in the transaction of the deed, sent by the tick, never twice."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone


class OutboxSet(models.QuerySet["Outbox"]):
    def due(self, now: datetime) -> Self:
        """What waits and may be tried now, the oldest first."""
        return self.filter(state=Outbox.State.WAITING, try_at__lte=now).order_by("try_at", "pk")


class Outbox(models.Model):
    """One mail to one address. `key` keeps a mail from being queued twice for the same reason."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    to = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    language = models.CharField(max_length=2, default="en")
    key = models.CharField(max_length=120, unique=True, null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    try_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)

    objects = OutboxSet.as_manager()

    class Meta:
        verbose_name_plural = "outbox"
        indexes = [models.Index(fields=["state", "try_at"])]

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"
