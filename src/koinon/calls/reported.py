"""Public calls as things that can be reported (`notices/subjects.py`)."""

from django.utils.translation import gettext_lazy as _

from koinon.base.visitor import Visitor
from koinon.calls.actions import publishing
from koinon.calls.models import Call
from koinon.notices.subjects import Kind, Subject, kinds

KIND = "call"


def resolve(key: str, visitor: Visitor) -> Subject | None:
    """What anybody may read, and the body that keeps it."""
    found = Call.objects.public().filter(slug=key[:120]).select_related("keeper").first()
    return Subject(found.title, found.get_absolute_url(), found.keeper) if found is not None else None


def withdraw(key: str, reason: str, words: str, by: Visitor) -> None:
    """Decided upon a notice; whether this person may decide, `notices` has asked."""
    found = Call.objects.public().filter(slug=key[:120]).first()
    if found is not None:
        publishing.withdraw_after_notice(found)


def restore(key: str, by: Visitor) -> None:
    found = Call.objects.filter(slug=key[:120]).first()
    if found is not None:
        publishing.restore_after_complaint(found)


def join_in() -> None:
    """Called once, when the calls are ready."""
    kinds[KIND] = Kind(_("call"), resolve, withdraw, restore)
