"""Locking a review, and making what was done known: to the journal, to the search."""

from koinon.base.visitor import Visitor
from koinon.journal import actions as journal
from koinon.peers.reviews.models import PeerReview
from koinon.search import changes

FOUND = "review"
"""The type under which reviews are found."""


class Changed(Exception):
    """Somebody else saved meanwhile. `current` is what stands there now."""

    def __init__(self, current: object) -> None:
        self.current = current
        super().__init__("changed meanwhile")


class NotNow(Exception):
    """This cannot be done with a review that stands like this."""


class Full(NotNow):
    """As many peers as are wanted have been accepted."""


def lock(review: PeerReview) -> PeerReview:
    """The review as it stands now, and nobody else's until the end of the transaction."""
    return PeerReview.objects.select_for_update(of=("self",)).with_host().get(pk=review.pk)


def record(verb: str, review: PeerReview, *, by: Visitor | None, was_public: bool | None = None) -> None:
    """Write down what was done; what is public, or was, is shown anew everywhere."""
    is_public = review.is_public if was_public is None else was_public or review.is_public
    journal.record(f"peers.{verb}", by=by, what=review, public=is_public)
    if is_public:
        changes.touch(FOUND, review.code)
