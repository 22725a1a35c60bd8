"""What a space is: a small room of a body where people talk, share files and set dates; open to all, or closed."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.spaces.models.codes import new_code, new_secret

STAFF = frozenset({Role.Kind.EDITOR, Role.Kind.MANAGER})
OPENERS = frozenset({Role.Kind.MANAGER})


def takes_part(visitor: Visitor) -> bool:
    """Whether somebody comes with an account of a person, not only to run the machine."""
    return visitor.person_id is not None and not visitor.is_only_operator


def held(visitor: Visitor, kinds: Iterable[str]) -> frozenset[int]:
    """The bodies in which a visitor holds one of these roles; a lead acts for its consortium, and for nobody else."""
    roles = visitor.roles if isinstance(visitor, NetworkVisitor) else ()
    wanted = {*kinds, Role.Kind.LEAD}
    return frozenset(r.organisation_id for r in roles if r.kind in wanted and r.organisation_id is not None)


class SpaceSet(models.QuerySet["Space"]):
    def stands(self) -> Self:
        """What was opened, and not taken off the site."""
        return self.exclude(state=Space.State.PROPOSED).filter(removed_at__isnull=True)

    def public(self) -> Self:
        """What everybody may read: open ones of published bodies (N7)."""
        return self.stands().filter(is_closed=False, organisation__published=True)

    def running(self) -> Self:
        return self.filter(state=Space.State.RUNNING)

    def joined_by(self, visitor: Visitor) -> Self:
        """Those that somebody belongs to."""
        if not takes_part(visitor):
            return self.none()
        return self.filter(members__person=visitor.person_id, members__state=MEMBER)

    def seen_by(self, visitor: Visitor) -> Self:
        """Open ones; closed ones by their members and nobody else, whatever the rank; a proposal by the staff of its body (N7, N8, N10)."""
        open_ones = Q(is_closed=False, organisation__published=True, removed_at__isnull=True) & ~Q(
            state=Space.State.PROPOSED
        )
        if not takes_part(visitor):
            return self.filter(open_ones)
        mine = Space.objects.joined_by(visitor).exclude(state=Space.State.PROPOSED).values("pk")
        proposals = Q(state=Space.State.PROPOSED, organisation__in=held(visitor, STAFF))
        return self.filter(open_ones | Q(pk__in=mine) | proposals)

    def with_owner(self) -> Self:
        return self.select_related("organisation", "place")

    def newest_first(self) -> Self:
        return self.order_by("-opened_at", "-pk")


MEMBER = "member"
"""The state of who belongs to a space (`Member.State`)."""


class Space(models.Model):
    """One space of a body. An editor proposes it, a manager opens it; from then on its hosts keep it.

    `steps` counts what is added to it; whoever adds something holds the row until the commit, so numbers come in the order in
    which others can see the things, and a digest that remembers the last one it told misses nothing. `edits` counts savings.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        RUNNING = "running", pgettext_lazy("a space", "running")
        ENDED = "ended", _("ended")

    code = models.CharField(max_length=12, unique=True, default=new_code)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name=_("body"))
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    is_closed = models.BooleanField(_("closed"), default=False)
    language = models.CharField(max_length=2, choices=list(ENDONYMS.items()), default="en")
    name = models.CharField(_("name"), max_length=120)
    purpose = models.TextField(_("what it is for"))
    rules = models.CharField(_("house rules"), max_length=300, blank=True)
    topics = models.JSONField(default=list, blank=True, help_text="keys of concepts")
    languages = models.JSONField(default=list, blank=True, help_text="which are written in it")
    place = models.ForeignKey(Place, models.SET_NULL, null=True, blank=True, related_name="+")
    door = models.CharField(max_length=28, unique=True, default=new_secret)

    proposed_by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=300, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    steps = models.PositiveIntegerField(default=0)
    edits = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)

    objects = SpaceSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "is_closed"])]

    def __str__(self) -> str:
        """Without its name: it is written into the journal. Of a closed one without its code: nobody learns of it."""
        return "closed space" if self.is_closed else f"space {self.code}"

    def get_absolute_url(self) -> str:
        return reverse("spaces:space", args=[self.code])

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING and self.removed_at is None

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it: what is done in it then counts as a change of the public data."""
        return not self.is_closed and self.state != self.State.PROPOSED and self.removed_at is None
