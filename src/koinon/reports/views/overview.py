"""Figures for everybody: the network, its consortia and centres, places; and what was looked for and is not there."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest
from koinon.network.models import Organisation
from koinon.network.views.asked import among
from koinon.places.models import Place
from koinon.questions.register import LEAST
from koinon.reports import demand, facts, figures
from koinon.reports.content import country_words
from koinon.reports.listing import DEMAND, FIGURES
from koinon.reports.periods import Period, asked
from koinon.reports.permissions import may_work

A_PAGE = 60
Kind = Organisation.Kind


def _answer(
    request: HttpRequest,
    template: str,
    scope: figures.Scope,
    period: Period,
    context: dict[str, Any],
    *,
    kept: bool = False,
) -> HttpResponse:
    """A page of figures; the same figures by `?format=`. `kept`: nothing on it changes without a new version of the data.

    A page that tells what was missing, or counts cases of the register, is made anew: neither raises the version, and what it
    says would not be what the pages say to which it leads.
    """
    found = figures.figures_of(scope, period)
    if file := FIGURES.answer(request, found):
        return file
    page = render(
        request,
        template,
        {
            "figures": found,
            "period": period,
            "columns": figures.columns(),
            "formats": FIGURES.formats,
            "may_work": may_work(request.visitor),
            "least": LEAST,
            **context,
        },
    )
    return shared(page) if kept and not (request.GET or request.visitor.is_signed_in) else page


@governed("F3")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What the network did: in all, by consortium, by centre, by Member State. `?from=` and `?to=` choose a period."""
    period, tree = asked(request), facts.network()
    context = {
        "tally": tree.tally,
        "consortia": figures.folded(figures.lines_of_bodies(tree.consortia, period)),
        "centres": figures.folded(figures.lines_of_bodies(tree.centres, period)),
        "countries": figures.folded(figures.lines_of_places(list(Place.objects.countries()), period)),
        "unmet": demand.sums(demand.rows(period)),
    }
    return _answer(request, "reports/overview.html", figures.EVERYBODY, period, context)


@governed("F3")
@require_safe
def body(request: HttpRequest, slug: str) -> HttpResponse:
    """What one body did; of a consortium also what those did who belonged to it in the period, while they did, one by one."""
    found = get_object_or_404(Organisation.objects.public(), slug=slug[:120])
    period, tree = asked(request), facts.network()
    circle = tree.circle_of(found)
    inside: list[Organisation] = []
    served: list[Organisation] = []
    if found.kind == Kind.CONSORTIUM:
        keys = tree.members.get(found.pk, frozenset())
        then = circle.in_period(period.first, period.last)
        inside = [row for row in (*tree.centres, *tree.others) if row.pk in then]
        served = [
            row
            for row in tree.centres
            if row.pk not in keys and row.country in tree.served.get(found.pk, frozenset())
        ]
    context = {
        "body": found,
        "within": [row for row in tree.consortia if found.pk in tree.members.get(row.pk, frozenset())],
        "lines": figures.folded(figures.lines_of_bodies(inside, period, of=circle)),
        "served": figures.folded(figures.lines_of_bodies(served, period)),
        "places": figures.folded(_places_of(figures.of_body(found), period)),
    }
    return _answer(request, "reports/body.html", figures.of_body(found), period, context, kept=True)


def _places_of(scope: figures.Scope, period: Period) -> list[figures.Line]:
    """The countries for which the body did something; the next step down are their pages."""
    held = [fact for fact in facts.facts() if period.holds(fact.day) and scope.holds(fact)]
    codes = {code for fact in held for code in fact.places if len(code) == 2 and code != "EU"}
    query = f"?{period.query}" if period.query else ""
    rows = []
    for place in Place.objects.filter(pk__in=codes).order_by("pk"):
        inside = figures.Scope(bodies=scope.bodies, place=place.code)
        address = reverse("reports:place", args=[place.key]) + query
        rows.append(figures.line(inside, period, label=place.display_name(), url=address, code=place.code))
    return rows


@governed("F3")
@require_safe
def place(request: HttpRequest, key: str) -> HttpResponse:
    """What was done for a place and all that lies in it; the step down are the regions and towns with anything."""
    found = Place.objects.find(key)
    if found is None:
        raise Http404
    period = asked(request)
    if found.key != key:
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return redirect(reverse("reports:place", args=[found.key]) + query, permanent=True)
    context = {
        "place": found,
        "above": list(Place.objects.ancestors_of(found)),
        "lines": figures.folded(figures.lines_of_places(_with_anything(found, period), period)),
        "missing": demand.of_place(demand.rows(period), found)[:A_PAGE],
    }
    return _answer(request, "reports/place.html", figures.of_place(found), period, context)


def _with_anything(found: Place, period: Period) -> list[Place]:
    """What lies directly in a place and has figures: read off the facts, however many places there are."""
    codes = {code for fact in facts.facts() if period.holds(fact.day) for code in fact.places}
    return list(Place.objects.filter(parent=found, pk__in=codes).order_by("pk"))


@governed("F3")
@require_safe
def unmet(request: HttpRequest) -> HttpResponse:
    """What is missing: by shelf, country and place, what was searched for, and which questions are open."""
    period = asked(request)
    told = demand.rows(period)
    shelves = among(request, "shelf", {*demand.SHELVES, demand.SEARCH})
    countries = among(request, "country", {row.country for row in told} | set(_countries()))
    chosen = [
        row
        for row in told
        if (not shelves or row.shelf.partition(":")[0] in shelves)
        and (not countries or row.country in countries)
    ]
    if file := DEMAND.answer(request, chosen):
        return file
    page = page_of(request, chosen, A_PAGE)
    codes = {row.place for row in page.object_list} - {demand.OTHERS}
    context = {
        "period": period,
        "page": page,
        "names": {row.pk: row for row in Place.objects.filter(pk__in=codes)},
        "sums": demand.sums(told),
        "open": demand.open_questions(period),
        "shelves": [(shelf, demand.shelf_words(shelf)) for shelf in (*demand.SHELVES, demand.SEARCH)],
        "countries": sorted(((code, country_words(code)) for code in _countries()), key=lambda pair: pair[1]),
        "shelf": shelves[0] if shelves else "",
        "country": countries[0] if countries else "",
        "formats": DEMAND.formats,
        "day": period.quarters_cut_off,
        "least": LEAST,
    }
    return render(request, "reports/unmet.html", context)


def _countries() -> list[str]:
    return list(Place.objects.countries().values_list("pk", flat=True))
