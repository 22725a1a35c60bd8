"""A version told in another language: by whom, and whether the original has changed since."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.people.models import Person
from koinon.practices.models.practices import Version
from koinon.practices.words import TEXTS


class Translation(models.Model):
    """A version in one more language. `texts` holds field → text; what is missing there is read in the original."""

    class Made(models.TextChoices):
        HUMAN = "human", _("translated by a person")
        MACHINE = "machine", _("translated by a machine")

    version = models.ForeignKey(Version, models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=2, choices=list(ENDONYMS.items()))
    made = models.CharField(max_length=7, choices=Made, default=Made.HUMAN)
    service = models.CharField(max_length=40, blank=True, help_text="which machine")
    texts = models.JSONField(default=dict)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    edits = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(fields=["version", "language"], name="each_language_of_a_version_once"),
            models.CheckConstraint(
                name="a_machine_has_a_name", condition=~Q(made="machine") | ~Q(service="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}, {self.language}"

    def state_for(self, shown: Version) -> str:
        """`human` or `machine`; `outdated` where the texts that it was made from are no longer those that are shown."""
        if self.version_id == shown.pk:
            return self.made
        made_from = self.version
        same = all(
            getattr(made_from, name) == getattr(shown, name)
            for name in TEXTS
            if getattr(made_from, name) or getattr(shown, name)
        )
        return self.made if same and made_from.language == shown.language else "outdated"
