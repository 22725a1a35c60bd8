"""Who may request expert support, name handlers, work a request, and share what came of it.

Only the author, the co-authors it named and the assigned handlers see a confidential request or that there is one; the
named triage persons see what kind it is (`triage.py`) and say by name who handles it. Rank gives no right.
"""

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.permissions.roles import AUTHORITIES
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.questions.models import File, Question, Request, Step, Triage
from koinon.questions.permissions import is_assigned, is_author, may_assign, may_work
from koinon.questions.staff import heads


def may_request(by: Visitor, body: Organisation) -> bool:
    """Who works for this managing authority (C2 C)."""
    return (
        isinstance(by, NetworkVisitor)
        and by.scopes is None
        and body.kind in AUTHORITIES
        and by.holds_in(body, Role.Kind.AUTHORITY)
    )


def may_triage(by: Visitor) -> bool:
    """A coordinator who is named for it (C3 R:q A:q); the name alone, without the role, is not enough."""
    return (
        isinstance(by, NetworkVisitor)
        and by.scopes is None
        and by.is_coordinator
        and Triage.objects.filter(person=by.person_id).exists()
    )


def may_name_handlers(by: Visitor, request: Request) -> bool:
    """Of a confidential one the named triage persons (C3 A:q); of an ordinary one who assigns at its desk (C1 A)."""
    if request.question.confidential:
        return may_triage(by)
    return may_assign(by, request.question)


def may_speak_for(by: Visitor, request: Request) -> bool:
    """Add words, say what changed, consent: its author and the co-authors that person named (C2 U:o)."""
    return is_author(by, request.question)


def may_own(by: Visitor, request: Request) -> bool:
    """Name co-authors, change what it says, withdraw it: its author alone (C2 U:o)."""
    return is_author(by, request.question) and request.question.author_id == by.person_id


def may_handle(by: Visitor, request: Request) -> bool:
    """Answer, ask back, note, store the outcome: who is assigned; an ordinary one its desk too (C2 U:a, C1 U)."""
    return may_work(by, request.question) and not is_author(by, request.question)


def may_share_outcome(by: Visitor, request: Request) -> bool:
    """Publish the outcome, by consent: who handles it and decides in a body, or coordinates (C6 P)."""
    if not isinstance(by, NetworkVisitor) or not request.outcome_shared:
        return False
    decides = bool(heads(by)) or by.is_coordinator
    return (
        decides
        and may_handle(by, request)
        and (not request.question.confidential or is_assigned(by, request.question))
    )


def may_read_files(by: Visitor, question: Question) -> bool:
    """Its files: who asked when signed in, and who handles it; never by rank alone, never by a token (C5)."""
    if getattr(by, "scopes", None) is not None:
        return False
    return is_author(by, question) or may_work(by, question)


def may_read_file(by: Visitor, file: File) -> bool:
    """One file: as its question, and what is among colleagues never for the author (C4, C5)."""
    if not may_read_files(by, file.question):
        return False
    among_colleagues = file.step.internal or file.step.kind == Step.Kind.NOTE
    return not (among_colleagues and is_author(by, file.question))


def may_add_files(by: Visitor, question: Question) -> bool:
    """Who may read them adds some, while it goes on (C5 C)."""
    return may_read_files(by, question)
