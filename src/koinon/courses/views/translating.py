"""Telling a course and its modules in another language, side by side with the original."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.languages import ENDONYMS
from koinon.base.visitor import HttpRequest, require
from koinon.courses.actions import translating
from koinon.courses.forms import TextsForm
from koinon.courses.models import Course, Module, Translation
from koinon.courses.permissions import may_change
from koinon.courses.readings import told_of
from koinon.courses.views.common import module_of, visible
from koinon.practices import machine

get_and_post = require_http_methods(["GET", "HEAD", "POST"])


def _told(request: HttpRequest, slug: str) -> Course:
    course = visible(request, slug)
    require(may_change(request.visitor, course))
    return course


@governed("E3", GET="U")
@require_safe
@login_required
def languages(request: HttpRequest, slug: str) -> HttpResponse:
    """Which languages there are, and what of the course is told in each."""
    course = _told(request, slug)
    told, modules = told_of(course), list(course.modules.all())
    rows = [
        (
            code,
            sum(m.language == code or (m.pk, code) in told.rows for m in modules),
            (None, code) in told.rows,
        )
        for code in ENDONYMS
        if code != course.language
    ]
    context = {"course": course, "rows": rows, "all": len(modules)}
    return render(request, "courses/languages.html", context)


@governed("E3", GET="U")
@require_safe
@login_required
def language(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """The course and its modules in one language: what is told, by whom, what is outdated, what is missing."""
    course = _told(request, slug)
    if language not in ENDONYMS:
        raise Http404
    return _language(request, course, language)


def _language(
    request: HttpRequest, course: Course, language: str, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    told = told_of(course)
    modules = [(m, told.of_module(m, language).state) for m in course.modules.prefetch_related("questions")]
    context = {
        "course": course,
        "target": language,
        "state": told.of_course(language).state,
        "modules": modules,
        "service": machine.service() if course.is_public else None,
        "trouble": trouble,
    }
    return render(request, "courses/language.html", context, status=status)


@governed("E3", GET="U", POST="U")
@get_and_post
@login_required
def course_texts(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """The course's own words beside the original."""
    return _texts(request, _told(request, slug), None, language)


@governed("E3", GET="U", POST="U")
@get_and_post
@login_required
def module_texts(request: HttpRequest, slug: str, language: str, number: int) -> HttpResponse:
    """A module's words and questions beside the original."""
    course = _told(request, slug)
    return _texts(request, course, module_of(course, number), language)


def _texts(request: HttpRequest, course: Course, module: Module | None, language: str) -> HttpResponse:
    own, original = translating.originals(course, module)
    if language not in ENDONYMS or language == original:
        raise Http404
    row = Translation.objects.filter(course=course, module=module, language=language).first()
    if request.method != "POST":
        initial: dict[str, Any] = (dict(row.texts) if row else {}) | {"edits": row.edits if row else 0}
        form = TextsForm(own=own, language=language, initial=initial)
        return _page(request, course, module, language, form, row)
    form = TextsForm(request.POST, own=own, language=language)
    if not form.is_valid():
        return _page(request, course, module, language, form, row, status=422)
    try:
        translating.translate(
            course,
            by=request.visitor,
            language=language,
            edits=form.cleaned_data["edits"],
            texts=form.texts(),
            module=module,
        )
    except translating.Changed as changed:
        kept = request.POST.copy()
        kept["edits"] = str(changed.current.edits if changed.current is not None else 0)
        again = TextsForm(kept, own=own, language=language)
        return _page(request, course, module, language, again, row, changed=changed.current, status=409)
    return redirect("courses:language", course.slug, language)


def _page(
    request: HttpRequest,
    course: Course,
    module: Module | None,
    language: str,
    form: TextsForm,
    row: Translation | None,
    *,
    changed: Translation | None = None,
    status: int = 200,
) -> HttpResponse:
    told = told_of(course)
    reading = told.of_course(language) if module is None else told.of_module(module, language)
    context = {
        "course": course,
        "module": module,
        "target": language,
        "original": reading.original,
        "form": form,
        "state": reading.state,
        "changed": sorted(changed.texts.items()) if changed is not None else None,
    }
    return render(request, "courses/translate.html", context, status=status)


@governed("E3", POST="U")
@require_POST
@login_required
def by_machine(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Let the configured service translate what nobody has told in this language; what comes is labelled as a machine's."""
    course = _told(request, slug)
    if not machine.is_on() or language not in ENDONYMS:
        raise Http404
    try:
        translating.translate_by_machine(course, by=request.visitor, language=language)
    except machine.Away:
        trouble = _("The translation service does not answer. What it had made is kept; try again later.")
        return _language(request, course, language, trouble=trouble, status=503)
    except translating.NotPossible:
        raise Http404 from None
    return redirect("courses:language", slug, language)
