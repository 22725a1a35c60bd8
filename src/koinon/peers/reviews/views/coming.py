"""The peer's side: applying, withdrawing, letting oneself be named."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.peers.models import PeerReview
from koinon.peers.reviews.actions import applying
from koinon.peers.reviews.actions.known import Changed, NotNow
from koinon.peers.reviews.forms import ApplyForm
from koinon.peers.reviews.models import Application
from koinon.peers.reviews.permissions import may_apply, may_keep_application
from koinon.peers.reviews.views.reading import review_page, seen


@governed("E12", GET="C", POST="C")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def apply(request: HttpRequest, code: str) -> HttpResponse:
    """Say why one would come."""
    found = seen(request, code)
    require(may_apply(request.visitor, found))
    if not found.calls:
        return review_page(request, found, trouble="closed", status=409)
    form = ApplyForm(request.POST if request.method == "POST" else None, by=request.visitor, review=found)
    if request.method != "POST":
        return _form(request, found, form)
    chosen = request.POST.get("body", "")
    require(not chosen.isdecimal() or chosen in form.bodies)
    if not form.is_valid():
        return _form(request, found, form, status=422)
    data = form.cleaned_data
    try:
        applying.apply(
            found,
            by=request.visitor,
            organisation=form.chosen_body,
            reason=data["reason"],
            language=data["language"],
            named=data["named"],
            terms_version=data["terms_version"],
        )
    except Changed:
        now = seen(request, code)
        kept = request.POST.copy()
        kept["terms_version"] = str(now.terms_version)
        form = ApplyForm(kept, by=request.visitor, review=now)
        return _form(request, now, form, changed=True, status=409)
    except NotNow:
        return review_page(request, seen(request, code), trouble="closed", status=409)
    return redirect(found)


def _form(
    request: HttpRequest, review: PeerReview, form: ApplyForm, *, changed: bool = False, status: int = 200
) -> HttpResponse:
    context = {"form": form, "review": review, "changed": changed}
    return render(request, "peers/reviews/apply.html", context, status=status)


def _do(request: HttpRequest, code: str, pk: int, deed: Callable[[Application], object]) -> HttpResponse:
    found = seen(request, code)
    application: Application = get_object_or_404(found.applications, pk=pk)
    require(may_keep_application(request.visitor, application), hidden=True)
    try:
        deed(application)
    except NotNow:
        return review_page(request, seen(request, code), trouble="not_now", status=409)
    return redirect("peers:reviews_mine")


@governed("E12", POST="D")
@require_POST
@login_required
def withdraw(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Come no longer."""
    return _do(request, code, pk, lambda row: applying.withdraw(row, by=request.visitor))


@governed("E12", POST="U")
@require_POST
@login_required
def named(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Stand on the page by name (`named=yes`), or no longer."""
    wanted = request.POST.get("named") == "yes"
    return _do(request, code, pk, lambda row: applying.let_be_named(row, by=request.visitor, named=wanted))
