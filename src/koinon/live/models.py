"""What goes out live: channels that people listen on, and the numbered changes of each."""

import secrets
from typing import Self

from django.db import models


def new_epoch() -> str:
    """A name for the time in which a channel's numbers count on without a break."""
    return secrets.token_hex(3)


class Channel(models.Model):
    """Something that many listen to. Its row is the lock that puts its changes in one order."""

    name = models.CharField(primary_key=True, max_length=120)
    number = models.BigIntegerField(default=0)
    epoch = models.CharField(max_length=12, default=new_epoch)

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class ChangeSet(models.QuerySet["Change"]):
    def of(self, channel: str, *, after: int = 0) -> Self:
        """The changes of a channel with a greater number, in order."""
        return self.filter(channel=channel, number__gt=after).order_by("number")


class Change(models.Model):
    """One thing that changed for those who listen. Written in the transaction of the deed itself, kept for a day.

    The channel is named, not a foreign key: a channel that is wiped takes nothing else along.
    """

    channel = models.CharField(max_length=120)
    number = models.BigIntegerField()
    about = models.CharField(max_length=40)
    data = models.TextField()
    at_once = models.BooleanField(default=False)
    at = models.DateTimeField(db_index=True)

    objects = ChangeSet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "number"], name="one_change_a_number")]

    def __str__(self) -> str:
        return f"{self.channel} {self.number} {self.about}"
