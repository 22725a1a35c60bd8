"""Who may write, publish, correct and withdraw news, write and release newsletters: rows N1, N2 and N4 of the table.

`seen_by` of the models says the same for lists. Anybody may follow (N3), and whoever holds the code of a private page may change
and stop what it shows: no right is asked for there. Newsletters that were sent are everybody's (N9).
"""

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.news.models import Item, Letter

Kind = Role.Kind
State = Item.State


def _works_for(by: Visitor, organisation: Organisation) -> bool:
    """Its editors and managers (of a consortium, its lead), the coordinator. A lead only reads what its members draft."""
    if not isinstance(by, NetworkVisitor):
        return False
    return by.holds_in(organisation, Kind.EDITOR, Kind.MANAGER, Kind.LEAD) or by.is_coordinator


def _answers_for(by: Visitor, organisation: Organisation) -> bool:
    """Its managers (of a consortium, its lead), the coordinator."""
    if not isinstance(by, NetworkVisitor):
        return False
    return by.holds_in(organisation, Kind.MANAGER, Kind.LEAD) or by.is_coordinator


def may_write_news(by: Visitor) -> bool:
    """Who works for any body: the way to drafts is shown to them."""
    return isinstance(by, NetworkVisitor) and by.holds(Kind.EDITOR, Kind.MANAGER, Kind.LEAD, Kind.COORDINATOR)


def may_draft(by: Visitor, organisation: Organisation) -> bool:
    """Begin an item for a body (N2 C)."""
    return _works_for(by, organisation)


def may_change(by: Visitor, item: Item) -> bool:
    """Write on a draft (N2 U)."""
    return item.state == State.DRAFT and _works_for(by, item.organisation)


def may_publish(by: Visitor, item: Item) -> bool:
    """Show it to all (N2 P)."""
    return item.state == State.DRAFT and _answers_for(by, item.organisation)


def may_delete(by: Visitor, item: Item) -> bool:
    """Throw a draft away (N2 D)."""
    return item.state == State.DRAFT and _answers_for(by, item.organisation)


def may_correct(by: Visitor, item: Item) -> bool:
    """Correct in the open what is published; tell it in another language (N1 U)."""
    return item.state == State.PUBLISHED and _works_for(by, item.organisation)


def may_withdraw(by: Visitor, item: Item) -> bool:
    """Take it off, with a reason that everybody reads (N1 D)."""
    return item.state == State.PUBLISHED and _answers_for(by, item.organisation)


def may_draft_letter(by: Visitor, organisation: Organisation) -> bool:
    """Begin a newsletter of a body (N4 C)."""
    return _works_for(by, organisation)


def may_change_letter(by: Visitor, letter: Letter) -> bool:
    """Write on it, have a test of it, give it to a second person (N4 U)."""
    return letter.state in {"draft", "ready"} and _works_for(by, letter.organisation)


def may_release(by: Visitor, letter: Letter) -> bool:
    """Have it sent: who answers for the body and did not write it (N4 P)."""
    if by.person_id is None or by.person_id == letter.author_id:
        return False
    return letter.state == Letter.State.READY and _answers_for(by, letter.organisation)


def may_release_others(by: Visitor, organisation: Organisation) -> bool:
    """Have letters of a body sent that others wrote and gave to a second person (N4 P)."""
    return _answers_for(by, organisation)


def may_stop(by: Visitor, letter: Letter) -> bool:
    """Stop it while it is being sent, throw it away before (N4 D)."""
    return letter.state in {"draft", "ready", "sending"} and _answers_for(by, letter.organisation)
