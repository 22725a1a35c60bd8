"""Adding a step to a thread, along the drawn arrows only; the journal keeps the hash of each."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.utils import timezone

from koinon.base.visitor import Visitor
from koinon.journal import actions as journal
from koinon.journal.models import Entry
from koinon.network.models import Organisation
from koinon.questions.life import ARROWS, OPEN, State
from koinon.questions.models import Question, Step


class NotFrom(Exception):
    """This cannot be done in the state the question is in: it was answered, merged or declined a moment before."""


class Changed(Exception):
    """Somebody changed the question since the form was drawn."""


def lock(question: Question, *, version: int | None = None) -> Question:
    """The row as it is now, held until the transaction ends. With a `version`, only if nobody changed it since."""
    # Not with its desk or handler: PostgreSQL would show those of the moment before the lock was had.
    now = Question.objects.select_for_update().get(pk=question.pk)
    if version is not None and now.version != version:
        raise Changed
    return now


def move(question: Question, state: State, **changes: Any) -> None:
    """To another state, along an arrow; else `NotFrom`. Raises the version."""
    if state not in ARROWS[State(question.state)]:
        raise NotFrom
    change(question, state=state, **changes)
    if state not in OPEN:
        change(question, ended_at=timezone.now())


def change(question: Question, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(question, name, value)
    question.version += 1
    question.save(update_fields=[*changes, "version"])


def add(
    question: Question,
    kind: Step.Kind,
    *,
    by: Visitor | None = None,
    by_asker: bool = False,
    body: Organisation | None = None,
    text: str = "",
    language: str = "",
    details: Mapping[str, Any] | None = None,
    internal: bool = False,
) -> Step:
    """One step of the thread, with its hash in the journal. The asker is never named there."""
    named = by if by is not None and not by_asker else None
    step = Step.objects.create(
        question=question,
        kind=kind,
        at=timezone.now(),
        text=text,
        language=language,
        by_asker=by_asker,
        by_person_id=named.person_id if named else None,
        by_body=body,
        details=dict(details or {}),
        internal=internal,
    )
    journal.record(
        f"question.{kind}",
        by=named,
        what=question,
        details={"step": step.pk, "digest": step.digest()},
        public=False,
    )
    return step


def broken_steps() -> list[int]:
    """The keys of steps that are not as the journal knows them, or that the journal does not know."""
    known: dict[int, str] = {}
    for details in Entry.objects.filter(verb__startswith="question.").values_list("details", flat=True):
        if "step" in details:
            known[details["step"]] = details["digest"]
    erased = set(Question.objects.filter(erased_at__isnull=False).values_list("pk", flat=True))
    steps = Step.objects.order_by("pk").iterator()
    wrong = [s.pk for s in steps if s.question_id not in erased and known.get(s.pk) != s.digest()]
    return wrong + sorted(set(known) - set(Step.objects.values_list("pk", flat=True)))


def count_up(model: type[Any], field: str, **where: Any) -> int:
    """Raise a counter by one and give its new value, in the row's lock."""
    row, _new = model.objects.select_for_update().get_or_create(**where)
    model.objects.filter(pk=row.pk).update(**{field: F(field) + 1})
    row.refresh_from_db()
    return int(getattr(row, field))
