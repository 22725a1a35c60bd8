"""What a notice is, what was decided on it, and on the complaint. Whom it came from is not written down."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.notices.subjects import SITE, TOPICS, can_withdraw, name_of
from koinon.people.models import Person

Held = Role.Kind


def _within(visitor: NetworkVisitor, kinds: Iterable[str]) -> Q:
    """What belongs to organisations where the visitor holds such a role, or which it leads."""
    held = {role.organisation_id for role in visitor.roles if role.kind in kinds}
    return Q(organisation__in=held | visitor.led)


class NoticeSet(models.QuerySet["Notice"]):
    def seen_by(self, visitor: Visitor) -> Self:
        """What the visitor handles (G2): of its centre, of its consortium, for the coordinator all. Nobody else.

        Nor what it wrote itself: the words of a notice may tell whose they are.
        """
        if not isinstance(visitor, NetworkVisitor):
            return self.none()
        rows = self.exclude(kind=SITE)
        if visitor.is_signed_in:
            rows = rows.exclude(concerned=visitor.person_id)
        return rows if visitor.is_coordinator else rows.filter(_within(visitor, {Held.MANAGER}))

    def open(self) -> Self:
        """What somebody has to decide: the notice, or the complaint."""
        return self.filter(
            Q(decided_at__isnull=True) | Q(complained_at__isnull=False, complaint_decided_at__isnull=True)
        )

    def done(self) -> Self:
        return self.exclude(pk__in=self.open().values("pk"))

    def late_first(self) -> Self:
        """By the day on which the next decision is due."""
        return self.order_by(Coalesce("complaint_due", "due"), "made_at", "pk")

    def latest_first(self) -> Self:
        return self.order_by("-decided_at", "-pk")


class Notice(models.Model):
    """Somebody says that something should not be there, or that the site fails them. One decision, one complaint."""

    class Reason(models.TextChoices):
        ILLEGAL = "illegal", _("illegal content")
        PERSONAL = "personal", _("personal data of somebody")
        WRONG = "wrong", _("wrong or misleading")
        HATE = "hate", _("insult or hate")
        SPAM = "spam", _("advertising or spam")
        OTHER = "other", _("something else")

    class Outcome(models.TextChoices):
        KEPT = "kept", _("kept as it is")
        CORRECTED = "corrected", _("corrected")
        RESTRICTED = "restricted", _("taken off the site")
        ANSWERED = "answered", _("answered")

    class Ground(models.TextChoices):
        NOTHING = "nothing", _("nothing was found against it")
        LAW = "law", _("it is against the law")
        PRIVACY = "privacy", _("it holds personal data that must not be public")
        FACTS = "facts", _("the facts were wrong")
        RULES = "rules", _("it is against the rules of this site")

    class Side(models.TextChoices):
        NOTIFIER = "notifier", _("who sent the notice")
        CONCERNED = "concerned", _("who wrote what it is about")
        ORGANISATION = "organisation", _("the organisation that answers for it")

    number = models.CharField(max_length=12, unique=True, help_text="at random, so that it counts nothing")
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=200)
    label = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=500, blank=True)
    organisation = models.ForeignKey(Organisation, models.SET_NULL, null=True, blank=True, related_name="+")
    concerned = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")

    reason = models.CharField(_("what is wrong with it"), max_length=10, choices=Reason)
    text = models.TextField(_("in your words"))
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(max_length=2, default="en")
    receipt = models.CharField(max_length=64, unique=True, help_text="hash of the receipt's code")
    once = models.CharField(max_length=64, unique=True, null=True, help_text="hash of the Idempotency-Key")
    made_at = models.DateTimeField(default=timezone.now)
    due = models.DateField()

    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    ground = models.CharField(max_length=10, choices=Ground, blank=True)
    words = models.TextField(_("reasons"), blank=True)
    decided_by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    complaint = models.TextField(_("complaint"), blank=True)
    complaint_side = models.CharField(max_length=12, choices=Side, blank=True)
    complainant = models.CharField(
        max_length=64, blank=True, help_text="keyed hash of the account: enough to keep it from deciding"
    )
    complained_at = models.DateTimeField(null=True, blank=True)
    complaint_due = models.DateField(null=True, blank=True)
    complaint_outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    complaint_ground = models.CharField(max_length=10, choices=Ground, blank=True)
    complaint_words = models.TextField(blank=True)
    complaint_decided_by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    complaint_decided_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="notice_decided_with_reasons",
                condition=Q(decided_at__isnull=True, outcome="")
                | (Q(decided_at__isnull=False) & ~Q(outcome="") & ~Q(words="")),
            ),
            models.CheckConstraint(
                name="complaint_after_the_decision",
                condition=Q(complained_at__isnull=True, complaint="")
                | (Q(complained_at__isnull=False, decided_at__isnull=False) & ~Q(complaint="")),
            ),
            models.CheckConstraint(
                name="complaint_decided_with_reasons",
                condition=Q(complaint_decided_at__isnull=True, complaint_outcome="")
                | (
                    Q(complaint_decided_at__isnull=False, complained_at__isnull=False)
                    & ~Q(complaint_outcome="")
                    & ~Q(complaint_words="")
                ),
            ),
            models.CheckConstraint(
                name="complaint_decided_by_somebody_else",
                condition=Q(decided_by__isnull=True)
                | Q(complaint_decided_by__isnull=True)
                | ~Q(decided_by=models.F("complaint_decided_by")),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "decided_at"])]

    def __str__(self) -> str:
        return f"{self.number}: {self.kind} {self.key}"[:300]

    @property
    def is_feedback(self) -> bool:
        """About the site, not about a thing on it."""
        return self.kind == SITE

    @property
    def topic(self) -> str:
        """What feedback is about: accessibility or personal data."""
        return str(TOPICS.get(self.key.partition(":")[0], ""))

    @property
    def kind_name(self) -> str:
        return name_of(self.kind)

    @property
    def is_late(self) -> bool:
        return self.waits_until is not None and self.waits_until < timezone.localdate()

    @property
    def waits_until(self) -> date | None:
        """The day on which the next decision is due; None where nothing is open."""
        if self.decided_at is None:
            return self.due
        if self.complained_at is not None and self.complaint_decided_at is None:
            return self.complaint_due
        return None

    @property
    def stands(self) -> str:
        """The outcome that holds now."""
        return self.complaint_outcome or self.outcome

    @property
    def can_withdraw(self) -> bool:
        return can_withdraw(self.kind)


class DecisionSet(models.QuerySet["Decision"]):
    def seen_by(self, visitor: Visitor) -> Self:
        """Decisions about what one's organisations answer for, or about what one wrote (G3)."""
        if not isinstance(visitor, NetworkVisitor) or not visitor.is_signed_in or visitor.is_only_operator:
            return self.none()
        if visitor.is_coordinator:
            return self
        return self.filter(_within(visitor, {Held.EDITOR, Held.MANAGER}) | Q(concerned=visitor.person_id))

    def latest_first(self) -> Self:
        return self.order_by("-decided_at", "-pk")


class DecisionManager(models.Manager["Decision"]):
    def get_queryset(self) -> DecisionSet:
        return DecisionSet(self.model, using=self._db).exclude(kind=SITE).filter(decided_at__isnull=False)

    def seen_by(self, visitor: Visitor) -> DecisionSet:
        return self.get_queryset().seen_by(visitor)


class Decision(Notice):
    """A notice once it is decided, as those may read it whom the decision concerns."""

    objects: ClassVar[DecisionManager] = DecisionManager()  # type: ignore[assignment]

    class Meta:
        proxy = True

    def get_absolute_url(self) -> str:
        return reverse("notices:decision", args=[self.number])


class FeedbackSet(models.QuerySet["Feedback"]):
    def seen_by(self, visitor: Visitor) -> Self:
        """Of one's centre, of one's consortium; all for the coordinator and the administrator (G4)."""
        if not isinstance(visitor, NetworkVisitor):
            return self.none()
        if visitor.is_coordinator or visitor.is_operator:
            return self
        return self.filter(_within(visitor, {Held.MANAGER}))


class FeedbackManager(models.Manager["Feedback"]):
    def get_queryset(self) -> FeedbackSet:
        return FeedbackSet(self.model, using=self._db).filter(kind=SITE)

    def seen_by(self, visitor: Visitor) -> FeedbackSet:
        return self.get_queryset().seen_by(visitor)


class Feedback(Notice):
    """A notice about the site itself."""

    objects: ClassVar[FeedbackManager] = FeedbackManager()  # type: ignore[assignment]

    class Meta:
        proxy = True
