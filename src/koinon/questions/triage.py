"""What the named triage persons see of a confidential request: its kind, never its words.

Topic, country, age, urgency, and who handles it. No text, no number, no author, no authority, no place finer than country:
the page gets these lines and never the request itself.
"""

from dataclasses import dataclass

from django.http import Http404
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.questions.life import OPEN
from koinon.questions.models import Assignment, Request
from koinon.questions.permissions import may_read
from koinon.questions.permissions_support import may_name_handlers, may_triage
from koinon.topics.models import Objective


@dataclass(frozen=True)
class Line:
    """One confidential request, as triage sees it. `days`: how long ago it was asked."""

    handle: str
    topics: list[str]
    country: str
    days: int
    urgency: str
    handlers: list[tuple[str, str]]

    @property
    def waits(self) -> bool:
        return not self.handlers


def lines(by: Visitor) -> list[Line]:
    """The open confidential requests, those that nobody handles and the oldest first; a 404 for all others."""
    require(may_triage(by), hidden=True)
    rows = (
        Request.objects.filter(question__confidential=True, question__state__in=OPEN)
        .select_related("question", "question__place")
        .order_by("question__asked_at")
    )
    names = {row.code: str(row) for row in Objective.objects.all()}
    active = Assignment.objects.filter(
        question__in=[row.question_id for row in rows], state__in=Assignment.ACTIVE
    ).select_related("person")
    handlers: dict[int, list[tuple[str, str]]] = {}
    for one in active.order_by("pk"):
        handlers.setdefault(one.question_id, []).append((str(one.person), one.get_state_display()))
    today = timezone.localdate()
    found = [
        Line(
            handle=row.handle,
            topics=[names.get(code, code) for code in row.question.topics],
            country=row.question.place.country or "EU",
            days=(today - timezone.localdate(row.question.asked_at)).days,
            urgency=row.get_urgency_display(),
            handlers=handlers.get(row.question_id, []),
        )
        for row in rows
    ]
    return sorted(found, key=lambda line: bool(line.handlers))


def by_handle(by: Visitor, handle: str) -> Request:
    """The request of a handle, for who may name its handlers; a 404 for all others. Only to hand on to the action."""
    row = Request.objects.select_related("question", "question__desk").filter(handle=handle).first()
    if row is None:
        raise Http404
    require(may_name_handlers(by, row), hidden=row.question.confidential or not may_read(by, row.question))
    return row
