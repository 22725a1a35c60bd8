"""What an offer or a need is: what a body says for all to see, or a person for whoever is signed in."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import DEFAULT, ENDONYMS, in_language
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.peers.models.codes import new_code
from koinon.peers.words import Kind
from koinon.people.models import Person
from koinon.places.models import Place

STAFF = frozenset({Role.Kind.EDITOR, Role.Kind.MANAGER})
SEEKERS = STAFF | {Role.Kind.AUTHORITY, Role.Kind.INNOVATOR}
"""Who speaks for a body that looks for partners: an enterprise and an authority do too."""


def takes_part(visitor: Visitor) -> bool:
    """Whether somebody comes with an account of a person, not only to run the machine (E1b, E2)."""
    return visitor.person_id is not None and not visitor.is_only_operator


def held(visitor: Visitor, kinds: Iterable[str]) -> frozenset[int]:
    """The organisations in which a visitor holds one of these roles at this moment."""
    roles = visitor.roles if isinstance(visitor, NetworkVisitor) else ()
    return frozenset(r.organisation_id for r in roles if r.kind in kinds and r.organisation_id is not None)


def own(visitor: Visitor, before: str = "") -> Q:
    """The entries for which a visitor speaks: the own ones, and those of the bodies where one is on the staff."""
    if not takes_part(visitor):
        return Q(pk__in=())
    return (
        Q(**{f"{before}person": visitor.person_id})
        | Q(**{f"{before}organisation__in": held(visitor, STAFF)})
        | Q(**{f"{before}organisation__in": held(visitor, SEEKERS), f"{before}kind": Kind.PARTNERS})
    )


class EntrySet(models.QuerySet["Entry"]):
    def standing(self, day: date | None = None) -> Self:
        """Not closed, not taken off, not over; whoever says it."""
        last = day or timezone.localdate()
        return self.filter(closed_at__isnull=True, removed_at__isnull=True, expires_on__gte=last)

    def open(self, day: date | None = None) -> Self:
        """What stands today: not closed, not taken off, not over, of a body that is published or a person who is here."""
        return self.standing(day).filter(Q(organisation__published=True) | Q(person__is_active=True))

    def public(self) -> Self:
        """What everybody may read: what bodies say. Never a person's."""
        return self.open().filter(person__isnull=True)

    def seen_by(self, visitor: Visitor) -> Self:
        """What bodies say; what persons say, to whoever is signed in; one's own, also when it is over (E1a, E1b, E10)."""
        day = timezone.localdate()
        stands = Q(closed_at__isnull=True, removed_at__isnull=True, expires_on__gte=day)
        sees = stands & Q(organisation__published=True)
        if takes_part(visitor):
            sees |= stands & Q(person__is_active=True)
            sees |= own(visitor)
            if isinstance(visitor, NetworkVisitor) and visitor.led:
                sees |= Q(organisation__in=visitor.led)
        return self.filter(sees)

    def of(self, visitor: Visitor) -> Self:
        """Those for which a visitor speaks."""
        return self.filter(own(visitor))

    def with_owners(self) -> Self:
        return self.select_related("organisation", "person", "place")

    def newest_first(self) -> Self:
        return self.order_by("-changed_at", "-pk")


class Entry(models.Model):
    """An offer, a need, or a search for partners; either of a body or of a person.

    `expires_on` is its last day: the day that was named (`until`), the deadline of the call, or a year after it was last
    saved. `stamp` says in which order changes were made known to the matching; `edits` counts the savings.
    """

    code = models.CharField(max_length=12, unique=True, default=new_code)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("body")
    )
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(_("language"), max_length=2, choices=list(ENDONYMS.items()), default="en")
    title = models.CharField(_("in a sentence"), max_length=160)
    text = models.TextField(_("more"), blank=True)
    topics = models.JSONField(default=list, blank=True, help_text="keys of concepts")
    formats = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True, help_text="in which one can work together")
    place = models.ForeignKey(Place, models.SET_NULL, null=True, blank=True, related_name="+")
    until = models.DateField(_("until"), null=True, blank=True)
    expires_on = models.DateField(_("last day"))

    call_key = models.CharField(
        max_length=120, blank=True, help_text="which call: two that mean one share it"
    )
    call_title = models.CharField(_("the call"), max_length=300, blank=True)
    call_address = models.CharField(_("its page"), max_length=500, blank=True)

    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    told_over = models.BooleanField(default=False, help_text="its owner was told that it has ended")
    stamp = models.PositiveBigIntegerField(default=0, db_index=True)
    edits = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)

    objects = EntrySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["expires_on"]), models.Index(fields=["-changed_at"])]
        constraints = [
            models.CheckConstraint(
                name="an_entry_has_one_owner",
                condition=Q(organisation__isnull=False, person__isnull=True)
                | Q(organisation__isnull=True, person__isnull=False),
            ),
            models.CheckConstraint(
                name="a_partner_search_has_a_call_and_a_deadline",
                condition=~Q(kind="partners") | (~Q(call_title="") & Q(until__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_named_day_is_the_last",
                condition=Q(until__isnull=True) | Q(until=F("expires_on")),
            ),
        ]

    def __str__(self) -> str:
        """Without title and name: it is written into the journal."""
        return f"{self.kind} {self.code}"

    def get_absolute_url(self) -> str:
        return reverse("peers:person_entry" if self.person_id else "peers:entry", args=[self.code])

    @property
    def is_over(self) -> bool:
        return self.expires_on < timezone.localdate()

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.removed_at is None and not self.is_over

    @property
    def country(self) -> str:
        """Where it is: the country of its place, else of its body."""
        if self.place is not None:
            return self.place.country
        return self.organisation.country if self.organisation is not None else ""

    @property
    def call_link(self) -> str:
        """The page of its call; where that is one of this house, in the reader's language."""
        is_ours = self.call_address.startswith("/")
        return in_language(self.call_address, get_language() or DEFAULT) if is_ours else self.call_address

    @property
    def owner(self) -> tuple[str, int]:
        """Who says it, as something to compare."""
        return (
            ("body", self.organisation_id)
            if self.organisation_id is not None
            else ("person", self.person_id or 0)
        )


def ended(code: str) -> Entry | None:
    """What stood at an address of a body and is over: that there was something, anybody may know."""
    rows = Entry.objects.filter(person__isnull=True, removed_at__isnull=True, organisation__published=True)
    return rows.filter(code=code[:12]).first()


class Stamp(models.Model):
    """The one row that counts changes of entries. Whoever changes one holds it until the commit, so no number is skipped."""

    number = models.PositiveBigIntegerField(default=0)
    whole = models.PositiveBigIntegerField(
        default=0, help_text="the last number at which an entry was deleted"
    )

    def __str__(self) -> str:
        return str(self.number)
