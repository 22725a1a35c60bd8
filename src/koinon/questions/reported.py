"""Published answers as things that can be reported (`notices/subjects.py`)."""

from django.utils.translation import gettext_lazy as _

from koinon.base.visitor import Visitor
from koinon.notices.subjects import Kind, Subject, kinds
from koinon.questions.actions import publishing
from koinon.questions.models import Answer

KIND = "answer"


def _public(key: str) -> Answer | None:
    if not key.isascii() or not key.isdigit() or len(key) > 18:
        return None
    return Answer.objects.public().select_related("body").filter(pk=int(key)).first()


def resolve(key: str, visitor: Visitor) -> Subject | None:
    """What anybody may read, and who answers for it. Who asked is nobody's to know, so no author is named."""
    answer = _public(key)
    return Subject(answer.title, answer.get_absolute_url(), answer.body) if answer is not None else None


def withdraw(key: str, reason: str, words: str, by: Visitor) -> None:
    """Decided upon a notice; whether this person may decide, `notices` has asked."""
    if (answer := _public(key)) is not None:
        publishing.withdraw_answer(answer, by=None, because=publishing.NOTICE)


def restore(key: str, by: Visitor) -> None:
    answer = Answer.objects.filter(pk=int(key)).first()
    if answer is not None:
        publishing.restore_answer(answer)


def join_in() -> None:
    """Called once, when questions are ready."""
    kinds[KIND] = Kind(_("answer"), resolve, withdraw, restore)
