"""The life of a question: its states, and the arrows between them, drawn once.

    asked ─▶ waiting ─▶ taken ⇄ asked back
                │         │
                └────┬────┘
                     ▼
    answered (may be opened again) · merged into another · declined with a reason · withdrawn by its asker

`waiting` lies with a desk, `taken` with a person of it; both have a date. Nothing else is an end.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "waiting", _("waiting")
    TAKEN = "taken", _("with an owner")
    ASKED_BACK = "asked_back", _("waiting for the asker")
    ANSWERED = "answered", _("answered")
    MERGED = "merged", _("merged into another")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


_OPEN = {State.WAITING, State.TAKEN, State.ASKED_BACK}
_ENDS = {State.ANSWERED, State.MERGED, State.DECLINED, State.WITHDRAWN}
OPEN = frozenset(_OPEN)

ARROWS: dict[State, frozenset[State]] = {
    # Forwarding, a new date and a pass-on lead from an open state to `waiting` again.
    State.WAITING: frozenset(_OPEN | _ENDS),
    State.TAKEN: frozenset(_OPEN | _ENDS),
    State.ASKED_BACK: frozenset(_OPEN | _ENDS),
    # Asked back by the asker, or "it did not help".
    State.ANSWERED: frozenset({State.WAITING, State.TAKEN, State.WITHDRAWN}),
    # The asker says that it is not the same question; or the other was declined or withdrawn.
    State.MERGED: frozenset({State.WAITING, State.WITHDRAWN, State.DECLINED, State.ANSWERED}),
    # A complaint, which goes to another desk.
    State.DECLINED: frozenset({State.WAITING, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
}


class Wish(models.TextChoices):
    """What the asker would like; a property of the question, which a desk may answer otherwise."""

    WRITTEN = "written", _("a written answer")
    CALL = "call", _("a call")
    MATCHMAKING = "matchmaking", _("matchmaking")
    PEER_REVIEW = "peer_review", _("a peer review")
    EXPERT_MISSION = "expert_mission", _("an expert mission")
    STUDY_VISIT = "study_visit", _("a study visit")
    WORKSHOP = "workshop", _("a workshop")
    MENTORING = "mentoring", _("mentoring")


class Reason(models.TextChoices):
    """Why a desk declines; words follow in each case."""

    OUTSIDE = "outside", _("it is not about social innovation, the ESF+ or the network")
    NOT_A_QUESTION = "not_a_question", _("it is not a question that can be answered")
    PERSONAL = "personal", _("it is about the personal matters of somebody")
    LEGAL = "legal", _("it asks for a legal decision that only an authority or a court can take")
    ABUSE = "abuse", _("it insults or threatens somebody, or is advertising")
    OTHER = "other", _("another reason, told in words")
