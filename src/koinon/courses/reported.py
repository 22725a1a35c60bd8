"""Published courses as things that can be reported (`notices/subjects.py`)."""

from django.utils.translation import gettext_lazy as _

from koinon.base.visitor import Visitor
from koinon.courses.actions import publishing
from koinon.courses.models import Course
from koinon.notices.subjects import Kind, Subject, kinds

KIND = "course"


def resolve(key: str, visitor: Visitor) -> Subject | None:
    """What anybody may read."""
    found = Course.objects.public().filter(slug=key[:120]).select_related("organiser").first()
    return Subject(found.title, found.get_absolute_url(), found.organiser) if found is not None else None


def withdraw(key: str, reason: str, words: str, by: Visitor) -> None:
    """Decided upon a notice; whether this person may decide, `notices` has asked."""
    if (found := Course.objects.filter(slug=key[:120]).first()) is not None:
        publishing.withdraw_after_notice(found)


def restore(key: str, by: Visitor) -> None:
    if (found := Course.objects.filter(slug=key[:120]).first()) is not None:
        publishing.restore_after_complaint(found)


def join_in() -> None:
    """Called once, when courses are ready."""
    kinds[KIND] = Kind(_("course"), resolve, withdraw, restore)
