"""Where courses are written: drafts, modules, questions, files, dates, publishing, taking away, and the totals."""

from typing import Any, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base import uploads
from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.courses.actions import writing
from koinon.courses.figures import figures_of
from koinon.courses.forms import (
    CourseForm,
    DatesForm,
    FromSessionForm,
    ModuleForm,
    QuestionForm,
    organisers_of,
)
from koinon.courses.models import Cohort, Course, Module, ModuleFile, Question
from koinon.courses.permissions import (
    may_add,
    may_change,
    may_delete,
    may_draft,
    may_publish,
    may_run,
    may_see_totals,
    may_withdraw,
    may_work_somewhere,
)
from koinon.courses.sessions import answered_in, recording_of
from koinon.courses.views.common import module_of, visible
from koinon.courses.words import ModuleKind

get_and_post = require_http_methods(["GET", "HEAD", "POST"])
MOST_SHOWN = 100


@governed("E8", GET="C", POST="C")
@get_and_post
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Begin a draft."""
    require(may_work_somewhere(request.visitor))
    asked = request.POST.get("organiser", "")
    require(not asked.isdecimal() or asked in organisers_of(request.visitor))
    form = CourseForm(request.POST if request.method == "POST" else None, by=request.visitor)
    if request.method != "POST":
        return render(request, "courses/edit.html", {"form": form})
    if not form.is_valid() or form.chosen_organiser is None:
        return render(request, "courses/edit.html", {"form": form}, status=422)
    require(may_draft(request.visitor, form.chosen_organiser))
    made = writing.draft(form.told(), by=request.visitor, organiser=form.chosen_organiser)
    return redirect("courses:edit", made.slug)


def _written(request: HttpRequest, slug: str) -> Course:
    """The course, for who may write on it."""
    course = visible(request, slug)
    require(may_change(request.visitor, course))
    return course


@governed("E8")
@require_safe
@login_required
def drafts(request: HttpRequest) -> HttpResponse:
    """The courses on which one works: drafts and published ones."""
    require(may_work_somewhere(request.visitor) or _oversees(request))
    rows = Course.objects.seen_by(request.visitor).select_related("organiser").order_by("-changed_at", "-pk")
    own = [row for row in rows[:500] if row.state == "draft" or may_change(request.visitor, row)]
    context = {"courses": own[:MOST_SHOWN], "may_write": may_work_somewhere(request.visitor)}
    return render(request, "courses/drafts.html", context)


def _oversees(request: HttpRequest) -> bool:
    visitor: Any = request.visitor
    return bool(visitor.holds("lead", "coordinator"))


@governed("E3", GET="U", POST="U")
@get_and_post
@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Write on. Of two at once, the second sees both texts."""
    course = _written(request, slug)
    if request.method != "POST":
        return _edit(request, course, CourseForm(by=request.visitor, of=course))
    form = CourseForm(request.POST, by=request.visitor, of=course)
    if not form.is_valid():
        return _edit(request, course, form, status=422)
    edits = form.cleaned_data.get("edits") or 0
    try:
        writing.change(course, by=request.visitor, edits=edits, told=form.told())
    except writing.Changed as changed:
        return _both(request, cast(Course, changed.current), form)
    return redirect("courses:edit", slug)


def _both(request: HttpRequest, current: Course, form: CourseForm) -> HttpResponse:
    """Somebody else was faster: what was typed stays in the form, what stands now is shown beside it."""
    there, typed = writing.told_of(current), form.told()
    differs = [
        (str(form[name].label), _shown(getattr(there, name)))
        for name in form.fields
        if hasattr(there, name) and getattr(there, name) != getattr(typed, name)
    ]
    kept = request.POST.copy()
    kept["edits"] = str(current.edits)
    again = CourseForm(kept, by=request.visitor, of=current)
    return _edit(request, current, again, differs=differs, status=409)


def _standing(form: forms.Form) -> list[tuple[str, Any]]:
    """What stands now wherever it is other than what was typed, field by field, as the page shows it."""
    form.is_valid()
    found = []
    for bound in form.visible_fields():
        stands, typed = bound.initial, form.cleaned_data.get(bound.name)
        if str("" if stands is None else stands) != str("" if typed is None else typed):
            words = dict(getattr(bound.field, "choices", ()))
            found.append((str(bound.label), words.get(stands, localize(stands))))
    return found


def _shown(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


def _edit(
    request: HttpRequest,
    course: Course,
    form: CourseForm,
    *,
    differs: list[tuple[str, str]] | None = None,
    lacks: list[str] | None = None,
    from_session: FromSessionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    visitor = request.visitor
    context: dict[str, Any] = {
        "course": course,
        "form": form,
        "differs": differs,
        "lacks": [_LACKING[what]() for what in lacks or []],
        "modules": list(course.modules.prefetch_related("questions")),
        "cohorts": list(course.cohorts.all()),
        "from_session": from_session or FromSessionForm(by=visitor),
        "may_add": may_add(visitor, course),
        "may_run": may_run(visitor, course),
        "may_publish": may_publish(visitor, course),
        "may_delete": may_delete(visitor, course),
        "may_withdraw": may_withdraw(visitor, course),
    }
    return render(request, "courses/edit.html", context, status=status)


_LACKING = {
    "lead": lambda: _("one sentence that says for whom it is and what one has at the end"),
    "modules": lambda: _("at least one module"),
    "questions": lambda: _("at least one question in each module of questions"),
    "file": lambda: _("the file of each module that is a file"),
    "dates": lambda: _("dates on which it is learnt"),
}


# Modules.


@governed("E3", GET="C", POST="C")
@get_and_post
@login_required
def add_module(request: HttpRequest, slug: str) -> HttpResponse:
    """One more module."""
    course = visible(request, slug)
    require(may_add(request.visitor, course))
    sent = request.POST if request.method == "POST" else None
    form = ModuleForm(sent, by=request.visitor, language=course.language)
    context: dict[str, Any] = {"course": course, "form": form}
    if request.method != "POST":
        return render(request, "courses/module_edit.html", context)
    if not form.is_valid():
        return render(request, "courses/module_edit.html", context, status=422)
    try:
        made = writing.add_module(course, by=request.visitor, part=form.part())
    except writing.TooMany:
        form.add_error(None, _("A course holds no more modules than this."))
        return render(request, "courses/module_edit.html", context, status=422)
    if made.kind in {ModuleKind.QUIZ, ModuleKind.FILE}:
        return redirect("courses:edit_module", slug, made.number)
    return redirect("courses:edit", slug)


@governed("E3", GET="U", POST="U")
@get_and_post
@login_required
def edit_module(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Write on a module; its questions and its file stand beneath."""
    module = module_of(_written(request, slug), number)
    if request.method != "POST":
        return _module(request, module, ModuleForm(by=request.visitor, of=module))
    form = ModuleForm(request.POST, by=request.visitor, of=module)
    if not form.is_valid():
        return _module(request, module, form, status=422)
    edits = form.cleaned_data.get("edits") or 0
    try:
        writing.change_module(module, by=request.visitor, edits=edits, part=form.part())
    except writing.Changed as changed:
        current = module_of(module.course, number)
        kept = request.POST.copy()
        kept["edits"] = str(changed.current.edits)
        again = ModuleForm(kept, by=request.visitor, of=current)
        return _module(request, current, again, differs=_standing(again), status=409)
    return redirect("courses:edit_module" if module.kind == ModuleKind.QUIZ else "courses:edit", *_at(module))


def _at(module: Module) -> list[Any]:
    slug = module.course.slug
    return [slug, module.number] if module.kind == ModuleKind.QUIZ else [slug]


def _module(
    request: HttpRequest,
    module: Module,
    form: ModuleForm,
    *,
    differs: list[tuple[str, Any]] | None = None,
    file_trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "course": module.course,
        "module": module,
        "form": form,
        "differs": differs,
        "file": ModuleFile.objects.filter(module=module).defer("content").first(),
        "file_trouble": file_trouble,
        "most_megabytes": uploads.MOST_BYTES // 1024**2,
        "may_add": may_add(request.visitor, module.course),
    }
    return render(request, "courses/module_edit.html", context, status=status)


@governed("E3", POST="U")
@require_POST
@login_required
def move_module(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One place up or down."""
    module = module_of(_written(request, slug), number)
    seen = request.POST.get("at", "")
    at = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 5 else None
    writing.move_module(module, by=request.visitor, up=request.POST.get("to") == "up", at=at)
    return redirect("courses:edit", slug)


@governed("E3", POST="U")
@require_POST
@login_required
def remove_module(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    module = module_of(_written(request, slug), number)
    writing.remove_module(module, by=request.visitor)
    return redirect("courses:edit", slug)


@governed("E3", POST="C")
@require_POST
@login_required
def set_file(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The module's file: written anew without what it carries along, or refused in plain words."""
    course = visible(request, slug)
    require(may_add(request.visitor, course))
    module = module_of(course, number)
    given, form = request.FILES.get("file"), ModuleForm(by=request.visitor, of=module)
    if given is None:
        return _module(request, module, form, file_trouble=_("Choose a file."), status=422)
    try:
        if (given.size or 0) > uploads.MOST_BYTES:
            raise uploads.Refused("large")
        writing.set_file(module, by=request.visitor, file=uploads.clean(given.name or "", given.read()))
    except uploads.Refused as refused:
        return _module(request, module, form, file_trouble=refused.reason, status=422)
    return redirect("courses:edit_module", slug, number)


@governed("E3", GET="C", POST="C")
@get_and_post
@login_required
def add_question(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One more question of a quiz."""
    course = visible(request, slug)
    require(may_add(request.visitor, course))
    module = module_of(course, number)
    if module.kind != ModuleKind.QUIZ:
        raise Http404
    form = QuestionForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"course": course, "module": module, "form": form}
    if request.method != "POST":
        return render(request, "courses/question_edit.html", context)
    if form.is_valid():
        try:
            writing.add_question(module, by=request.visitor, asked=form.asked())
            return redirect("courses:edit_module", slug, number)
        except writing.TooMany:
            form.add_error(None, _("A module holds no more questions than this."))
    return render(request, "courses/question_edit.html", context, status=422)


def _question(request: HttpRequest, slug: str, number: int, pk: int) -> Question:
    """A question, for who may write on its course; it belongs to the module and the course of the address."""
    module = module_of(_written(request, slug), number)
    if pk >= 2**63:
        raise Http404
    found = get_object_or_404(Question, pk=pk, module=module)
    found.module = module
    return found


@governed("E3", GET="U", POST="U")
@get_and_post
@login_required
def edit_question(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """Write on a question."""
    question = _question(request, slug, number, pk)
    form = QuestionForm(request.POST if request.method == "POST" else None, of=question)
    context: dict[str, Any] = {"course": question.module.course, "module": question.module, "form": form}
    context["question"] = question
    if request.method != "POST":
        return render(request, "courses/question_edit.html", context)
    if not form.is_valid():
        return render(request, "courses/question_edit.html", context, status=422)
    edits = form.cleaned_data.get("edits") or 0
    try:
        writing.change_question(question, by=request.visitor, edits=edits, asked=form.asked())
    except writing.Changed as changed:
        current = _question(request, slug, number, pk)
        kept = request.POST.copy()
        kept["edits"] = str(changed.current.edits)
        again = QuestionForm(kept, of=current)
        context |= {"form": again, "differs": _standing(again), "question": current}
        return render(request, "courses/question_edit.html", context, status=409)
    return redirect("courses:edit_module", slug, number)


@governed("E3", POST="U")
@require_POST
@login_required
def remove_question(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    writing.remove_question(_question(request, slug, number, pk), by=request.visitor)
    return redirect("courses:edit_module", slug, number)


@governed("E3", POST="C")
@require_POST
@login_required
def from_session(request: HttpRequest, slug: str) -> HttpResponse:
    """A session's recording, with what was asked and answered in it, becomes a module."""
    course = visible(request, slug)
    require(may_add(request.visitor, course))
    asked = FromSessionForm(request.POST, by=request.visitor)
    form = CourseForm(by=request.visitor, of=course)
    if asked.is_valid():
        session = asked.cleaned_data["session"]
        if recording_of(session) is None and not answered_in(session):
            asked.add_error(
                "session",
                _("This session has left neither a recording with captions nor published answers yet."),
            )
        else:
            try:
                made = writing.from_session(course, by=request.visitor, session=session)
                return redirect("courses:edit_module", slug, made.number)
            except writing.TooMany:
                asked.add_error(None, _("A course holds no more modules than this."))
    return _edit(request, course, form, from_session=asked, status=422)


# Dates and seats.


@governed("E3", GET="P", POST="P")
@get_and_post
@login_required
def add_dates(request: HttpRequest, slug: str) -> HttpResponse:
    """Dates on which it is learnt together."""
    course = visible(request, slug)
    require(may_run(request.visitor, course))
    form = DatesForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        writing.add_cohort(course, by=request.visitor, dates=form.dates())
        return redirect("courses:edit", slug)
    status = 422 if request.method == "POST" else 200
    return render(request, "courses/dates.html", {"course": course, "form": form}, status=status)


def _cohort(course: Course, pk: int) -> Cohort:
    if pk >= 2**63:
        raise Http404
    found = get_object_or_404(Cohort, pk=pk, course=course)
    found.course = course
    return found


@governed("E3", GET="P", POST="P")
@get_and_post
@login_required
def dates(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Move dates, give more seats."""
    course = visible(request, slug)
    require(may_run(request.visitor, course))
    cohort = _cohort(course, pk)
    form = DatesForm(request.POST if request.method == "POST" else None, of=cohort)
    context: dict[str, Any] = {"course": course, "cohort": cohort, "form": form}
    if request.method != "POST":
        return render(request, "courses/dates.html", context)
    status = 422
    if form.is_valid():
        edits = form.cleaned_data.get("edits") or 0
        try:
            writing.change_cohort(cohort, by=request.visitor, edits=edits, dates=form.dates())
            return redirect("courses:edit", slug)
        except writing.Learnt:
            form.add_error("capacity", _("More seats than this are taken already."))
        except writing.Changed as changed:
            current = _cohort(course, pk)
            kept = request.POST.copy()
            kept["edits"] = str(changed.current.edits)
            again = DatesForm(kept, of=current)
            context |= {"form": again, "differs": _standing(again)}
            status = 409
    return render(request, "courses/dates.html", context, status=status)


@governed("E3", POST="P")
@require_POST
@login_required
def remove_dates(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    course = visible(request, slug)
    require(may_run(request.visitor, course))
    cohort = _cohort(course, pk)
    try:
        writing.remove_cohort(cohort, by=request.visitor)
    except writing.Learnt:
        form = DatesForm(of=cohort)
        trouble = _("People learn on these dates or wait for them; they cannot be removed.")
        context = {"course": course, "cohort": cohort, "form": form, "trouble": trouble}
        return render(request, "courses/dates.html", context, status=409)
    return redirect("courses:edit", slug)


@governed("E3", POST="P")
@require_POST
@login_required
def set_open(request: HttpRequest, slug: str) -> HttpResponse:
    """Close enrolling, or open it again."""
    course = visible(request, slug)
    require(may_run(request.visitor, course))
    writing.set_open(course, by=request.visitor, takes=request.POST.get("takes") == "yes")
    return redirect("courses:edit", slug)


# Its life.


@governed("E8", POST="P")
@require_POST
@login_required
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """From now on everybody reads it."""
    course = visible(request, slug)
    require(may_publish(request.visitor, course) or (course.is_public and may_run(request.visitor, course)))
    try:
        writing.publish(course, by=request.visitor)
    except writing.Lacking as missing:
        form = CourseForm(by=request.visitor, of=course)
        return _edit(request, course, form, lacks=missing.what, status=422)
    return redirect(course)


@governed("E3", GET="D", POST="D")
@get_and_post
@login_required
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a published course away; what that means is said first."""
    course = visible(request, slug)
    require(may_withdraw(request.visitor, course))
    if request.method != "POST":
        return render(request, "courses/withdraw.html", {"course": course})
    writing.withdraw(course, by=request.visitor)
    return redirect("courses:drafts")


@governed("E8", GET="D", POST="D")
@get_and_post
@login_required
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Remove a draft."""
    course = visible(request, slug)
    require(may_delete(request.visitor, course))
    if request.method != "POST":
        return render(request, "courses/delete.html", {"course": course})
    writing.delete(course, by=request.visitor)
    return redirect("courses:drafts")


@governed("E4")
@require_safe
@login_required
def totals(request: HttpRequest, slug: str) -> HttpResponse:
    """How many learn and how far, for those who run it; never who."""
    course = visible(request, slug)
    require(may_see_totals(request.visitor, course))
    return render(request, "courses/totals.html", {"course": course, "figures": figures_of(course)})
