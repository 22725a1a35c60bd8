"""Who may see, write, publish, move and run a session (B1–B3, B13, B15); `seen_by` of the models says the same for lists."""

from koinon.agenda.models import Session
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor

Kind = Role.Kind


def may_read(by: Visitor, session: Session) -> bool:
    return Session.objects.filter(pk=session.pk).seen_by(by).exists()


def may_create(by: Visitor, organiser: Organisation) -> bool:
    """Draft a session of a body: its editors and managers, who leads it, the coordinator (B1 C)."""
    return _staff(by, organiser.pk, Kind.EDITOR, Kind.MANAGER)


def may_work_somewhere(by: Visitor) -> bool:
    """See the list of drafts and sessions that one works on: whoever holds a role that can have some (B1 R)."""
    return isinstance(by, NetworkVisitor) and by.holds(Kind.EDITOR, Kind.MANAGER, Kind.LEAD, Kind.COORDINATOR)


def may_change(by: Visitor, session: Session) -> bool:
    """Words, times, programme, material (B1 U, B2 U, B3 U, B15 C U)."""
    return _staff(by, session.organiser_id, Kind.EDITOR, Kind.MANAGER)


def may_publish(by: Visitor, session: Session) -> bool:
    """Publish it, cancel it, move it: a manager, the lead, the coordinator (B1 P, B2 P, B3 P)."""
    return _staff(by, session.organiser_id, Kind.MANAGER)


def may_delete(by: Visitor, session: Session) -> bool:
    """Remove a draft, or what was published by mistake: a manager of the organiser (B1 D, B2 D; B3 knows no D)."""
    if session.published and session.audience == Session.Audience.INVITED:
        return False
    return _holds(by, session.organiser_id, Kind.MANAGER)


def may_add_material(by: Visitor, session: Session) -> bool:
    """Note a recording, slides or captions: the organiser's own editors and managers (B15 C)."""
    return _holds(by, session.organiser_id, Kind.EDITOR, Kind.MANAGER)


def may_remove_material(by: Visitor, session: Session) -> bool:
    """A manager of the organiser (B15 D)."""
    return _holds(by, session.organiser_id, Kind.MANAGER)


def may_host(by: Visitor, session: Session) -> bool:
    """Run the hour, see the hosts' view and the queue (B6 M, B7 M, B8 M, B13): the organiser's people, lead, coordinator."""
    return _staff(by, session.organiser_id, Kind.EDITOR, Kind.MANAGER)


def may_read_list(by: Visitor, session: Session) -> bool:
    """The list of who registered, with addresses: the hosts (B4 R); a coordinator sees counts only."""
    return isinstance(by, NetworkVisitor) and _within(by, session.organiser_id, Kind.EDITOR, Kind.MANAGER)


def may_export_list(by: Visitor, session: Session) -> bool:
    """Take the list out, which is written down (B4 X): a manager, the lead."""
    return isinstance(by, NetworkVisitor) and _within(by, session.organiser_id, Kind.MANAGER)


def _staff(by: Visitor, organiser_id: int | None, *kinds: str) -> bool:
    return isinstance(by, NetworkVisitor) and (by.is_coordinator or _within(by, organiser_id, *kinds))


def _holds(by: Visitor, organiser_id: int | None, *kinds: str) -> bool:
    """One of these roles in the organiser itself."""
    return (
        isinstance(by, NetworkVisitor)
        and organiser_id is not None
        and any(role.kind in kinds and role.organisation_id == organiser_id for role in by.roles)
    )


def _within(by: NetworkVisitor, organiser_id: int | None, *kinds: str) -> bool:
    """One of these roles in the organiser, or leading the consortium it belongs to."""
    if organiser_id is None:
        return False
    own = any(role.kind in kinds and role.organisation_id == organiser_id for role in by.roles)
    return own or organiser_id in by.led
