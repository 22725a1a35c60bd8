"""What changed and must be indexed anew. Rows are kept for two days, so that several indexes can read them."""

from datetime import timedelta
from typing import Final

from django.db import models
from django.utils import timezone

KEPT_FOR: Final = timedelta(days=2)


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
