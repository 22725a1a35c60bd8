"""Who took a practice over: recording it, saying what became of it, the origin's word, the thread as open data."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.exits import Column, Listing, exit_name
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.practices.actions import adopting
from koinon.practices.forms import AdoptionForm
from koinon.practices.models import Adoption, Practice
from koinon.practices.permissions import (
    may_adopt,
    may_change_adoption,
    may_confirm_adoption,
    may_remove_adoption,
)
from koinon.practices.views.common import visible

get_and_post = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE = 50


def _origin_places(row: Adoption) -> list[str]:
    return [place.key for place in row.practice.shown.places.all()] if row.practice.shown else []


LINEAGE: Listing[Adoption] = Listing(
    name="lineage",
    title=gettext_lazy("Practices taken over elsewhere"),
    columns=(
        Column("id", lambda row: row.pk),
        Column("practice", lambda row: row.practice.slug),
        Column("practice_title", lambda row: row.practice.shown.title if row.practice.shown else ""),
        Column("practice_language", lambda row: row.practice.shown.language if row.practice.shown else ""),
        Column("origin_places", _origin_places),
        Column("adopter", lambda row: row.adopter_name),
        Column("adopter_slug", lambda row: row.adopter.slug if row.adopter else None),
        Column("place", lambda row: row.place.key),
        Column("country", lambda row: row.place.country),
        Column("since", lambda row: row.since),
        Column("stage", lambda row: row.stage),
        Column("language", lambda row: row.language),
        Column("changed", lambda row: row.changed),
        Column("result", lambda row: row.result),
        Column("dropped_because", lambda row: row.dropped_because),
        Column(
            "leads_to", lambda row: row.leads_to.slug if row.leads_to and row.leads_to.is_public else None
        ),
        Column("confirmed_on", lambda row: row.confirmed_at.date() if row.confirmed_at else None),
        Column("url", lambda row: row.practice.get_absolute_url()),
    ),
    entry_title=lambda row: f"{row.practice.shown.title if row.practice.shown else ''} → {row.place}",
    entry_url=lambda row: row.get_absolute_url(),
    entry_updated=lambda row: row.changed_at,
)


def public_thread() -> Any:
    """All confirmed adoptions of public practices, the earliest first."""
    rows = Adoption.objects.public().select_related("practice__shown", "adopter", "place", "leads_to")
    return rows.prefetch_related("practice__shown__places").earliest_first()


@governed("D8")
@require_safe
def lineage(request: HttpRequest) -> HttpResponse:
    """Every confirmed adoption of every public practice: as a page, and as open data."""
    rows = public_thread()
    if answer := LINEAGE.answer(request, rows):
        return answer
    page = page_of(request, rows, A_PAGE)
    context = {
        "page": page,
        "exits": [(exit_name(name), f"?format={name}") for name in LINEAGE.formats],
    }
    response = render(request, "practices/lineage.html", context)
    return response if request.GET or request.visitor.is_signed_in else shared(response)


@governed("D8")
@require_safe
def lineage_file(request: HttpRequest, ending: str) -> HttpResponse:
    """The same as a file, at an address of its own."""
    if ending not in LINEAGE.formats:
        raise Http404
    asked = request.GET.copy()
    asked["format"] = ending
    request.GET = asked  # type: ignore[assignment]
    answer = LINEAGE.answer(request, public_thread())
    assert answer is not None
    return answer


@governed("D7", GET="C", POST="C")
@get_and_post
@login_required
def adopt(request: HttpRequest, slug: str) -> HttpResponse:
    """Record that one took it over."""
    practice = visible(request, slug)
    require(may_adopt(request.visitor, practice))
    if request.method != "POST":
        return _form(request, practice, AdoptionForm(by=request.visitor, origin=practice))
    form = AdoptionForm(request.POST, by=request.visitor, origin=practice)
    if not form.is_valid():
        return _form(request, practice, form, status=422)
    made = adopting.adopt(practice, by=request.visitor, told=form.told())
    return redirect(made)


def _form(
    request: HttpRequest,
    practice: Practice,
    form: AdoptionForm,
    *,
    adoption: Adoption | None = None,
    there: Adoption | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "practice": practice,
        "version": practice.latest,
        "form": form,
        "adoption": adoption,
        "there": there,
    }
    return render(request, "practices/adopt.html", context, status=status)


def _seen(request: HttpRequest, slug: str, pk: int) -> Adoption:
    """The adoption of this practice, if this visitor may see it."""
    rows = Adoption.objects.seen_by(request.visitor).select_related(
        "practice__shown", "practice__organisation", "practice__centre", "adopter", "place", "leads_to"
    )
    return get_object_or_404(rows, practice__slug=slug[:120], pk=pk if pk < 2**63 else 0)


@governed("D8")
@require_safe
def adoption(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One adoption, for those who may see it."""
    found = _seen(request, slug, pk)
    context = {
        "adoption": found,
        "practice": found.practice,
        "version": found.practice.latest,
        "may_change": may_change_adoption(request.visitor, found),
        "may_confirm": may_confirm_adoption(request.visitor, found) and not found.is_public,
        "may_remove": may_remove_adoption(request.visitor, found),
        "leads_to": found.leads_to if found.leads_to is not None and found.leads_to.is_public else None,
    }
    return render(request, "practices/adoption.html", context)


@governed("D8", GET="U", POST="U")
@get_and_post
@login_required
def change(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say what became of it."""
    found = _seen(request, slug, pk)
    require(may_change_adoption(request.visitor, found))
    origin = found.practice
    if request.method != "POST":
        form = AdoptionForm(by=request.visitor, origin=origin, of=found)
        return _form(request, origin, form, adoption=found)
    form = AdoptionForm(request.POST, by=request.visitor, origin=origin, of=found)
    if not form.is_valid():
        return _form(request, origin, form, adoption=found, status=422)
    try:
        adopting.change(found, by=request.visitor, edits=form.cleaned_data["edits"], told=form.told())
    except adopting.Changed as changed:
        kept = request.POST.copy()
        kept["edits"] = str(changed.current.edits)
        again = AdoptionForm(kept, by=request.visitor, origin=origin, of=changed.current)
        return _form(request, origin, again, adoption=found, there=changed.current, status=409)
    return redirect(found)


@governed("D7", POST="M")
@require_POST
@login_required
def confirm(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The origin says that it is so."""
    found = _seen(request, slug, pk)
    require(may_confirm_adoption(request.visitor, found))
    adopting.confirm(found, by=request.visitor)
    return redirect(found.practice)


@governed("D8", POST="D")
@require_POST
@login_required
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take it out of the thread."""
    found = _seen(request, slug, pk)
    require(may_remove_adoption(request.visitor, found))
    adopting.remove(found, by=request.visitor)
    return redirect(found.practice)


def thread_of(practice: Practice, rows: list[Adoption]) -> list[dict[str, Any]]:
    """The thread as the page draws it: each with its mark, solid where it goes on, dotted where it was dropped."""
    marks = {Adoption.Stage.TRYING: "half", Adoption.Stage.RUNNING: "full", Adoption.Stage.DROPPED: "none"}
    return [
        {
            "adoption": row,
            "mark": marks[Adoption.Stage(row.stage)],
            "is_dropped": row.stage == Adoption.Stage.DROPPED,
            "year": row.since.year if isinstance(row.since, date) else "",
            "leads_to": row.leads_to if row.leads_to is not None and row.leads_to.is_public else None,
        }
        for row in rows
    ]
