"""Who may register, read who comes, answer access needs and set the reminders (B4, B13).

A registration itself is reached by the code of its private page, which the account it was made with shows too.
"""

from koinon.agenda.models import Session
from koinon.agenda.permissions import may_host, may_read, may_read_list
from koinon.base.visitor import Visitor
from koinon.network.visitor import Visitor as NetworkVisitor


def may_register(by: Visitor, session: Session) -> bool:
    """Whoever sees a published session, with or without an account (B4 C); who only keeps the technics does not."""
    return session.published and not by.is_only_operator and may_read(by, session)


def may_see_counts(by: Visitor, session: Session) -> bool:
    """How many come, by kind: the hosts, and a coordinator, who sees no more than this (B4 R:n)."""
    return may_read_list(by, session) or (isinstance(by, NetworkVisitor) and by.is_coordinator)


def may_answer_needs(by: Visitor, session: Session) -> bool:
    """Access needs are read and answered by those who read the list, and by nobody else."""
    return may_read_list(by, session)


def may_set_reminders(by: Visitor, session: Session) -> bool:
    """When a reminder goes and what it says: the hosts (B13 U)."""
    return may_host(by, session)
