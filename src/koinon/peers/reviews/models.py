"""What a guided review is: what its host asks, on which terms, who comes, what happens when, what is recommended, what changed."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.peers.models.codes import new_code
from koinon.peers.models.entries import SEEKERS, held, takes_part
from koinon.peers.models.exchanges import Exchange
from koinon.peers.reviews.words import FOLLOW_UP_MONTHS, Answer, Progress, ReviewKind, State, months_later
from koinon.people.models import Person
from koinon.places.models import Place


def _public() -> Q:
    return ~Q(state=State.DRAFT) & Q(removed_at__isnull=True, organisation__published=True)


def applied_by(visitor: Visitor) -> Q:
    """The applications for which a visitor speaks: the own ones, and those of the bodies where one holds a role."""
    if not takes_part(visitor):
        return Q(pk__in=())
    return Q(person=visitor.person_id) | Q(organisation__in=held(visitor, SEEKERS))


def comes(visitor: Visitor) -> Q:
    """The reviews to which a visitor comes as an accepted peer."""
    if not takes_part(visitor):
        return Q(pk__in=())
    return Q(pk__in=Application.objects.filter(applied_by(visitor), answer=Answer.ACCEPTED).values("review"))


class PeerReviewSet(models.QuerySet["PeerReview"]):
    def public(self) -> Self:
        """What everybody may read: what is published, also when it is over or called off."""
        return self.filter(_public())

    def seen_by(self, visitor: Visitor) -> Self:
        """What is published; drafts and what was taken down, to the host's people; to accepted peers what they come to (E11, E12)."""
        sees = _public()
        if takes_part(visitor):
            sees |= Q(organisation__in=held(visitor, SEEKERS)) | comes(visitor)
        return self.filter(sees)

    def hosted_by(self, visitor: Visitor) -> Self:
        return self.filter(organisation__in=held(visitor, SEEKERS))

    def calling(self, day: date | None = None) -> Self:
        """Those that call for peers today."""
        return self.filter(state=State.CALLING, call_until__gte=day or timezone.localdate())

    def with_host(self) -> Self:
        return self.select_related("organisation", "place")

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")


class PeerReview(models.Model):
    """A peer review, a study visit or a mentoring pair, from the host's question to what changed half a year later.

    `version` counts every saving; `terms_version` only those of what a peer agrees to. `inner` is for the host's people and
    the accepted peers alone. Recommendations and the follow-up are seen by all once `shown_at` is set.
    """

    code = models.CharField(max_length=12, unique=True, default=new_code)
    kind = models.CharField(_("kind"), max_length=10, choices=ReviewKind)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name=_("host"))
    by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(_("language"), max_length=2, choices=list(ENDONYMS.items()), default="en")
    title = models.CharField(_("title"), max_length=160)
    question = models.TextField(_("the host's question"))
    topics = models.JSONField(default=list, blank=True, help_text="keys of concepts")
    languages = models.JSONField(default=list, blank=True, help_text="in which one works there")
    place = models.ForeignKey(Place, models.SET_NULL, null=True, blank=True, related_name="+")
    terms = models.TextField(_("who pays what"))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    wanted = models.PositiveSmallIntegerField(_("number of peers"), default=1)
    call_until = models.DateField(_("the call for peers closes"))
    inner = models.TextField(_("for the host's people and the accepted peers"), blank=True)

    published_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, help_text="when the call for peers was closed")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_words = models.TextField(blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    shown_at = models.DateTimeField(null=True, blank=True, help_text="recommendations are seen by all")
    asked_at = models.DateTimeField(null=True, blank=True)
    asked = models.PositiveSmallIntegerField(default=0)
    changed_words = models.TextField(_("what changed"), blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    terms_version = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)

    objects = PeerReviewSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "call_until"]), models.Index(fields=["last_day"])]
        constraints = [
            models.CheckConstraint(
                name="a_review_ends_after_it_begins", condition=Q(last_day__gte=F("first_day"))
            ),
            models.CheckConstraint(
                name="a_call_for_peers_ends_before_the_days", condition=Q(call_until__lte=F("first_day"))
            ),
            models.CheckConstraint(
                name="a_review_that_is_no_draft_was_published",
                condition=Q(state="draft") | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_mentoring_pair_is_a_pair", condition=~Q(kind="mentoring") | Q(wanted=1)
            ),
        ]

    def __str__(self) -> str:
        """Without its title, which may be a draft's: it is written into the journal."""
        return f"{self.kind} {self.code}"

    def get_absolute_url(self) -> str:
        return reverse("peers:review", args=[self.code])

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    @property
    def is_cancelled(self) -> bool:
        return self.state == State.CANCELLED

    @property
    def is_public(self) -> bool:
        return not self.is_draft and self.removed_at is None and self.organisation.published

    @property
    def calls(self) -> bool:
        """Whether one may apply today; what the clock has not closed yet is closed all the same."""
        return (
            self.state == State.CALLING
            and self.removed_at is None
            and timezone.localdate() <= self.call_until
        )

    @property
    def has_begun(self) -> bool:
        return self.first_day <= timezone.localdate()

    @property
    def is_over(self) -> bool:
        return self.last_day < timezone.localdate()

    @property
    def follow_up_on(self) -> date:
        return months_later(self.last_day, FOLLOW_UP_MONTHS)

    @property
    def country(self) -> str:
        return self.place.country if self.place is not None else self.organisation.country

    @property
    def stands(self) -> str:
        """How it stands today, as one word of the template's."""
        if self.state in {State.DRAFT, State.CANCELLED}:
            return self.state
        if self.is_over:
            return "over"
        if self.has_begun:
            return "running"
        return "calling" if self.calls else "preparing"


class Application(models.Model):
    """Who would come as a peer, and why: a body, or a person. Accepted, there is an agreed exchange with the host.

    `terms_version` says which terms were read. `named`: may stand on the page for all, once accepted.
    """

    review = models.ForeignKey(PeerReview, models.CASCADE, related_name="applications")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    reason = models.TextField(_("why"))
    named = models.BooleanField(default=False)
    answer = models.CharField(max_length=10, choices=Answer, default=Answer.SENT)
    words = models.TextField(blank=True, help_text="of the host, with the answer")
    terms_version = models.PositiveIntegerField(default=1)
    exchange = models.OneToOneField(
        Exchange, models.SET_NULL, null=True, blank=True, related_name="application"
    )
    made_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_application_has_one_owner",
                condition=Q(organisation__isnull=False, person__isnull=True)
                | Q(organisation__isnull=True, person__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["review", "organisation"],
                condition=Q(organisation__isnull=False),
                name="a_body_applies_once",
            ),
            models.UniqueConstraint(
                fields=["review", "person"], condition=Q(person__isnull=False), name="a_person_applies_once"
            ),
        ]

    def __str__(self) -> str:
        """Without a name: it is written into the journal."""
        return f"application {self.pk} for {self.review.code}"

    @property
    def is_accepted(self) -> bool:
        return self.answer == Answer.ACCEPTED


class Item(models.Model):
    """One item of the agenda: a day, its times, what, and who."""

    review = models.ForeignKey(PeerReview, models.CASCADE, related_name="agenda")
    nonce = models.CharField(max_length=64)
    day = models.DateField(_("day"))
    begins = models.TimeField(_("from"))
    ends = models.TimeField(_("until"), null=True, blank=True)
    title = models.CharField(_("what"), max_length=200)
    who = models.CharField(_("who"), max_length=200, blank=True)
    edits = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["day", "begins", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "nonce"], name="an_item_is_sent_once"),
            models.CheckConstraint(
                name="an_item_ends_after_it_begins", condition=Q(ends__isnull=True) | Q(ends__gt=F("begins"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day.isoformat()} {self.title}"


class Recommendation(models.Model):
    """What the peers recommend: whose it is (a person of the host; none: the host itself), until when, what became of it."""

    review = models.ForeignKey(PeerReview, models.CASCADE, related_name="recommendations")
    nonce = models.CharField(max_length=64)
    text = models.TextField(_("what is recommended"))
    owner = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    due = models.DateField(_("until when"))
    progress = models.CharField(_("how it stands"), max_length=8, choices=Progress, default=Progress.OPEN)
    why = models.TextField(_("why it is dropped"), blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    edits = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["due", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "nonce"], name="a_recommendation_is_sent_once"),
            models.CheckConstraint(
                name="what_is_dropped_has_a_reason", condition=~Q(progress="dropped") | ~Q(why="")
            ),
        ]

    def __str__(self) -> str:
        return f"recommendation {self.pk} of {self.review.code}"

    @property
    def is_late(self) -> bool:
        return self.progress in {Progress.OPEN, Progress.DOING} and self.due < timezone.localdate()
