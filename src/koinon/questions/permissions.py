"""Who may read, work, assign and publish a question; `seen_by` of the models says the same for lists.

A desk's people are the handlers of what lies with it (the `a` of the matrix); for a confidential one only those who are
assigned by name. Rank gives no right there.
"""

from koinon.base.visitor import Visitor
from koinon.network.models import Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.questions.models import Answer, Assignment, Question
from koinon.questions.staff import heads, works_at

Kind = Role.Kind


def is_assigned(by: Visitor, question: Question) -> bool:
    """Whether somebody is asked by name to handle it, or has accepted."""
    if by.person_id is None or _by_token(by, question):
        return False
    return question.assignments.filter(person=by.person_id, state__in=Assignment.ACTIVE).exists()


def is_author(by: Visitor, question: Question) -> bool:
    """Who asked when signed in, and the co-authors that person named."""
    if by.person_id is None or _by_token(by, question):
        return False
    return question.author_id == by.person_id or question.coauthors.filter(pk=by.person_id).exists()


def _by_token(by: Visitor, question: Question) -> bool:
    """No token reaches a confidential one: a person has to do it, signed in."""
    return question.confidential and getattr(by, "scopes", None) is not None


def _at_desk(by: Visitor, question: Question) -> bool:
    if not isinstance(by, NetworkVisitor):
        return False
    if question.desk_id is None:
        return by.is_coordinator or by.is_operator
    return question.desk_id in works_at(by)


def may_read(by: Visitor, question: Question) -> bool:
    """Its author and assigned handlers; an ordinary one also its desk, the lead, the coordinator (C1, C2, C3)."""
    if not isinstance(by, NetworkVisitor):
        return False
    if is_author(by, question) or is_assigned(by, question):
        return True
    if question.confidential:
        return False
    return (
        _at_desk(by, question)
        or question.desk_id in by.led
        or (question.escalated_to_id is not None and question.escalated_to_id in works_at(by))
        or by.is_coordinator
    )


def may_work(by: Visitor, question: Question) -> bool:
    """Take, note, ask back, answer, decline, forward: the people of its desk, and who is assigned by name (C1 U, C2 U)."""
    if is_assigned(by, question):
        return True
    return not question.confidential and _at_desk(by, question)


def may_take_over(by: Visitor, question: Question) -> bool:
    """The next level may take what was escalated to it."""
    return (
        isinstance(by, NetworkVisitor)
        and not question.confidential
        and question.is_open
        and question.escalations > 0
        and question.escalated_to_id != question.desk_id
        and (
            question.escalated_to_id in works_at(by)
            if question.escalated_to_id is not None
            else by.is_coordinator or by.is_operator
        )
    )


def may_assign(by: Visitor, question: Question) -> bool:
    """Say who handles it: the head of its desk, the lead, the coordinator (C1 A); of a confidential one see requests."""
    if not isinstance(by, NetworkVisitor) or question.confidential:
        return False
    if question.desk_id is None:
        return by.is_coordinator or by.is_operator
    return question.desk_id in heads(by) or question.desk_id in by.led or by.is_coordinator


def may_read_notes(by: Visitor, question: Question) -> bool:
    """Notes among colleagues: who handles it (C4); never its author."""
    return may_work(by, question) and not is_author(by, question)


def may_prepare_answer(by: Visitor, question: Question) -> bool:
    """Propose an anonymised copy: who handles it (C6 C)."""
    return not question.confidential and question.may_publish and may_work(by, question)


def may_publish(by: Visitor, question: Question) -> bool:
    """Publish it: the head of its desk, the lead, the coordinator (C6 P); an authority's people at their own desk."""
    return not question.confidential and question.may_publish and may_assign(by, question)


def may_change_answer(by: Visitor, answer: Answer) -> bool:
    """Mend or withdraw a published answer: the head of the body that answered, its lead, the coordinator."""
    if not isinstance(by, NetworkVisitor):
        return False
    if by.is_coordinator:
        return True
    if answer.body_id is None:
        return by.is_operator
    return answer.body_id in heads(by) or answer.body_id in by.led


def may_set_promise(by: Visitor, organisation_id: int) -> bool:
    """What a desk promises is the desk's own: whoever decides there."""
    return isinstance(by, NetworkVisitor) and organisation_id in heads(by)


def may_ask(by: Visitor) -> bool:
    """Anybody, with or without an account (C1 C); who only keeps the technics asks without signing in."""
    return not by.is_only_operator
