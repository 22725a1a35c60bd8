"""Who comes, with the roles held at this moment."""

from dataclasses import dataclass, field
from functools import cached_property

from koinon.network.models import Membership, Organisation, Role
from koinon.people.models import Person, Token


@dataclass(frozen=True)
class Held:
    """One role: its kind, and the organisation it is held in (None for the network as a whole)."""

    kind: str
    organisation_id: int | None


@dataclass
class Visitor:
    """A visitor of the house; implements `base.visitor.Visitor`. Rights are the union over the roles, each in its scope.

    `scopes`: what the token names that the visitor came with; None for somebody who came with a session or not at all.
    """

    person: Person | None = None
    roles: tuple[Held, ...] = field(default=())
    scopes: frozenset[str] | None = None

    @property
    def person_id(self) -> int | None:
        return self.person.pk if self.person else None

    @property
    def is_signed_in(self) -> bool:
        return self.person is not None

    @property
    def is_operator(self) -> bool:
        return self.holds(Role.Kind.ADMINISTRATOR)

    @property
    def is_only_operator(self) -> bool:
        return self.is_operator and all(role.kind == Role.Kind.ADMINISTRATOR for role in self.roles)

    @property
    def is_coordinator(self) -> bool:
        return self.holds(Role.Kind.COORDINATOR)

    def holds(self, *kinds: str) -> bool:
        """Whether the visitor holds one of these roles anywhere."""
        return any(role.kind in kinds for role in self.roles)

    def holds_in(self, organisation: Organisation, *kinds: str) -> bool:
        """Whether the visitor holds one of these roles in this very organisation."""
        return any(role.kind in kinds and role.organisation_id == organisation.pk for role in self.roles)

    def leads(self, organisation: Organisation) -> bool:
        """Whether it is a consortium that the visitor leads, or belongs to one today."""
        return organisation.pk in self.led

    @cached_property
    def organisations(self) -> frozenset[int]:
        """The organisations in which the visitor holds any role."""
        return frozenset(role.organisation_id for role in self.roles if role.organisation_id is not None)

    @cached_property
    def led(self) -> frozenset[int]:
        """The consortia the visitor leads, and the organisations that belong to them today."""
        consortia = {r.organisation_id for r in self.roles if r.kind == Role.Kind.LEAD and r.organisation_id}
        if not consortia:
            return frozenset()
        members = Membership.objects.today().filter(within__in=consortia).values_list("member", flat=True)
        return frozenset(consortia) | frozenset(members)


ANYONE = Visitor()


def visitor_for(person: Person) -> Visitor:
    """The visitor a person is right now, roles asked anew."""
    held = Role.objects.held_by(person.pk).values_list("kind", "organisation_id")
    return Visitor(person, tuple(Held(kind, organisation) for kind, organisation in held))


def visitor_by(token: Token) -> Visitor:
    """The visitor that comes with a token: its person as of right now, held to the token's scopes."""
    visitor = visitor_for(token.person)
    visitor.scopes = frozenset(token.scopes)
    return visitor
