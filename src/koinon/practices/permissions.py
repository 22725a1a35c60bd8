"""Who may see, write, review, publish and withdraw a practice, translate it and take it over: rows D1 to D8.

`seen_by` of the models says the same for lists. A practice's tenants are the organisation that did it and the centre that
looks after it.
"""

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.practices.life import WRITTEN_ON, State
from koinon.practices.models import Adoption, Practice, Version
from koinon.practices.models.practices import held, takes_part

Kind = Role.Kind


def is_owner(by: Visitor, practice: Practice) -> bool:
    """Who wrote it down, as somebody who takes part."""
    return takes_part(by) and practice.owner_id is not None and practice.owner_id == by.person_id


def wrote(by: Visitor, version: Version) -> bool:
    """Whether somebody owns the practice or wrote any of the version, in whatever role: such a person never decides on it."""
    if by.person_id is None:
        return False
    if version.practice.owner_id == by.person_id:
        return True
    return any(writer.pk == by.person_id for writer in version.writers.all())


def is_reviewer(by: Visitor, version: Version) -> bool:
    """Named to review this version in the round that holds and not done yet, on a staff still, and none of its authors."""
    if by.person_id is None or not held(by, Kind.EDITOR, Kind.MANAGER) or wrote(by, version):
        return False
    return any(
        one.reviewer_id == by.person_id and one.done_at is None and one.round == version.round
        for one in version.reviews.all()
    )


def _staff(by: Visitor, practice: Practice, *kinds: str) -> bool:
    return bool(held(by, *kinds) & practice.tenants())


def _leads(by: Visitor, practice: Practice) -> bool:
    return isinstance(by, NetworkVisitor) and bool(by.led & practice.tenants())


def _coordinates(by: Visitor) -> bool:
    return isinstance(by, NetworkVisitor) and by.is_coordinator


def _answers_for(by: Visitor, practice: Practice) -> bool:
    """A manager of its organisation or centre, the lead of their consortium, the coordinator."""
    return _staff(by, practice, Kind.MANAGER) or _leads(by, practice) or _coordinates(by)


def is_only_staff(by: Visitor) -> bool:
    """Whether everything that somebody may write is for a centre (D1: C:t)."""
    roles = by.roles if isinstance(by, NetworkVisitor) else ()
    return bool(held(by, Kind.EDITOR, Kind.MANAGER)) and not any(
        role.kind in {Kind.INNOVATOR, Kind.AUTHORITY} for role in roles
    )


def may_draft(by: Visitor, organisation: Organisation | None) -> bool:
    """Whoever takes part, for oneself or a body in which one holds a role; an editor or manager for the own body (D1 C)."""
    if not takes_part(by):
        return False
    if organisation is None:
        return not is_only_staff(by)
    return isinstance(by, NetworkVisitor) and organisation.pk in by.organisations


def may_read_draft(by: Visitor, practice: Practice) -> bool:
    """Its owner, and the staff of its organisation (D1 R)."""
    return is_owner(by, practice) or _staff(by, practice, Kind.EDITOR, Kind.MANAGER)


def may_write(by: Visitor, version: Version) -> bool:
    """Change, send in: its owner and the staff of its organisation, as long as it is a draft or changes are asked (D1 U)."""
    return version.state in WRITTEN_ON and may_read_draft(by, version.practice)


def may_delete(by: Visitor, practice: Practice) -> bool:
    """Take away what was never published: its owner, if not there as an editor only; a manager (D1 D)."""
    if practice.state not in WRITTEN_ON:
        return False
    as_editor = is_only_staff(by) and not held(by, Kind.MANAGER)
    return (is_owner(by, practice) and not as_editor) or _staff(by, practice, Kind.MANAGER)


def may_read_submitted(by: Visitor, version: Version) -> bool:
    """Its owner, who is named to review it, who answers for it (D2 R)."""
    practice = version.practice
    if is_reviewer(by, version) or _answers_for(by, practice):
        return True
    return is_owner(by, practice) or (version.state in WRITTEN_ON and may_read_draft(by, practice))


def may_read_version(by: Visitor, version: Version) -> bool:
    """A version, by its own state: a public one as the practice is, the others as drafts and as what is in review."""
    if version.state == State.DRAFT:
        return may_read_draft(by, version.practice)
    if version.state != State.PUBLISHED:
        return may_read_submitted(by, version)
    return Practice.objects.seen_by(by).filter(pk=version.practice_id).exists()


def may_assign(by: Visitor, version: Version) -> bool:
    """Name reviewers, wish a second person: who answers for it (D2 A), none of its authors."""
    return version.state == State.SUBMITTED and _answers_for(by, version.practice) and not wrote(by, version)


def may_decide(by: Visitor, version: Version) -> bool:
    """Decide: who is named to review it, who answers for it (D2 M). Its authors never (I5)."""
    if version.state != State.SUBMITTED or wrote(by, version):
        return False
    return is_reviewer(by, version) or _answers_for(by, version.practice)


def may_note(by: Visitor, version: Version) -> bool:
    """Write a note for those who decide: who is named to review it (D3 C)."""
    return version.state == State.SUBMITTED and is_reviewer(by, version)


def may_read_reviews(by: Visitor, version: Version) -> bool:
    """Notes, and who reviewed: named reviewers and who answers for it (D3 R). Its owner reads the text that was sent."""
    return is_reviewer(by, version) or _answers_for(by, version.practice)


def may_revise(by: Visitor, practice: Practice) -> bool:
    """Begin the next version of a public one: the innovator who owns it, an editor of its organisation or centre (D4 U)."""
    if practice.state != State.PUBLISHED:
        return False
    own = is_owner(by, practice) and isinstance(by, NetworkVisitor) and by.holds(Kind.INNOVATOR)
    return own or _staff(by, practice, Kind.EDITOR)


def may_confirm(by: Visitor, practice: Practice) -> bool:
    """Say that a public one still holds: who answers for it (D4 P)."""
    return practice.state == State.PUBLISHED and _answers_for(by, practice)


def may_withdraw(by: Visitor, practice: Practice) -> bool:
    """Take a public one away: a manager of its organisation or centre, the coordinator (D4 D)."""
    return practice.state == State.PUBLISHED and (_staff(by, practice, Kind.MANAGER) or _coordinates(by))


def may_read_withdrawn(by: Visitor, practice: Practice) -> bool:
    """What stands behind the tombstone: its owner, its staff, who answers for it (D5 R)."""
    return is_owner(by, practice) or _staff(by, practice, Kind.EDITOR) or _answers_for(by, practice)


def may_restore(by: Visitor, practice: Practice) -> bool:
    """Bring back what was withdrawn: who answers for it (D5 M)."""
    return practice.state == State.WITHDRAWN and _answers_for(by, practice)


def may_translate(by: Visitor, practice: Practice) -> bool:
    """Tell a public one in another language: its owner, and the staff of any centre; the coordinator (D6 C, U)."""
    if practice.state != State.PUBLISHED:
        return False
    return is_owner(by, practice) or bool(held(by, Kind.EDITOR, Kind.MANAGER)) or _coordinates(by)


def may_remove_translation(by: Visitor, practice: Practice) -> bool:
    """A manager of its organisation or centre, the coordinator (D6 D)."""
    return _staff(by, practice, Kind.MANAGER) or _coordinates(by)


def may_adopt(by: Visitor, practice: Practice) -> bool:
    """Record that it was taken over: anybody signed in who takes part or coordinates (D7 C)."""
    return practice.state == State.PUBLISHED and by.is_signed_in and not by.is_only_operator


def may_change_adoption(by: Visitor, adoption: Adoption) -> bool:
    """Who recorded it says what became of it (D7 U, D8 U)."""
    return adoption.by_id is not None and adoption.by_id == by.person_id and not by.is_only_operator


def may_confirm_adoption(by: Visitor, adoption: Adoption) -> bool:
    """The origin says that it is so: its owner, its staff, who answers for it (D7 M). Never who recorded it."""
    if adoption.by_id is not None and adoption.by_id == by.person_id:
        return False
    practice = adoption.practice
    return is_owner(by, practice) or _staff(by, practice, Kind.EDITOR) or _answers_for(by, practice)


def may_remove_adoption(by: Visitor, adoption: Adoption) -> bool:
    """Who recorded it; a manager at the origin; the coordinator (D7 D, D8 D)."""
    own = adoption.by_id is not None and adoption.by_id == by.person_id and not by.is_only_operator
    return own or _staff(by, adoption.practice, Kind.MANAGER) or _coordinates(by)
