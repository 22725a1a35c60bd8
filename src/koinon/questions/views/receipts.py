"""The asker's private page: whoever holds its code reads it and acts on it."""

import secrets
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest
from koinon.mail.bounces import is_bouncing
from koinon.questions import receipts_elsewhere, routing
from koinon.questions.actions import asking as actions
from koinon.questions.actions.receipts import code_of, tidy_code
from koinon.questions.actions.steps import NotFrom
from koinon.questions.forms import AddForm, ComplaintForm, DecisionsForm, LanguageForm, WithdrawForm
from koinon.questions.models import Question, Step
from koinon.questions.permissions import is_author
from koinon.questions.views.asking import too_many


def _held(code: str) -> Question:
    """The question of a code, for whoever holds it; a mistyped or forged code is nothing."""
    rows = Question.objects.with_code(tidy_code(code)).filter(confidential=False)
    question = rows.select_related("desk", "place", "merged_into", "merged_into__desk").first()
    if question is None:
        raise Http404
    return question


@governed("C1", GET="R")
@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """What became of a question, who has it, by when, and what was said."""
    if (other := receipts_elsewhere.answer(request, code)) is not None:
        return other
    question = _held(code)
    if code != tidy_code(code):
        return redirect("receipts:receipt", code=tidy_code(code))
    return _page(request, question)


def _page(
    request: HttpRequest, question: Question, status: int = 200, **forms_of: forms.Form
) -> HttpResponse:
    today = timezone.localdate()
    steps = list(question.steps.for_asker().select_related("by_body"))
    context: dict[str, Any] = {
        "question": question,
        "steps": steps,
        "code": code_of(question),
        "address": request.build_absolute_uri(reverse("receipts:receipt", args=[code_of(question)])),
        "is_sent": "sent" in request.GET,
        "why": routing.reason_words(question.because),
        "late": question.is_late(today),
        "today": today,
        "may_have_files": is_author(request.visitor, question),
        "bounces": bool(question.email) and is_bouncing(question.email),
        "published": getattr(question, "published", None),
        "complained": any(step.kind == Step.Kind.COMPLAINED for step in steps),
        "add_form": AddForm(initial={"nonce": secrets.token_urlsafe(16)}),
        "decisions_form": DecisionsForm(
            initial={
                "helped": question.helped,
                "may_publish": question.may_publish,
                "may_follow_up": question.may_follow_up,
            }
        ),
        "complaint_form": ComplaintForm(),
        "language_form": LanguageForm(initial={"language": question.language}),
        "withdraw_form": WithdrawForm(),
        **forms_of,
    }
    # The address is the key. `Referrer-Policy: same-origin`, which every page has, keeps it from other sites; with
    # `no-referrer` browsers would send the forms here with `Origin: null`, as if they came from elsewhere.
    return render(request, "questions/receipt.html", context, status=status)


@governed("C1", POST="R")
@require_POST
def add(request: HttpRequest, code: str) -> HttpResponse:
    """Add something, or ask back."""
    question = _held(code)
    if refused := too_many(request):
        return refused
    form = AddForm(request.POST)
    if not form.is_valid():
        return _page(request, question, status=422, add_form=form)
    try:
        actions.add_words(
            question,
            text=form.cleaned_data["text"],
            nonce=form.cleaned_data["nonce"] or secrets.token_urlsafe(16),
        )
    except NotFrom:
        form.add_error(None, _ended())
        return _page(request, _held(code), status=409, add_form=form)
    return _back(code, "history")


@governed("C1", POST="R")
@require_POST
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Whether it helped, and whether others may read it."""
    question = _held(code)
    if refused := too_many(request):
        return refused
    form = DecisionsForm(request.POST)
    if not form.is_valid():
        return _page(request, question, status=422, decisions_form=form)
    try:
        actions.decide(question, **form.cleaned_data)
    except NotFrom:
        form.add_error(None, _ended())
        return _page(request, _held(code), status=409, decisions_form=form)
    return _back(code, "decisions")


@governed("C1", POST="R")
@require_POST
def correct_language(request: HttpRequest, code: str) -> HttpResponse:
    """The language was guessed wrong."""
    question = _held(code)
    if refused := too_many(request):
        return refused
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _page(request, question, status=422, language_form=form)
    actions.correct_language(question, language=form.cleaned_data["language"], by_asker=True)
    return _back(code, "facts")


@governed("C1", POST="R")
@require_POST
def complain(request: HttpRequest, code: str) -> HttpResponse:
    """Against a decline; somebody else decides."""
    question = _held(code)
    if refused := too_many(request):
        return refused
    form = ComplaintForm(request.POST)
    if not form.is_valid():
        return _page(request, question, status=422, complaint_form=form)
    try:
        actions.complain(question, text=form.cleaned_data["text"])
    except NotFrom:
        form.add_error(None, _ended())
        return _page(request, _held(code), status=409, complaint_form=form)
    return _back(code, "history")


@governed("C1", POST="R")
@require_POST
def not_the_same(request: HttpRequest, code: str) -> HttpResponse:
    """It was merged with another question, wrongly."""
    question = _held(code)
    if refused := too_many(request):
        return refused
    try:
        actions.not_the_same(question)
    except NotFrom:
        return _page(request, _held(code), status=409)
    return _back(code, "history")


@governed("C1", POST="R")
@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """End it and erase what was written."""
    question = _held(code)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _page(request, question, status=422, withdraw_form=form)
    actions.withdraw(question)
    return redirect("receipts:receipt", code=tidy_code(code))


@governed("C1", GET="R", POST="R")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """The link in the first mail: opening it does nothing, the button does (mail scanners open links)."""
    question = _held(code)
    if request.method == "POST" and question.email:
        actions.confirm_email(question)
        question.refresh_from_db()
    context = {"question": question, "code": code_of(question), "what": "confirm"}
    return render(request, "questions/mails.html", context)


@csrf_exempt
@governed("C1", GET="R", POST="R")
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """No more mails: by the button, or by the mail program itself (RFC 8058)."""
    question = _held(code)
    if request.method == "POST":
        actions.stop_mails(question)
        question.refresh_from_db()
    context = {"question": question, "code": code_of(question), "what": "stop"}
    return render(request, "questions/mails.html", context)


def _ended() -> str:
    return gettext("This has ended a moment before; what became of it stands above.")


def _back(code: str, part: str) -> HttpResponse:
    response = redirect("receipts:receipt", code=tidy_code(code))
    response["Location"] += f"#{part}"
    return response
