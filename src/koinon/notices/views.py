"""How notices are reached over the web: sent and followed by anyone, handled by those who answer for the thing."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from koinon.base import exits, problems
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.network.limits import anonymous_writes
from koinon.notices import actions, subjects
from koinon.notices import tallies as figures
from koinon.notices.forms import DecisionForm, NoticeForm, WordsForm
from koinon.notices.models import Decision, Feedback, Notice
from koinon.notices.permissions import (
    may_answer,
    may_complain,
    may_decide_complaint,
    may_feed_back,
    may_have_decisions,
    may_read_receipt,
    may_send,
    may_use_feedback,
    may_use_queue,
)

PER_PAGE = 50


# Anyone


@governed("G1", GET="C")
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Anyone says what is wrong with a thing (`?about=KIND:KEY`); without one, how to get there."""
    about = request.GET.get("about", "")
    if not about:
        require(may_send(request.visitor))
        return render(request, "notices/what.html")
    found = _reportable(request, about)
    return _form(request, about, found, NoticeForm(feedback=found[0] == subjects.SITE))


@governed("G1", POST="C")
@require_POST
def send(request: HttpRequest, about: str) -> HttpResponse:
    """The notice is taken: a number, and a private link that tells what becomes of it."""
    found = _reportable(request, about)
    if wait := _must_wait(request):
        return wait
    form = NoticeForm(request.POST, feedback=found[0] == subjects.SITE)
    if not form.is_valid():
        return _form(request, about, found, form, status=422)
    _notice, code = actions.send(
        about,
        by=request.visitor,
        reason=form.cleaned_data.get("fault", Notice.Reason.OTHER),
        text=form.cleaned_data["text"],
        email=form.cleaned_data["email"],
        language=get_language() or "en",
        nonce=form.cleaned_data["nonce"],
    )
    return redirect("notices:receipt", code=code)


@governed("G1", GET="R")
@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """The private page of who sent it: what it was, and what was decided. Whoever holds the link may read it."""
    return _receipt(request, code, WordsForm())


@governed("G3", POST="C")
@require_POST
def complain(request: HttpRequest, code: str) -> HttpResponse:
    """Who sent the notice complains about the decision."""
    notice = _held(request, code)
    require(may_complain(request.visitor, notice, holds_code=True))
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _receipt(request, code, form, status=422)
    try:
        actions.complain(notice, by=request.visitor, text=form.cleaned_data["words"], code=code)
    except actions.NoComplaint:
        return _receipt(request, code, form, status=409)
    return redirect("notices:receipt", code=code)


@governed("P1")
@require_safe
def tallies(request: HttpRequest) -> HttpResponse:
    """What was decided, in public figures."""
    rows = figures.tallies()
    out = figures.LISTING.answer(request, rows)
    if out is not None:
        return out
    context = {
        "rows": rows,
        "exits": [(form.upper(), f"?format={form}") for form in exits.FORMATS],
    }
    return render(request, "notices/tallies.html", context)


# Those whom a decision concerns


@governed("G3", GET="R")
@require_safe
@login_required
def decisions(request: HttpRequest) -> HttpResponse:
    """Decisions about what one's organisation answers for, and about what one wrote."""
    require(may_have_decisions(request.visitor))
    rows = Decision.objects.seen_by(request.visitor).latest_first()
    return render(request, "notices/decisions.html", {"page": page_of(request, rows, PER_PAGE)})


@governed("G3", GET="R")
@require_safe
@login_required
def decision(request: HttpRequest, number: str) -> HttpResponse:
    """One decision with its statement of reasons. What the notice said, and whose it was, is not on it."""
    return _decision(request, number, WordsForm())


@governed("G3", POST="C")
@require_POST
@login_required
def complain_here(request: HttpRequest, number: str) -> HttpResponse:
    """Who wrote the thing, or answers for it, complains about the decision."""
    found = _decided(request, number)
    require(may_complain(request.visitor, found, holds_code=False))
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _decision(request, number, form, status=422)
    try:
        actions.complain(found, by=request.visitor, text=form.cleaned_data["words"])
    except actions.NoComplaint:
        return _decision(request, number, form, status=409)
    return redirect("notices:decision", number=number)


# Those who decide


@governed("G2", GET="R")
@require_safe
@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """What one has to decide, the latest due first; and what was decided."""
    require(may_use_queue(request.visitor))
    mine = Notice.objects.seen_by(request.visitor).select_related("organisation")
    done = request.GET.get("show") == "done"
    rows = mine.done().latest_first() if done else mine.open().late_first()
    context = {
        "page": page_of(request, rows, PER_PAGE),
        "done": done,
        "feedback": Feedback.objects.seen_by(request.visitor).filter(decided_at__isnull=True).count(),
    }
    return render(request, "notices/queue.html", context)


@governed("G2", GET="R")
@require_safe
@login_required
def notice(request: HttpRequest, number: str) -> HttpResponse:
    """One notice, for those who decide on it."""
    return _page(request, _mine(request, number))


@governed("G2", POST="M")
@require_POST
@login_required
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """Keep, correct or take off, with reasons."""
    found = _mine(request, number)
    form = DecisionForm(request.POST, of=found)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    try:
        actions.decide(
            found,
            by=request.visitor,
            outcome=form.cleaned_data["outcome"],
            ground=form.cleaned_data["ground"],
            words=form.cleaned_data["words"],
        )
    except actions.Decided:
        return _page(request, _mine(request, number), decided_before=True, status=409)
    return redirect("notices:notice", number=number)


@governed("G2", POST="M")
@require_POST
@login_required
def decide_complaint(request: HttpRequest, number: str) -> HttpResponse:
    """Decide on the complaint: somebody else than before."""
    found = _mine(request, number)
    require(_may_second(request, found))
    form = DecisionForm(request.POST, of=found)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    try:
        actions.decide_complaint(
            found,
            by=request.visitor,
            outcome=form.cleaned_data["outcome"],
            ground=form.cleaned_data["ground"],
            words=form.cleaned_data["words"],
        )
    except actions.Decided:
        return _page(request, _mine(request, number), decided_before=True, status=409)
    return redirect("notices:notice", number=number)


# Feedback about the site


@governed("G4", GET="R")
@require_safe
@login_required
def feedback_list(request: HttpRequest) -> HttpResponse:
    """What was said about accessibility and personal data, with the day by which it is answered."""
    require(may_use_feedback(request.visitor))
    rows = Feedback.objects.seen_by(request.visitor).select_related("organisation")
    context = {"page": page_of(request, rows.order_by("due", "made_at", "pk"), PER_PAGE)}
    return render(request, "notices/feedback_list.html", context)


@governed("G4", GET="R")
@require_safe
@login_required
def feedback(request: HttpRequest, number: str) -> HttpResponse:
    """One piece of feedback."""
    return _feedback(request, _said(request, number), WordsForm())


@governed("G4", POST="U")
@require_POST
@login_required
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Answer it."""
    found = _said(request, number)
    require(may_answer(request.visitor, found))
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _feedback(request, found, form, status=422)
    try:
        actions.answer(found, by=request.visitor, words=form.cleaned_data["words"])
    except actions.Decided:
        return _feedback(request, _said(request, number), form, decided_before=True, status=409)
    return redirect("notices:feedback", number=number)


# What they share


Found = tuple[str, str, subjects.Subject]


def _reportable(request: HttpRequest, about: str) -> Found:
    found = subjects.find(about, request.visitor)
    if found is None:
        raise Http404
    require(may_feed_back(request.visitor) if found[0] == subjects.SITE else may_send(request.visitor))
    return found


def _form(
    request: HttpRequest, about: str, found: Found, form: NoticeForm, *, status: int = 200
) -> HttpResponse:
    kind, key, subject = found
    context = {
        "form": form,
        "about": about,
        "subject": subject,
        "is_feedback": kind == subjects.SITE,
        "kind_name": subjects.name_of(kind),
        "topic": subjects.TOPICS.get(key.partition(":")[0], ""),
        "days": actions.WORKING_DAYS,
    }
    return render(request, "notices/new.html", context, status=status)


def _must_wait(request: HttpRequest) -> HttpResponse | None:
    """429 for who has written very often without an account."""
    if request.visitor.is_signed_in:
        return None
    seconds = anonymous_writes.wait(request.META.get("REMOTE_ADDR", ""))
    if not seconds:
        return None
    refused = problems.answer(request, 429)
    refused.headers["Retry-After"] = str(seconds)
    return refused


def _held(request: HttpRequest, code: str) -> Notice:
    found = actions.held_by(code[:100])
    if found is None:
        raise Http404
    require(may_read_receipt(request.visitor, found))
    return found


def _receipt(request: HttpRequest, code: str, form: WordsForm, *, status: int = 200) -> HttpResponse:
    found = _held(request, code)
    context = {
        "notice": found,
        "address": request.build_absolute_uri(_receipt_path(code)),
        "code": code,
        "form": form,
        "complaint_open": actions.complaint_is_open(found),
        "may_complain": may_complain(request.visitor, found, holds_code=True),
        "shows_complaint": found.complaint_side == Notice.Side.NOTIFIER,
        "too_late": status == 409,
    }
    return render(request, "notices/receipt.html", context, status=status)


def _receipt_path(code: str) -> str:
    return str(redirect("notices:receipt", code=code)["Location"])


def _decided(request: HttpRequest, number: str) -> Decision:
    """The decision; who may not see it, and who asks for none, get the same answer."""
    found = Decision.objects.seen_by(request.visitor).select_related("organisation").filter(number=number)
    row = found.first()
    require(row is not None)
    assert row is not None
    return row


def _decision(request: HttpRequest, number: str, form: WordsForm, *, status: int = 200) -> HttpResponse:
    found = _decided(request, number)
    context = {
        "notice": found,
        "form": form,
        "complaint_open": actions.complaint_is_open(found),
        "may_complain": may_complain(request.visitor, found, holds_code=False),
        "shows_complaint": found.complaint_side != Notice.Side.NOTIFIER,
        "too_late": status == 409,
    }
    return render(request, "notices/decision.html", context, status=status)


def _mine(request: HttpRequest, number: str) -> Notice:
    found = Notice.objects.seen_by(request.visitor).select_related("organisation").filter(number=number)
    row = found.first()
    require(row is not None)
    assert row is not None
    return row


def _may_second(request: HttpRequest, notice: Notice) -> bool:
    mine = actions.complained(notice, request.visitor)
    return may_decide_complaint(request.visitor, notice, is_complainant=mine)


def _page(
    request: HttpRequest,
    notice: Notice,
    *,
    form: DecisionForm | None = None,
    decided_before: bool = False,
    status: int = 200,
) -> HttpResponse:
    second = notice.complained_at is not None and notice.complaint_decided_at is None
    context: dict[str, Any] = {
        "notice": notice,
        "form": form or DecisionForm(of=notice),
        "first": notice.decided_at is None,
        "second": second,
        "may_second": second and _may_second(request, notice),
        "decided_before": decided_before,
    }
    return render(request, "notices/notice.html", context, status=status)


def _said(request: HttpRequest, number: str) -> Feedback:
    found = Feedback.objects.seen_by(request.visitor).select_related("organisation").filter(number=number)
    row = found.first()
    require(row is not None)
    assert row is not None
    return row


def _feedback(
    request: HttpRequest,
    notice: Feedback,
    form: WordsForm,
    *,
    decided_before: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "notice": notice,
        "form": form,
        "may_answer": notice.decided_at is None and may_answer(request.visitor, notice),
        "decided_before": decided_before,
    }
    return render(request, "notices/feedback.html", context, status=status)
