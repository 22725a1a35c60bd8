"""A news item: by a body, about places and topics, from a source, in one or more languages; corrected in the open."""

import hashlib
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.people.models import Person
from koinon.places.models import Place

AFTER_NOTICE = "(notice)"
"""Why an item was withdrawn that was taken off after a notice: the reasons are with the notice."""


def worked_by(visitor: Visitor) -> Q | None:
    """What somebody works on: of the bodies where one is editor or manager, of those one leads; None: of all, or of none."""
    if not isinstance(visitor, NetworkVisitor):
        return Q(pk__in=[])
    if visitor.is_coordinator:
        return None
    staff = {
        role.organisation_id for role in visitor.roles if role.kind in {Role.Kind.EDITOR, Role.Kind.MANAGER}
    }
    return Q(organisation__in=staff | visitor.led)


class ItemSet(models.QuerySet["Item"]):
    def public(self) -> Self:
        return self.filter(state=Item.State.PUBLISHED)

    def withdrawn(self) -> Self:
        """What was taken off: its address says so and why, to everybody."""
        return self.filter(state=Item.State.WITHDRAWN)

    def seen_by(self, visitor: Visitor) -> Self:
        """What is published; drafts of one's own bodies, of those one leads, all as coordinator (N1, N2)."""
        own = worked_by(visitor)
        return self if own is None else self.filter(Q(state=Item.State.PUBLISHED) | own)

    def worked_on_by(self, visitor: Visitor) -> Self:
        """Drafts and published items that somebody may work on."""
        own = worked_by(visitor)
        return self if own is None else self.filter(own)

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")


class Item(models.Model):
    """One piece of news. Its first text is the original; `words` counts its versions, so that a translation knows its age."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    slug = models.SlugField(max_length=120, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    author = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=200)
    lead = models.CharField(_("in one sentence"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True)
    language = models.CharField(_("language of these words"), max_length=2, choices=list(ENDONYMS.items()))
    places = models.ManyToManyField(Place, related_name="+", blank=True)
    topics = models.JSONField(default=list, blank=True)
    objectives = models.JSONField(default=list, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    source_url = models.URLField(_("address of the source"), max_length=500, blank=True)
    expires_on = models.DateField(_("holds until"), null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    corrected_at = models.DateTimeField(null=True, blank=True)
    correction = models.CharField(_("what was corrected"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(_("why it was withdrawn"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    words = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)

    objects = ItemSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "-published_at"])]
        constraints = [
            models.CheckConstraint(
                name="news_published_at_a_moment", condition=Q(state="draft") | Q(published_at__isnull=False)
            ),
            models.CheckConstraint(
                name="news_withdrawn_with_a_reason",
                condition=~Q(state="withdrawn") | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_because="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("news:item", args=[self.slug])

    @property
    def was_reported(self) -> bool:
        """Taken off after a notice, and not by its body."""
        return self.withdrawn_because == AFTER_NOTICE

    def has_expired(self, day: date) -> bool:
        """Past the day until which it holds: it stays readable, and says so."""
        return self.expires_on is not None and self.expires_on < day

    def read(self) -> "Reading":
        """Its words in the language of the page, where it is told in it; else as they were written."""
        wanted = get_language() or ""
        for one in self.texts.all():
            if one.language == wanted != self.language:
                return Reading(one.language, one.title, one.lead, one.text, one.state_of(self))
        return Reading(self.language, self.title, self.lead, self.text, "original")


class Reading:
    """An item's words in one language, and what they are: original, human translation, outdated."""

    def __init__(self, language: str, title: str, lead: str, text: str, state: str) -> None:
        self.language, self.title, self.lead, self.text, self.state = language, title, lead, text, state


class ItemText(models.Model):
    """An item in another language, translated by a person. `of`: the version of the original that it translates."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=2, choices=list(ENDONYMS.items()))
    title = models.CharField(_("title"), max_length=200)
    lead = models.CharField(_("in one sentence"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True)
    of = models.PositiveIntegerField()

    class Meta:
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(fields=["item", "language"], name="news_told_once_in_a_language")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def mark(self) -> str:
        """Tells these words from others, for who translates while somebody else does."""
        words = "\x1f".join((self.title, self.lead, self.text))
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    def state_of(self, item: Item) -> str:
        return "human" if self.of >= item.words else "outdated"
