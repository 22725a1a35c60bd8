"""Mail that goes out, addresses that send it back, and letters that came in.

A mail is queued in the transaction of the deed and sent by the tick. A process takes a mail for ten minutes; when it
dies meanwhile, another sends the mail again under the same Message-ID: at most one double a crash, and a recognisable one.
"""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Count, Q
from django.utils import timezone

from koinon.mail.addresses import new_message_id

LEASE = timedelta(minutes=10)


class OutboxSet(models.QuerySet["Outbox"]):
    def due(self, now: datetime) -> Self:
        """What waits and may be tried now, and what a process took and did not bring to an end; the oldest first."""
        return self.filter(
            Q(state=Outbox.State.WAITING, try_at__lte=now)
            | Q(state=Outbox.State.SENDING, taken_at__lte=now - LEASE)
        ).order_by("try_at", "pk")

    def untouched(self) -> Self:
        """What waits and was never tried: its text may still be joined with others."""
        return self.filter(state=Outbox.State.WAITING, tries=0)

    def urgent(self) -> Self:
        """What somebody waits for: everything but what goes to many."""
        return self.filter(bulk=False)

    def in_bulk_mail(self) -> Self:
        """Digests and newsletters."""
        return self.filter(bulk=True)

    def failed(self) -> Self:
        """What was given up or came back, the latest first."""
        return self.filter(state=Outbox.State.FAILED).order_by("-made_at", "-pk")

    def held(self) -> Self:
        """What is not sent because mails to its address came back."""
        return self.filter(state=Outbox.State.HELD)

    def counts(self) -> dict[str, int]:
        """How many mails are in each state, for the health page; a state without any is 0."""
        found = dict(self.order_by().values_list("state").annotate(Count("pk")))
        return {str(state): found.get(state, 0) for state in Outbox.State.values}


class Outbox(models.Model):
    """One mail to one address. `key` keeps a mail from being queued twice for the same reason."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        HELD = "held"
        JOINED = "joined"

    to = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    language = models.CharField(max_length=2, default="en")
    key = models.CharField(max_length=120, unique=True, null=True, blank=True)
    message_id = models.CharField(max_length=255, unique=True, default=new_message_id)
    reply_to = models.CharField(max_length=254, blank=True)
    in_reply_to = models.CharField(max_length=500, blank=True)
    references = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    digest = models.CharField(max_length=120, blank=True)
    bulk = models.BooleanField(
        default=False, db_default=False, help_text="one of many: goes after what somebody waits for"
    )
    joined_into = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    try_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)

    objects = OutboxSet.as_manager()

    class Meta:
        verbose_name_plural = "outbox"
        indexes = [
            models.Index(fields=["state", "try_at"]),
            # Without a condition: SQLite uses a partial index only where the query spells its condition out.
            models.Index(fields=["digest", "to", "state", "try_at"], name="mail_outbox_group"),
        ]

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"


class Bounced(models.Model):
    """An address that refused a mail for good. Only its keyed hash is kept."""

    address_hash = models.CharField(max_length=64, unique=True)
    since = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=120)

    class Meta:
        verbose_name_plural = "bounced"

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d}: {self.reason}"


class Received(models.Model):
    """A letter that was acted on; it is not a second time. Nothing of the letter is kept here but a hash."""

    letter_hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name_plural = "received"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.letter_hash[:12]}"
