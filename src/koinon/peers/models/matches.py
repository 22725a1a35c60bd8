"""What a match is once a side has answered: two entries, an answer each, and what they write to each other."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.peers.models.codes import new_code
from koinon.peers.models.entries import Entry, own, takes_part
from koinon.peers.words import ANSWER_WITHIN
from koinon.people.models import Person

SIDES = ("first", "second")


class MatchSet(models.QuerySet["Match"]):
    def seen_by(self, visitor: Visitor) -> Self:
        """Those to which one is a party. Nobody else, whatever the rank (E2)."""
        if not takes_part(visitor):
            return self.none()
        return self.filter(own(visitor, "first__") | own(visitor, "second__"))

    def introduced(self) -> Self:
        return self.filter(introduced_at__isnull=False)

    def of_entries(self, entries: Iterable[int]) -> Self:
        wanted = list(entries)
        return self.filter(Q(first__in=wanted) | Q(second__in=wanted))

    def with_sides(self) -> Self:
        return self.select_related(
            "first__organisation", "first__person", "first__place",
            "second__organisation", "second__person", "second__place",
        )  # fmt: skip


class Match(models.Model):
    """Two entries of which at least one side has said something. `first` is the older entry.

    A *no* is known to the side that said it and to nobody else: whatever the other side sees depends on its own answer,
    on `asked_at` and on `introduced_at` alone.
    """

    class Answer(models.TextChoices):
        YES = "yes", _("yes")
        NO = "no", _("no")

    code = models.CharField(max_length=12, unique=True, default=new_code)
    first = models.ForeignKey(Entry, models.CASCADE, related_name="+")
    second = models.ForeignKey(Entry, models.CASCADE, related_name="+")
    first_answer = models.CharField(max_length=3, choices=Answer, blank=True)
    second_answer = models.CharField(max_length=3, choices=Answer, blank=True)
    first_at = models.DateTimeField(null=True, blank=True)
    second_at = models.DateTimeField(null=True, blank=True)
    introduced_at = models.DateTimeField(null=True, blank=True)

    objects = MatchSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="a_pair_is_one_match"),
            models.CheckConstraint(name="the_older_entry_is_first", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"match {self.code}"

    def get_absolute_url(self) -> str:
        return reverse("peers:match", args=[self.code])

    def entry(self, side: str) -> Entry:
        return self.first if side == "first" else self.second

    def answer(self, side: str) -> str:
        return self.first_answer if side == "first" else self.second_answer

    def answered_at(self, side: str) -> datetime | None:
        return self.first_at if side == "first" else self.second_at

    @property
    def is_introduced(self) -> bool:
        return self.introduced_at is not None

    def asked_until(self, side: str) -> datetime | None:
        """Until when the other side is asked, seen from a side that has said yes."""
        at = self.answered_at(side)
        return at + ANSWER_WITHIN if at is not None and self.answer(side) == self.Answer.YES else None


def other(side: str) -> str:
    return "second" if side == "first" else "first"


class MessageSet(models.QuerySet["Message"]):
    def seen_by(self, visitor: Visitor) -> Self:
        """Those of one's own introductions (E2)."""
        if not takes_part(visitor):
            return self.none()
        return self.filter(own(visitor, "match__first__") | own(visitor, "match__second__"))

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class Message(models.Model):
    """One message between two who were introduced. Added, never changed; taken off after a notice, or with its writer.

    Whether it was reported is asked of the notices (`permissions.may_read_reported`): only they know it, also when one is
    withdrawn. `reported_at` is empty everywhere and read nowhere; the column stays for databases that have it.
    """

    match = models.ForeignKey(Match, models.CASCADE, related_name="messages")
    side = models.CharField(max_length=6)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    by_mail = models.BooleanField(default=False)
    left_out = models.PositiveSmallIntegerField(
        default=0, help_text="attachments of a mail that were not taken"
    )
    nonce = models.CharField(max_length=64, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = MessageSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["match", "nonce"], condition=~Q(nonce=""), name="a_message_is_sent_once"
            )
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"
