"""A match seen from one side: its reasons, one's answer; and once both said yes, what the two write to each other."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest
from koinon.mail.addresses import reply_address
from koinon.peers.actions import answering, writing
from koinon.peers.finding import Ended, message_for, pair_for
from koinon.peers.forms import MessageForm
from koinon.peers.models import Entry, Match, Message
from koinon.peers.models.matches import other
from koinon.peers.permissions import (
    may_write_message,
    side_of,
)
from koinon.peers.reasons import facts_of, may_fit, reasons
from koinon.peers.suggestions import Pair
from koinon.peers.telling import name_of, token_of
from koinon.people.models import Person

MOST = 500
"""So many of the latest messages stand on the page of the two."""


@governed("E2")
@require_safe
@login_required
def pair(request: HttpRequest, own: str, there: str) -> HttpResponse:
    """Why the two might talk, and the question whether to be introduced."""
    try:
        mine, yours, match = pair_for(request.visitor, own, there)
    except Ended as ended:
        return _ended(request, ended)
    if match is not None and match.is_introduced:
        return redirect(match)
    return _pair_page(request, mine, yours, match)


def _ended(request: HttpRequest, ended: Ended) -> HttpResponse:
    """A mail has led here, and meanwhile the other one is over."""
    return render(request, "peers/gone.html", {"kind": ended.kind}, status=410)


def _pair_page(
    request: HttpRequest,
    mine: Entry,
    yours: Entry,
    match: Match | None,
    *,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    one, two = facts_of(mine), facts_of(yours)
    why = reasons(one, two) if may_fit(one, two) else ()
    stands = answering.standing(match, mine)
    context = {
        "pair": Pair(mine, yours, why, stands),
        "is_open": mine.is_open and yours.is_open and bool(why),
        "called": name_of(yours),
        "trouble": trouble,
    }
    return render(request, "peers/pair.html", context, status=status)


@governed("E2", POST="C")
@require_POST
@login_required
def answer(request: HttpRequest, own: str, there: str) -> HttpResponse:
    """Yes or no, for one's own side."""
    try:
        mine, yours, match = pair_for(request.visitor, own, there)
    except Ended as ended:
        return _ended(request, ended)
    said = request.POST.get("say", "")
    if said not in {"yes", "no"}:
        return _pair_page(request, mine, yours, match, trouble="unclear", status=422)
    try:
        match = answering.answer(mine, yours, by=request.visitor, yes=said == "yes")
    except answering.NoMatch:
        return _pair_page(request, mine, yours, match, trouble="no_match", status=409)
    except answering.YesHolds:
        return _pair_page(request, mine, yours, match, trouble="yes_holds", status=409)
    except answering.AskedEnough:
        return _pair_page(request, mine, yours, match, trouble="asked_enough", status=409)
    if match.is_introduced:
        return redirect(match)
    if said == "no":
        return redirect("peers:mine")
    return redirect("peers:pair", mine.code, yours.code)


def introduced(request: HttpRequest, code: str) -> Match:
    """The introduction of an address, for its parties; else the 404 of what is not there."""
    rows = Match.objects.seen_by(request.visitor).introduced().with_sides()
    return get_object_or_404(rows, code=code[:12])


@governed("E2")
@require_safe
@login_required
def introduction(request: HttpRequest, code: str) -> HttpResponse:
    """The page of the two: who they are, what they wrote, what they agreed on."""
    return _page(request, introduced(request, code), MessageForm())


def _page(request: HttpRequest, match: Match, form: MessageForm, *, status: int = 200) -> HttpResponse:
    visitor = request.visitor
    side = side_of(visitor, match)
    own, there = match.entry(side), match.entry(other(side))
    newest = match.messages.seen_by(visitor).select_related("by").newest_first()[:MOST]
    messages = list(newest)[::-1]
    one, two = facts_of(match.first), facts_of(match.second)
    context: dict[str, Any] = {
        "match": match,
        "own": own,
        "there": there,
        "called": name_of(there),
        "side": side,
        "thread": [(message, message.side == side, _writer(message)) for message in messages],
        "reasons": reasons(one, two) if may_fit(one, two) else (),
        "exchanges": list(match.exchanges.order_by("-pk")),
        "form": form,
        "may_write": may_write_message(visitor, match)
        and bool(there.organisation_id or _is_here(there.person)),
        "by_mail": visitor.person_id is not None
        and reply_address(token_of(match, visitor.person_id)) is not None,
    }
    context["has_open"] = any(
        one.result_at is None and one.called_off_at is None for one in context["exchanges"]
    )
    return render(request, "peers/introduction.html", context, status=status)


def _is_here(person: Person | None) -> bool:
    return person is not None and person.is_active


def _writer(message: Message) -> str:
    """Who wrote it, as that person is called; never by an address."""
    return message.by.name if message.by is not None and not message.by.erased else ""


@governed("E2", POST="C")
@require_POST
@login_required
def write(request: HttpRequest, code: str) -> HttpResponse:
    """Write to the other side."""
    match = introduced(request, code)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _page(request, match, form, status=422)
    writing.write(
        match,
        by=request.visitor,
        text=form.cleaned_data["text"],
        language=get_language() or "en",
        nonce=form.cleaned_data["nonce"],
    )
    return redirect(f"{match.get_absolute_url()}#write")


@governed("E2")
@require_safe
@login_required
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message alone: for its parties, and for who handles a notice about it."""
    found, is_party = message_for(request.visitor, pk)
    context = {"message": found, "is_party": is_party, "match": found.match}
    return render(request, "peers/message.html", context)
