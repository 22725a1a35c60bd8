"""The room of a session: whether it is open, where the hour is, what is on stage; and what moderators did, to be undone."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from koinon.agenda.models import Segment, Session
from koinon.people.models import Person


def new_key() -> str:
    return secrets.token_hex(32)


class Room(models.Model):
    """One room a session. `key` turns a voice into what is kept of it, and is destroyed 24 hours after the close.

    From then on nobody, the administrator included, can tell which voice asked or voted for what.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("not open yet")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    session = models.OneToOneField(Session, models.CASCADE, primary_key=True, related_name="room")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    rehearsal = models.BooleanField(default=False, help_text="all that is said is wiped at its end")
    holds = models.BooleanField(default=True, help_text="what comes in waits for a moderator")
    takes_questions = models.BooleanField(default=True)
    segment = models.ForeignKey(Segment, models.SET_NULL, null=True, blank=True, related_name="+")
    segment_since = models.DateTimeField(null=True, blank=True)
    stage = models.ForeignKey("room.Contribution", models.SET_NULL, null=True, blank=True, related_name="+")
    stage_since = models.DateTimeField(null=True, blank=True)
    stage_seconds = models.PositiveSmallIntegerField(default=180, help_text="for one answer")
    answering = models.CharField(max_length=150, blank=True, help_text="who answers what is on stage")
    poll = models.ForeignKey(
        "room.Poll", models.SET_NULL, null=True, blank=True, related_name="+", help_text="on the wall"
    )
    prompt = models.CharField(max_length=300, blank=True, help_text="a word of the moderator to the audience")
    word_to_speaker = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=64, default=new_key, blank=True)
    most_people = models.PositiveIntegerField(default=0, help_text="how many listened at once, at most")
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.session.code)

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def channel(self) -> str:
        """The stream that everybody who may see the session may listen to."""
        return f"room:{self.session.code}"

    @property
    def desk_channel(self) -> str:
        """The stream of its moderators."""
        return f"room:{self.session.code}:desk"


class Deed(models.Model):
    """One thing a moderator did, with what was there before: the record of the hour, and what undo needs."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="deeds")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    contribution = models.ForeignKey(
        "room.Contribution", models.CASCADE, null=True, blank=True, related_name="+"
    )
    before = models.JSONField(default=dict)
    undone = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%H:%M:%S}"
