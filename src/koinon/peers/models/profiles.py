"""What a match profile is: what a person knows and offers, by own choice; the expert directory lists it for signed-in ones."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.peers.models.codes import new_code
from koinon.peers.models.entries import takes_part
from koinon.peers.words import Availability
from koinon.people.models import Person


class ProfileSet(models.QuerySet["Profile"]):
    def listed(self) -> Self:
        """Those who chose to be listed and are here."""
        return self.filter(listed=True, removed_at__isnull=True, person__is_active=True)

    def seen_by(self, visitor: Visitor) -> Self:
        """The listed ones, for whoever is signed in; one's own (E1b)."""
        if not takes_part(visitor):
            return self.none()
        listed = Q(listed=True, removed_at__isnull=True, person__is_active=True)
        return self.filter(listed | Q(person=visitor.person_id))

    def available_first(self) -> Self:
        order = models.Case(
            *(models.When(availability=value, then=at) for at, value in enumerate(Availability.values)),
            default=9,
        )
        return self.order_by(order, "person__name", "pk")


class Profile(models.Model):
    """One person's own words. `organisation` is shown only as long as the person holds a role there."""

    code = models.CharField(max_length=12, unique=True, default=new_code)
    person = models.OneToOneField(Person, models.CASCADE, related_name="+")
    listed = models.BooleanField(_("listed"), default=False)
    organisation = models.ForeignKey(Organisation, models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(_("language"), max_length=2, choices=list(ENDONYMS.items()), default="en")
    about = models.TextField(_("what you know"), blank=True)
    topics = models.JSONField(default=list, blank=True)
    formats = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    availability = models.CharField(
        _("availability"), max_length=6, choices=Availability, default=Availability.SOME
    )
    availability_text = models.CharField(_("availability, in words"), max_length=120, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    edits = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)

    objects = ProfileSet.as_manager()

    def __str__(self) -> str:
        """Without the name: it is written into the journal."""
        return f"profile {self.code}"

    def get_absolute_url(self) -> str:
        return reverse("peers:person", args=[self.code])

    @property
    def name(self) -> str:
        """What the person chose to be called; never the address."""
        return self.person.name or str(_("A member of the network"))


def bodies_now(profiles: "list[Profile]") -> dict[int, Organisation]:
    """Profile → the body it names, where the person holds a role there at this moment. One query."""
    wanted = {(one.person_id, one.organisation_id) for one in profiles if one.organisation_id is not None}
    rows = (
        Role.objects.today()
        .filter(person__in=[person for person, _body in wanted], organisation__isnull=False)
        .select_related("organisation")
    )
    there = {
        (role.person_id, role.organisation_id): role.organisation
        for role in rows
        if (role.person_id, role.organisation_id) in wanted and role.organisation is not None
    }
    found: dict[int, Organisation] = {}
    for one in profiles:
        body = there.get((one.person_id, one.organisation_id)) if one.organisation_id is not None else None
        if body is not None and body.published:
            found[one.pk] = body
    return found
