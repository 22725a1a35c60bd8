"""Files of a question: sent in, and downloaded by who may read them, asked anew at each download."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from koinon.base import uploads
from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.people.step_up import used_passkey
from koinon.questions.actions import files as actions
from koinon.questions.actions.steps import NotFrom
from koinon.questions.forms_support import FilesForm
from koinon.questions.models import File, Question
from koinon.questions.permissions import is_author
from koinon.questions.permissions_support import may_add_files, may_read_file


@governed("C5", GET="R")
@require_safe
@login_required
def file(request: HttpRequest, code: str) -> HttpResponse:
    """One file, to be saved: never shown, never run on our pages."""
    found = (
        File.objects.select_related("question", "step")
        .filter(question__in=Question.objects.seen_by(request.visitor).values("pk"), code=code)
        .first()
    )
    if found is None or not may_read_file(request.visitor, found) or not _proved(request, found.question):
        raise Http404
    return HttpResponse(bytes(found.content), headers=uploads.headers(found.name, found.kind))


def _proved(request: HttpRequest, question: Question) -> bool:
    """What is confidential is read in a session that saw the person's passkey."""
    return not question.confidential or used_passkey(request)


@governed("C5", GET="C", POST="C")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def files(request: HttpRequest, number: str) -> HttpResponse:
    """Add files to a question."""
    question = get_object_or_404(Question.objects.seen_by(request.visitor), number=number)
    require(may_add_files(request.visitor, question) and _proved(request, question), hidden=True)
    if request.method != "POST":
        return _page(request, question, FilesForm())
    form = FilesForm(request.POST)
    if not form.is_valid():
        return _page(request, question, form, status=422)
    given = request.FILES.getlist("files")[: uploads.MOST_FILES + 1]
    try:
        clean = _clean([(one.name or "", one.size or 0, one) for one in given])
        actions.attach(
            question,
            by=request.visitor,
            files=clean,
            words=form.cleaned_data["words"],
            for_asker=form.cleaned_data["for_asker"],
        )
    except uploads.Refused as refused:
        form.add_error(None, refused.reason)
        return _page(request, question, form, status=422)
    except _Wrong as wrong:
        form.add_error(None, str(wrong))
        return _page(request, question, form, status=422)
    except actions.TooManyFiles:
        form.add_error(None, gettext("This question holds as many files as it can."))
        return _page(request, question, form, status=422)
    except NotFrom:
        form.add_error(None, gettext("This has ended a moment before; nothing was added."))
        return _page(request, question, form, status=409)
    return redirect("questions:files", number=question.number)


class _Wrong(Exception):
    """No file came, or too many did."""


def _clean(given: "list[tuple[str, int, object]]") -> list[uploads.Clean]:
    if not given:
        raise _Wrong(gettext("Choose at least one file."))
    if len(given) > uploads.MOST_FILES:
        raise _Wrong(gettext("At most %(number)d files at once.") % {"number": uploads.MOST_FILES})
    if any(size > uploads.MOST_BYTES for _name, size, _one in given):
        raise uploads.Refused("large")
    return [uploads.clean(name, one.read()) for name, _size, one in given]  # type: ignore[attr-defined]


def _page(request: HttpRequest, question: Question, form: FilesForm, status: int = 200) -> HttpResponse:
    asks = is_author(request.visitor, question)
    rows = question.files.select_related("step", "question").order_by("pk")
    context = {
        "question": question,
        "form": form,
        "files": [row for row in rows if may_read_file(request.visitor, row)],
        "asks": asks,
        "most_files": uploads.MOST_FILES,
        "most_megabytes": uploads.MOST_BYTES // 1024**2,
    }
    return render(request, "questions/files.html", context, status=status)
