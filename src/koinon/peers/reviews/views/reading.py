"""The list of reviews, the page of each, and its inner papers."""

from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from koinon.base.exits import exit_name
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, language_name
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.peers.models import PeerReview
from koinon.peers.models.entries import takes_part
from koinon.peers.permissions import may_take_down
from koinon.peers.reviews.forms import hosts_for
from koinon.peers.reviews.listing import LISTING, Board, asked
from koinon.peers.reviews.models import Application, applied_by, comes
from koinon.peers.reviews.permissions import (
    may_apply,
    may_cancel_review,
    may_change_review,
    may_delete_review,
    may_publish_review,
    may_read_papers,
)
from koinon.peers.reviews.words import Answer, ReviewKind
from koinon.practices import concepts

A_PAGE = 30


def seen(request: HttpRequest, code: str) -> PeerReview:
    """A review that this visitor may see; else there is none."""
    return get_object_or_404(PeerReview.objects.seen_by(request.visitor).with_host(), code=code[:12])


@governed("E11")
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """All published reviews, visits and mentoring pairs. The list leaves by `?format=`."""
    wanted = asked(request)
    found = Board(wanted)
    if answer := LISTING.answer(request, found.found):
        return answer
    context = {
        "asked": wanted,
        "page": page_of(request, found.found, A_PAGE),
        "count": len(found.found),
        "facets": found.facets(),
        "kinds": list(ReviewKind.choices),
        "exits": [(exit_name(name), wanted.address(format=name)) for name in LISTING.formats],
        "may_host": takes_part(request.visitor) and bool(hosts_for(request.visitor)),
        "takes_part": takes_part(request.visitor),
    }
    response = render(request, "peers/reviews/list.html", context)
    return response if request.GET or request.visitor.is_signed_in else shared(response)


@governed("E12")
@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """What my bodies host, drafts too; to what I or they would come."""
    require(takes_part(request.visitor))
    visitor = request.visitor
    applied = Application.objects.filter(applied_by(visitor)).select_related("review__organisation")
    context = {
        "hosted": list(
            PeerReview.objects.seen_by(visitor)
            .hosted_by(visitor)
            .with_host()
            .order_by("-changed_at", "-pk")[:100]
        ),
        "applied": list(applied.order_by("-made_at", "-pk")[:100]),
        "kinds": list(ReviewKind.choices),
        "may_host": bool(hosts_for(visitor)),
    }
    return render(request, "peers/reviews/mine.html", context)


@governed("E11")
@require_safe
def review(request: HttpRequest, code: str) -> HttpResponse:
    """Host, question, terms, agenda, days, who comes; drafts for the host's people."""
    return review_page(request, seen(request, code))


def review_page(
    request: HttpRequest, found: PeerReview, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    """The page of a review, with what stood in the way of a deed."""
    visitor = request.visitor
    spoken = get_language() or DEFAULT
    changes = may_change_review(visitor, found)
    own = list(found.applications.filter(applied_by(visitor)).select_related("organisation", "exchange"))
    reads_papers = takes_part(visitor) and may_read_papers(visitor, found)
    context: dict[str, Any] = {
        "review": found,
        "topics": [(key, concepts.label(key, spoken)) for key in found.topics],
        "works_in": [capfirst(language_name(one, spoken)) for one in found.languages],
        "days": agenda_by_day(found),
        "peers": _named(found),
        "recommendations": list(found.recommendations.all()) if found.shown_at is not None else [],
        "trouble": trouble,
        "own": own,
        "reads_papers": reads_papers,
        "may_change": changes,
        "waiting": found.applications.filter(answer=Answer.SENT).count() if changes else 0,
        "may_publish": found.is_draft and may_publish_review(visitor, found),
        "may_delete": found.is_draft and may_delete_review(visitor, found),
        "may_cancel": not found.is_draft
        and not found.is_cancelled
        and not found.is_over
        and may_cancel_review(visitor, found),
        "may_take_down": found.is_public and may_take_down(visitor),
        "may_apply": found.calls and may_apply(visitor, found),
        "asks_to_sign_in": found.calls and not visitor.is_signed_in,
    }
    response = render(request, "peers/reviews/review.html", context, status=status)
    is_plain = not request.GET and not visitor.is_signed_in and found.is_public
    return shared(response) if is_plain and status == 200 else response


def agenda_by_day(found: PeerReview) -> list[tuple[Any, list[Any]]]:
    """The agenda, its items under their days."""
    return [(day, list(items)) for day, items in groupby(found.agenda.all(), key=lambda item: item.day)]


def _named(found: PeerReview) -> list[Application]:
    """The accepted peers who agreed to be named: bodies that are published, persons who are here."""
    rows = found.applications.filter(answer=Answer.ACCEPTED, named=True).select_related(
        "organisation", "person"
    )
    return [
        row
        for row in rows.order_by("pk")
        if (row.organisation is not None and row.organisation.published)
        or (row.person is not None and row.person.is_active and row.person.name)
    ]


@governed("E12")
@require_safe
@login_required
def papers(request: HttpRequest, code: str) -> HttpResponse:
    """The inner papers: for the host's people and the accepted peers."""
    found = seen(request, code)
    require(may_read_papers(request.visitor, found), hidden=True)
    accepted = found.applications.filter(answer=Answer.ACCEPTED).select_related("organisation", "person")
    context = {
        "review": found,
        "accepted": list(accepted.order_by("pk")),
        "recommendations": list(found.recommendations.select_related("owner")),
        "may_change": may_change_review(request.visitor, found),
        "is_peer": PeerReview.objects.seen_by(request.visitor)
        .filter(comes(request.visitor), pk=found.pk)
        .exists(),
    }
    return render(request, "peers/reviews/papers.html", context)
