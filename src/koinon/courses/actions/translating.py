"""Telling a course or one of its modules in another language: by a person, or by a machine that says so."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor, require
from koinon.courses import found
from koinon.courses.actions.writing import lock
from koinon.courses.models import Course, Module, Translation
from koinon.courses.models.translations import mark_of
from koinon.courses.permissions import may_change
from koinon.courses.words import Made, State
from koinon.journal import actions as journal
from koinon.practices import machine


class Changed(Exception):
    """Somebody else saved meanwhile. `current` is what stands there now."""

    def __init__(self, current: Translation | None) -> None:
        self.current = current
        super().__init__("changed meanwhile")


class NotPossible(Exception):
    """There is no such translation: of the original into itself."""


def originals(course: Course, module: Module | None) -> tuple[dict[str, str], str]:
    """What is translated, and the language it is in."""
    return (course.texts, course.language) if module is None else (module.own_texts, module.language)


def _row(course: Course, module: Module | None, language: str) -> Translation | None:
    return Translation.objects.filter(course=course, module=module, language=language).first()


@transaction.atomic
def translate(
    course: Course,
    *,
    by: Visitor,
    language: str,
    edits: int,
    texts: dict[str, str],
    module: Module | None = None,
) -> Translation:
    """Keep texts in another language, made by a person. `edits`: how often it was saved when it was read."""
    now = lock(course)
    require(may_change(by, now))
    own, original = originals(now, module)
    if language not in ENDONYMS or language == original:
        raise NotPossible
    before = _row(now, module, language)
    kept = {name: texts[name] for name in own if texts.get(name)}
    is_the_same = before is not None and (before.made, before.texts) == (Made.HUMAN, kept)
    if before is not None and is_the_same and before.made_from == mark_of(own, original):
        # The same form sent twice.
        return before
    if (before.edits if before is not None else 0) != edits:
        raise Changed(before)
    row = before or Translation(course=now, module=module, language=language, edits=0)
    row.texts = kept
    row.made, row.service, row.by_id = Made.HUMAN, "", by.person_id
    _save(row, own, original)
    _record("course.translated", now, by, language)
    return row


def _save(row: Translation, own: dict[str, str], original: str) -> None:
    row.made_from, row.at, row.edits = mark_of(own, original), timezone.now(), row.edits + 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Changed(_row(row.course, row.module, row.language)) from None


def translate_by_machine(course: Course, *, by: Visitor, language: str) -> int:
    """Let the configured service translate what nobody has told in this language yet; what a person made stays.

    Only what is public goes there. The service is asked outside any transaction. Raises `machine.Away`. Gives how many were made.
    """
    require(may_change(by, course))
    if not course.is_public or language not in ENDONYMS:
        raise NotPossible
    made = 0
    for module in [None, *course.modules.prefetch_related("questions")]:
        own, original = originals(course, module)
        there = _row(course, module, language)
        if language == original or (there is not None and there.made == Made.HUMAN):
            continue
        if there is not None and there.made_from == mark_of(own, original):
            continue
        done = machine.translate(own, original, language)
        with transaction.atomic():
            now = lock(course)
            row = _row(now, module, language) or Translation(
                course=now, module=module, language=language, edits=0
            )
            if row.pk is not None and row.made == Made.HUMAN:
                continue
            row.texts, row.made, row.service, row.by = done.texts, Made.MACHINE, done.service, None
            _save(row, own, original)
            _record("course.translated_by_machine", now, by, language)
        made += 1
    return made


def _record(verb: str, course: Course, by: Visitor, language: str) -> None:
    journal.record(
        verb, by=by, what=course, details={"language": language}, public=course.state != State.DRAFT
    )
    found.changed(course)
