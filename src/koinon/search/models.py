"""What changed and must be indexed anew. Rows are kept for two days, so that several indexes can read them."""

from datetime import timedelta
from typing import Final

from django.db import models
from django.utils import timezone

KEPT_FOR: Final = timedelta(days=2)
MOST_TRIES: Final = 2


class ChangeSet(models.QuerySet["Change"]):
    def forgettable(self) -> "ChangeSet":
        return self.filter(at__lt=timezone.now() - KEPT_FOR)


class Change(models.Model):
    """A thing that was made, changed or taken away: nothing but its name. An index asks its source what is there now."""

    type = models.CharField(max_length=30)
    key = models.CharField(max_length=200)
    at = models.DateTimeField(db_index=True)

    objects = ChangeSet.as_manager()

    def __str__(self) -> str:
        return f"{self.type}:{self.key}"


class VectorSet(models.QuerySet["Vector"]):
    def waiting(self) -> "VectorSet":
        """What has no vector yet: most asked for first, whole texts before pieces of them, the newest first."""
        return self.filter(data=b"", gone=False, tries__lt=MOST_TRIES).order_by("-asked", "part", "-on", "pk")

    def made(self) -> "VectorSet":
        return self.exclude(data=b"")

    def forgettable(self) -> "VectorSet":
        """What is gone for so long that every process has noticed."""
        return self.filter(gone=True, changed_at__lt=timezone.now() - KEPT_FOR)


class Vector(models.Model):
    """The meaning of one piece of a text, as one encoder puts it: float16 numbers, empty until it was its turn.

    No text is kept here: the digest is of the encoder's name and the text, so that what is the same is never embedded twice.
    A thing without a type is a text of no thing, kept for those who ask about it again.
    """

    type = models.CharField(max_length=30, blank=True)
    key = models.CharField(max_length=200)
    language = models.CharField(max_length=8, blank=True)
    part = models.PositiveSmallIntegerField(default=0)
    model = models.CharField(max_length=120)
    digest = models.CharField(max_length=32, db_index=True)
    data = models.BinaryField(default=b"")
    concepts = models.TextField(blank=True)
    on = models.DateField(null=True)
    asked = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    gone = models.BooleanField(default=False)
    changed_at = models.DateTimeField(db_index=True)

    objects = VectorSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "key", "language", "part"], name="one_vector_a_part")
        ]

    def __str__(self) -> str:
        return f"{self.type}:{self.key}:{self.language}:{self.part}"
