"""Published practices as things that can be reported (`notices/subjects.py`)."""

from django.utils.translation import gettext_lazy as _

from koinon.base.visitor import Visitor
from koinon.notices.subjects import Kind, Subject, kinds
from koinon.practices.actions import keeping
from koinon.practices.models import Practice

KIND = "practice"


def resolve(key: str, visitor: Visitor) -> Subject | None:
    """What anybody may read; who wrote it may read the decision and complain."""
    found = (
        Practice.objects.public()
        .filter(slug=key[:120])
        .select_related("organisation", "centre", "shown")
        .first()
    )
    if found is None:
        return None
    title = found.shown.title if found.shown is not None else found.slug
    return Subject(title, found.get_absolute_url(), found.centre or found.organisation, found.owner_id)


def withdraw(key: str, reason: str, words: str, by: Visitor) -> None:
    """Decided upon a notice; whether this person may decide, `notices` has asked."""
    found = Practice.objects.filter(slug=key[:120]).first()
    if found is not None:
        keeping.withdraw_after_notice(found)


def restore(key: str, by: Visitor) -> None:
    found = Practice.objects.filter(slug=key[:120]).first()
    if found is not None:
        keeping.restore_after_complaint(found)


def join_in() -> None:
    """Called once, when practices are ready."""
    kinds[KIND] = Kind(_("practice"), resolve, withdraw, restore)
