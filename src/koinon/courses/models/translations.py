"""A course or a module told in another language: by whom, and whether the original has changed since."""

import hashlib
import json

from django.db import models
from django.db.models import Q
from django.utils import timezone

from koinon.courses.models.courses import LANGUAGES, Course, Module
from koinon.courses.words import Made
from koinon.people.models import Person


def mark_of(texts: dict[str, str], language: str) -> str:
    """What changes when the original does."""
    kept = {name: text for name, text in texts.items() if text}
    return hashlib.sha256(json.dumps([language, kept], sort_keys=True).encode()).hexdigest()


class Translation(models.Model):
    """Texts in one more language: of the course itself where `module` is None. What is missing is read in the original."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="translations")
    module = models.ForeignKey(Module, models.CASCADE, null=True, blank=True, related_name="translations")
    language = models.CharField(max_length=2, choices=LANGUAGES)
    made = models.CharField(max_length=7, choices=Made, default=Made.HUMAN)
    service = models.CharField(max_length=40, blank=True, help_text="which machine")
    texts = models.JSONField(default=dict)
    made_from = models.CharField(max_length=64, help_text="the mark of the original texts")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    edits = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["language", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "language"],
                condition=Q(module__isnull=True),
                name="each_language_of_a_course_once",
            ),
            models.UniqueConstraint(
                fields=["module", "language"],
                condition=Q(module__isnull=False),
                name="each_language_of_a_module_once",
            ),
            models.CheckConstraint(
                name="a_machine_of_a_course_has_a_name", condition=~Q(made="machine") | ~Q(service="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_id}, {self.module_id or '–'}, {self.language}"

    def state_for(self, mark: str) -> str:
        """`human` or `machine`; `outdated` where the original is no longer what it was made from."""
        return str(self.made) if self.made_from == mark else "outdated"
