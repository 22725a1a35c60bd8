"""Who may send a notice, read what came of it, decide and complain: rows G1 to G4 of the table."""

from koinon.base.visitor import Visitor
from koinon.network.models import Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.notices.models import Notice

Kind = Role.Kind
_ANSWERS_TO_FEEDBACK = {Kind.EDITOR, Kind.MANAGER, Kind.LEAD, Kind.COORDINATOR, Kind.ADMINISTRATOR}


def _holds(by: Visitor, *kinds: str) -> bool:
    return isinstance(by, NetworkVisitor) and by.holds(*kinds)


def _holds_only(by: Visitor, *kinds: str) -> bool:
    """Whether every role of the visitor is one of these; who holds none does not."""
    return isinstance(by, NetworkVisitor) and bool(by.roles) and all(r.kind in kinds for r in by.roles)


def _manages(by: Visitor, notice: Notice) -> bool:
    here = notice.organisation
    return isinstance(by, NetworkVisitor) and here is not None and by.holds_in(here, Kind.MANAGER)


def _leads(by: Visitor, notice: Notice) -> bool:
    here = notice.organisation
    return isinstance(by, NetworkVisitor) and here is not None and by.leads(here)


def may_send(by: Visitor) -> bool:
    """Anybody, but who runs the machine and nothing else (G1)."""
    return not by.is_only_operator


def may_feed_back(by: Visitor) -> bool:
    """Anybody, but those to whom feedback about the site goes (G4)."""
    return not _holds(by, *_ANSWERS_TO_FEEDBACK)


def may_read_receipt(by: Visitor, notice: Notice) -> bool:
    """Whoever holds its code; the table leaves out the administrator (G1, G3), and for feedback the editor (G4)."""
    return not _holds_only(by, Kind.EDITOR) if notice.is_feedback else not by.is_only_operator


def may_use_queue(by: Visitor) -> bool:
    """Those who handle notices anywhere (G2)."""
    return _holds(by, Kind.MANAGER, Kind.LEAD, Kind.COORDINATOR)


def may_use_feedback(by: Visitor) -> bool:
    """Those who handle notices, and who runs the machine (G4)."""
    return _holds(by, Kind.MANAGER, Kind.LEAD, Kind.COORDINATOR, Kind.ADMINISTRATOR)


def may_have_decisions(by: Visitor) -> bool:
    """Anybody with an account may have written something that was decided about (G3)."""
    return by.is_signed_in and not by.is_only_operator


def may_handle(by: Visitor, notice: Notice) -> bool:
    """The manager of the organisation that answers for it, the lead of its consortium, the coordinator (G2).

    Nobody decides on what was written by oneself.
    """
    if by.is_signed_in and by.person_id == notice.concerned_id:
        return False
    return _manages(by, notice) or _leads(by, notice) or _holds(by, Kind.COORDINATOR)


def may_decide_complaint(by: Visitor, notice: Notice, *, is_complainant: bool) -> bool:
    """Who may handle it, but neither the first decider nor who complains."""
    return may_handle(by, notice) and by.person_id != notice.decided_by_id and not is_complainant


def may_answer(by: Visitor, notice: Notice) -> bool:
    """Feedback: the manager of the organisation whose pages it is about, and the coordinator (G4)."""
    return _manages(by, notice) or _holds(by, Kind.COORDINATOR)


def may_complain(by: Visitor, notice: Notice, *, holds_code: bool) -> bool:
    """Who sent it (and holds its code) or wrote what it is about, signed in; who answers for the thing; once (G3).

    An editor leaves that to the manager.
    """
    if not by.is_signed_in or _holds_only(by, Kind.EDITOR, Kind.ADMINISTRATOR):
        return False
    return holds_code or by.person_id == notice.concerned_id or may_handle(by, notice)
