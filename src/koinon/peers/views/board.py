"""The list of offers and needs of bodies, and the page of each; what persons say, for whoever is signed in."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from koinon.base.exits import exit_name
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest
from koinon.peers import suggestions
from koinon.peers.deadlines import call_of, deadline
from koinon.peers.listing import LISTING, Board, asked
from koinon.peers.models import Entry
from koinon.peers.models.entries import ended, takes_part
from koinon.peers.permissions import (
    may_change_entry,
    may_close_entry,
    may_take_down,
    speaks_for,
)
from koinon.peers.words import Kind
from koinon.practices import concepts

A_PAGE = 30


@governed("E1a")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """What bodies offer and need, by what was typed and ticked. The list leaves by `?format=`."""
    wanted = asked(request)
    found = Board(wanted)
    if answer := LISTING.answer(request, found.found):
        return answer
    page = page_of(request, found.found, A_PAGE)
    context = {
        "asked": wanted,
        "page": page,
        "count": len(found.found),
        "facets": found.facets(),
        "exits": [(exit_name(name), wanted.address(format=name)) for name in LISTING.formats],
        "takes_part": takes_part(request.visitor),
    }
    response = render(request, "peers/board.html", context)
    return response if request.GET or request.visitor.is_signed_in else shared(response)


@governed("E1a")
@require_safe
def entry(request: HttpRequest, code: str) -> HttpResponse:
    """One offer, need or search of a body; 410 once it is over."""
    rows = Entry.objects.seen_by(request.visitor).filter(person__isnull=True).with_owners()
    found = rows.filter(code=code[:12]).first()
    if found is None:
        gone = ended(code)
        if gone is None:
            raise Http404
        return render(request, "peers/gone.html", {"kind": gone.kind}, status=410)
    return _page(request, found)


@governed("E1b")
@require_safe
@login_required
def person_entry(request: HttpRequest, code: str) -> HttpResponse:
    """One offer or need of a person, for whoever has an account; for anybody else there is nothing here."""
    rows = Entry.objects.seen_by(request.visitor).filter(person__isnull=False).with_owners()
    return _page(request, get_object_or_404(rows, code=code[:12]))


def _page(request: HttpRequest, found: Entry) -> HttpResponse:
    own = speaks_for(request.visitor, found)
    takes = takes_part(request.visitor)
    pairs: list[suggestions.Pair] = []
    if takes and found.is_open:
        if own:
            pairs = [
                pair
                for pair in suggestions.pairs_of(request.visitor, own=found, most=20)
                if not pair.standing.declined and pair.standing.match is None
            ]
        else:
            pairs = suggestions.best_for(request.visitor, found)[:3]
    language = getattr(request, "LANGUAGE_CODE", "en")
    call = call_of(found, request.visitor) if found.is_over and found.kind == Kind.PARTNERS else None
    # What ended with a call of this house stands and ends with it; nobody types another day.
    moves = call is not None and deadline(call) is not None
    context: dict[str, Any] = {
        "entry": found,
        "topics": [(key, concepts.label(key, language)) for key in found.topics],
        "formats": format_names(found.formats),
        "is_own": own,
        "pairs": pairs,
        "takes_part": takes,
        "moves": moves,
        "may_change": not moves
        and found.closed_at is None
        and found.removed_at is None
        and may_change_entry(request.visitor, found),
        "may_close": found.closed_at is None
        and found.removed_at is None
        and may_close_entry(request.visitor, found),
        "may_take_down": found.removed_at is None and may_take_down(request.visitor),
        "answer_kind": {"offer": "need", "need": "offer", "partners": "partners"}[found.kind],
    }
    response = render(request, "peers/entry.html", context)
    is_plain = (
        not request.GET and not request.visitor.is_signed_in and found.person_id is None and found.is_open
    )
    return shared(response) if is_plain else response


def format_names(values: list[str]) -> list[str]:
    from koinon.peers.words import Format

    return [str(Format(value).label) for value in values if value in Format.values]
