"""Who belongs to a space, and who was asked to come in."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.people.models import Person
from koinon.spaces.models.spaces import MEMBER, Space

INVITATION_HOLDS = timedelta(days=30)
ASKS_AGAIN_AFTER = timedelta(days=30)
REFUSALS_MOST = 3
"""Who was not let in may ask again after this time; who was not let in so often asks no more, and can still be invited."""


class MemberSet(models.QuerySet["Member"]):
    def belonging(self) -> Self:
        """Who is in: neither waiting nor shown out."""
        return self.filter(state=Member.State.MEMBER, person__is_active=True)

    def hosts(self) -> Self:
        return self.belonging().filter(is_host=True)

    def hosts_first(self) -> Self:
        return self.order_by("-is_host", "joined_at", "pk")


class Member(models.Model):
    """One person in one space, under the name it chose there. Others see that name and nothing else of the person.

    Who leaves is deleted. Who was shown out stays as a row, so that it does not come back by itself; who was not let in, so that
    it does not ask again and again. `joined_at` is since when it stands as it does; `removed_because` what hosts said at the end.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("has asked to join")
        MEMBER = MEMBER, _("member")
        REFUSED = "refused", _("not let in")
        REMOVED = "removed", _("shown out")

    class Mail(models.TextChoices):
        EACH = "each", _("each post as it comes")
        DAILY = "daily", _("once a day, what is new")
        NONE = "none", _("no mail")

    space = models.ForeignKey(Space, models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.MEMBER)
    is_host = models.BooleanField(default=False)
    name = models.CharField(_("name"), max_length=80)
    words = models.CharField(max_length=500, blank=True, help_text="why somebody asks to join")
    mail = models.CharField(max_length=5, choices=Mail, default=Mail.DAILY)
    told = models.PositiveIntegerField(default=0, help_text="the last step of the space that was mailed")
    digest_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(default=timezone.now)
    removed_because = models.CharField(max_length=300, blank=True)
    refusals = models.PositiveSmallIntegerField(default=0, help_text="how often it was not let in")
    edits = models.PositiveIntegerField(default=1)

    objects = MemberSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["mail", "digest_at"])]
        constraints = [
            models.UniqueConstraint(fields=["space", "person"], name="one_belongs_to_a_space_once"),
            models.CheckConstraint(
                name="only_a_member_is_host", condition=Q(is_host=False) | Q(state=MEMBER)
            ),
        ]

    def __str__(self) -> str:
        """Without a name: it is written into the journal."""
        return f"member {self.pk}"

    @property
    def asks_again_at(self) -> datetime | None:
        """From when on who was not let in may ask again; None for who may not, or needs not."""
        is_refused = self.state == self.State.REFUSED and self.refusals < REFUSALS_MOST
        return self.joined_at + ASKS_AGAIN_AFTER if is_refused else None

    @property
    def may_ask_again(self) -> bool:
        again = self.asks_again_at
        return again is not None and timezone.now() >= again


class Invitation(models.Model):
    """A link by mail into a space. It lets one person in, once, within thirty days; only its hash is kept."""

    space = models.ForeignKey(Space, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    code_hash = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Without the address: it is written into the journal."""
        return f"invitation {self.pk}"

    @property
    def is_usable(self) -> bool:
        return self.used_at is None and self.made_at > timezone.now() - INVITATION_HOLDS
