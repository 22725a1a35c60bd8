"""Who may set up, change, read and take away a webhook: row H5 of the table. `Hook.objects.seen_by` says the same for lists."""

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.webhooks.models import Hook

Kind = Role.Kind


def _answers_for(by: Visitor, organisation: Organisation) -> bool:
    """Its managers, the lead of a consortium for it and for its members, the coordinator."""
    if not isinstance(by, NetworkVisitor):
        return False
    return by.holds_in(organisation, Kind.MANAGER) or by.leads(organisation) or by.is_coordinator


def may_have_webhooks(by: Visitor) -> bool:
    """Who answers for any body, or runs the machine: the page of webhooks is shown to them (H5 R)."""
    return isinstance(by, NetworkVisitor) and by.holds(
        Kind.MANAGER, Kind.LEAD, Kind.COORDINATOR, Kind.ADMINISTRATOR
    )


def may_add_any(by: Visitor) -> bool:
    """Who answers for any body."""
    return isinstance(by, NetworkVisitor) and by.holds(Kind.MANAGER, Kind.LEAD, Kind.COORDINATOR)


def may_add(by: Visitor, organisation: Organisation) -> bool:
    """Set one up for a body (H5 C)."""
    return _answers_for(by, organisation)


def may_change(by: Visitor, hook: Hook) -> bool:
    """Change it, pause it, go on, renew its secret, send a test (H5 U); and read its whole address."""
    return _answers_for(by, hook.organisation)


def may_remove(by: Visitor, hook: Hook) -> bool:
    """Take it away: who answers for the body, and who runs the machine (H5 D)."""
    return _answers_for(by, hook.organisation) or by.is_operator
