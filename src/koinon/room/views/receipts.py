"""The private page of what was said in a room, at the address of its receipt, until it is a question at a desk."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from koinon.agenda.permissions import may_read
from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.questions.actions.receipts import code_from, tidy_code
from koinon.questions.forms import WithdrawForm
from koinon.questions.models.questions import hash_of
from koinon.questions.views.asking import too_many
from koinon.room.actions import saying
from koinon.room.forms import CarryForm, RewordForm
from koinon.room.models import Contribution
from koinon.room.permissions import may_take_part

State = Contribution.State


def receipt(request: HttpRequest, code: str) -> HttpResponse | None:
    """What became of it; for `questions`, which asks where no question has the code (B6 R, B8 R)."""
    row = saying.with_code(code)
    if row is None:
        return None
    require(may_take_part(request.visitor))
    if code != tidy_code(code):
        return redirect("receipts:receipt", code=tidy_code(code))
    return _page(request, row)


@governed("B6", POST="D")
@require_POST
def withdraw(request: HttpRequest, code: str, receipt: str) -> HttpResponse:
    """End it and erase what was written."""
    row = _held(request, code, receipt)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _page(request, row, status=422, withdraw_form=form)
    try:
        saying.withdraw(row)
    except saying.NotNow:
        return _page(request, _held(request, code, receipt), status=409)
    return redirect("receipts:receipt", code=code_from(row.seed))


@governed("B6", POST="R")
@require_POST
def carry(request: HttpRequest, code: str, receipt: str) -> HttpResponse:
    """Send it to a centre instead: from now on it is a question at a desk, with an owner and a date."""
    row = _held(request, code, receipt)
    if refused := too_many(request):
        return refused
    data = request.POST.copy()
    if picked := data.get("picked", "")[:200] or data.get("chosen", "")[:200]:
        data["place"] = picked
    form = CarryForm(data)
    if not form.is_valid():
        return _page(request, row, status=422, carry_form=form)
    try:
        saying.carry_over(row, place=form.cleaned_data["place"])
    except saying.NotNow:
        return _page(request, _held(request, code, receipt), status=409)
    return redirect("receipts:receipt", code=code_from(row.seed))


@governed("B6", POST="U")
@require_POST
def reword(request: HttpRequest, code: str, receipt: str) -> HttpResponse:
    """Mend what still waits for a moderator."""
    row = _held(request, code, receipt)
    if refused := too_many(request):
        return refused
    form = RewordForm(request.POST)
    if not form.is_valid():
        return _page(request, row, status=422, reword_form=form)
    try:
        saying.reword(row, text=form.cleaned_data["text"])
    except saying.NotNow:
        return _page(request, _held(request, code, receipt), status=409)
    return redirect("receipts:receipt", code=code_from(row.seed))


def _held(request: HttpRequest, code: str, receipt: str) -> Contribution:
    """The contribution of a code, for whoever holds it; a mistyped or forged one is nothing."""
    rows = Contribution.objects.select_related("room__session", "merged_into", "place", "question")
    found: Contribution = get_object_or_404(
        rows, receipt=hash_of(tidy_code(receipt)), room__session__code=code
    )
    require(may_take_part(request.visitor))
    return found


def _page(request: HttpRequest, row: Contribution, status: int = 200, **forms_of: Any) -> HttpResponse:
    session = row.room.session
    code = code_from(row.seed)
    head = row.merged_into if row.state == State.MERGED else None
    context = {
        "row": row,
        "head": head if head is not None and head.state in Contribution.SHOWN else None,
        "session": session,
        "is_seen": may_read(request.visitor, session),
        "code": code,
        "address": request.build_absolute_uri(reverse("receipts:receipt", args=[code])),
        "is_sent": "sent" in request.GET,
        "is_question": row.kind == Contribution.Kind.QUESTION,
        "may_carry": row.state not in {State.WITHDRAWN, State.MERGED}
        and row.question_id is None
        and not row.room.rehearsal,
        "may_reword": row.state == State.NEW and row.room.is_open,
        "next_step": saying.next_step(row.kind),
        "carry_form": CarryForm(initial={"place": row.place.key if row.place is not None else ""}),
        "reword_form": RewordForm(initial={"text": row.text}),
        "withdraw_form": WithdrawForm(),
        **forms_of,
    }
    return render(request, "room/receipt.html", context, status=status)
