"""Published news as things that can be reported (`notices/subjects.py`)."""

from django.utils.translation import gettext_lazy as _

from koinon.base.visitor import Visitor
from koinon.news.actions import items
from koinon.news.models import Item
from koinon.notices.subjects import Kind, Subject, kinds

KIND = "news"


def resolve(key: str, visitor: Visitor) -> Subject | None:
    """What anybody may read; who wrote it may read the decision and complain."""
    found = Item.objects.public().filter(slug=key[:120]).select_related("organisation").first()
    if found is None:
        return None
    return Subject(found.title, found.get_absolute_url(), found.organisation, found.author_id)


def withdraw(key: str, reason: str, words: str, by: Visitor) -> None:
    """Decided upon a notice; whether this person may decide, `notices` has asked."""
    found = Item.objects.filter(slug=key[:120]).first()
    if found is not None:
        items.withdraw_after_notice(found)


def restore(key: str, by: Visitor) -> None:
    found = Item.objects.filter(slug=key[:120]).first()
    if found is not None:
        items.restore_after_complaint(found)


def join_in() -> None:
    """Called once, when news are ready."""
    kinds[KIND] = Kind(_("news"), resolve, withdraw, restore)
