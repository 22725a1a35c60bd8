"""Pictures of a practice: washed before they are kept (`base.uploads`), never without a description."""

import secrets

from django.db import models
from django.db.models import Q
from django.urls import reverse

from koinon.practices.models.practices import Practice, Version


def new_code() -> str:
    """Drawn by lot: counted numbers would tell of pictures that one may not see."""
    return secrets.token_urlsafe(16)


class Picture(models.Model):
    """A picture from the version in which it came until the one in which it went."""

    code = models.CharField(max_length=32, unique=True, default=new_code)
    practice = models.ForeignKey(Practice, models.CASCADE, related_name="pictures")
    since = models.ForeignKey(Version, models.CASCADE, related_name="+")
    until = models.ForeignKey(Version, models.SET_NULL, null=True, blank=True, related_name="+")
    description = models.CharField(max_length=300)
    credit = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    content = models.BinaryField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="a_picture_is_described", condition=~Q(description="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return reverse("practices:picture", args=[self.practice.slug, self.code])

    def is_in(self, version: Version) -> bool:
        """Whether it belongs to this version."""
        gone = self.until is not None and self.until.number <= version.number
        return self.since.number <= version.number and not gone
