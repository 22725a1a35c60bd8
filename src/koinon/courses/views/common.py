"""What the views share: finding a course that this visitor may see, one's own place in it, and its map of modules."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import capfirst
from django.utils.translation import get_language

from koinon.base.languages import DEFAULT, ENDONYMS, language_name
from koinon.base.visitor import HttpRequest
from koinon.courses.models import Course, Enrolment, Module, Step
from koinon.courses.models.courses import tombstone
from koinon.courses.readings import Reading, Told, told_of, wanted_language


def visible(request: HttpRequest, slug: str) -> Course:
    """The course of an address, if this visitor may see it; else the 404 of what is not there."""
    rows = Course.objects.seen_by(request.visitor).select_related("organiser")
    return get_object_or_404(rows, slug=slug[:120])


def withdrawn(request: HttpRequest, slug: str) -> HttpResponse | None:
    """What stands where a course was withdrawn; anybody may know that there was one. Who had finished finds the certificate."""
    gone = tombstone(slug[:120])
    if gone is None:
        return None
    mine = own_enrolment(request, gone) if gone.gives_certificate else None
    context = {"course": gone, "has_finished": mine is not None and mine.finished_at is not None}
    return render(request, "courses/gone.html", context, status=410)


def module_of(course: Course, number: int) -> Module:
    """One of its modules by its number."""
    if number >= 2**31:
        raise Http404
    rows = course.modules.select_related("session").prefetch_related("questions")
    found = get_object_or_404(rows, number=number)
    found.course = course
    return found


def own_enrolment(request: HttpRequest, course: Course) -> Enrolment | None:
    """One's own enrolment, if any; no query for who is not signed in."""
    if not request.visitor.is_signed_in:
        return None
    rows = Enrolment.objects.seen_by(request.visitor).not_left().filter(course=course)
    return rows.select_related("cohort").first()


def language_of(request: HttpRequest) -> str:
    """The language in which a course is read: what is asked for by `?read=`, else that of the page."""
    return wanted_language(request.GET.get("read", ""), get_language())


@dataclass(frozen=True)
class Row:
    """One module as the map of a course shows it."""

    module: Module
    title: Any
    reading: Reading
    done: Step | None
    is_next: bool
    is_here: bool
    url: str

    @property
    def mark(self) -> str:
        if self.done is not None:
            return "full"
        return "half" if self.is_next else "none"


class Map:
    """A course in the language in which it is read, with its modules and how far one is oneself."""

    def __init__(self, request: HttpRequest, course: Course, *, here: Module | None = None) -> None:
        self.course = course
        asked = request.GET.get("read", "")
        self.asked = asked if asked in ENDONYMS else ""
        self.wanted = language_of(request)
        self.told: Told = told_of(course)
        self.reading = self.told.of_course(self.wanted)
        self.enrolment = own_enrolment(request, course)
        modules = list(course.modules.prefetch_related("questions").select_related("session"))
        steps = self._steps()
        done = {pk: step for pk, step in steps.items() if step.done_at is not None}
        first = next((module.pk for module in modules if module.pk not in done), None)
        self.steps = steps
        self.rows: list[Row] = []
        for module in modules:
            module.course = course
            reading = self.told.of_module(module, self.wanted)
            self.rows.append(
                Row(
                    module,
                    reading.said["title"],
                    reading,
                    done.get(module.pk),
                    self.is_learning and module.pk == first,
                    here is not None and module.pk == here.pk,
                    self.keep(module.get_absolute_url()),
                )
            )

    def _steps(self) -> dict[int, Step]:
        if self.enrolment is None:
            return {}
        return {step.module_id: step for step in Step.objects.filter(enrolment=self.enrolment)}

    def keep(self, url: str) -> str:
        """An address with the language that was chosen."""
        return f"{url}?{urlencode({'read': self.asked})}" if self.asked else url

    @property
    def url(self) -> str:
        return self.keep(self.course.get_absolute_url())

    @property
    def is_learning(self) -> bool:
        return self.enrolment is not None and self.enrolment.state == Enrolment.State.COMING

    @property
    def done_count(self) -> int:
        return sum(row.done is not None for row in self.rows)

    @property
    def next(self) -> Row | None:
        return next((row for row in self.rows if row.done is None), None)

    @property
    def languages(self) -> list[tuple[str, str, str, int, bool]]:
        """The languages to read in: code, name, state, how many modules are told in it, whether it is the one in use."""
        page = get_language() or DEFAULT
        return [
            (
                code,
                capfirst(language_name(code, page)),
                state,
                sum(
                    row.module.language == code or (row.module.pk, code) in self.told.rows
                    for row in self.rows
                ),
                code == self.wanted,
            )
            for code, state in self.told.languages().items()
        ]
