"""What questions add to a person's own page, to the copy of the data, and to the end of an account."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from koinon.network.models import Role
from koinon.network.visitor import ANYONE
from koinon.people import mine
from koinon.people.models import Person
from koinon.questions.actions import support
from koinon.questions.actions.receipts import code_of
from koinon.questions.models import Question
from koinon.questions.permissions_support import may_triage

_SHOWN = 50


def my_questions(request: HttpRequest, person: Person) -> mine.Panel:
    """What I asked when signed in, and what I was named for as a co-author."""
    rows = list(
        Question.objects.of_author(person.pk).select_related("support").order_by("-asked_at", "-pk")[:_SHOWN]
    )
    for row in rows:
        row.page = _page(row)  # type: ignore[attr-defined]
    visitor = getattr(request, "visitor", ANYONE)
    asks_support = visitor.holds(Role.Kind.AUTHORITY) or may_triage(visitor)
    return mine.Panel("questions/_my_questions.html", {"questions": rows, "asks_support": asks_support})


def _page(question: Question) -> str:
    if hasattr(question, "support"):
        return reverse("support:request", args=[question.number])
    return reverse("receipts:receipt", args=[code_of(question)])


def questions_of(person: Person) -> list[dict[str, Any]]:
    """For the copy of the data: one's own questions with what was said, but no notes among colleagues (C4)."""
    rows = Question.objects.of_author(person.pk).select_related("place", "support", "support__for_body")
    return [_copy(row) for row in rows.prefetch_related("files__step").order_by("asked_at", "pk")]


def _copy(question: Question) -> dict[str, Any]:
    said = question.steps.for_asker().select_related("by_body")
    taken: dict[str, Any] = {
        "number": question.number,
        "asked": question.asked_at.isoformat(),
        "text": question.text,
        "language": question.language,
        "place": question.place.key,
        "wish": question.wish,
        "role": question.role,
        "email": question.email,
        "state": question.state,
        "confidential": question.confidential,
        "may_publish": question.may_publish,
        "thread": [
            {
                "at": step.at.isoformat(),
                "what": step.kind,
                "text": step.text,
                "by": step.by_body.slug if step.by_body else None,
            }
            for step in said
        ],
        "files": [
            {"name": file.name, "kind": file.kind, "size": file.size}
            for file in question.files.all()
            if not file.step.internal
        ],
    }
    if hasattr(question, "support"):
        request = question.support
        taken["support"] = {
            "authority": request.for_body.slug,
            "programme": request.programme.code if request.programme else None,
            "priority": request.priority,
            "urgency": request.urgency,
            "outcome": request.outcome,
            "outcome_shared": request.outcome_shared,
            "changed_after_3": request.changed_after_3,
            "changed_after_6": request.changed_after_6,
        }
    return taken


def join_in() -> None:
    """Called once, when questions are ready."""
    mine.panels.append(my_questions)
    mine.exports["questions"] = questions_of
    mine.farewells.append(support.let_go)
