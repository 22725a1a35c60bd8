"""What the audience says: questions, experiences, practices, offers, needs; and its votes."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.network.models import Organisation
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.questions.models import Question
from koinon.room.models.rooms import Room


class ContributionSet(models.QuerySet["Contribution"]):
    def shown(self) -> Self:
        """What everybody in the room sees: released, and not merged into another (B7)."""
        return self.filter(state__in=Contribution.SHOWN)

    def questions(self) -> Self:
        return self.filter(kind=Contribution.Kind.QUESTION)

    def shared(self) -> Self:
        """All kinds but questions: what people shared of their own."""
        return self.exclude(kind=Contribution.Kind.QUESTION)

    def open(self) -> Self:
        """What has no end yet: nothing of it may be lost when the room is closed."""
        return self.filter(state__in=Contribution.OPEN)

    def of_voice(self, voice: str) -> Self:
        """What one voice said (`room.voices.hash_of`); nothing for an empty one."""
        return self.filter(voice=voice) if voice else self.none()

    def most_wanted_first(self) -> Self:
        return self.order_by("-votes", "pk")


class Contribution(models.Model):
    """One thing that somebody said in a room.

    Who said it is not kept: `voice` is a keyed hash that means nothing once the room's key is destroyed. `author` and `name`
    are there only where somebody who is signed in chose to be named. `seed` is what the receipt's code is derived from, the
    same as the question's that it may become.
    """

    class Kind(models.TextChoices):
        QUESTION = "question", _("a question")
        EXPERIENCE = "experience", _("an experience")
        PRACTICE = "practice", _("a practice")
        OFFER = "offer", _("an offer")
        NEED = "need", _("a need")

    class State(models.TextChoices):
        NEW = "new", _("with the moderator")
        OPEN = "open", _("open")
        READY = "ready", _("ready for the stage")
        STAGE = "stage", _("on stage")
        ANSWERED = "answered", _("answered")
        FOLLOW_UP = "follow_up", _("to follow up")
        MERGED = "merged", _("one with another")
        DECLINED = "declined", _("held back")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Reason(models.TextChoices):
        """Why it is held back; the author reads it."""

        OFF_TOPIC = "off_topic", _("it is not about the session")
        PERSON = "person", _("it names a person")
        ADVERTISES = "advertises", _("it advertises")
        INSULTS = "insults", _("it insults")
        ANSWERED = "answered", _("it was answered already")
        OTHER = "other", _("another reason, told in words")

    SHOWN = (State.OPEN, State.READY, State.STAGE, State.ANSWERED, State.FOLLOW_UP)
    OPEN = (State.NEW, State.OPEN, State.READY, State.STAGE, State.FOLLOW_UP)

    room = models.ForeignKey(Room, models.CASCADE, related_name="contributions")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.QUESTION)
    text = models.TextField()
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()))
    page_language = models.CharField(max_length=2, default="en")
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    voice = models.CharField(max_length=64, blank=True, db_index=True)
    name = models.CharField(max_length=150, blank=True)
    author = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    contact = models.EmailField(blank=True, help_text="by consent, for the next step; the hosts alone see it")
    may_quote = models.BooleanField(default=False, help_text="consent to stand word for word in the report")

    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    votes = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0, help_text="the moderators' order of what is ready")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="wordings")
    kept_apart = models.JSONField(default=list, help_text="keys of those a moderator said are not the same")
    answer = models.TextField(blank=True)
    answer_language = models.CharField(max_length=2, blank=True)
    answered_live = models.BooleanField(default=False)
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    staged_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    words = models.CharField(max_length=500, blank=True, help_text="to the author, with the reason")
    note = models.CharField(max_length=500, blank=True, help_text="among the hosts")
    carry_to = models.ForeignKey(Organisation, models.SET_NULL, null=True, blank=True, related_name="+")
    question = models.ForeignKey(
        Question,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="what it became at a desk",
    )
    next_step = models.CharField(max_length=300, blank=True)

    key = models.CharField(max_length=64, unique=True, help_text="hash of voice and Idempotency-Key")
    body = models.CharField(max_length=64, help_text="hash of what came with the key")
    seed = models.CharField(max_length=64, unique=True)
    receipt = models.CharField(max_length=64, unique=True)
    version = models.PositiveIntegerField(default=1)

    objects = ContributionSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["room", "state"])]
        constraints = [
            models.CheckConstraint(
                name="a_wording_says_of_what",
                condition=~Q(state="merged") | Q(merged_into__isnull=False),
            ),
            models.CheckConstraint(
                name="held_back_with_a_reason", condition=~Q(state="declined") | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class Vote(models.Model):
    """One voice for one contribution. Only totals leave this table."""

    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="+")
    voice = models.CharField(max_length=64)
    came_with = models.ForeignKey(
        Contribution,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="the wording that brought it along when it was merged",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contribution", "voice"], name="one_vote_a_voice")]

    def __str__(self) -> str:
        return f"{self.contribution_id}"
