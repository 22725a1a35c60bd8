"""What a desk promises, and the numbers of questions."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from koinon.network.models import Organisation

DEFAULT_DAYS = 10
TAKE_DAYS = 3


class Desk(models.Model):
    """What the desk of a body has set for itself. A desk is there as soon as somebody holds a role in the body.

    Days are working days of the body's country. Without a row, ten days hold for all.
    """

    organisation = models.OneToOneField(Organisation, models.CASCADE, related_name="+")
    days = models.PositiveSmallIntegerField(
        _("Working days until an answer"),
        default=DEFAULT_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    take_days = models.PositiveSmallIntegerField(
        _("Working days until somebody takes a question by name"),
        default=TAKE_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
    )

    def __str__(self) -> str:
        return str(self.organisation)


class Counter(models.Model):
    """The last number given in a country and year, so that each number is given once: IT-2026-0412."""

    country = models.CharField(max_length=2)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "year"], name="one_counter_a_year")]

    def __str__(self) -> str:
        return f"{self.country}-{self.year}: {self.last}"
