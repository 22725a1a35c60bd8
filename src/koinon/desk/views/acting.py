"""What is done with a case. Each form carries the version it was drawn from; who comes second is told and loses no word."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from koinon.base.governance import governed
from koinon.base.guessing import guess_language
from koinon.base.languages import DEFAULT
from koinon.base.visitor import HttpRequest, require
from koinon.desk.forms import (
    DeclineForm,
    GiveBackForm,
    LanguageForm,
    MergeForm,
    NewDateForm,
    NoteForm,
    ReplyForm,
)
from koinon.desk.sayings import CHANGED, ENDED
from koinon.desk.views.case import assign_form, forward_form, page
from koinon.desk.who import found, on_desk
from koinon.questions.actions import asking, working
from koinon.questions.actions.steps import Changed, NotFrom
from koinon.questions.models import Question
from koinon.questions.permissions import may_assign, may_publish, may_take_over, may_work


def _version(request: HttpRequest) -> int:
    """The version that the form was drawn from; what is none fits no question."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def _do(
    request: HttpRequest,
    question: Question,
    what: str,
    form: forms.Form,
    deed: Callable[[dict[str, Any], int], Any],
    panel: str = "",
    allowed: bool | None = None,
) -> HttpResponse:
    """Check the form, do it, and go back to the case; or show the case as it is now with what was typed."""
    require(may_work(request.visitor, question) if allowed is None else allowed)
    panel, version = panel or what, _version(request)
    if not form.is_valid():
        return page(request, question, status=422, **{panel: form})
    try:
        deed(form.cleaned_data, version)
    except Changed:
        form.add_error(None, CHANGED)
    except NotFrom:
        form.add_error(None, ENDED)
    except working.NotThere:
        form.add_error(None, _("Nobody works at that desk, or it lies there already. Choose another one."))
        return page(request, found(request, question.number), status=422, **{panel: form})
    except working.TooOften:
        form.add_error(
            None, _("It was forwarded so often that it can only go to the operators of this site now.")
        )
        return page(request, found(request, question.number), status=422, **{panel: form})
    except working.NotSooner:
        form.add_error("due", _("Choose a day after today, within sixty working days."))
        return page(request, found(request, question.number), status=422, **{panel: form})
    else:
        return after(request, question, what)
    return page(request, found(request, question.number), status=409, **{panel: form})


def after(request: HttpRequest, question: Question, what: str, name: str = "desk:case") -> HttpResponse:
    """Back to the case, or to the inbox where it is no longer on the visitor's desk."""
    if on_desk(request.visitor).filter(pk=question.pk).exists():
        return redirect(f"{reverse(name, args=[question.number])}?done={what}")
    return redirect(f"{reverse('desk:inbox')}?done={what}")


def _language(text: str) -> str:
    return guess_language(text, hint=get_language() or DEFAULT)[0]


@governed("C1", POST="U")
@require_POST
@login_required
def take(request: HttpRequest, number: str) -> HttpResponse:
    """Become its owner by name."""
    question = found(request, number)
    by = request.visitor
    return _do(
        request, question, "take", forms.Form({}), lambda _t, v: working.take(question, by=by, version=v)
    )


@governed("C1", POST="U")
@require_POST
@login_required
def accept(request: HttpRequest, number: str) -> HttpResponse:
    """Say yes to being asked to handle it."""
    question = found(request, number)
    by = request.visitor
    return _do(
        request, question, "accept", forms.Form({}), lambda _t, v: working.accept(question, by=by, version=v)
    )


@governed("C1", POST="U")
@require_POST
@login_required
def give_back(request: HttpRequest, number: str) -> HttpResponse:
    """Say no, or pass on what one had taken; a conflict of interest is kept as such."""
    question = found(request, number)
    by = request.visitor
    return _do(
        request,
        question,
        "give_back",
        GiveBackForm(request.POST, auto_id="back_%s"),
        lambda typed, v: working.give_back(
            question, by=by, words=typed["words"], conflict=typed["conflict"], version=v
        ),
    )


@governed("C1", POST="A")
@require_POST
@login_required
def assign(request: HttpRequest, number: str) -> HttpResponse:
    """Ask a person of the desk to handle it."""
    question = found(request, number)
    by = request.visitor
    form = assign_form(question, request.POST)
    return _do(
        request,
        question,
        "assign",
        form,
        lambda typed, v: working.assign(question, by=by, to=form.people[typed["person"]], version=v),
        allowed=may_assign(by, question),
    )


@governed("C1", POST="U")
@require_POST
@login_required
def forward(request: HttpRequest, number: str) -> HttpResponse:
    """To another desk, with a reason that the asker reads."""
    question = found(request, number)
    by = request.visitor
    return _do(
        request,
        question,
        "forward",
        forward_form(question, timezone.localdate(), request.POST),
        lambda typed, v: working.forward(
            question,
            by=by,
            to=typed["body"],
            reason=typed["reason"],
            language=_language(typed["reason"]),
            version=v,
        ),
    )


@governed("C4", POST="C")
@require_POST
@login_required
def note(request: HttpRequest, number: str) -> HttpResponse:
    """A note for colleagues. It changes nothing that others could miss, so it asks for no version."""
    question = found(request, number)
    by = request.visitor
    return _do(
        request,
        question,
        "note",
        NoteForm(request.POST, auto_id="note_%s"),
        lambda typed, _v: working.note(
            question, by=by, text=typed["text"], language=_language(typed["text"])
        ),
    )


@governed("C1", POST="U")
@require_POST
@login_required
def ask_back(request: HttpRequest, number: str) -> HttpResponse:
    """Ask the asker something; the clock stands."""
    question = found(request, number)
    by = request.visitor
    return _do(
        request,
        question,
        "ask_back",
        ReplyForm(request.POST, auto_id="reply_%s"),
        lambda typed, v: working.ask_back(
            question, by=by, text=typed["text"], language=typed["language"], version=v
        ),
        panel="reply",
    )


@governed("C1", POST="U")
@require_POST
@login_required
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Answer in writing; then, if wished and agreed, to the form for publishing."""
    question = found(request, number)
    by = request.visitor
    form = ReplyForm(request.POST, auto_id="reply_%s")
    response = _do(
        request,
        question,
        "answer",
        form,
        lambda typed, v: working.answer(
            question, by=by, text=typed["text"], language=typed["language"], version=v
        ),
        panel="reply",
    )
    if response.status_code == 302 and form.cleaned_data["publish"]:
        question.refresh_from_db()
        if may_publish(by, question):
            return redirect(f"{reverse('desk:publish', args=[question.number])}?done=answer")
    return response


@governed("C1", POST="U")
@require_POST
@login_required
def merge(request: HttpRequest, number: str) -> HttpResponse:
    """The same was asked before: it gets that question's answer."""
    question = found(request, number)
    by = request.visitor
    form = MergeForm(request.POST, auto_id="merge_%s")
    into = None
    if form.is_valid():
        typed = form.cleaned_data["into"].strip().upper()
        into = on_desk(by).ordinary().filter(number=typed).exclude(pk=question.pk).first()
        if into is None or not may_work(by, into):
            form.add_error("into", _("There is no other question with this number on your desk."))
    return _do(
        request,
        question,
        "merge",
        form,
        lambda _t, v: working.merge(question, by=by, into=into or question, version=v),
    )


@governed("C1", POST="U")
@require_POST
@login_required
def decline(request: HttpRequest, number: str) -> HttpResponse:
    """Decline with a reason and words; the asker is told."""
    question = found(request, number)
    by = request.visitor
    return _do(
        request,
        question,
        "decline",
        DeclineForm(request.POST, auto_id="decline_%s"),
        lambda typed, v: working.decline(
            question,
            by=by,
            reason=typed["reason"],
            words=typed["words"],
            language=_language(typed["words"]),
            version=v,
        ),
    )


@governed("C1", POST="U")
@require_POST
@login_required
def new_date(request: HttpRequest, number: str) -> HttpResponse:
    """Promise another day, with a reason that the asker reads."""
    question = found(request, number)
    by = request.visitor
    return _do(
        request,
        question,
        "new_date",
        NewDateForm(request.POST, auto_id="date_%s"),
        lambda typed, v: working.new_date(
            question,
            by=by,
            due=typed["due"],
            reason=typed["reason"],
            language=_language(typed["reason"]),
            version=v,
        ),
    )


@governed("C1", POST="U")
@require_POST
@login_required
def take_over(request: HttpRequest, number: str) -> HttpResponse:
    """The next level takes what was not answered in time."""
    question = found(request, number)
    by = request.visitor
    return _do(
        request,
        question,
        "take_over",
        forms.Form({}),
        lambda _t, _v: working.take_over(question, by=by),
        allowed=may_take_over(by, question),
    )


@governed("C1", POST="U")
@require_POST
@login_required
def correct_language(request: HttpRequest, number: str) -> HttpResponse:
    """The language was guessed wrong."""
    question = found(request, number)
    by = request.visitor
    return _do(
        request,
        question,
        "language",
        LanguageForm(request.POST, auto_id="language_%s"),
        lambda typed, _v: asking.correct_language(
            question, language=typed["language"], by_asker=False, by=by
        ),
    )
