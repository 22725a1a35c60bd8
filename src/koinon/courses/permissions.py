"""Who may read, write, publish and learn: rows E3 (course), E8 (draft of a course), E4 (enrolment, progress), E5 (certificate).

`seen_by` of the models says the same for lists. The tenant of a course is its organiser.
"""

from koinon.base.visitor import Visitor
from koinon.courses.models import Course
from koinon.courses.words import State
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor

Kind = Role.Kind


def _holds(by: Visitor, organiser_id: int | None, *kinds: str) -> bool:
    """One of these roles in the organiser itself."""
    return isinstance(by, NetworkVisitor) and any(
        role.kind in kinds and role.organisation_id is not None and role.organisation_id == organiser_id
        for role in by.roles
    )


def _above(by: Visitor, organiser_id: int | None) -> bool:
    """Leads the consortium of the organiser, or coordinates the network."""
    return isinstance(by, NetworkVisitor) and (by.is_coordinator or organiser_id in by.led)


def may_read(by: Visitor, course: Course) -> bool:
    return Course.objects.filter(pk=course.pk).seen_by(by).exists()


def may_draft(by: Visitor, organiser: Organisation) -> bool:
    """Begin a course of a body: its editors and managers (E8 C)."""
    return _holds(by, organiser.pk, Kind.EDITOR, Kind.MANAGER)


def may_work_somewhere(by: Visitor) -> bool:
    """Whether there is a body for which one could begin a course."""
    return isinstance(by, NetworkVisitor) and by.holds(Kind.EDITOR, Kind.MANAGER)


def may_change(by: Visitor, course: Course) -> bool:
    """Words, modules, questions, translations: the organiser's editors and managers; of a published one also who leads its
    consortium and the coordinator (E8 U, E3 U)."""
    own = _holds(by, course.organiser_id, Kind.EDITOR, Kind.MANAGER)
    return own or (course.state == State.PUBLISHED and _above(by, course.organiser_id))


def may_add(by: Visitor, course: Course) -> bool:
    """Add a module, a question, a file: the organiser's own editors and managers (E8 C, E3 C)."""
    return _holds(by, course.organiser_id, Kind.EDITOR, Kind.MANAGER)


def may_publish(by: Visitor, course: Course) -> bool:
    """Publish a draft: a manager of the organiser (E8 P)."""
    return course.state == State.DRAFT and _holds(by, course.organiser_id, Kind.MANAGER)


def may_run(by: Visitor, course: Course) -> bool:
    """Set dates and seats, open and close enrolling. Of a draft: who writes it (E8 U); of a published one: a manager, the lead,
    the coordinator (E3 P)."""
    if course.state == State.DRAFT:
        return may_change(by, course)
    own = _holds(by, course.organiser_id, Kind.MANAGER)
    return course.state == State.PUBLISHED and (own or _above(by, course.organiser_id))


def may_withdraw(by: Visitor, course: Course) -> bool:
    """Take a published course away: a manager of the organiser (E3 D)."""
    return course.state == State.PUBLISHED and _holds(by, course.organiser_id, Kind.MANAGER)


def may_delete(by: Visitor, course: Course) -> bool:
    """Remove a draft: a manager of the organiser (E8 D)."""
    return course.state == State.DRAFT and _holds(by, course.organiser_id, Kind.MANAGER)


def may_learn(by: Visitor) -> bool:
    """Enrol and keep progress: anybody with an account, staff of a centre too; not who only keeps the technics (E4 C)."""
    return by.is_signed_in and not by.is_only_operator


def may_see_totals(by: Visitor, course: Course) -> bool:
    """How many learn and how far, never who: the organiser's people, the lead, the coordinator (E4 R, totals)."""
    own = _holds(by, course.organiser_id, Kind.EDITOR, Kind.MANAGER)
    return own or _above(by, course.organiser_id)
