"""A course as it is read: its page, its modules, their files. Nobody needs an account for that."""

import json
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from koinon.base import uploads
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT
from koinon.base.text import visible as visible_text
from koinon.base.visitor import HttpRequest
from koinon.courses import quizzes
from koinon.courses.actions import learning, seats
from koinon.courses.listing import effort_words
from koinon.courses.models import Certificate, Course, Enrolment, Module, ModuleFile, Question
from koinon.courses.permissions import (
    may_add,
    may_change,
    may_delete,
    may_learn,
    may_publish,
    may_run,
    may_see_totals,
    may_withdraw,
)
from koinon.courses.readings import Reading, choices_of, words_of
from koinon.courses.sessions import answered_in, is_for_all
from koinon.courses.views.common import Map, language_of, module_of, visible, withdrawn
from koinon.courses.words import Competence, Level, ModuleKind, QuestionKind
from koinon.practices import concepts


@governed("E3")
@require_safe
def course(request: HttpRequest, slug: str) -> HttpResponse:
    """One course, in the language of the page where there is a translation; `?read=` chooses another."""
    if gone := withdrawn(request, slug):
        return gone
    found = visible(request, slug)
    response = course_page(request, found)
    if found.is_public and not request.GET and not request.visitor.is_signed_in:
        return shared(response)
    return response


def course_page(request: HttpRequest, found: Course, *, status: int = 200, trouble: str = "") -> HttpResponse:
    """The page of a course; `trouble`: why what was wanted did not happen."""
    language = get_language() or DEFAULT
    here = Map(request, found)
    enrolment = here.enrolment
    cohorts = seats.standings_of(found, list(found.cohorts.all())) if found.pace == "dates" else []
    context: dict[str, Any] = {
        "course": found,
        "map": here,
        "reading": here.reading,
        "said": here.reading.said,
        "enrolment": enrolment,
        "rank": seats.rank_of(enrolment) if enrolment is not None else None,
        "certificate": _certificate(enrolment),
        "cohorts": cohorts,
        "takes": any(standing.takes for _one, standing in cohorts) or not cohorts,
        "may": _may(request, found),
        "effort": effort_words(found.minutes),
        "level": Level(found.level).label,
        "topics": [(key, concepts.label(key, language)) for key in found.topics],
        "competences": [Competence(key).label for key in found.competences if key in Competence.values],
        "places": list(found.places.order_by("pk")),
        "sessions": [
            row.module.session
            for row in here.rows
            if row.module.session is not None and is_for_all(row.module.session)
        ],
        "json_ld": _json_ld(request, found, here) if found.is_public else "",
        "trouble": trouble,
    }
    return render(request, "courses/course.html", context, status=status)


def _certificate(enrolment: Enrolment | None) -> Certificate | None:
    if enrolment is None or enrolment.finished_at is None:
        return None
    return Certificate.objects.filter(person=enrolment.person_id, course=enrolment.course_id).first()


def _may(request: HttpRequest, found: Course) -> dict[str, bool]:
    visitor = request.visitor
    if not visitor.is_signed_in:
        return {}
    return {
        "learn": may_learn(visitor),
        "change": may_change(visitor, found),
        "add": may_add(visitor, found),
        "publish": may_publish(visitor, found),
        "run": may_run(visitor, found),
        "withdraw": may_withdraw(visitor, found),
        "delete": may_delete(visitor, found),
        "totals": may_see_totals(visitor, found),
    }


@governed("E3", GET="R", POST="R")
@require_http_methods(["GET", "HEAD", "POST"])
def module(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One module. A quiz is answered here by everybody; for who is enrolled the answers are kept, for others nothing is."""
    if gone := withdrawn(request, slug):
        return gone
    found = visible(request, slug)
    one = module_of(found, number)
    if request.method == "POST":
        return _answer(request, one)
    response = module_page(request, one)
    if found.is_public and not request.GET and not request.visitor.is_signed_in:
        return shared(response)
    return response


def _answer(request: HttpRequest, one: Module) -> HttpResponse:
    questions = list(one.questions.all())
    if one.kind != ModuleKind.QUIZ or not questions:
        raise Http404
    given, wrong = {}, {}
    for question in questions:
        given[question.pk], trouble = quizzes.parse(question, request.POST)
        if trouble:
            wrong[question.pk] = trouble
    if wrong:
        return module_page(request, one, given=given, wrong=wrong, typed=request.POST, status=422)
    if all(answer is None for answer in given.values()):
        return module_page(request, one, trouble=_("Answer at least one question."), status=422)
    try:
        tried = learning.try_quiz(one, by=request.visitor, language=language_of(request), answers=given)
    except learning.NoMoreTries as over:
        trouble = _("You have used all the tries that this module allows.")
        if over.has_answers:
            trouble = _("You have used all the tries that this module allows. Your last answers stand below.")
        return module_page(request, one, trouble=trouble, status=409)
    if tried.kept:
        return redirect(Map(request, one.course).keep(one.get_absolute_url()) + "#result")
    return module_page(request, one, given=given, tried=tried)


def module_page(
    request: HttpRequest,
    one: Module,
    *,
    given: dict[int, quizzes.Given] | None = None,
    wrong: dict[int, str] | None = None,
    typed: QueryDict | None = None,
    tried: learning.Tried | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of a module, with what was answered to its questions."""
    here = Map(request, one.course, here=one)
    at = next(place for place, row in enumerate(here.rows) if row.is_here)
    step = here.steps.get(one.pk)
    if tried is None and step is not None and step.answers and given is None:
        tried = _as_kept(one, step)
        given = {result.question.pk: result.given for result in tried.results}
    row = here.rows[at]
    file = ModuleFile.objects.filter(module=one).defer("content").first()
    session = one.session
    if session is not None and not is_for_all(session):
        session = None
    context = {
        "course": one.course,
        "module": one,
        "map": here,
        "row": row,
        "reading": row.reading,
        "said": row.reading.said,
        "text": row.reading.said["text"],
        "at": at + 1,
        "before": here.rows[at - 1] if at else None,
        "after": here.rows[at + 1] if at + 1 < len(here.rows) else None,
        "step": step,
        "file": file,
        "video_host": _host(one.link),
        "session": session,
        "answered": answered_in(session) if session is not None and one.kind == ModuleKind.SESSION else [],
        "questions": _drawn(one, row.reading, given or {}, wrong or {}, tried, typed or QueryDict()),
        "tried": tried,
        "wrong": wrong,
        "tries_left": None if one.tries is None else max(one.tries - (step.tries if step else 0), 0),
        "trouble": trouble,
        "may_change": request.visitor.is_signed_in and may_change(request.visitor, one.course),
    }
    return render(request, "courses/module.html", context, status=status)


_LONGEST_NUMBER = 20


def _host(link: str) -> str:
    from urllib.parse import urlsplit

    return (urlsplit(link).hostname or "").removeprefix("www.") if link else ""


def _as_kept(one: Module, step: Any) -> learning.Tried:
    """The last answers as they were written down, checked again: what is right may have been corrected since."""
    results = [
        quizzes.check(question, quizzes.given_again(question, step.answers.get(str(question.pk))))
        for question in one.questions.all()
    ]
    return learning.Tried(results, step.right, step.asked, step.done_at is not None, kept=True)


def _drawn(
    one: Module,
    reading: Reading,
    given: dict[int, quizzes.Given],
    wrong: dict[int, str],
    tried: learning.Tried | None,
    typed: QueryDict,
) -> list[dict[str, Any]]:
    """Each question as the page draws it; what could not be understood stands there as it was `typed`."""
    results = {result.question.pk: result for result in tried.results} if tried is not None else {}
    found = []
    for question in one.questions.all():
        said, answer = choices_of(question, reading), given.get(question.pk)
        result = results.get(question.pk)
        ranks = {place: str(rank) for rank, place in enumerate(answer, 1)} if isinstance(answer, list) else {}
        chosen = {str(place) for place in answer} if isinstance(answer, list) else set()
        number = quizzes.plain_number(answer) if isinstance(answer, Decimal) else ""
        name = f"q{question.pk}"
        if question.pk in wrong:
            ranks = {place: typed.get(f"{name}.{place}", "") for place in range(len(said))}
            chosen, number = set(typed.getlist(name)), visible_text(typed.get(name, ""))[:_LONGEST_NUMBER]
        choices = [
            {
                "place": place,
                "said": said[place],
                "chosen": str(place) in chosen,
                "rank": ranks.get(place, ""),
            }
            for place in quizzes.shown_order(question)
        ]
        found.append(
            {
                "question": question,
                "name": name,
                "text": words_of(question, "text", reading),
                "choices": choices,
                "ranks": [str(rank) for rank in range(1, len(choices) + 1)],
                "number": number,
                "right_number": quizzes.plain_number(question.number),
                "within": quizzes.plain_number(question.within) if question.within else "",
                "wrong": wrong.get(question.pk, ""),
                "result": result,
                "explanation": words_of(question, "explanation", reading),
                "right": _right(question, reading),
            }
        )
    return found


def _right(question: Question, reading: Reading) -> list[Any]:
    """The right answer in words, in the order in which it is right."""
    said = choices_of(question, reading)
    if question.kind == QuestionKind.ORDER:
        return said
    return [said[place] for place in question.right if place < len(said)]


@governed("E3")
@require_safe
def file(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The file of a module, to be saved."""
    found = visible(request, slug)
    one = module_of(found, number)
    kept = ModuleFile.objects.filter(module=one).first()
    if kept is None:
        raise Http404
    return HttpResponse(bytes(kept.content), headers=uploads.headers(kept.name, kept.kind))


def _json_ld(request: HttpRequest, found: Course, here: Map) -> SafeString:
    """The course for programs (schema.org); every sign that could end the script element is written as an escape."""
    said = here.reading.said
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Course",
        "@id": request.build_absolute_uri(reverse("courses:course", args=[found.slug])),
        "name": said["title"].text,
        "description": said["lead"].text,
        "inLanguage": here.reading.language,
        "availableLanguage": [code for code, *_more in here.languages],
        "educationalLevel": str(Level(found.level).label),
        "teaches": said["outcomes"].lines,
        "coursePrerequisites": said["requires"].text,
        "timeRequired": f"PT{found.minutes}M",
        "provider": {"@type": "Organization", "name": found.organiser.name},
        "isAccessibleForFree": True,
        "hasCourseInstance": [
            {
                "@type": "CourseInstance",
                "courseMode": "online",
                "startDate": one.starts_on.isoformat(),
                "endDate": one.ends_on.isoformat(),
                "courseWorkload": f"PT{found.minutes}M",
            }
            for one in found.cohorts.all()
        ]
        or [{"@type": "CourseInstance", "courseMode": "online", "courseWorkload": f"PT{found.minutes}M"}],
        "hasPart": [
            {"@type": "LearningResource", "name": row.title.text, "inLanguage": row.title.language}
            for row in here.rows
        ],
    }
    text = json.dumps({key: value for key, value in data.items() if value}, ensure_ascii=False)
    escapes = {"<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    return SafeString(text.translate({ord(sign): escape for sign, escape in escapes.items()}))
