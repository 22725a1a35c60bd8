"""Files that belong to a question: cleaned before they are kept (base/uploads.py), sent out only as downloads."""

import secrets

from django.db import models
from django.urls import reverse
from django.utils import timezone

from koinon.questions.models.questions import Question, Step


def new_code() -> str:
    """Drawn by lot: counted numbers would tell of files that one may not see."""
    return secrets.token_urlsafe(16)


class File(models.Model):
    """One file of a step. Kept in the database, so that a backup has it and nobody reaches it by an address alone."""

    code = models.CharField(max_length=32, unique=True, default=new_code)

    question = models.ForeignKey(Question, models.CASCADE, related_name="files")
    step = models.ForeignKey(Step, models.CASCADE, related_name="files")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Where it is downloaded by who may read its question; the rights are asked at each download."""
        return reverse("questions:file", args=[self.code])
