"""The queues of a desk: which question stands in which, how many there are, and how they are narrowed and sorted.

Confidential questions are in the queues of those who are assigned by name, and in nobody else's, counts included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from koinon.base.workdays import working_days_between
from koinon.network.visitor import Visitor
from koinon.questions.life import OPEN, State
from koinon.questions.models import Assignment, Question
from koinon.questions.models.questions import QuestionSet
from koinon.questions.routing import country_of
from koinon.questions.staff import works_at

WAITING, MINE, LATE, OTHERS, ASKER = "waiting", "mine", "late", "others", "asker"
ESCALATED, ELSEWHERE, ANSWERED = "escalated", "elsewhere", "answered"
NAMES: Mapping[str, Promise | str] = {
    WAITING: _("Waiting for us"),
    MINE: _("Mine"),
    LATE: _("Late"),
    OTHERS: _("With someone else"),
    ASKER: _("Waiting for the asker"),
    ESCALATED: _("Told to us, not answered in time"),
    ELSEWHERE: _("At other desks"),
    ANSWERED: _("Answered, this month"),
}
MARKS = {LATE: "late", MINE: "half", OTHERS: "half", ASKER: "half", ESCALATED: "late", ANSWERED: "full"}
_STATE_MARKS = {State.WAITING: "", State.TAKEN: "half", State.ASKED_BACK: "half", State.ANSWERED: "full"}


@dataclass(frozen=True)
class Box:
    """One queue with its number."""

    key: str
    name: str
    mark: str
    number: int


@dataclass(frozen=True)
class Row:
    """One question in a list: what its mark and its second line say."""

    question: Question
    mark: str
    late: str


def is_operator(visitor: Visitor) -> bool:
    """Whether what lies with the operators of this site lies with this visitor."""
    return visitor.is_coordinator or visitor.is_operator


def has_desk(visitor: Visitor) -> bool:
    return bool(works_at(visitor)) or is_operator(visitor)


def ours(visitor: Visitor) -> Q:
    """What lies with a visitor: with a desk where one works, or assigned by name."""
    desks = Q(desk__in=works_at(visitor))
    if is_operator(visitor):
        desks |= Q(desk__isnull=True)
    return Q(pk__in=_assigned(visitor)) | (Q(confidential=False) & desks)


def _month(today: date) -> datetime:
    """When this month began; compared as an instant, which the database does without asking for each row's day."""
    return datetime(today.year, today.month, 1, tzinfo=timezone.get_current_timezone())


def _assigned(visitor: Visitor) -> Any:
    rows = Assignment.objects.filter(person=visitor.person_id or 0, state__in=Assignment.ACTIVE)
    return rows.values("question")


def _our_queues(visitor: Visitor, today: date) -> dict[str, Q]:
    """The queues of what lies with a visitor: what holds in each besides that."""
    of_me = Q(handler=visitor.person_id) | Q(pk__in=_assigned(visitor))
    return {
        WAITING: Q(state=State.WAITING),
        MINE: of_me & Q(state__in=OPEN),
        LATE: Q(state__in=[State.WAITING, State.TAKEN], due__lt=today),
        OTHERS: Q(state=State.TAKEN) & ~Q(handler=visitor.person_id),
        ASKER: Q(state=State.ASKED_BACK),
        ANSWERED: Q(state=State.ANSWERED, answered_at__gte=_month(today)),
    }


def _far_queues(visitor: Visitor) -> dict[str, Q]:
    """The queues of what lies elsewhere: told to us because it is late, or at desks that one leads or coordinates."""
    desks = works_at(visitor)
    told = Q(escalated_to__in=desks) & ~Q(desk__in=desks)
    if is_operator(visitor):
        told |= Q(escalated_to__isnull=True, desk__isnull=False)
    queues = {ESCALATED: told & Q(confidential=False, escalations__gt=0, state__in=OPEN)}
    if visitor.is_coordinator:
        queues[ELSEWHERE] = Q(confidential=False, desk__isnull=False, state__in=OPEN) & ~Q(desk__in=desks)
    elif visitor.led - desks:
        queues[ELSEWHERE] = Q(confidential=False, desk__in=visitor.led - desks, state__in=OPEN)
    return queues


def boxes(visitor: Visitor, today: date, *, secret: bool) -> list[Box]:
    """All queues of a visitor with their numbers. Two queries. Queues that nothing can be in are left out.

    `secret`: whether the session saw the visitor's passkey, without which no confidential one is shown or counted.
    """
    near, far = _our_queues(visitor, today), _far_queues(visitor)
    rows = _shown(Question.objects.filter(ours(visitor)), secret).filter(Q(state__in=OPEN) | near[ANSWERED])
    numbers = _count(rows, near) | _count(Question.objects.worked_by(visitor).open(), far)
    return [
        Box(key, str(name), MARKS.get(key, ""), numbers[key])
        for key, name in NAMES.items()
        if key in numbers and (key != ESCALATED or numbers[key])
    ]


def _count(rows: QuestionSet, queues: dict[str, Q]) -> dict[str, int]:
    return rows.aggregate(**{key: Count("pk", filter=queue) for key, queue in queues.items()})


def _shown(rows: QuestionSet, secret: bool) -> QuestionSet:
    return rows if secret else rows.filter(confidential=False)


def in_box(visitor: Visitor, key: str, today: date, *, secret: bool) -> QuestionSet:
    """The questions of one queue."""
    rows = _shown(Question.objects.worked_by(visitor), secret)
    near, far = _our_queues(visitor, today), _far_queues(visitor)
    if key in near:
        return rows.filter(ours(visitor) & near[key])
    return rows.filter(far[key]) if key in far else rows.none()


def narrowed(rows: QuestionSet, typed: Mapping[str, Any]) -> QuestionSet:
    """By words, country, topic and language; due first (and so late first), or the newest first."""
    if words := typed.get("q"):
        rows = rows.filter(
            Q(text__icontains=words) | Q(number__iexact=words) | Q(place__name__icontains=words)
        )
    if country := typed.get("country"):
        rows = rows.filter(place__country=country)
    if language := typed.get("lang"):
        rows = rows.filter(language=language)
    if topic := typed.get("topic"):
        rows = rows.annotate(topics_text=Cast("topics", TextField())).filter(
            topics_text__contains=f'"{topic}"'
        )
    return rows.order_by("-asked_at", "-pk") if typed.get("sort") == "newest" else rows.due_first()


def row(question: Question, today: date) -> Row:
    """How a question stands in a list."""
    if not question.is_late(today):
        return Row(question, _STATE_MARKS.get(State(question.state), "none"), "")
    days = max(1, working_days_between(question.due, today, country_of(question.desk)))
    words = ngettext("%(days)s working day late", "%(days)s working days late", days) % {"days": days}
    return Row(question, "late", words)
