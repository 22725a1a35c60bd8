"""The clock of open questions: reminders to the desk, then the next level is told, up to the operators; all visible."""

from django.db import transaction
from django.utils import timezone

from koinon.base.workdays import add_working_days
from koinon.network.models import Organisation
from koinon.questions import routing
from koinon.questions.actions import telling
from koinon.questions.actions.steps import add, change, lock
from koinon.questions.life import State
from koinon.questions.models import Question, Step
from koinon.questions.staff import staffed

_BATCH = 200
REMIND_DAYS = 1
STEP_DAYS = 3
"""Working days after which the level above that is told, when nothing happens."""


def run() -> int:
    """Remind and escalate what is due; returns how many questions moved. Any number of processes may run it at once."""
    today = timezone.localdate()
    moved = 0
    open_rows = Question.objects.filter(state__in=[State.WAITING, State.TAKEN], confidential=False)
    late = open_rows.filter(due__lt=today) | open_rows.filter(state=State.WAITING, take_by__lt=today)
    for pk in late.order_by("due", "pk").values_list("pk", flat=True)[:_BATCH]:
        moved += _escalate(pk)
    soon = add_working_days(today, REMIND_DAYS, "EU")
    for question in open_rows.filter(due__gte=today, due__lte=soon).select_related("desk", "handler")[
        :_BATCH
    ]:
        telling.remind(question)
    return moved


def steps_due(question: Question) -> int:
    """How many levels should know of it by today: one when nobody took it in time or the date is past, then one more each
    three working days. A pure count of working days, so that clock changes and restarts cannot skip or repeat one."""
    today = timezone.localdate()
    country = routing.country_of(question.desk)
    ends = [question.due] if question.due < today else []
    if question.state == State.WAITING and question.take_by < today:
        ends.append(question.take_by)
    if not ends:
        return 0
    count, day = 1, add_working_days(min(ends), STEP_DAYS, country)
    while day < today and count < 5:
        count, day = count + 1, add_working_days(day, STEP_DAYS, country)
    return count


@transaction.atomic
def _escalate(pk: int) -> bool:
    question = lock(Question(pk=pk))
    due = steps_due(question)
    if question.state not in {State.WAITING, State.TAKEN} or question.escalations >= due:
        return False
    above = next_level(question)
    if isinstance(above, _Nobody):
        return False
    change(question, escalations=question.escalations + 1, escalated_to=above)
    details = {"to": above.name if above is not None else "", "due": question.due.isoformat()}
    step = add(question, Step.Kind.ESCALATED, body=question.desk, details=details)
    telling.tell_asker(question, step)
    telling.tell_next_level(question)
    return True


class _Nobody:
    """There is no level above the operators."""


NOBODY = _Nobody()


def next_level(question: Question) -> "Organisation | _Nobody | None":
    """The desk that is told next: the consortium, Europe, at last the operators (None); `NOBODY` when all know."""
    if question.desk_id is None or (question.escalations > 0 and question.escalated_to_id is None):
        return NOBODY
    rungs = [routing.CONSORTIUM, routing.EUROPE]
    bodies = [b for b in routing.ladder(question.place, timezone.localdate()) if b.rung in rungs]
    there = staffed(body.organisation for body in bodies)
    known = {question.desk_id, question.escalated_to_id}
    ordered = [body.organisation for body in bodies if body.organisation.pk in there]
    if question.escalated_to_id in [row.pk for row in ordered]:
        at = [row.pk for row in ordered].index(question.escalated_to_id)
        ordered = ordered[at + 1 :]
    for organisation in ordered:
        if organisation.pk not in known:
            return organisation
    return None
