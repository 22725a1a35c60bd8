"""Adding files to a question: by who asked, for colleagues or for who asked. They come in cleaned (`base.uploads`)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction

from koinon.base.guessing import guess_language
from koinon.base.visitor import Visitor, require
from koinon.questions.actions import telling
from koinon.questions.actions.steps import NotFrom, add, lock
from koinon.questions.life import OPEN, State
from koinon.questions.models import File, Question, Step
from koinon.questions.permissions import is_author
from koinon.questions.permissions_support import may_add_files

if TYPE_CHECKING:
    from koinon.base.uploads import Clean

MOST_FILES = 30
"""How many files a question holds in all."""


class TooManyFiles(Exception):
    """The question holds as many files as it can."""


@transaction.atomic
def attach(
    question: Question, *, by: Visitor, files: "Iterable[Clean]", words: str = "", for_asker: bool = False
) -> Step:
    """Add files with a few words. Of handlers they are for colleagues, unless `for_asker`; of who asked for both."""
    now = lock(question)
    require(may_add_files(by, now), hidden=True)
    if now.state not in OPEN | {State.ANSWERED}:
        raise NotFrom
    files = tuple(files)
    if now.files.count() + len(files) > MOST_FILES:
        raise TooManyFiles
    by_asker = is_author(by, now)
    language = guess_language(words, hint=now.language)[0] if words else ""
    step = add(
        now,
        Step.Kind.FILE,
        by=by,
        by_asker=by_asker,
        body=None if by_asker else now.desk,
        text=words,
        language=language,
        internal=not by_asker and not for_asker,
    )
    for file in files:
        File.objects.create(
            question=now, step=step, name=file.name, kind=file.kind, size=file.size, content=file.content
        )
    if by_asker:
        telling.tell_desk(now, what="added")
    elif for_asker:
        telling.tell_asker(now, step)
    return step
