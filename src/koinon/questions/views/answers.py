"""Published answers: the list, one answer, and the public register of all cases."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from koinon.base.exits import FORMATS, Column, Listing
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest
from koinon.places import gazetteer
from koinon.places.models import Place
from koinon.practices import nearby
from koinon.questions import register as figures
from koinon.questions.forms import SearchForm
from koinon.questions.knowledge import practice_of
from koinon.questions.matching import matches
from koinon.questions.models import Answer
from koinon.topics.concepts import concepts_in

LISTING: Listing[Answer] = Listing(
    name="answers",
    title=_("Answered questions"),
    columns=[
        Column("id", lambda row: row.pk),
        Column("question", lambda row: row.asked),
        Column("question_language", lambda row: row.asked_language),
        Column("answer", lambda row: row.text),
        Column("answer_language", lambda row: row.language),
        Column("answered_by", lambda row: row.body_name),
        Column("places", lambda row: [place.key for place in row.places.all()]),
        Column("topics", lambda row: row.topics),
        Column("sources", lambda row: row.sources),
        Column("published", lambda row: row.published_at.date()),
        Column("valid_until", lambda row: row.valid_until),
        Column("url", lambda row: row.get_absolute_url()),
    ],
    entry_title=lambda row: row.title,
    entry_url=lambda row: row.get_absolute_url(),
    entry_updated=lambda row: row.changed_at,
)
REGISTER: Listing[figures.Case] = Listing(
    name="register",
    title=_("Register of questions"),
    columns=[
        Column("quarter", lambda row: row.quarter),
        Column("country", lambda row: row.country),
        Column("level", lambda row: row.level),
        Column("result", lambda row: row.result),
        Column("reason", lambda row: row.reason),
        Column("topics", lambda row: row.topics),
        Column("days", lambda row: row.days),
    ],
    entry_title=lambda row: f"{row.quarter} {row.country} {row.result}",
    entry_url=lambda row: "/questions/register/",
    entry_updated=lambda row: row.day,
)


@governed("C6", GET="R")
@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    """All published answers, by words, place and language; the newest first, or the best fitting."""
    form = SearchForm(request.GET or None)
    valid = form.is_valid() if form.is_bound else True
    typed: dict[str, Any] = form.cleaned_data if form.is_bound and valid else {}
    rows = Answer.objects.public().select_related("body").prefetch_related("places").newest_first()
    place = _place(typed.get("place", ""))
    if place is not None:
        rows = rows.for_place(place)
    if typed.get("lang"):
        rows = rows.filter(language=typed["lang"])
    found: list[Answer] | None = None
    if typed.get("q"):
        best = [match.answer.pk for match in matches(typed["q"], place=place, most=200)]
        known = {row.pk: row for row in rows.filter(pk__in=best)}
        found = [known[pk] for pk in best if pk in known]
    if answer := LISTING.answer(request, found if found is not None else rows):
        return answer
    context = {
        "form": form,
        "page": page_of(request, found if found is not None else rows, 30),
        "place": place,
        "today": timezone.localdate(),
        "formats": FORMATS,
        "asked": bool(typed.get("q") or typed.get("lang") or place),
        "place_not_found": bool(typed.get("place")) and place is None,
    }
    response = render(request, "questions/answers.html", context, status=200 if valid else 422)
    return response if request.GET else shared(response)


def _place(typed: str) -> Place | None:
    if not typed:
        return None
    if (place := Place.objects.find(typed)) is not None:
        return place
    found = gazetteer.find(typed, limit=1)
    return Place.objects.filter(pk=found.items[0].code).first() if found.items else None


@governed("C6", GET="R")
@require_safe
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer at its lasting address; 410 where it was taken back."""
    if pk > 2**62:
        raise Http404
    found = (
        Answer.objects.select_related("body", "programme").prefetch_related("places").filter(pk=pk).first()
    )
    if found is None:
        raise Http404
    if found.withdrawn_at is not None:
        return render(request, "questions/withdrawn.html", {"answer": found}, status=410)
    context = {
        "answer": found,
        "old": found.is_old(timezone.localdate()),
        "wordings": list(found.wordings.all()),
        "uses": figures.uses_of(found),
        "is_helped": "helped" in request.GET,
        "asked_for": request.GET.get("for", "")[:200],
        "practice": practice_of(found, public=True),
        "practices": nearby.about(
            concepts_in(f"{found.asked}\n{found.text}").union(found.topics), found.places.all()
        ),
    }
    response = render(request, "questions/answer.html", context)
    return response if request.GET else shared(response)


@governed("C6", GET="R")
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """All cases without names, and the tallies; small numbers are hidden."""
    cases = figures.cases()
    if exit_ := REGISTER.answer(request, cases):
        return exit_
    context = {
        "page": page_of(request, cases, 100),
        "tallies": figures.tallies(cases),
        "formats": FORMATS,
        "least": figures.LEAST,
    }
    response = render(request, "questions/register.html", context)
    return response if request.GET else shared(response)
