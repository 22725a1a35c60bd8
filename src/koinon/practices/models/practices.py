"""What a practice is: something that was tried, with its owner and its state; and each version of what is told of it."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.practices.life import IN_WORK, WRITTEN_ON, State
from koinon.practices.words import TEXTS, Cost, Evidence, EvidenceKind, Kind, Level, Stage, Why

_ABOVE = {Role.Kind.LEAD, Role.Kind.COORDINATOR, Role.Kind.ADMINISTRATOR}


def takes_part(visitor: Visitor) -> bool:
    """Whether somebody comes as one who tells of what was done, not only to lead, coordinate or run the machine (D1)."""
    if not isinstance(visitor, NetworkVisitor) or visitor.person_id is None:
        return False
    return not visitor.roles or any(role.kind not in _ABOVE for role in visitor.roles)


def held(visitor: Visitor, *kinds: str) -> frozenset[int]:
    """The organisations in which a visitor holds one of these roles."""
    roles = visitor.roles if isinstance(visitor, NetworkVisitor) else ()
    return frozenset(r.organisation_id for r in roles if r.kind in kinds and r.organisation_id is not None)


class PracticeSet(models.QuerySet["Practice"]):
    def public(self) -> Self:
        return self.filter(state=State.PUBLISHED)

    def seen_by(self, visitor: Visitor) -> Self:
        """What is public; what one wrote; what one's organisation drafts; what one reviews or answers for (D1, D2, D4, D5)."""
        if not isinstance(visitor, NetworkVisitor) or visitor.person_id is None:
            return self.public()
        staff, managed = (
            held(visitor, Role.Kind.EDITOR, Role.Kind.MANAGER),
            held(visitor, Role.Kind.MANAGER),
        )
        sees = Q(state=State.PUBLISHED)
        if takes_part(visitor):
            sees |= Q(owner=visitor.person_id)
        sees |= Q(state__in=[*WRITTEN_ON, State.WITHDRAWN]) & _of(staff)
        sees |= ~Q(state=State.DRAFT) & (_of(managed | visitor.led))
        sees |= Q(state__in=[State.SUBMITTED, State.CHANGES]) & Q(pk__in=_reviewed_by(visitor))
        if visitor.is_coordinator:
            sees |= ~Q(state=State.DRAFT)
        return self.filter(sees)

    def owned_by(self, person: int | None) -> Self:
        return self.filter(owner=person) if person is not None else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")


def _of(organisations: Iterable[int]) -> Q:
    """Practices of these organisations, and those that these centres look after."""
    return Q(organisation__in=organisations) | Q(centre__in=organisations)


def _reviewed_by(visitor: NetworkVisitor) -> "models.QuerySet[Version, int]":
    """The practices of which somebody on a staff is named to review the version in review."""
    if not held(visitor, Role.Kind.EDITOR, Role.Kind.MANAGER):
        return Version.objects.none().values_list("practice", flat=True)
    rows = Version.objects.filter(
        reviews__reviewer=visitor.person_id, reviews__done_at__isnull=True, reviews__round=F("round")
    )
    return rows.values_list("practice", flat=True)


class Practice(models.Model):
    """Something that was tried somewhere. `owner` wrote it down, `organisation` did it, `centre` looks after it.

    `shown` is the version that everybody reads; the next one is written and reviewed beside it.
    """

    slug = models.SlugField(max_length=120, unique=True)
    owner = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(
        Organisation,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    centre = models.ForeignKey(Organisation, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    shown = models.ForeignKey("Version", models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    checked_on = models.DateField(_("last checked"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=10, choices=Why, blank=True)
    origin = models.CharField(
        max_length=200, blank=True, help_text="where it came from, as `type:key`; of a room `contribution:7`"
    )
    origin_label = models.CharField(max_length=300, blank=True)
    origin_address = models.CharField(max_length=300, blank=True)
    is_demo = models.BooleanField(default=False)

    objects = PracticeSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "-published_at"]), models.Index(fields=["origin"])]
        constraints = [
            models.CheckConstraint(
                name="withdrawn_practice_has_a_reason",
                condition=~Q(state="withdrawn") | (~Q(withdrawn_because="") & Q(withdrawn_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_public_practice_has_a_day",
                condition=~Q(state="published") | Q(published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse("practices:practice", args=[self.slug])

    @property
    def is_public(self) -> bool:
        return self.state == State.PUBLISHED

    @property
    def in_work(self) -> "Version | None":
        """The version that is being written or reviewed."""
        return self.versions.filter(state__in=IN_WORK).order_by("-number").first()

    @property
    def latest(self) -> "Version":
        """What is shown to those who see more than the public: what is public, else the latest."""
        shown = self.shown if self.shown_id is not None else None
        return shown or self.versions.latest("number")

    def tenants(self) -> frozenset[int]:
        """The organisations that answer for it."""
        return frozenset(pk for pk in (self.organisation_id, self.centre_id) if pk is not None)


def tombstone(slug: str) -> Practice | None:
    """What stands where a practice was withdrawn: that there was one, and why it went; anybody may know."""
    rows = Practice.objects.filter(slug=slug, state=State.WITHDRAWN)
    return rows.select_related("organisation", "centre", "owner", "shown").first()


class Version(models.Model):
    """One version of what is told of a practice, in the language in which it was written.

    `edits` counts the savings, so that two people at once never overwrite each other. Lists in texts are lines: `steps` as
    *when: what*, `costs` as *what | amount*, `results` as *what | with it | before | people*.
    """

    practice = models.ForeignKey(Practice, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    language = models.CharField(_("language"), max_length=2, choices=list(ENDONYMS.items()), default="en")
    kind = models.CharField(_("how it went"), max_length=6, choices=Kind, default=Kind.WORKED)

    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("in one sentence"), max_length=300, blank=True)
    who = models.CharField(_("who ran it"), max_length=300, blank=True)
    challenge = models.TextField(_("the challenge"), blank=True)
    approach = models.TextField(_("the approach"), blank=True)
    steps = models.TextField(_("step by step"), blank=True)

    targets = models.JSONField(default=list, blank=True)
    objectives = models.JSONField(default=list, blank=True, help_text="ESF+ a to m")
    topics = models.JSONField(default=list, blank=True, help_text="keys of concepts")
    places = models.ManyToManyField(Place, related_name="+", blank=True)
    stage = models.CharField(_("stage"), max_length=8, choices=Stage, default=Stage.RUNNING)
    level = models.CharField(_("level of action"), max_length=12, choices=Level, default=Level.LOCAL)
    begun = models.PositiveSmallIntegerField(_("begun in"), null=True, blank=True)
    ended = models.PositiveSmallIntegerField(_("ended in"), null=True, blank=True)

    cost = models.CharField(_("cost in a year"), max_length=8, choices=Cost, blank=True)
    amount = models.CharField(_("the amount"), max_length=60, blank=True)
    costs = models.TextField(_("what it is spent on"), blank=True)
    funding = models.CharField(_("funding"), max_length=300, blank=True)
    time_to_start = models.CharField(_("to start"), max_length=100, blank=True)

    evidence = models.PositiveSmallIntegerField(_("evidence"), choices=Evidence, default=Evidence.NONE)
    evidence_kind = models.CharField(_("kind of evidence"), max_length=12, choices=EvidenceKind, blank=True)
    evidence_text = models.TextField(_("the evidence"), blank=True)
    results = models.TextField(_("results"), blank=True)
    not_shown = models.TextField(_("what it does not show"), blank=True)

    law = models.TextField(_("law"), blank=True)
    money = models.TextField(_("money"), blank=True)
    staff = models.TextField(_("staff"), blank=True)
    time_needed = models.TextField(_("time"), blank=True)
    partners = models.TextField(_("partners"), blank=True)
    must_stay = models.TextField(_("must stay"), blank=True)
    may_change = models.TextField(_("may change"), blank=True)
    stops = models.TextField(_("stops it"), blank=True)
    lessons = models.TextField(_("lessons"), blank=True)
    links = models.JSONField(default=list, blank=True, help_text="[label, address]")

    writers = models.ManyToManyField(Person, related_name="+", blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    second_wanted = models.BooleanField(default=False, help_text="two people have to say yes")
    round = models.PositiveSmallIntegerField(
        default=1, help_text="how often it was sent in, where it was sent back"
    )
    sent_back = models.JSONField(
        default=dict, blank=True, help_text="what it said when it was last sent back"
    )
    edits = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["practice", "number"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "number"], name="each_version_once"),
            models.UniqueConstraint(
                fields=["practice"],
                condition=Q(state__in=["draft", "submitted", "changes"]),
                name="one_version_in_work",
            ),
            models.CheckConstraint(name="a_version_is_never_withdrawn", condition=~Q(state="withdrawn")),
            models.CheckConstraint(name="evidence_on_its_scale", condition=Q(evidence__lte=4)),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id}, {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("practices:version", args=[self.practice.slug, self.number])

    @property
    def texts(self) -> dict[str, str]:
        """What is written in a language: field → text."""
        return {name: getattr(self, name) for name in TEXTS}
