"""One question and its life, whatever way it came; and the thread of what was said."""

import hashlib
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.questions.life import OPEN, Reason, State, Wish
from koinon.questions.staff import works_at


def hash_of(secret: str) -> str:
    """What is kept of a receipt's code."""
    return hashlib.sha256(secret.encode()).hexdigest()


class QuestionSet(models.QuerySet["Question"]):
    def seen_by(self, visitor: Visitor) -> Self:
        """What somebody may read: one's own, what one is assigned to, and ordinary ones by role (C1, C2, C3).

        Rank gives no right on a confidential one, and no token reaches it.
        """
        if not isinstance(visitor, NetworkVisitor) or visitor.person_id is None:
            return self.none()
        mine = self.filter(_personal(visitor.person_id) | (Q(confidential=False) & _by_role(visitor)))
        return mine if visitor.scopes is None else mine.filter(confidential=False)

    def worked_by(self, visitor: Visitor) -> Self:
        """What stands on somebody's desk: assigned by name, or lying with a desk where one works."""
        if not isinstance(visitor, NetworkVisitor) or visitor.person_id is None:
            return self.none()
        assigned = Q(assignments__person=visitor.person_id, assignments__state__in=Assignment.ACTIVE)
        mine = self.filter(
            Q(pk__in=Question.objects.filter(assigned).values("pk"))
            | (Q(confidential=False) & _by_role(visitor))
        )
        return mine if visitor.scopes is None else mine.filter(confidential=False)

    def of_author(self, person_id: int) -> Self:
        """What somebody asked when signed in, or was named for as a co-author."""
        return self.filter(Q(author=person_id) | Q(pk__in=_coauthored(person_id)))

    def with_code(self, code: str) -> Self:
        """The question whose receipt this code opens."""
        return self.filter(receipt=hash_of(code))

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def ordinary(self) -> Self:
        """All but confidential ones: the only ones that any count, register or list of others may hold."""
        return self.filter(confidential=False)

    def late_on(self, day: date) -> Self:
        return self.filter(state__in=[State.WAITING, State.TAKEN], due__lt=day)

    def due_first(self) -> Self:
        return self.order_by("due", "pk")


def _personal(person_id: int) -> Q:
    assigned = Assignment.objects.filter(person=person_id, state__in=Assignment.ACTIVE).values("question")
    return Q(author=person_id) | Q(pk__in=_coauthored(person_id)) | Q(pk__in=assigned)


def _coauthored(person_id: int) -> models.QuerySet["Question", int]:
    return Question.coauthors.through.objects.filter(person=person_id).values_list("question", flat=True)  # type: ignore[return-value]


def _by_role(visitor: NetworkVisitor) -> Q:
    """Ordinary questions within somebody's roles: own desks, member centres of the led consortium, all as coordinator."""
    if visitor.is_coordinator:
        return Q(pk__isnull=False)
    mine = Q(desk__in=works_at(visitor) | visitor.led) | Q(escalated_to__in=works_at(visitor))
    return mine | Q(desk__isnull=True) if visitor.is_operator else mine


class Question(models.Model):
    """What somebody asked, where it lies, who answers it, and by when.

    `desk` is None where it lies with the operators of this installation. `number` is what people call it by; of a
    confidential one it is drawn by lot, so that no gap in the count tells of it. Of the asker nothing is kept but an address
    where one was given, and an account where somebody was signed in.
    """

    class Channel(models.TextChoices):
        PAGE = "page", _("page")
        API = "api", _("API")
        SESSION = "session", _("session")
        SUPPORT = "support", _("expert support")

    class Helped(models.TextChoices):
        YES = "yes", _("Yes")
        PART = "part", _("In part")
        NO = "no", _("No, open it again")

    State, Wish, Reason = State, Wish, Reason

    number = models.CharField(max_length=20, unique=True)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.PAGE)
    text = models.TextField(_("question"))
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()))
    language_sure = models.BooleanField(default=False, help_text="not only guessed")
    page_language = models.CharField(
        max_length=2, default="en", help_text="which mails and pages are sent in"
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    wish = models.CharField(max_length=20, choices=Wish, default=Wish.WRITTEN)
    topics = models.JSONField(default=list, help_text="letters of ESF+ objectives (topics.Objective)")
    role = models.CharField(_("role of the asker"), max_length=120, blank=True)

    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    desk = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    handler = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    because = models.JSONField(
        default=dict, help_text="why it lies there: a key of routing.REASONS and its words"
    )
    due = models.DateField(help_text="answered by, or a new date with a reason")
    take_by = models.DateField(help_text="taken by name until")
    paused_on = models.DateField(null=True, blank=True, help_text="the clock stands while the asker is asked")
    escalated_to = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    escalations = models.PositiveSmallIntegerField(default=0)
    forwarded = models.PositiveSmallIntegerField(default=0)
    first_due = models.DateField(help_text="what was promised first; late is measured against it")

    seed = models.CharField(max_length=64, unique=True, help_text="what the receipt's code is derived from")
    receipt = models.CharField(max_length=64, unique=True, help_text="hash of the code")
    key = models.CharField(
        max_length=64, unique=True, null=True, blank=True, help_text="hash of the API's key"
    )
    author = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    coauthors = models.ManyToManyField(Person, related_name="+", blank=True)
    email = models.EmailField(blank=True)
    email_confirmed = models.BooleanField(default=False)
    email_stopped = models.BooleanField(default=False)
    helped = models.CharField(max_length=4, choices=Helped, blank=True)
    may_publish = models.BooleanField(
        default=False, help_text="consent of the asker, which can be taken back"
    )
    may_follow_up = models.BooleanField(default=False, help_text="may be asked how it went, in six months")

    confidential = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = QuestionSet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["desk", "state", "due"]),
            models.Index(fields=["state", "due"]),
            models.Index(fields=["email"], condition=~Q(email=""), name="questions_by_email"),
        ]
        constraints = [
            models.CheckConstraint(
                name="merged_names_into_what",
                condition=Q(state="merged", merged_into__isnull=False) | ~Q(state="merged"),
            ),
            models.CheckConstraint(
                name="declined_with_a_reason", condition=~Q(state="declined") | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="taken_by_somebody_or_waiting",
                condition=~Q(state="waiting") | Q(handler__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        """Only the number: it is written into journals and logs; of a confidential one not even that."""
        return "confidential" if self.confidential else self.number

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def title(self) -> str:
        """The first sentence or line, short enough for a list."""
        first = self.text.strip().split("\n", 1)[0]
        return first if len(first) <= 140 else first[:137].rsplit(" ", 1)[0] + "…"

    @property
    def details(self) -> str:
        """What was written after the first line."""
        return (
            self.text.strip().partition("\n")[2].strip()
            if len(self.title) <= 140 and not self.title.endswith("…")
            else ""
        )

    @property
    def desk_name(self) -> str:
        """Who owns it, in words."""
        return self.desk.name if self.desk is not None else str(_("the operators of this installation"))

    def is_late(self, day: date) -> bool:
        return self.state in {State.WAITING, State.TAKEN} and self.due < day


class StepSet(models.QuerySet["Step"]):
    def for_asker(self) -> Self:
        """What the asker reads: all but notes among colleagues."""
        return self.exclude(kind=Step.Kind.NOTE).exclude(internal=True)


class Step(models.Model):
    """One thing that was said or done. Only ever added; its hash lies in the journal's chain.

    `details` holds what the words of its kind need (a desk's name, dates, a reason's key), never text from people.
    """

    class Kind(models.TextChoices):
        ASKED = "asked", _("asked")
        ROUTED = "routed", _("sent to a desk")
        TAKEN = "taken", _("taken")
        ASSIGNED = "assigned", _("given to somebody")
        PASSED_ON = "passed_on", _("given back")
        FORWARDED = "forwarded", _("forwarded")
        NOTE = "note", _("note for colleagues")
        ASKED_BACK = "asked_back", _("asked back")
        ADDED = "added", _("added")
        NEW_DATE = "new_date", _("new date")
        ESCALATED = "escalated", _("told to the next level")
        ANSWERED = "answered", _("answered")
        MERGED = "merged", _("merged")
        UNMERGED = "unmerged", _("separated again")
        DECLINED = "declined", _("declined")
        COMPLAINED = "complained", _("complained")
        REOPENED = "reopened", _("opened again")
        WITHDRAWN = "withdrawn", _("withdrawn")
        PUBLISHED = "published", _("published")
        OUTCOME = "outcome", _("outcome")
        CORRECTED = "corrected", _("language corrected")
        FILE = "file", _("file")

    question = models.ForeignKey(Question, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    language = models.CharField(max_length=2, blank=True)
    by_asker = models.BooleanField(default=False)
    by_person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    by_body = models.ForeignKey(Organisation, models.SET_NULL, null=True, blank=True, related_name="+")
    internal = models.BooleanField(default=False)
    details = models.JSONField(default=dict)

    objects = StepSet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"

    def digest(self) -> str:
        """What the journal keeps of it: a change of kind, time or words would show."""
        body = "\x1f".join((str(self.question_id), self.kind, self.at.isoformat(), self.text, self.language))
        return hashlib.sha256(body.encode()).hexdigest()


class Assignment(models.Model):
    """Somebody is asked to handle a question, and what that person said."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        CONFLICT = "conflict", _("conflict of interest")
        ENDED = "ended", _("ended")

    ACTIVE = (State.ASKED, State.ACCEPTED)

    question = models.ForeignKey(Question, models.CASCADE, related_name="assignments")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    words = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["question", "person"],
                condition=Q(state__in=["asked", "accepted"]),
                name="one_active_assignment_each",
            )
        ]

    def __str__(self) -> str:
        return f"{self.question} {self.state}"
