"""Who may read, change, publish and confirm the facts about an organisation, and decide on corrections."""

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor

Kind = Role.Kind


def _held(by: Visitor, organisation: Organisation, *kinds: str) -> bool:
    return isinstance(by, NetworkVisitor) and by.holds_in(organisation, *kinds)


def _leads(by: Visitor, organisation: Organisation) -> bool:
    return isinstance(by, NetworkVisitor) and by.leads(organisation)


def _coordinates(by: Visitor) -> bool:
    return isinstance(by, NetworkVisitor) and by.is_coordinator


def may_read(by: Visitor, organisation: Organisation) -> bool:
    """Everybody reads what is published (A1, A4); a draft its own staff, its lead and the coordinator (A2)."""
    if organisation.published:
        return True
    return _held(by, organisation, Kind.EDITOR, Kind.MANAGER) or _leads(by, organisation) or _coordinates(by)


def may_edit(by: Visitor, organisation: Organisation) -> bool:
    """Its editor or manager; a consortium its lead (A4); what is published the coordinator too (A1)."""
    if organisation.is_shared:
        return _held(by, organisation, Kind.LEAD) or (organisation.published and _coordinates(by))
    if _held(by, organisation, Kind.EDITOR, Kind.MANAGER):
        return True
    return organisation.published and _coordinates(by)


def may_publish(by: Visitor, organisation: Organisation) -> bool:
    """Its manager, a consortium's lead, the coordinator (A1, A2, A4)."""
    own = Kind.LEAD if organisation.is_shared else Kind.MANAGER
    return _held(by, organisation, own) or _coordinates(by)


def may_confirm(by: Visitor, organisation: Organisation) -> bool:
    """Only who answers for it: its manager, a consortium's lead, an authority itself (A8). Nobody on their behalf."""
    if organisation.is_shared:
        return _held(by, organisation, Kind.LEAD)
    return _held(by, organisation, Kind.MANAGER, Kind.AUTHORITY)


def may_suggest(by: Visitor, organisation: Organisation) -> bool:
    """Anybody, about what they may read (A7)."""
    return may_read(by, organisation)


def may_decide(by: Visitor, organisation: Organisation) -> bool:
    """Its manager, the lead of its consortium, an authority itself, the coordinator (A7)."""
    return (
        _held(by, organisation, Kind.MANAGER, Kind.AUTHORITY) or _leads(by, organisation) or _coordinates(by)
    )


def may_read_corrections(by: Visitor, organisation: Organisation) -> bool:
    """Who decides, and the editor of the organisation (A7)."""
    return may_decide(by, organisation) or _held(by, organisation, Kind.EDITOR)
