"""A newsletter: written by one person, released by another, sent once to those who asked for it and fit its segment."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.agenda.models import BodyKind
from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.news.models.items import worked_by
from koinon.people.models import Person
from koinon.places.models import Place


class LetterSet(models.QuerySet["Letter"]):
    def sent(self) -> Self:
        """What went out, wholly or until it was stopped: the archive."""
        return self.filter(state__in=[Letter.State.SENT, Letter.State.SENDING, Letter.State.STOPPED])

    def seen_by(self, visitor: Visitor) -> Self:
        """What was sent; what one's own bodies still write, or those one leads; all as coordinator (N4, N9)."""
        own = worked_by(visitor)
        if own is None:
            return self
        return self.filter(Q(state__in=["sent", "sending", "stopped"]) | own)

    def worked_on_by(self, visitor: Visitor) -> Self:
        own = worked_by(visitor)
        return self if own is None else self.filter(own)


class Letter(models.Model):
    """One newsletter. Its segment: a place (or nobody's in particular), a topic, the language of who reads, the kind of body."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        READY = "ready", _("waits for a second person")
        SENDING = "sending", _("is being sent")
        SENT = "sent", _("sent")
        STOPPED = "stopped", _("stopped")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    author = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    released_by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    title = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    language = models.CharField(_("language of these words"), max_length=2, choices=list(ENDONYMS.items()))
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+")
    topic = models.CharField(_("topic"), max_length=60, blank=True)
    reads = models.CharField(
        _("only those who read"), max_length=2, blank=True, choices=list(ENDONYMS.items())
    )
    body_kind = models.CharField(_("only those who are from"), max_length=20, choices=BodyKind, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    released_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    last_follower = models.BigIntegerField(default=0, help_text="up to which follower it was queued")
    recipients = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)

    objects = LetterSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="newsletter_released_by_another",
                condition=Q(released_by__isnull=True) | Q(author__isnull=True) | ~Q(released_by=F("author")),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("news:letter", args=[self.pk])
