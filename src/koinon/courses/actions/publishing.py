"""What a decision upon a notice does to a course; who may decide, `notices` has asked."""

from django.db import transaction
from django.utils import timezone

from koinon.courses import found
from koinon.courses.actions.writing import lock
from koinon.courses.models import Course
from koinon.courses.words import State
from koinon.journal import actions as journal


@transaction.atomic
def withdraw_after_notice(course: Course) -> None:
    now = lock(course)
    if now.state == State.PUBLISHED:
        now.state, now.withdrawn_at = State.WITHDRAWN, timezone.now()
        now.save(update_fields=["state", "withdrawn_at"])
        journal.record("course.withdrawn", by=None, what=now)
        found.changed(now)


@transaction.atomic
def restore_after_complaint(course: Course) -> None:
    now = lock(course)
    if now.state == State.WITHDRAWN:
        now.state, now.withdrawn_at = State.PUBLISHED, None
        now.save(update_fields=["state", "withdrawn_at"])
        journal.record("course.restored", by=None, what=now)
        found.changed(now)
