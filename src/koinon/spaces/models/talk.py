"""What is said in a space: threads of posts."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koinon.base.languages import ENDONYMS
from koinon.people.models import Person
from koinon.spaces.models.codes import new_code
from koinon.spaces.models.spaces import Space

POSTS_A_PAGE = 100
CHANGED_WITHIN = timedelta(hours=24)
CHANGED_MOST = 5
"""One's own words can be changed for a day, five times; each time what stood before stays to be read."""


class ThreadSet(models.QuerySet["Thread"]):
    def latest_first(self) -> Self:
        return self.order_by("-last_at", "-pk")

    def with_words(self) -> Self:
        """Each with `has_words`: whether anything in it can still be read."""
        standing = Post.objects.standing().filter(thread=OuterRef("pk"))
        return self.annotate(has_words=Exists(standing))


class Thread(models.Model):
    """Posts under one title. Hosts may close it with a reason.

    The title was said with the first post: who may change that changes it too. Who moderates takes it off with a reason, and
    puts it back.
    """

    space = models.ForeignKey(Space, models.CASCADE, related_name="threads")
    code = models.CharField(max_length=12, unique=True, default=new_code)
    title = models.CharField(max_length=160)
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    begun_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_because = models.CharField(max_length=300, blank=True)
    title_removed_at = models.DateTimeField(null=True, blank=True)
    title_removed_because = models.CharField(max_length=300, blank=True)
    nonce = models.CharField(max_length=64, blank=True)

    objects = ThreadSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["space", "-last_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["space", "nonce"], condition=~Q(nonce=""), name="a_thread_is_begun_once"
            )
        ]

    def __str__(self) -> str:
        """Without its title and its code: it is written into the journal, of a closed space too."""
        return f"thread {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("spaces:thread", args=[self.space.code, self.code])

    @property
    def shows_title(self) -> bool:
        """Whether its title is read: something in it stands, and nobody took the title off. Asks for `with_words`."""
        return self.title_removed_at is None and getattr(self, "has_words", True)

    @property
    def shown_title(self) -> str:
        """The title as mails, lists and feeds give it."""
        if not getattr(self, "has_words", True):
            return _("A thread whose words are gone")
        return self.title if self.title_removed_at is None else _("A thread whose title was taken off")


class PostSet(models.QuerySet["Post"]):
    def standing(self) -> Self:
        """What can be read: neither withdrawn nor taken off."""
        return self.filter(withdrawn_at__isnull=True, removed_at__isnull=True)

    def oldest_first(self) -> Self:
        return self.order_by("step", "pk")


class Post(models.Model):
    """What one person said once. `name` is what that person was called in the space; withdrawn, it leaves a stone.

    `earlier` holds what stood before each change: [when, text], of a first post whose title changed [when, text, title]. `step` is
    its number in the space.
    """

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="posts")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    language_sure = models.BooleanField(default=False)
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    step = models.PositiveIntegerField()
    by_mail = models.BooleanField(default=False)
    left_out = models.PositiveSmallIntegerField(default=0, help_text="attachments of a mail, not taken")
    earlier = models.JSONField(default=list, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    nonce = models.CharField(max_length=64, blank=True)
    edits = models.PositiveIntegerField(default=1)

    objects = PostSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["thread", "step"])]
        constraints = [
            models.UniqueConstraint(
                fields=["thread", "nonce"], condition=~Q(nonce=""), name="a_post_is_sent_once"
            )
        ]

    def __str__(self) -> str:
        """Without its words: it is written into the journal."""
        return f"post {self.pk}"

    def get_absolute_url(self) -> str:
        return f"{self.thread.get_absolute_url()}#p{self.pk}"

    def place(self) -> str:
        """Its address on the page of the thread that holds it. One query."""
        page = self.thread.posts.filter(step__lt=self.step).count() // POSTS_A_PAGE + 1
        query = f"?page={page}" if page > 1 else ""
        return f"{self.thread.get_absolute_url()}{query}#p{self.pk}"

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None and self.removed_at is None

    @property
    def words_can_change(self) -> bool:
        """Whether its bounds leave another change of the words; the language can be corrected at any time."""
        return self.stands and len(self.earlier) < CHANGED_MOST and timezone.now() < self.at + CHANGED_WITHIN

    def title_can_change(self) -> bool:
        """Whether who wrote it may say the title of the thread otherwise: it came with it, and nobody took it off. One query."""
        return self.words_can_change and self.thread.title_removed_at is None and self.is_first()

    @property
    def before(self) -> list[tuple[datetime, str, str]]:
        """What stood before each change, the oldest first: when, the text, and the title where that changed."""
        return [
            (datetime.fromisoformat(when), text, title[0] if title else "")
            for when, text, *title in self.earlier
        ]

    def is_first(self) -> bool:
        """Whether the thread was begun with it. One query."""
        return not self.thread.posts.filter(step__lt=self.step).exists()
