"""Calendars that people subscribe to."""

from django.db import models

from koinon.people.models import Person


class CalendarFeed(models.Model):
    """The seed of the unguessable address under which a calendar finds a person's sessions; a new seed is a new address."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="+")
    seed = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"{self.pk}"
