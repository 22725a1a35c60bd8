"""Telling a public version in another language: by a person, or by a machine that says so."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.practices import machine
from koinon.practices.actions.writing import lock
from koinon.practices.models import Practice, Translation, Version
from koinon.practices.permissions import may_remove_translation, may_translate
from koinon.practices.words import TEXTS
from koinon.search import changes


class Changed(Exception):
    """Somebody else saved meanwhile. `current` is what stands there now."""

    def __init__(self, current: Translation | None) -> None:
        self.current = current
        super().__init__("changed meanwhile")


class NotPossible(Exception):
    """There is no such translation: of the original into itself, or of what is not public."""


def _shown(practice: Practice, language: str) -> tuple[Practice, Version]:
    now = lock(practice)
    if now.shown is None or not now.is_public or language not in ENDONYMS or language == now.shown.language:
        raise NotPossible
    return now, now.shown


@transaction.atomic
def translate(
    practice: Practice, *, by: Visitor, language: str, edits: int, texts: dict[str, str]
) -> Translation:
    """Keep the public version in another language, made by a person. `edits`: how often it was saved when it was read."""
    require(may_translate(by, practice))
    now, version = _shown(practice, language)
    before = version.translations.filter(language=language).first()
    if (before.edits if before is not None else 0) != edits:
        raise Changed(before)
    kept = {name: texts[name] for name in TEXTS if texts.get(name)}
    row = before or Translation(version=version, language=language, edits=0)
    row.texts, row.made, row.service = kept, Translation.Made.HUMAN, ""
    row.by_id, row.at, row.edits = by.person_id, timezone.now(), row.edits + 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Changed(version.translations.filter(language=language).first()) from None
    _record("practice.translated", now, by, language)
    return row


def translate_by_machine(practice: Practice, *, by: Visitor, language: str) -> Translation:
    """Let the configured service translate the public version; what a person has translated stays. Says so where it is read.

    The service is asked outside any transaction: it may take its time. Raises `machine.Away`.
    """
    require(may_translate(by, practice))
    if not practice.is_public or practice.shown is None:
        raise NotPossible
    version = practice.shown
    if language not in ENDONYMS or language == version.language:
        raise NotPossible
    there = version.translations.filter(language=language).first()
    if there is not None and there.made == Translation.Made.HUMAN:
        return there
    made = machine.translate(version.texts, version.language, language)
    with transaction.atomic():
        now, shown = _shown(practice, language)
        if shown.pk != version.pk:
            raise NotPossible
        row = shown.translations.filter(language=language).first()
        if row is not None and row.made == Translation.Made.HUMAN:
            return row
        row = row or Translation(version=shown, language=language, edits=0)
        row.texts, row.made, row.service = made.texts, Translation.Made.MACHINE, made.service
        row.by_id, row.at, row.edits = None, timezone.now(), row.edits + 1
        row.save()
        _record("practice.translated_by_machine", now, by, language)
    return row


@transaction.atomic
def remove(translation: Translation, *, by: Visitor) -> None:
    """Take a translation away; the original is read again."""
    practice = lock(translation.version.practice)
    require(may_remove_translation(by, practice))
    _record("practice.translation_removed", practice, by, translation.language)
    translation.delete()


def _record(verb: str, practice: Practice, by: Visitor, language: str) -> None:
    journal.record(verb, by=by, what=practice, details={"language": language})
    changes.touch("practice", practice.slug)
