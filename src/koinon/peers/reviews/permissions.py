"""Who may host, prepare, publish and call off a review, apply to one, and read its inner papers: rows E11, E12.

For the host speaks whoever holds a role there as for partner searches: editors, managers, an authority's people, an
innovator. Rank gives no right on inner papers; the coordinator takes down what is published (`peers.permissions.may_take_down`).
"""

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.peers.models.entries import SEEKERS, held, takes_part
from koinon.peers.reviews.models import Application, PeerReview, applied_by
from koinon.peers.reviews.words import Answer

_DECIDE = frozenset({Role.Kind.MANAGER, Role.Kind.AUTHORITY, Role.Kind.INNOVATOR})


def hosts(by: Visitor, review: PeerReview) -> bool:
    """Whether somebody is one of the host's people at this moment."""
    return takes_part(by) and review.organisation_id in held(by, SEEKERS)


def may_host(by: Visitor, organisation: Organisation) -> bool:
    """Draft a review for a body: who holds a role there (E12 C)."""
    return takes_part(by) and organisation.pk in held(by, SEEKERS)


def may_change_review(by: Visitor, review: PeerReview) -> bool:
    """Words, days, agenda, recommendations, follow-up: the host's people (E11 U, E12 U)."""
    return hosts(by, review)


def may_publish_review(by: Visitor, review: PeerReview) -> bool:
    """Publish a draft: the host's people but an editor (E12 P)."""
    return _decides(by, review)


def may_delete_review(by: Visitor, review: PeerReview) -> bool:
    """Delete a draft: the host's people but an editor (E12 D)."""
    return _decides(by, review)


def may_cancel_review(by: Visitor, review: PeerReview) -> bool:
    """Call off what is published: the host's people but an editor (E11 D)."""
    return _decides(by, review)


def may_read_papers(by: Visitor, review: PeerReview) -> bool:
    """The inner papers: the host's people and the accepted peers, nobody else (E12 R)."""
    accepted = review.applications.filter(applied_by(by), answer=Answer.ACCEPTED)
    return hosts(by, review) or accepted.exists()


def may_answer_application(by: Visitor, review: PeerReview) -> bool:
    """Read who applied, and accept or decline: the host's people (E12 R, E12 U)."""
    return hosts(by, review)


def may_apply(by: Visitor, review: PeerReview, organisation: Organisation | None = None) -> bool:
    """Apply, for oneself or a body for which one speaks; never to oneself (E12 C)."""
    if not takes_part(by) or hosts(by, review):
        return False
    return organisation is None or organisation.pk in held(by, SEEKERS)


def may_keep_application(by: Visitor, application: Application) -> bool:
    """Withdraw it, say whether one may be named: who applied (E12 U, E12 D)."""
    if not takes_part(by):
        return False
    return (application.person_id is not None and application.person_id == by.person_id) or (
        application.organisation_id is not None and application.organisation_id in held(by, SEEKERS)
    )


def _decides(by: Visitor, review: PeerReview) -> bool:
    return takes_part(by) and review.organisation_id in held(by, _DECIDE)
