"""A match seen from one side: its reasons, one's answer; and once both said yes, what the two write to each other."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.mail.addresses import reply_address
from koinon.peers.actions import answering, writing
from koinon.peers.forms import MessageForm
from koinon.peers.models import Entry, Match, Message
from koinon.peers.models.matches import other
from koinon.peers.permissions import (
    may_answer,
    may_read_match,
    may_read_reported,
    may_write_message,
    side_of,
    speaks_for,
)
from koinon.peers.reasons import facts_of, may_fit, reasons
from koinon.peers.suggestions import Pair
from koinon.peers.telling import name_of, token_of
from koinon.people.models import Person


def _pair(request: HttpRequest, own_code: str, there_code: str) -> tuple[Entry, Entry, Match | None]:
    """One's own entry and another that one may see, or that one asked while it stood; else there is nothing here."""
    visitor = request.visitor
    own = get_object_or_404(Entry.objects.of(visitor).with_owners(), code=own_code[:12])
    there = Entry.objects.with_owners().filter(code=there_code[:12]).first()
    if there is None or there.pk == own.pk:
        raise Http404
    first, second = answering.pair(own, there)
    match = Match.objects.filter(first=first, second=second).first()
    seen = Entry.objects.seen_by(visitor).filter(pk=there.pk).exists()
    side = "first" if match is not None and match.first_id == own.pk else "second"
    asked = match is not None and bool(match.answer(side))
    require((seen or asked) and may_answer(visitor, own, there), hidden=True)
    if not asked and (not may_fit(facts_of(own), facts_of(there)) or answering.same_people(own, there)):
        raise Http404
    return own, there, match


@governed("E2")
@require_safe
@login_required
def pair(request: HttpRequest, own: str, there: str) -> HttpResponse:
    """Why the two might talk, and the question whether to be introduced."""
    mine, yours, match = _pair(request, own, there)
    if match is not None and match.is_introduced:
        return redirect(match)
    return _pair_page(request, mine, yours, match)


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
        "may_say_no": not stands.waits,
    }
    return render(request, "peers/pair.html", context, status=status)


@governed("E2", POST="C")
@require_POST
@login_required
def answer(request: HttpRequest, own: str, there: str) -> HttpResponse:
    """Yes or no, for one's own side."""
    mine, yours, match = _pair(request, own, there)
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
    found = get_object_or_404(rows, code=code[:12])
    require(may_read_match(request.visitor, found), hidden=True)
    return found


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
    messages = list(match.messages.seen_by(visitor).select_related("by").oldest_first()[:500])
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
    found = Message.objects.filter(pk=pk).select_related("match", "by").first() if pk < 2**63 else None
    if found is None:
        raise Http404
    found.match = Match.objects.with_sides().get(pk=found.match_id)
    is_party = any(speaks_for(request.visitor, found.match.entry(side)) for side in ("first", "second"))
    require(is_party or may_read_reported(request.visitor, found), hidden=True)
    return render(
        request, "peers/message.html", {"message": found, "is_party": is_party, "match": found.match}
    )
