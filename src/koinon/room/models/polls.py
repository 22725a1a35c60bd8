"""Polls: single, several, scale, open words; one ballot a voice, only totals leave the table."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.room.models.rooms import Room


class Poll(models.Model):
    """One thing that the moderators ask the audience. `options` are words, numbered by their place in the list."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("one of several")
        SEVERAL = "several", _("some of several")
        SCALE = "scale", _("a scale from 1 to 5")
        WORDS = "words", _("in own words")

    class State(models.TextChoices):
        DRAFT = "draft", _("being prepared")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    room = models.ForeignKey(Room, models.CASCADE, related_name="polls")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SINGLE)
    text = models.CharField(max_length=300)
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    options = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    shows_results = models.BooleanField(default=True, help_text="while it is open, too")
    opened_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class Ballot(models.Model):
    """What one voice answered: numbers of options, a value of the scale, or words. It may be changed while the poll is open."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="ballots")
    voice = models.CharField(max_length=64)
    choices = models.JSONField(default=list)
    words = models.CharField(max_length=140, blank=True)
    hidden = models.BooleanField(default=False, help_text="words that a moderator took off")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "voice"], name="one_ballot_a_voice")]

    def __str__(self) -> str:
        return f"{self.poll_id}"
