"""What was done, kept so that nobody can rewrite it; which version the public data has; what was asked for and not there."""

import hashlib
import json

from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One thing that was done. Each entry carries the hash of the one before, so that a change in the past shows.

    Actor and thing are named by key and label, without foreign keys: the journal outlives what it speaks of. Labels are
    outside the hash, so that a person's name can be erased and the chain still holds.
    """

    when = models.DateTimeField(_("when"))
    verb = models.CharField(max_length=60)
    actor = models.CharField(max_length=60, blank=True)
    actor_label = models.CharField(max_length=200, blank=True)
    thing = models.CharField(max_length=120)
    thing_label = models.CharField(max_length=300, blank=True)
    details = models.JSONField(default=dict)
    before = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["thing", "id"]), models.Index(fields=["actor", "id"])]

    def __str__(self) -> str:
        return f"{self.when:%Y-%m-%d %H:%M} {self.verb} {self.thing}"

    def right_hash(self) -> str:
        """What the hash must be: SHA-256 over the entry before and everything but the labels."""
        body = json.dumps(
            [self.before, self.when.isoformat(), self.verb, self.actor, self.thing, self.details],
            ensure_ascii=False,
            sort_keys=True,
        )
        return hashlib.sha256(body.encode()).hexdigest()


class Version(models.Model):
    """The version of all public data: one row, raised in the transaction of each change. Kept pages depend on it."""

    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)


class GapSet(models.QuerySet["Gap"]):
    def for_place(self, place: str) -> "GapSet":
        return self.filter(place=place)


class Gap(models.Model):
    """Unmet demand: how often on a day a page had to say that something is not there for a place."""

    day = models.DateField()
    place = models.CharField(max_length=12)
    shelf = models.CharField(max_length=80)
    times = models.PositiveIntegerField(default=0)

    objects = GapSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "place", "shelf"], name="gap_counted_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.place} {self.shelf}: {self.times}"


class Once(models.Model):
    """A deed that a program asked for under a key of its own: done once, and answered the same each time it is asked again.

    `key` and `body` are hashes: of who asked with which key, and of what was asked.
    """

    key = models.CharField(max_length=64, unique=True)
    body = models.CharField(max_length=64)
    answer = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "once"

    def __str__(self) -> str:
        return self.key
