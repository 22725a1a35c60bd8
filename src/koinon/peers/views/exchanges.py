"""What two agree on, and what came of it: its page for the two, its public part for all, the list of public ones."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.exits import Column, Listing, exit_name
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.peers.actions import exchanging
from koinon.peers.forms import ResultForm, TermsForm
from koinon.peers.models import Exchange, PeerReview
from koinon.peers.models.matches import other
from koinon.peers.permissions import (
    exchange_side,
    may_agree,
    may_change_exchange,
    may_take_down,
    may_withdraw_exchange,
)
from koinon.peers.telling import name_of_side
from koinon.peers.views.matches import introduced
from koinon.practices import concepts

get_and_post = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE = 30


def _bodies(row: Exchange) -> list[str]:
    return [
        body.slug
        for body in (row.first_organisation, row.second_organisation)
        if body is not None and body.published
    ]


LISTING: Listing[Exchange] = Listing(
    name="exchanges",
    title=gettext_lazy("What came of exchanges"),
    columns=(
        Column("code", lambda row: row.code),
        Column("title", lambda row: row.title),
        Column("language", lambda row: row.language),
        Column("bodies", _bodies),
        Column("form", lambda row: row.format),
        Column("topics", lambda row: list(row.topics)),
        Column("from", lambda row: row.begins_on),
        Column("until", lambda row: row.ends_on),
        Column("outcome", lambda row: row.outcome),
        Column("text", lambda row: row.public_text),
        Column("recorded_on", lambda row: timezone.localdate(row.result_at) if row.result_at else None),
        Column("invented", lambda row: row.is_demo),
        Column("url", lambda row: row.get_absolute_url()),
    ),
    entry_title=lambda row: row.title,
    entry_url=lambda row: row.get_absolute_url(),
    entry_updated=lambda row: row.result_at or row.changed_at,
)


@governed("E9")
@require_safe
def exchanges(request: HttpRequest) -> HttpResponse:
    """All exchanges whose result both sides let be seen."""
    rows = Exchange.objects.public().with_sides().latest_first()
    if answer := LISTING.answer(request, rows):
        return answer
    page = page_of(request, rows, A_PAGE)
    context = {"page": page, "exits": [(exit_name(name), f"?format={name}") for name in LISTING.formats]}
    response = render(request, "peers/exchanges.html", context)
    return response if request.GET or request.visitor.is_signed_in else shared(response)


def _seen(request: HttpRequest, code: str) -> Exchange:
    rows = (
        Exchange.objects.seen_by(request.visitor)
        .with_sides()
        .select_related(
            "match__first__organisation",
            "match__first__person",
            "match__second__organisation",
            "match__second__person",
        )
    )
    return get_object_or_404(rows, code=code[:12])


@governed("E9")
@require_safe
def exchange(request: HttpRequest, code: str) -> HttpResponse:
    """What everybody may read; and for the two what they agreed on and what is to do."""
    return _page(request, _seen(request, code))


def _page(request: HttpRequest, found: Exchange, *, trouble: str = "", status: int = 200) -> HttpResponse:
    side = exchange_side(request.visitor, found)
    language = getattr(request, "LANGUAGE_CODE", "en")
    context: dict[str, Any] = {
        "exchange": found,
        "side": side,
        "topics": [(key, concepts.label(key, language)) for key in found.topics],
        "trouble": trouble,
        "first": found.first_organisation if _is_public(found, "first", side) else None,
        "second": found.second_organisation if _is_public(found, "second", side) else None,
        "may_take_down": found.is_public and may_take_down(request.visitor),
        "is_party": bool(side),
        "review": PeerReview.objects.seen_by(request.visitor).filter(applications__exchange=found).first()
        if found.is_of_review
        else None,
    }
    if side:
        there = other(side)
        context |= {
            "called": name_of_side(found.organisation(there), found.person(there)),
            "own_agreed": found.agreed(side),
            "there_agreed": found.agreed(there),
            "own_consents": found.consented(side),
            "there_consents": found.consented(there),
            "has_begun": found.begins_on <= timezone.localdate(),
            "is_open": found.called_off_at is None and found.result_at is None,
        }
    response = render(request, "peers/exchange.html", context, status=status)
    is_plain = not request.GET and not request.visitor.is_signed_in and found.is_public
    return shared(response) if is_plain and status == 200 else response


def _is_public(found: Exchange, side: str, own: str) -> bool:
    body = found.organisation(side)
    return body is not None and (body.published or bool(own))


@governed("E9", GET="C", POST="C")
@get_and_post
@login_required
def propose(request: HttpRequest, code: str) -> HttpResponse:
    """Propose what to do together."""
    match = introduced(request, code)
    require(may_agree(request.visitor, match), hidden=True)
    form = TermsForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return render(request, "peers/terms.html", {"form": form, "match": match})
    if not form.is_valid():
        return render(request, "peers/terms.html", {"form": form, "match": match}, status=422)
    try:
        made = exchanging.propose(match, by=request.visitor, terms=form.told())
    except exchanging.Changed as changed:
        return _stands_otherwise(request, changed.current)
    return redirect(made)


def _stands_otherwise(request: HttpRequest, there: Exchange) -> HttpResponse:
    """What stands there now, and below it the form with what was typed, for that version."""
    kept = request.POST.copy()
    kept["edits"] = str(there.edits)
    context = {"form": TermsForm(kept, of=there), "exchange": there, "there": there}
    return render(request, "peers/terms.html", context, status=409)


def _own(request: HttpRequest, code: str) -> Exchange:
    """An exchange that one may change: for its parties."""
    found = _seen(request, code)
    require(may_change_exchange(request.visitor, found))
    return found


@governed("E9", GET="U", POST="U")
@get_and_post
@login_required
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Change what is to be agreed on; the other side is asked anew."""
    found = _own(request, code)
    if found.called_off_at is not None or found.result_at is not None or found.is_of_review:
        return _page(request, found, trouble="not_now", status=409)
    form = TermsForm(request.POST if request.method == "POST" else None, of=found)
    context: dict[str, Any] = {"form": form, "exchange": found}
    if request.method != "POST":
        return render(request, "peers/terms.html", context)
    if not form.is_valid():
        return render(request, "peers/terms.html", context, status=422)
    try:
        exchanging.change(found, by=request.visitor, edits=form.cleaned_data["edits"] or 0, terms=form.told())
    except exchanging.Changed as changed:
        return _stands_otherwise(request, changed.current)
    except exchanging.NotNow:
        return _page(request, _seen(request, code), trouble="not_now", status=409)
    return redirect(found)


def _edits(request: HttpRequest) -> int:
    """Which version was read; 0, which is none, for what is no number."""
    sent = request.POST.get("edits", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


def _do(request: HttpRequest, code: str, deed: Callable[[Exchange], object]) -> HttpResponse:
    found = _own(request, code)
    try:
        deed(found)
    except exchanging.Changed:
        return _page(request, _seen(request, code), trouble="changed", status=409)
    except exchanging.NotNow:
        return _page(request, _seen(request, code), trouble="not_now", status=409)
    return redirect(found)


@governed("E9", POST="U")
@require_POST
@login_required
def agree(request: HttpRequest, code: str) -> HttpResponse:
    """Yes to what stands there."""
    return _do(
        request, code, lambda found: exchanging.agree(found, by=request.visitor, edits=_edits(request))
    )


@governed("E9", POST="U")
@require_POST
@login_required
def consent(request: HttpRequest, code: str) -> HttpResponse:
    """Yes, the public words may be seen."""
    return _do(
        request, code, lambda found: exchanging.consent(found, by=request.visitor, edits=_edits(request))
    )


@governed("E9", GET="U", POST="U")
@get_and_post
@login_required
def result(request: HttpRequest, code: str) -> HttpResponse:
    """Say what came of it."""
    found = _own(request, code)
    if not found.is_agreed or found.called_off_at is not None or found.begins_on > timezone.localdate():
        return _page(request, found, trouble="not_now", status=409)
    side = exchange_side(request.visitor, found)
    form = ResultForm(request.POST if request.method == "POST" else None, of=found, side=side)
    context: dict[str, Any] = {"form": form, "exchange": found}
    if request.method != "POST":
        return render(request, "peers/result.html", context)
    if not form.is_valid():
        return render(request, "peers/result.html", context, status=422)
    try:
        exchanging.record_result(
            found,
            by=request.visitor,
            edits=form.cleaned_data["edits"],
            result=form.told(),
            consents=form.cleaned_data["consents"],
        )
    except exchanging.Changed as changed:
        kept = request.POST.copy()
        kept["edits"] = str(changed.current.edits)
        context = {
            "form": ResultForm(kept, of=changed.current, side=side),
            "exchange": found,
            "there": changed.current,
        }
        return render(request, "peers/result.html", context, status=409)
    except exchanging.NotNow:
        return _page(request, _seen(request, code), trouble="not_now", status=409)
    return redirect(found)


def _take_back(request: HttpRequest, code: str, deed: Callable[[Exchange], object]) -> HttpResponse:
    found = _seen(request, code)
    require(may_withdraw_exchange(request.visitor, found))
    try:
        deed(found)
    except exchanging.NotNow:
        return _page(request, _seen(request, code), trouble="not_now", status=409)
    return redirect(found)


@governed("E9", POST="D")
@require_POST
@login_required
def call_off(request: HttpRequest, code: str) -> HttpResponse:
    """It does not take place."""
    return _take_back(request, code, lambda found: exchanging.call_off(found, by=request.visitor))


@governed("E9", POST="D")
@require_POST
@login_required
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Nobody else sees the result any longer."""
    return _take_back(request, code, lambda found: exchanging.withdraw_consent(found, by=request.visitor))
