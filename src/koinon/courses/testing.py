"""How to make a course with its modules, a quiz, dates, and somebody who learns, for tests and benches."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from koinon.courses import around, listing
from koinon.courses.models import Cohort, Course, Enrolment, Module, Question, Translation
from koinon.courses.models.translations import mark_of
from koinon.courses.words import ModuleKind, Pace, QuestionKind, State
from koinon.network.models import Organisation
from koinon.network.testing import make_organisation
from koinon.people.models import Person
from koinon.people.testing import make_person

_number = count(1)


def make_course(
    title: str = "",
    *,
    organiser: Organisation | None = None,
    state: str = State.PUBLISHED,
    modules: int = 2,
    **more: Any,
) -> Course:
    """A course with so many modules of text; published unless said otherwise."""
    number = next(_number)
    now = timezone.now()
    values: dict[str, Any] = {
        "slug": f"course-{number}",
        "title": title or f"A first course, number {number}",
        "lead": "Half an hour each.",
        "organiser": organiser or make_organisation(),
        "state": state,
        "published_at": None if state == State.DRAFT else now,
        "withdrawn_at": now if state == State.WITHDRAWN else None,
    }
    course = Course.objects.create(**(values | more))
    for _step in range(modules):
        make_module(course)
    forget()
    return course


def make_module(course: Course, title: str = "", **more: Any) -> Module:
    number = course.modules.count() + 1
    values: dict[str, Any] = {
        "number": number,
        "position": number,
        "language": course.language,
        "title": title or f"Step {number}",
        "text": "Read this.",
    }
    forget()
    return Module.objects.create(course=course, **(values | more))


def make_quiz(course: Course, **more: Any) -> Module:
    """A quiz with one question of each kind: right are 1; 0 and 2; 95; the order as written."""
    module = make_module(course, "Questions", **({"kind": ModuleKind.QUIZ, "needs": 100} | more))
    kinds: tuple[dict[str, Any], ...] = (
        {"kind": QuestionKind.SINGLE, "choices": ["No", "Yes"], "right": [1]},
        {"kind": QuestionKind.SEVERAL, "choices": ["A", "B", "C"], "right": [0, 2]},
        {"kind": QuestionKind.NUMBER, "number": 95, "within": 1},
        {"kind": QuestionKind.ORDER, "choices": ["First", "Then", "Last"]},
    )
    for position, told in enumerate(kinds, start=1):
        words = {"text": f"Question {position}?", "explanation": f"Because {position}."}
        Question.objects.create(module=module, position=position, **(words | told))
    return module


def right_answers(module: Module) -> dict[str, Any]:
    """The form of a quiz, answered right."""
    sent: dict[str, Any] = {}
    for question in module.questions.all():
        name = f"q{question.pk}"
        if question.kind == QuestionKind.NUMBER:
            sent[name] = str(question.number)
        elif question.kind == QuestionKind.ORDER:
            sent |= {f"{name}.{place}": str(place + 1) for place in range(len(question.choices))}
        else:
            sent[name] = [str(place) for place in question.right]
    return sent


def make_cohort(course: Course, *, capacity: int | None = None, days: int = 30, **more: Any) -> Cohort:
    """Dates in a month, of a week."""
    if course.pace != Pace.DATES:
        Course.objects.filter(pk=course.pk).update(pace=Pace.DATES)
        course.pace = Pace.DATES
    begins = timezone.localdate() + timedelta(days=days)
    values: dict[str, Any] = {
        "starts_on": begins,
        "ends_on": begins + timedelta(days=7),
        "capacity": capacity,
    }
    forget()
    return Cohort.objects.create(course=course, **(values | more))


def make_enrolment(course: Course, person: Person | None = None, **more: Any) -> Enrolment:
    return Enrolment.objects.create(course=course, person=person or make_person(), **more)


def make_translation(
    course: Course, language: str = "fi", module: Module | None = None, **more: Any
) -> Translation:
    """A course or a module in one more language, by a person unless said otherwise."""
    own, original = (course.texts, course.language) if module is None else (module.own_texts, module.language)
    values: dict[str, Any] = {
        "texts": {"title": "Ensimmäinen kurssi", "text": "Lue tämä."},
        "made_from": mark_of(own, original),
    }
    forget()
    return Translation.objects.create(course=course, module=module, language=language, **(values | more))


def forget() -> None:
    """What the process knows is asked anew."""
    listing.forget()
    around.forget()
