"""The host's side: drafting, changing, publishing, calling off, the agenda, answers, recommendations, the follow-up."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.peers.forms import TakeDownForm
from koinon.peers.models import PeerReview
from koinon.peers.permissions import may_take_down
from koinon.peers.reviews.actions import applying, following, writing
from koinon.peers.reviews.actions.known import Changed, Full, NotNow
from koinon.peers.reviews.forms import (
    AnswerForm,
    CancelForm,
    FollowUpForm,
    ItemForm,
    RecommendationForm,
    ReviewForm,
)
from koinon.peers.reviews.models import Application, Item, Recommendation
from koinon.peers.reviews.permissions import (
    may_answer_application,
    may_cancel_review,
    may_change_review,
    may_delete_review,
    may_host,
    may_publish_review,
)
from koinon.peers.reviews.views.reading import agenda_by_day, review_page, seen
from koinon.peers.reviews.words import Answer, ReviewKind

get_and_post = require_http_methods(["GET", "HEAD", "POST"])


@governed("E12", GET="C", POST="C")
@get_and_post
@login_required
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Draft a review, a visit or a mentoring pair for a body where one holds a role."""
    if kind not in ReviewKind.values:
        raise Http404
    form = ReviewForm(request.POST if request.method == "POST" else None, by=request.visitor, kind=kind)
    chosen = request.POST.get("host", "")
    require(bool(form.bodies) and (not chosen.isdecimal() or chosen in form.bodies))
    if request.method != "POST":
        return _form(request, form)
    if not form.is_valid():
        return _form(request, form, status=422)
    require(may_host(request.visitor, form.chosen_host))
    made = writing.draft(
        form.chosen_host, by=request.visitor, kind=kind, words=form.told(), nonce=form.cleaned_data["nonce"]
    )
    return redirect(made)


def _form(
    request: HttpRequest,
    form: ReviewForm,
    *,
    review: PeerReview | None = None,
    there: PeerReview | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "review": review, "there": there, "kind": form.kind.label}
    return render(request, "peers/reviews/edit.html", context, status=status)


def _own(request: HttpRequest, code: str) -> PeerReview:
    """A review that one may change: for the host's people."""
    found = seen(request, code)
    require(may_change_review(request.visitor, found))
    return found


@governed("E11", GET="U", POST="U")
@get_and_post
@login_required
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change what is said of it. Of two at once, the second sees both texts."""
    found = _own(request, code)
    if found.is_cancelled or found.removed_at is not None:
        return review_page(request, found, trouble="not_now", status=409)
    data = request.POST if request.method == "POST" else None
    form = ReviewForm(data, by=request.visitor, kind=found.kind, of=found)
    if request.method != "POST":
        return _form(request, form, review=found)
    if not form.is_valid():
        return _form(request, form, review=found, status=422)
    try:
        writing.change(
            found, by=request.visitor, version=form.cleaned_data["version"] or 0, words=form.told()
        )
    except Changed:
        now = seen(request, code)
        kept = request.POST.copy()
        kept["version"] = str(now.version)
        form = ReviewForm(kept, by=request.visitor, kind=now.kind, of=now)
        return _form(request, form, review=now, there=now, status=409)
    except NotNow:
        return review_page(request, seen(request, code), trouble="not_now", status=409)
    return redirect(found)


@governed("E12", POST="P")
@require_POST
@login_required
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody reads it from now on, and peers are called for."""
    found = seen(request, code)
    require(may_publish_review(request.visitor, found))
    try:
        writing.publish(found, by=request.visitor)
    except NotNow:
        return review_page(request, seen(request, code), trouble="deadline", status=409)
    return redirect(found)


@governed("E12", GET="D", POST="D")
@get_and_post
@login_required
def delete(request: HttpRequest, code: str) -> HttpResponse:
    """Delete a draft."""
    found = seen(request, code)
    require(may_delete_review(request.visitor, found))
    if not found.is_draft:
        return review_page(request, found, trouble="not_now", status=409)
    if request.method != "POST":
        return render(request, "peers/reviews/delete.html", {"review": found})
    try:
        writing.delete(found, by=request.visitor)
    except NotNow:
        return review_page(request, seen(request, code), trouble="not_now", status=409)
    return redirect("peers:reviews_mine")


@governed("E11", GET="D", POST="D")
@get_and_post
@login_required
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Call it off, with words to all who applied or were to come."""
    found = seen(request, code)
    require(may_cancel_review(request.visitor, found))
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "peers/reviews/cancel.html", {"form": form, "review": found}, status=status)
    try:
        writing.cancel(found, by=request.visitor, words=form.cleaned_data["words"])
    except NotNow:
        return review_page(request, seen(request, code), trouble="not_now", status=409)
    return redirect(found)


@governed("E11", GET="M", POST="M")
@get_and_post
@login_required
def take_down(request: HttpRequest, code: str) -> HttpResponse:
    """The coordinator takes it off the site, with reasons."""
    found = seen(request, code)
    require(may_take_down(request.visitor))
    form = TakeDownForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        writing.take_down(found, by=request.visitor, words=form.cleaned_data["words"])
        return redirect("peers:reviews")
    context = {
        "form": form,
        "title": found.title,
        "title_language": found.language,
        "back": found.get_absolute_url(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "peers/take_down.html", context, status=status)


# Who would come.


@governed("E12")
@require_safe
@login_required
def applications(request: HttpRequest, code: str) -> HttpResponse:
    """Who would come and why, for the host's people."""
    found = seen(request, code)
    require(may_answer_application(request.visitor, found), hidden=True)
    return _applications(request, found)


def _applications(
    request: HttpRequest,
    found: PeerReview,
    *,
    wrong: tuple[int, AnswerForm] | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    rows = list(found.applications.select_related("organisation", "person").order_by("answered_at", "pk"))
    forms = {row.pk: AnswerForm(application=row) for row in rows if row.answer == Answer.SENT}
    if wrong is not None:
        forms[wrong[0]] = wrong[1]
    context = {
        "review": found,
        "waiting": [(row, forms.get(row.pk)) for row in rows if row.answer == Answer.SENT],
        "answered": [row for row in rows if row.answer != Answer.SENT],
        "accepted": sum(row.is_accepted for row in rows),
        "trouble": trouble,
    }
    return render(request, "peers/reviews/applications.html", context, status=status)


@governed("E12", POST="U")
@require_POST
@login_required
def answer(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Accept or decline, with words."""
    found = seen(request, code)
    require(may_answer_application(request.visitor, found), hidden=True)
    application: Application = get_object_or_404(found.applications, pk=pk)
    form = AnswerForm(request.POST, application=application)
    if not form.is_valid():
        return _applications(request, found, wrong=(application.pk, form), status=422)
    data = form.cleaned_data
    try:
        applying.answer(
            application, by=request.visitor, accept=data["decision"] == "accept", words=data["words"]
        )
    except Changed:
        return _applications(request, found, trouble="changed", status=409)
    except Full:
        return _applications(request, found, wrong=(application.pk, form), trouble="full", status=409)
    except NotNow:
        return _applications(request, found, trouble="not_now", status=409)
    return redirect("peers:review_applications", found.code)


# The agenda.


@governed("E11", GET="U", POST="U")
@get_and_post
@login_required
def agenda(request: HttpRequest, code: str) -> HttpResponse:
    """The agenda with its items, and one more."""
    found = _own(request, code)
    form = ItemForm(request.POST if request.method == "POST" else None, review=found)
    if request.method != "POST":
        return _agenda(request, found, form)
    if not form.is_valid():
        return _agenda(request, found, form, status=422)
    try:
        writing.add_item(
            found, by=request.visitor, slot=form.told(), nonce=form.cleaned_data["nonce"] or _from(request)
        )
    except NotNow:
        return _agenda(request, found, form, trouble=_("This cannot be done as it stands."), status=409)
    return redirect("peers:review_agenda", found.code)


def _from(request: HttpRequest) -> str:
    """What stands for a form that was sent without its mark: the same words are the same form."""
    return hashlib.sha256(request.POST.urlencode().encode()).hexdigest()[:40]


def _agenda(
    request: HttpRequest,
    found: PeerReview,
    form: ItemForm,
    *,
    item: Item | None = None,
    there: Item | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "review": found,
        "form": form,
        "item": item,
        "there": there,
        "days": agenda_by_day(found),
        "trouble": trouble,
    }
    return render(request, "peers/reviews/agenda.html", context, status=status)


@governed("E11", GET="U", POST="U")
@get_and_post
@login_required
def item(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Change an item of the agenda, or take it off (`do=remove`)."""
    found = _own(request, code)
    one: Item = get_object_or_404(found.agenda, pk=pk)
    form = ItemForm(request.POST if request.method == "POST" else None, review=found, of=one)
    if request.method != "POST":
        return _agenda(request, found, form, item=one)
    if request.POST.get("do") == "remove":
        writing.remove_item(one, by=request.visitor)
        return redirect("peers:review_agenda", found.code)
    if not form.is_valid():
        return _agenda(request, found, form, item=one, status=422)
    try:
        writing.change_item(one, by=request.visitor, edits=form.cleaned_data["edits"] or 0, slot=form.told())
    except Changed:
        now = get_object_or_404(found.agenda, pk=pk)
        return _agenda(
            request,
            found,
            ItemForm(_kept(request, now.edits), review=found, of=now),
            item=now,
            there=now,
            status=409,
        )
    except NotNow:
        return _agenda(request, found, form, trouble=_("This cannot be done as it stands."), status=409)
    return redirect("peers:review_agenda", found.code)


def _kept(request: HttpRequest, edits: int) -> Any:
    """What was typed, upon what stands now."""
    kept = request.POST.copy()
    kept["edits"] = str(edits)
    return kept


# What is recommended, and what changed.


@governed("E11", GET="U", POST="U")
@get_and_post
@login_required
def recommendations(request: HttpRequest, code: str) -> HttpResponse:
    """What the peers recommend, and one more."""
    found = _own(request, code)
    form = RecommendationForm(request.POST if request.method == "POST" else None, review=found)
    if request.method != "POST":
        return _recommendations(request, found, form)
    if not form.is_valid():
        return _recommendations(request, found, form, status=422)
    try:
        following.recommend(
            found, by=request.visitor, said=form.told(), nonce=form.cleaned_data["nonce"] or _from(request)
        )
    except NotNow:
        return _recommendations(request, found, form, trouble="not_now", status=409)
    return redirect("peers:review_recommendations", found.code)


def _recommendations(
    request: HttpRequest,
    found: PeerReview,
    form: RecommendationForm,
    *,
    row: Recommendation | None = None,
    there: Recommendation | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "review": found,
        "form": form,
        "row": row,
        "there": there,
        "rows": list(found.recommendations.select_related("owner")),
        "trouble": trouble,
    }
    return render(request, "peers/reviews/recommendations.html", context, status=status)


@governed("E11", GET="U", POST="U")
@get_and_post
@login_required
def recommendation(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Say how one stands, or reword it."""
    found = _own(request, code)
    row: Recommendation = get_object_or_404(found.recommendations.select_related("owner"), pk=pk)
    form = RecommendationForm(request.POST if request.method == "POST" else None, review=found, of=row)
    if request.method != "POST":
        return _recommendations(request, found, form, row=row)
    if not form.is_valid():
        return _recommendations(request, found, form, row=row, status=422)
    try:
        following.change(row, by=request.visitor, edits=form.cleaned_data["edits"] or 0, said=form.told())
    except Changed:
        now = get_object_or_404(found.recommendations.select_related("owner"), pk=pk)
        kept = RecommendationForm(_kept(request, now.edits), review=found, of=now)
        return _recommendations(request, found, kept, row=now, there=now, status=409)
    except NotNow:
        return _recommendations(request, found, form, row=row, trouble="not_now", status=409)
    return redirect("peers:review_recommendations", found.code)


@governed("E11", POST="U")
@require_POST
@login_required
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Let recommendations and what changed be seen by all (`show=yes`), or no longer."""
    found = _own(request, code)
    return _do(
        request,
        found,
        lambda: following.show(found, by=request.visitor, shown=request.POST.get("show") == "yes"),
    )


def _do(request: HttpRequest, found: PeerReview, deed: Callable[[], object]) -> HttpResponse:
    try:
        deed()
    except NotNow:
        return review_page(request, seen(request, found.code), trouble="not_now", status=409)
    return redirect(found)


@governed("E11", GET="U", POST="U")
@get_and_post
@login_required
def follow_up(request: HttpRequest, code: str) -> HttpResponse:
    """What changed since."""
    found = _own(request, code)
    if found.is_draft or found.is_cancelled or not found.is_over:
        return review_page(request, found, trouble="not_now", status=409)
    form = FollowUpForm(request.POST if request.method == "POST" else None, of=found)
    context: dict[str, Any] = {"form": form, "review": found}
    if request.method != "POST":
        return render(request, "peers/reviews/follow_up.html", context)
    if not form.is_valid():
        return render(request, "peers/reviews/follow_up.html", context, status=422)
    data = form.cleaned_data
    try:
        following.say_what_changed(found, by=request.visitor, version=data["version"], words=data["words"])
    except Changed:
        now = seen(request, code)
        kept = request.POST.copy()
        kept["version"] = str(now.version)
        context = {"form": FollowUpForm(kept, of=now), "review": now, "there": now}
        return render(request, "peers/reviews/follow_up.html", context, status=409)
    except NotNow:
        return review_page(request, seen(request, code), trouble="not_now", status=409)
    return redirect(found)
