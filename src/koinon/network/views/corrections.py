"""Corrections over the web: suggesting one, its private page, and the owner's decision."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from koinon.base import problems
from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.network.actions import corrections as actions
from koinon.network.forms.facts import CorrectionForm, DecisionForm
from koinon.network.limits import anonymous_writes
from koinon.network.models import Correction, Organisation
from koinon.network.permissions.facts import may_decide, may_read_corrections
from koinon.network.views.organisation import page, visible


@governed("A7", POST="C")
@require_POST
def suggest(request: HttpRequest, slug: str) -> HttpResponse:
    """Anyone says what is wrong, and gets a private link that tells what became of it."""
    organisation = visible(request, slug)
    if not request.visitor.is_signed_in:
        seconds = anonymous_writes.wait(request.META.get("REMOTE_ADDR", ""))
        if seconds:
            answer = problems.answer(request, 429)
            answer.headers["Retry-After"] = str(seconds)
            return answer
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return page(request, organisation, form=form, status=422)
    _, code = actions.suggest(
        organisation,
        by=request.visitor,
        about=form.cleaned_data["about"],
        text=form.cleaned_data["text"],
        email=form.cleaned_data["email"],
        language=get_language() or "en",
        nonce=form.cleaned_data["nonce"],
    )
    return redirect("network:receipt", code=code)


@governed("A7", GET="R")
@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """The private page of who suggested: what it was, and what became of it. Whoever holds the link may read it."""
    correction = Correction.objects.with_code(code[:100]).select_related("organisation").first()
    if correction is None or not correction.organisation.published:
        raise Http404
    address = request.build_absolute_uri(request.path)
    return render(request, "network/receipt.html", {"correction": correction, "address": address})


@governed("A7", GET="R")
@require_safe
@login_required
def corrections(request: HttpRequest, slug: str) -> HttpResponse:
    """What was suggested for an organisation, for those who answer for it."""
    return _list(request, _mine(request, slug))


@governed("A7", POST="M")
@require_POST
@login_required
def decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Accept or decline, with a reason."""
    organisation = _mine(request, slug)
    require(may_decide(request.visitor, organisation))
    correction = get_object_or_404(Correction, pk=pk, organisation=organisation)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _list(request, organisation, wrong=(correction.pk, form), status=422)
    try:
        actions.decide(
            correction,
            by=request.visitor,
            accept=form.cleaned_data["decision"] == "accept",
            reason=form.cleaned_data["reason"],
        )
    except actions.Decided:
        return _list(request, organisation, decided_before=True, status=409)
    return redirect("network:corrections", slug=organisation.slug)


def _mine(request: HttpRequest, slug: str) -> Organisation:
    """The organisation, for those who may read its corrections; for the rest there is nothing here."""
    organisation = visible(request, slug)
    require(may_read_corrections(request.visitor, organisation), hidden=True)
    return organisation


def _list(
    request: HttpRequest,
    organisation: Organisation,
    *,
    wrong: tuple[int, DecisionForm] | None = None,
    decided_before: bool = False,
    status: int = 200,
) -> HttpResponse:
    rows = list(organisation.corrections.oldest_first().select_related("decided_by"))
    wrong_pk, wrong_form = wrong or (None, None)
    context = {
        "organisation": organisation,
        "open": [
            (row, wrong_form if row.pk == wrong_pk else DecisionForm(prefix=None, auto_id=f"c{row.pk}_%s"))
            for row in rows
            if row.state == Correction.State.OPEN
        ],
        "done": [row for row in rows if row.state != Correction.State.OPEN],
        "may_decide": may_decide(request.visitor, organisation),
        "decided_before": decided_before,
    }
    return render(request, "network/corrections.html", context, status=status)
