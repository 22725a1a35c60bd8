"""What an import is: who took in which file for which organisation, what came of each row, and whether it was undone."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from koinon.network.models import Organisation
from koinon.people.models import Person
from koinon.practices.models.practices import Practice


class Import(models.Model):
    """One file. Its bytes are kept until it is taken in, its digest for good."""

    class State(models.TextChoices):
        LOOKED_AT = "looked_at"
        DONE = "done"
        UNDONE = "undone"

    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    name = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file")
    content = models.BinaryField(default=bytes)
    mapping = models.JSONField(default=dict, help_text="column → heading's position")
    language = models.CharField(max_length=2, default="en", help_text="of rows that name none")
    state = models.CharField(max_length=9, choices=State, default=State.LOOKED_AT)
    made_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="an_import_that_is_done_has_a_time",
                condition=Q(state="looked_at") | Q(done_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.digest[:12]

    def get_absolute_url(self) -> str:
        return reverse("practices:imported", args=[self.pk])


class ImportedRow(models.Model):
    """A practice that an import made or changed. `before` is what the draft said; `edits` how it stood afterwards."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    practice = models.ForeignKey(Practice, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    is_new = models.BooleanField()
    edits = models.PositiveIntegerField()
    before = models.JSONField(default=dict)

    class Meta:
        ordering = ["of", "number"]
        constraints = [
            models.UniqueConstraint(fields=["of", "practice"], name="each_practice_once_an_import")
        ]

    def __str__(self) -> str:
        return f"{self.of_id}, {self.number}"
