"""Who may see, write, publish, move and withdraw a call (E6, E7); `seen_by` of the models says the same for lists."""

from koinon.base.visitor import Visitor
from koinon.calls.models import Call
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor

Kind = Role.Kind


def may_read(by: Visitor, call: Call) -> bool:
    return Call.objects.filter(pk=call.pk).seen_by(by).exists()


def may_create(by: Visitor, keeper: Organisation) -> bool:
    """Draft a call for a body: its editors and managers, an authority for itself, who leads it, the coordinator (E7 C)."""
    return _staff(by, keeper.pk, Kind.EDITOR, Kind.MANAGER, Kind.AUTHORITY)


def may_work_somewhere(by: Visitor) -> bool:
    """See the list of what one works on: whoever holds a role that can have some (E7 R)."""
    return isinstance(by, NetworkVisitor) and by.holds(
        Kind.EDITOR, Kind.MANAGER, Kind.AUTHORITY, Kind.LEAD, Kind.COORDINATOR
    )


def may_change(by: Visitor, call: Call) -> bool:
    """Words, dates of a draft, conditions, holding it against its source (E6 U, E7 U)."""
    return _staff(by, call.keeper_id, Kind.EDITOR, Kind.MANAGER, Kind.AUTHORITY)


def may_publish(by: Visitor, call: Call) -> bool:
    """Publish it, move a date of it, confirm it: a manager, the authority itself, the lead, the coordinator (E6 P, E7 P)."""
    return _staff(by, call.keeper_id, Kind.MANAGER, Kind.AUTHORITY)


def may_confirm(by: Visitor, call: Call) -> bool:
    """Say of a public call that it is so: only the people of the body that opened it (a part of E6 P)."""
    return (
        call.is_public
        and call.opener_id is not None
        and _holds(by, call.opener_id, Kind.MANAGER, Kind.AUTHORITY)
    )


def may_delete(by: Visitor, call: Call) -> bool:
    """Delete a draft: a manager of its keeper, the authority itself (E7 D)."""
    return _holds(by, call.keeper_id, Kind.MANAGER, Kind.AUTHORITY)


def may_withdraw(by: Visitor, call: Call) -> bool:
    """Take a published one away: as deleting, and the coordinator (E6 D)."""
    coordinator = isinstance(by, NetworkVisitor) and by.is_coordinator
    return coordinator or _holds(by, call.keeper_id, Kind.MANAGER, Kind.AUTHORITY)


def _staff(by: Visitor, keeper_id: int, *kinds: str) -> bool:
    if not isinstance(by, NetworkVisitor):
        return False
    return by.is_coordinator or _holds(by, keeper_id, *kinds) or keeper_id in by.led


def _holds(by: Visitor, keeper_id: int, *kinds: str) -> bool:
    """One of these roles in the very body."""
    return isinstance(by, NetworkVisitor) and any(
        role.kind in kinds and role.organisation_id == keeper_id for role in by.roles
    )
