"""The room as its audience has it: a plain page with forms; the script makes it live."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from koinon.agenda.models import Session
from koinon.agenda.permissions import may_host
from koinon.base import problems
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT
from koinon.base.visitor import HttpRequest, require
from koinon.live import tickets as live_tickets
from koinon.live.tickets import NoTicket
from koinon.live.writer import Answer
from koinon.questions.actions.receipts import code_from
from koinon.room import mine as own
from koinon.room import state, tickets
from koinon.room.actions import polling, saying, voting
from koinon.room.actions.lifecycle import room_of
from koinon.room.forms import OwnWords, SayForm
from koinon.room.hour import hour
from koinon.room.mine import Mine
from koinon.room.models import Contribution, Poll, Room
from koinon.room.permissions import may_take_part

ORDERS = ("wanted", "newest", "mine", "unvoted")
MOST_SHOWN = 150
"""Rows of a list on one page; the rest is a link away."""
Kind = Contribution.Kind


@governed("B7", GET="R")
@require_safe
def room(request: HttpRequest, code: str) -> HttpResponse:
    """Where the hour is, what is on stage, what others ask and share, polls, and the box to ask."""
    return _page(request, _room(request, code))


@governed("B5", POST="C")
@require_POST
def say(request: HttpRequest, code: str) -> HttpResponse:
    """Ask, or share something."""
    found = _room(request, code)
    require(may_take_part(request.visitor))
    form = SayForm(_typed(request), may_be_named=_may_be_named(request))
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    given = form.cleaned_data
    nonce = given["nonce"] or secrets.token_urlsafe(16)
    ticket = tickets.for_page(request, found, nonce)
    if ticket is None:
        return _too_many(request)
    place = given["place"]
    what = saying.Saying(
        code=code,
        kind=given["kind"],
        text=given["text"],
        page_language=get_language() or DEFAULT,
        language=given["lang"],
        place=place.key if place is not None else "",
        contact=given["contact"],
        may_quote=given["may_quote"],
        named=given.get("named", False),
    )
    answer = saying.say(what, by=ticket, key=tickets.key_of(nonce, what.digest))
    if answer.status >= 400:
        return _refused(request, found, answer, form)
    response = redirect(str((answer.body or {})["receipt"]) + "?sent=1")
    tickets.keep(response, found, ticket)
    return response


@governed("B11", POST="C")
@require_POST
def vote(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Support something, or take that back."""
    found = _room(request, code)
    require(may_take_part(request.visitor))
    ticket = tickets.for_page(request, found, _nonce(request))
    if ticket is None:
        return _too_many(request)
    answer = voting.vote(found, pk, by=ticket, voted=request.POST.get("voted") != "0")
    if answer.status == 401:
        return redirect(f"{reverse('account_login')}?next={reverse('room:room', args=[code])}")
    if answer.status >= 400:
        return _refused(request, found, answer)
    return _back(request, found, ticket, f"c{pk}")


@governed("B11", POST="C")
@require_POST
def ballot(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Answer a poll, or change the answer."""
    found = _room(request, code)
    require(may_take_part(request.visitor))
    ticket = tickets.for_page(request, found, _nonce(request))
    if ticket is None:
        return _too_many(request)
    chosen = [
        one for one in request.POST.getlist("choice")[:50] if one.isascii() and one.isdigit() and len(one) < 4
    ]
    words = OwnWords(required=False)
    try:
        typed = words.clean(request.POST.get("words", ""))
    except Exception:
        typed = ""
    what = polling.Balloting(code, pk, tuple(map(int, chosen)), typed)
    answer = polling.answer(what, by=ticket)
    if answer.status == 401:
        return redirect(f"{reverse('account_login')}?next={reverse('room:room', args=[code])}")
    if answer.status >= 400:
        return _refused(request, found, answer)
    return _back(request, found, ticket, "polls")


@governed("B11", POST="C")
@require_POST
def voice(request: HttpRequest, code: str) -> HttpResponse:
    """After the script's first deed: keep its voice, so that the plain page speaks with the same one."""
    found = _room(request, code)
    require(may_take_part(request.visitor))
    try:
        ticket = live_tickets.read(request.POST.get("ticket", ""), max_age=live_tickets.RENEW_FOR)
    except NoTicket:
        return problems.answer(request, 403)
    if ticket.channel != found.channel or not ticket.voice:
        return problems.answer(request, 403)
    response = HttpResponse(status=204)
    tickets.keep(response, found, ticket)
    return response


def _room(request: HttpRequest, code: str) -> Room:
    rows = Session.objects.seen_by(request.visitor).select_related("organiser")
    return room_of(get_object_or_404(rows, code=code))


def _page(
    request: HttpRequest,
    found: Room,
    *,
    form: SayForm | None = None,
    status: int = 200,
    trouble: str = "",
) -> HttpResponse:
    shown = state.here(found)
    for item in shown["questions"]:
        if item["desk"] and item["desk"]["due"]:
            item["desk"]["on"] = date.fromisoformat(item["desk"]["due"])
    takes_part = may_take_part(request.visitor)
    ticket = tickets.shown_by_cookie(request, found) if takes_part else None
    if ticket is None and request.visitor.person_id is not None and takes_part:
        ticket = live_tickets.Ticket(found.channel, "", request.visitor.person_id, timezone.now())
    mine = own.of_ticket(found, ticket)
    order = request.GET.get("order", "wanted")
    order = order if order in ORDERS else "wanted"
    by_key = {item["id"]: item for item in shown["questions"]}
    on_stage = by_key.get(shown["stage"]["id"]) if shown["stage"] else None
    rows = [item for item in shown["questions"] if item["kind"] == Kind.QUESTION and item is not on_stage]
    everything = "all" in request.GET
    nonce = secrets.token_urlsafe(16)
    listed = ordered(rows, order, mine)
    context: dict[str, Any] = {
        "room": found,
        "session": found.session,
        "shown": shown,
        "hour": hour(found, timezone.now()),
        "now": timezone.now(),
        "on_stage": on_stage,
        "questions": listed if everything else listed[:MOST_SHOWN],
        "asked": len(rows) + (1 if on_stage and on_stage["kind"] == Kind.QUESTION else 0),
        "more": 0 if everything else max(0, len(listed) - MOST_SHOWN),
        "shared": [item for item in shown["questions"] if item["kind"] != Kind.QUESTION],
        "polls": [drawn(poll, mine) for poll in reversed(shown["polls"])],
        "open_polls": sum(poll["state"] == Poll.State.OPEN for poll in shown["polls"]),
        "order": order,
        "mine": mine,
        "waiting": [row for row in mine.said if row.state == Contribution.State.NEW],
        "held_back": [row for row in mine.said if row.state == Contribution.State.DECLINED],
        "own": {row.pk: code_from(row.seed) for row in mine.said},
        "form": form
        or SayForm(initial={"nonce": nonce, "kind": Kind.QUESTION}, may_be_named=_may_be_named(request)),
        "nonce": nonce,
        "is_open": found.is_open,
        "takes_part": takes_part,
        "may_vote": takes_part
        and found.is_open
        and (not found.session.votes_need_account or request.visitor.is_signed_in),
        "needs_account": found.session.votes_need_account and not request.visitor.is_signed_in,
        "ticket": tickets.for_script(request, found, nonce),
        "voted": " ".join(map(str, sorted(mine.voted))),
        "own_codes": " ".join(f"{row.pk}:{code_from(row.seed)}" for row in mine.said),
        "blank": {"id": 0, "text": "", "votes": 0, "state": "open", "lang": "", "kind": "question"},
        "may_host": may_host(request.visitor, found.session),
        "trouble": trouble,
        "next_steps": [(kind, saying.next_step(kind)) for kind in Kind.values],
    }
    return render(request, "room/room.html", context, status=status)


def ordered(rows: list[dict[str, Any]], order: str, mine: Mine) -> list[dict[str, Any]]:
    """The questions as the visitor wants them; `rows` come most wanted first."""
    if order == "newest":
        return sorted(rows, key=lambda item: (item["at"], item["id"]), reverse=True)
    if order == "mine":
        said = {row.pk for row in mine.said}
        return [item for item in rows if item["id"] in said or item["id"] in mine.voted]
    if order == "unvoted":
        return [item for item in rows if item["id"] not in mine.voted]
    return rows


def drawn(poll: Mapping[str, Any], mine: Mine) -> dict[str, Any]:
    """A poll with what its bars are drawn from: share of those who answered, and one's own answer."""
    given = mine.ballots.get(poll["id"])
    chosen = set(given.choices) if given is not None else set()
    results, answers = poll["results"], poll["answers"]
    first = 1 if poll["kind"] == Poll.Kind.SCALE else 0
    names = [str(value) for value in polling.SCALE] if first else poll["options"]
    times = results if isinstance(results, list) else [0] * len(names)
    return {
        **poll,
        "lines": [
            {
                "value": number,
                "text": name,
                "times": count,
                "share": round(100 * count / answers) if answers else 0,
                "mine": number in chosen,
            }
            for number, (name, count) in enumerate(zip(names, times, strict=False), start=first)
        ],
        "words": results["words"] if isinstance(results, dict) else [],
        "own_words": given.words if given is not None else "",
        "answered": given is not None,
        "has_results": results is not None,
    }


def _may_be_named(request: HttpRequest) -> bool:
    """Only who is signed in and has a name can choose to be named."""
    person = getattr(request.visitor, "person", None)
    return bool(person is not None and person.name)


def _typed(request: HttpRequest) -> dict[str, str]:
    """What was typed; a place that was chosen from the list comes with its key, which is surer than its name."""
    data = {name: request.POST.get(name, "") for name in SayForm.base_fields if name in request.POST}
    if picked := request.POST.get("picked", "")[:200] or request.POST.get("chosen", "")[:200]:
        data["place"] = picked
    return data


def _nonce(request: HttpRequest) -> str:
    return request.POST.get("nonce", "")[:64] or secrets.token_urlsafe(16)


def _back(request: HttpRequest, found: Room, ticket: live_tickets.Ticket, part: str) -> HttpResponse:
    order = request.POST.get("order", "")
    query = f"?order={order}" if order in ORDERS[1:] else ""
    response = redirect(reverse("room:room", args=[found.session.code]) + query + f"#{part}")
    tickets.keep(response, found, ticket)
    return response


def _refused(request: HttpRequest, found: Room, answer: Answer, form: SayForm | None = None) -> HttpResponse:
    """The page again, with what is wrong; nothing that was typed is lost."""
    if answer.status == 404:
        return problems.answer(request, 404)
    found = room_of(found.session)
    return _page(request, found, form=form, status=answer.status, trouble=str((answer.body or {})["detail"]))


def _too_many(request: HttpRequest) -> HttpResponse:
    refused = problems.answer(request, 429)
    refused.headers["Retry-After"] = "60"
    return refused
