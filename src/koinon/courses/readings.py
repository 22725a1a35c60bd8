"""A course and its modules as somebody reads them: in the wanted language where there is a translation, each text with its state.

What nobody has told in that language is read in the original, and the page says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.courses.models import Course, Module, Question, Translation
from koinon.courses.models.translations import mark_of
from koinon.practices.readings import Said


@dataclass(frozen=True)
class Reading:
    """Texts in the language in which they are read. `state`: original, human, machine, outdated, or missing."""

    wanted: str
    language: str
    original: str
    state: str
    said: dict[str, Said]
    translation: Translation | None = None

    @property
    def is_original(self) -> bool:
        return self.state in {"original", "missing"}

    @property
    def is_missing(self) -> bool:
        """Wanted in another language than there is: the original stands instead."""
        return self.state == "missing"


@dataclass(frozen=True)
class Told:
    """All translations of a course, for whatever language it is read in; one query."""

    course: Course
    rows: dict[tuple[int | None, str], Translation] = field(default_factory=dict)

    def of_course(self, wanted: str) -> Reading:
        row = self.rows.get((None, wanted))
        return _read(self.course.texts, self.course.language, wanted, row)

    def of_module(self, module: Module, wanted: str) -> Reading:
        return _read(module.own_texts, module.language, wanted, self.rows.get((module.pk, wanted)))

    def languages(self) -> dict[str, str]:
        """Every language in which any of it can be read, with the state of the course's own words; the original first."""
        found = {self.course.language: "original"}
        mark = mark_of(self.course.texts, self.course.language)
        for (module, language), row in sorted(self.rows.items(), key=lambda pair: pair[0][1]):
            if module is None:
                found.setdefault(language, row.state_for(mark))
        for _module, language in sorted(self.rows, key=lambda pair: pair[1]):
            found.setdefault(language, "part")
        return found


def told_of(course: Course) -> Told:
    """All translations of a course; one query, none where they are at hand."""
    return Told(course, {(row.module_id, row.language): row for row in course.translations.all()})


def _read(own: dict[str, str], original: str, wanted: str, row: Translation | None) -> Reading:
    if wanted == original or row is None:
        said = {name: Said(text, original) for name, text in own.items()}
        return Reading(wanted, original, original, "original" if wanted == original else "missing", said)
    said = {}
    for name, text in own.items():
        there = str(row.texts.get(name, ""))
        if there and text:
            said[name] = Said(there, wanted, text, original)
        else:
            said[name] = Said(text, original)
    return Reading(wanted, wanted, original, row.state_for(mark_of(own, original)), said, row)


def wanted_language(asked: str, page: str | None) -> str:
    """What is asked for by `?read=`, else the language of the page."""
    return asked if asked in ENDONYMS else (page or DEFAULT)


def title_of(course: Course, language: str) -> tuple[str, str]:
    """Its title in a language where it has one there, and which that is."""
    said = told_of(course).of_course(language).said["title"]
    return said.text, said.language


def choices_of(question: Question, reading: Reading) -> list[Said]:
    """The choices by their place. Where a translation has another number of them, the original is read."""
    own = [str(text) for text in question.choices]
    said = reading.said.get(f"q{question.pk}.choices")
    there = said.lines if said is not None else []
    if said is None or said.language == reading.original or len(there) != len(own):
        return [Said(text, reading.original) for text in own]
    return [Said(text, said.language) for text in there]


def words_of(question: Question, name: str, reading: Reading) -> Said:
    """The question itself, or its explanation."""
    said = reading.said.get(f"q{question.pk}.{name}")
    return said if said is not None else Said(getattr(question, name), reading.original)


def told_modules(told: Told, modules: Iterable[Module], language: str) -> int:
    """How many of the modules can be read in a language."""
    return sum(module.language == language or (module.pk, language) in told.rows for module in modules)
