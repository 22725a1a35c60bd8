"""Who may see who works where, and who may let others in: never above one's own rank, nor outside it, nor oneself."""

from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor
from koinon.people.models import Person

Kind = Role.Kind
# What a role may hand on at most. What needs a second person (coordinator, administrator) is not granted over the web.
EDITOR, MANAGER, LEAD = 1, 2, 3
RANK = {Kind.EDITOR: EDITOR, Kind.MANAGER: MANAGER, Kind.AUTHORITY: LEAD, Kind.LEAD: LEAD}
AUTHORITIES = {Organisation.Kind.AUTHORITY, Organisation.Kind.MANAGING_AUTHORITY}


def fits(kind: str, organisation: Organisation) -> bool:
    """Whether there is such a role there: a lead in a consortium, an authority's in an authority, a desk elsewhere."""
    if organisation.kind == Organisation.Kind.CONSORTIUM:
        return kind == Kind.LEAD
    if organisation.kind in AUTHORITIES:
        return kind == Kind.AUTHORITY
    return kind in {Kind.EDITOR, Kind.MANAGER}


def may_see_people(by: Visitor, organisation: Organisation) -> bool:
    """Names and roles of an organisation's people: its manager, its lead, the coordinator, the administrator (H2)."""
    return (
        by.holds_in(organisation, Kind.MANAGER)
        or by.leads(organisation)
        or by.is_coordinator
        or by.is_operator
    )


def highest_to_grant(by: Visitor, organisation: Organisation) -> int:
    """The rank up to which this visitor may let others in there; 0 where not at all."""
    if by.is_coordinator or by.is_operator:
        return LEAD
    if by.holds_in(organisation, Kind.MANAGER) or by.leads(organisation):
        return MANAGER
    return 0


def grantable(by: Visitor, organisation: Organisation) -> list[str]:
    """The kinds of role that this visitor may grant in an organisation."""
    most = highest_to_grant(by, organisation)
    return [kind for kind, rank in RANK.items() if rank <= most and fits(kind, organisation)]


def may_grant(by: Visitor, kind: str, organisation: Organisation, person: Person | None) -> bool:
    """Grant a role (H3). `person` is None for an address that nobody here has yet."""
    himself = person is not None and person.pk == by.person_id
    return not himself and kind in grantable(by, organisation)


def may_end(by: Visitor, role: Role) -> bool:
    """End the role of somebody else (H3). That the last manager stays is the action's to see to."""
    return role.organisation is not None and may_grant(by, role.kind, role.organisation, role.person)


def may_leave(by: Visitor, role: Role) -> bool:
    """Give up a role of one's own."""
    return by.person_id is not None and role.person_id == by.person_id


def may_read_journal(by: Visitor, organisation: Organisation) -> bool:
    """What was done in an organisation: its manager, its lead, the coordinator, the administrator (H8)."""
    return (
        by.holds_in(organisation, Kind.MANAGER)
        or by.leads(organisation)
        or by.is_coordinator
        or by.is_operator
    )
