"""Calls for everybody: the list, a call's own page, its calendar, its history, and whether a place may apply."""

import secrets
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from koinon.base import calendars, problems
from koinon.base.exits import exit_name
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest
from koinon.calls import hooks, ics
from koinon.calls.actions import asking
from koinon.calls.beside import answers_for, practices_for
from koinon.calls.check import verdict
from koinon.calls.forms import AskForm, CheckForm
from koinon.calls.listing import LISTING, Calls, asked, line
from koinon.calls.models import Call, tombstone
from koinon.calls.money import amount, share_words
from koinon.calls.permissions import (
    may_change,
    may_confirm,
    may_delete,
    may_publish,
    may_withdraw,
    may_work_somewhere,
)
from koinon.calls.telling import history_of
from koinon.calls.words import Stage
from koinon.practices import concepts
from koinon.questions.permissions import may_ask
from koinon.questions.views.asking import too_many
from koinon.topics.models import Objective

A_PAGE = 50


@governed("E6")
@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """Open calls by their next date, then those to come, then closed ones. Filters stand in the address."""
    wanted = asked(request)
    found = Calls(wanted, request.visitor)
    # A subscribed calendar has to be told what was withdrawn; nothing else hears of it.
    withdrawn = found.withdrawn() if request.GET.get("format") == "ics" else []
    if answer := LISTING.answer(request, found.found + withdrawn):
        return answer
    page = page_of(request, found.found, A_PAGE)
    counts = found.counts
    context = {
        "asked": wanted,
        "page": page,
        "lines": [line(row, found.now) for row in page],
        "counts": counts,
        "total": sum(counts.values()),
        "chips": [
            (str(stage.value), label, counts[str(stage.value)], wanted.address(stage=str(stage.value)))
            for stage, label in (
                (Stage.OPEN, _("Open")),
                (Stage.COMING, _("Opening later")),
                (Stage.CLOSED, _("Closed")),
            )
        ],
        "all_address": wanted.address(stage=""),
        "facets": found.facets(),
        "places": found.places(),
        "exits": [(exit_name(name), wanted.address(format=name)) for name in LISTING.formats],
        "calendar_address": wanted.address(format="ics"),
        "may_write": may_work_somewhere(request.visitor),
    }
    response = render(request, "calls/calls.html", context)
    return response if request.GET or request.visitor.is_signed_in else shared(response)


@governed("E6")
@require_safe
def call(request: HttpRequest, slug: str) -> HttpResponse:
    """One call: who, where, what for, how much, until when, how sure; practices, answers and peers beside it. 410 once withdrawn."""
    if gone := _gone(request, slug):
        return gone
    found = visible(request, slug)
    response = call_page(request, found)
    if request.GET or request.visitor.is_signed_in or not found.is_public:
        return response
    return shared(response)


def call_page(request: HttpRequest, found: Call, *, trouble: str = "", status: int = 200) -> HttpResponse:
    """The page of a call; `trouble`: why what was wanted did not happen."""
    now = timezone.now()
    row = line(found, now)
    dates = [(one, one.ends_at < now) for one in found.dates]
    letters = {one.code: one for one in Objective.objects.filter(code__in=found.objectives)}
    context: dict[str, Any] = {
        "call": found,
        "trouble": trouble,
        "line": row,
        "stage": row.stage,
        "dates": dates,
        "sum": row.sum,
        "budget": amount(found.budget, found.currency),
        "share": share_words(found.share),
        "places": list(found.places.all()),
        "objectives": [letters[code] for code in found.objectives if code in letters],
        "topic_names": [(key, concepts.label(key, get_language() or DEFAULT)) for key in found.topics],
        "conditions": list(found.conditions.all()),
        "practices": practices_for(found),
        "answers": answers_for(found),
        "panels": [panel for make in hooks.panels if (panel := make(request, found))],
        "moved": [one for one in found.dates if one.moved_from],
        "may_change": may_change(request.visitor, found),
        "may_publish": may_publish(request.visitor, found),
        "may_confirm": may_confirm(request.visitor, found),
        "may_delete": found.state == Call.State.DRAFT and may_delete(request.visitor, found),
        "may_withdraw": found.is_public and may_withdraw(request.visitor, found),
    }
    return render(request, "calls/call.html", context, status=status)


@governed("E6")
@require_safe
def calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The dates of one call as a calendar file. Once it was withdrawn, they are cancelled there, so that calendars take them off."""
    if (gone := tombstone(slug[:120])) is not None:
        return calendars.response(ics.calendar_of([gone]), gone.slug)
    return calendars.response(ics.calendar_of([visible(request, slug)]), slug)


@governed("E6")
@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """What happened to a call since it was published, and what differs each time."""
    if gone := _gone(request, slug):
        return gone
    found = visible(request, slug)
    return render(request, "calls/history.html", {"call": found, "changes": history_of(found)})


@governed("E6")
@require_safe
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """Whether a place may apply. What is asked and answered stands in the address, so that it can be passed on; nothing is kept."""
    if gone := _gone(request, slug):
        return gone
    return _check(request, visible(request, slug))


@governed("C1", GET="C", POST="C")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask the authority about a call: a question like any other, which began here. It goes to who opened it, if that has a desk."""
    if gone := _gone(request, slug):
        return gone
    found = visible(request, slug)
    if request.method != "POST":
        initial = {
            "place": request.GET.get("place", "")[:200],
            "text": request.GET.get("text", "")[:2000],
            "nonce": secrets.token_urlsafe(16),
        }
        return _ask(request, found, AskForm(initial=initial))
    if not may_ask(request.visitor):
        return problems.answer(request, 403)
    if refused := too_many(request):
        return refused
    form = AskForm(request.POST)
    if not form.is_valid():
        return _ask(request, found, form, status=422)
    data = form.cleaned_data
    _question, code = asking.ask(
        found,
        by=request.visitor,
        place=data["place"],
        text=data["text"],
        email=data["email"],
        nonce=data["nonce"] or secrets.token_urlsafe(16),
        page_language=get_language() or DEFAULT,
    )
    return redirect(reverse("receipts:receipt", args=[code]) + "?sent=1")


def _ask(request: HttpRequest, found: Call, form: AskForm, status: int = 200) -> HttpResponse:
    context = {"call": found, "form": form, "to": asking.who_answers(found)}
    return render(request, "calls/ask.html", context, status=status)


def _check(request: HttpRequest, found: Call) -> HttpResponse:
    conditions = list(found.conditions.all())
    form = CheckForm(request.GET, conditions=conditions)
    form.is_valid()
    case = form.case()
    if case.place is not None:
        # The field shows the place by its name; what stands in brackets keeps it from being taken for another.
        data = request.GET.copy()
        data["place"] = f"{case.place.display_name()} ({case.place.key})"
        form.data = data
    stage = found.stage()
    answer = verdict(found, conditions, case, stage=stage, stand=found.stand)
    status = 422 if form.errors else 200
    open_points = [one for one in answer.reasons if one.outcome == "ask"]
    context = {
        "call": found,
        "form": form,
        "case": case,
        "verdict": answer,
        "stage": str(stage.value),
        "open_points": open_points,
        "ask_address": asking.address(found, case.place, open_points),
    }
    return render(request, "calls/check.html", context, status=status)


def visible(request: HttpRequest, slug: str) -> Call:
    """The call of an address, if this visitor may see it; else the 404 of what is not there."""
    rows = Call.objects.seen_by(request.visitor).select_related("opener", "keeper", "programme")
    return get_object_or_404(rows.prefetch_related("places", "cutoffs", "conditions"), slug=slug[:120])


def _gone(request: HttpRequest, slug: str) -> HttpResponse | None:
    found = tombstone(slug[:120])
    return render(request, "calls/gone.html", {"call": found}, status=410) if found is not None else None
