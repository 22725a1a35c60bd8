"""Who sits at the desk, and what that person may find there."""

from django.http import Http404

from koinon.base.visitor import HttpRequest
from koinon.base.visitor import Visitor as BaseVisitor
from koinon.network.visitor import ANYONE, Visitor
from koinon.questions.models import Question
from koinon.questions.models.questions import QuestionSet


def worker(request: HttpRequest) -> Visitor:
    """The visitor with the roles held at this moment."""
    return request.visitor if isinstance(request.visitor, Visitor) else ANYONE


def on_desk(visitor: BaseVisitor) -> QuestionSet:
    """What stands on somebody's desk: narrower than what one may read, because an author is not its worker."""
    rows: QuestionSet = Question.objects.worked_by(visitor)
    return rows


def confidential_number(request: HttpRequest, number: str) -> str:
    """The number itself where it is a confidential case that this visitor is assigned to; else nothing."""
    rows = on_desk(request.visitor).filter(number=number[:20], confidential=True)
    return number if rows.exists() else ""


def found(request: HttpRequest, number: str) -> Question:
    """The case with this number, for whoever has it on the desk; for all others there is nothing at that address.

    Confidential ones have a page of their own (`/support/`), with its own proofs, and are never worked here.
    """
    question = (
        on_desk(request.visitor)
        .select_related("desk", "place", "handler", "escalated_to", "merged_into")
        .filter(number=number[:20], confidential=False)
        .first()
    )
    if question is None or len(number) > 20:
        raise Http404
    return question
