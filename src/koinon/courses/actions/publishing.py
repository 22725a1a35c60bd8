"""What a decision upon a notice does to a course; who may decide, `notices` has asked."""

from django.db import transaction
from django.utils import timezone

from koinon.courses import found
from koinon.courses.actions.writing import lock
from koinon.courses.models import Course
from koinon.courses.words import State
from koinon.journal import actions as journal
from koinon.journal.models import Entry


@transaction.atomic
def withdraw_after_notice(course: Course) -> None:
    now = lock(course)
    if now.state == State.PUBLISHED:
        now.state, now.withdrawn_at = State.WITHDRAWN, timezone.now()
        now.save(update_fields=["state", "withdrawn_at"])
        journal.record("course.withdrawn", by=None, what=now)
        found.changed(now)


def _after_a_notice(course: Course) -> bool:
    """Whether it was withdrawn upon a notice: the journal names nobody then."""
    rows = Entry.objects.filter(thing=f"{course._meta.label_lower}:{course.pk}", verb="course.withdrawn")
    return rows.order_by("-pk").values_list("actor", flat=True).first() == ""


@transaction.atomic
def restore_after_complaint(course: Course) -> None:
    now = lock(course)
    # What its own people took away stays away.
    if now.state == State.WITHDRAWN and _after_a_notice(now):
        now.state, now.withdrawn_at = State.PUBLISHED, None
        now.save(update_fields=["state", "withdrawn_at"])
        journal.record("course.restored", by=None, what=now)
        found.changed(now)
