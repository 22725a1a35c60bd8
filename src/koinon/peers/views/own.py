"""One's own: saying, changing, closing; what one offers and needs, and the matches to it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.calls.models import Call
from koinon.network.views import asked as typed
from koinon.peers.actions import entries, exchanging, profiles
from koinon.peers.deadlines import OURS, call_of, deadline, open_call
from koinon.peers.forms import EntryForm, TakeDownForm, place_words, topic_words
from koinon.peers.models import Entry, Exchange, Match, Profile
from koinon.peers.permissions import (
    may_change_entry,
    may_close_entry,
    may_make_entry,
    may_see_people,
    may_take_down,
    side_of,
)
from koinon.peers.suggestions import pairs_of
from koinon.peers.telling import name_of
from koinon.peers.views.board import format_names
from koinon.peers.words import Kind

get_and_post = require_http_methods(["GET", "HEAD", "POST"])


@governed("E2")
@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """What I and my bodies offer and need, with the matches to each, who wants to talk, and who was introduced."""
    require(may_see_people(request.visitor), hidden=True)
    visitor = request.visitor
    rows = list(
        Entry.objects.seen_by(visitor)
        .of(visitor)
        .filter(removed_at__isnull=True)
        .with_owners()
        .newest_first()[:100]
    )
    pairs = pairs_of(visitor)
    groups: list[dict[str, Any]] = []
    for row in rows:
        near = [pair for pair in pairs if pair.own.pk == row.pk and pair.standing.match is None]
        groups.append(
            {
                "entry": row,
                "asked": [pair for pair in near if pair.standing.is_asked],
                "new": [pair for pair in near if not pair.standing.is_asked and not pair.standing.answer],
                "waiting": [pair for pair in near if pair.standing.waits or pair.standing.lapsed],
                "declined": [pair for pair in near if pair.standing.declined],
            }
        )
    context = {
        "open": [group for group in groups if group["entry"].is_open],
        "over": [group["entry"] for group in groups if not group["entry"].is_open],
        "asked": [pair for group in groups for pair in group["asked"]],
        "introductions": _introductions(request),
        "exchanges": Exchange.objects.seen_by(visitor).of_party(visitor).order_by("-changed_at", "-pk")[:30],
        "profile": Profile.objects.seen_by(visitor).filter(person=visitor.person_id).first(),
    }
    return render(request, "peers/mine.html", context)


def _introductions(request: HttpRequest) -> list[dict[str, Any]]:
    rows = Match.objects.seen_by(request.visitor).introduced().with_sides().order_by("-introduced_at")[:50]
    found = []
    for match in rows:
        side = side_of(request.visitor, match)
        own, there = match.entry(side), match.entry("second" if side == "first" else "first")
        found.append({"match": match, "own": own, "there": there, "called": name_of(there)})
    return found


@governed("E1b", GET="C", POST="C")
@get_and_post
@login_required
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Offer or seek something, for a body or for oneself. `?like=CODE` begins with what another says."""
    if kind not in Kind.values:
        raise Http404
    visitor = request.visitor
    require(may_make_entry(visitor, None, kind), hidden=True)
    liked = _liked(request)
    call = open_call(_slug_of_call(request, liked), visitor) if kind == Kind.PARTNERS else None
    if request.method != "POST":
        begun = {"topics": topic_words(call.topics)} if call is not None else {}
        begun |= _like(liked) if liked is not None else {}
        return _form(request, EntryForm(by=visitor, kind=kind, call=call, initial=begun), kind, call=call)
    form = EntryForm(request.POST, by=visitor, kind=kind, call=call)
    chosen = request.POST.get("body", "")
    require(not chosen.isdecimal() or chosen in form.bodies)
    if not form.is_valid():
        return _form(request, form, kind, call=call, status=422)
    body = form.chosen_body
    require(may_make_entry(visitor, body, kind))
    made = entries.make(form.said(), by=visitor, organisation=body, nonce=form.cleaned_data["nonce"])
    return redirect(made)


def _liked(request: HttpRequest) -> Entry | None:
    """The entry that is answered, as this visitor may see it."""
    code = typed.text(request, "like")[:12]
    return Entry.objects.seen_by(request.visitor).filter(code=code).first() if code else None


def _slug_of_call(request: HttpRequest, liked: Entry | None) -> str:
    """Which call of this house it is for: the one that the address names, else that of the entry that is answered."""
    if slug := typed.text(request, "call"):
        return slug
    if liked is not None and liked.call_key.startswith(OURS):
        return liked.call_key.removeprefix(OURS)
    return ""


def _like(liked: Entry) -> dict[str, Any]:
    """What an answer to somebody's entry begins with: its topics, forms and languages."""
    begun = {"topics": topic_words(liked.topics), "formats": liked.formats, "languages": liked.languages}
    if liked.kind == Kind.PARTNERS:
        begun |= {"call_title": liked.call_title, "until": liked.until}
        # The path of a call of this house is no address that could be typed.
        begun |= {"call_address": liked.call_address} if "://" in liked.call_address else {}
    return begun


def _form(
    request: HttpRequest,
    form: EntryForm,
    kind: str,
    *,
    entry: Entry | None = None,
    there: Entry | None = None,
    call: Call | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "call": call,
        "deadline": deadline(call) if call is not None else None,
        "kind": kind,
        "entry": entry,
        "there": there,
        "there_topics": topic_words(there.topics) if there is not None else "",
        "there_place": place_words(there.place) if there is not None else "",
        "there_formats": format_names(there.formats) if there is not None else [],
    }
    return render(request, "peers/edit.html", context, status=status)


def _seen(request: HttpRequest, code: str) -> Entry:
    return get_object_or_404(Entry.objects.seen_by(request.visitor).with_owners(), code=code[:12])


@governed("E1a", GET="U", POST="U")
@get_and_post
@login_required
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Say it otherwise; what was over stands again. Of two at once, the second sees both texts."""
    found = _seen(request, code)
    require(may_change_entry(request.visitor, found))
    if found.closed_at is not None or found.removed_at is not None:
        raise Http404
    call = call_of(found, request.visitor)
    if request.method != "POST":
        begun = EntryForm(by=request.visitor, kind=found.kind, of=found, call=call)
        return _form(request, begun, found.kind, entry=found, call=call)
    form = EntryForm(request.POST, by=request.visitor, kind=found.kind, of=found, call=call)
    if not form.is_valid():
        return _form(request, form, found.kind, entry=found, call=call, status=422)
    try:
        entries.change(found, by=request.visitor, edits=form.cleaned_data["edits"] or 0, said=form.said())
    except entries.Changed as changed:
        now = Entry.objects.seen_by(request.visitor).with_owners().get(pk=changed.current.pk)
        kept = request.POST.copy()
        kept["edits"] = str(now.edits)
        again = EntryForm(kept, by=request.visitor, kind=found.kind, of=now, call=call)
        return _form(request, again, found.kind, entry=now, there=now, call=call, status=409)
    except entries.Closed:
        raise Http404 from None
    return redirect(found)


@governed("E1a", GET="D", POST="D")
@get_and_post
@login_required
def close(request: HttpRequest, code: str) -> HttpResponse:
    """Asks once, then it stands no longer."""
    found = _seen(request, code)
    require(may_close_entry(request.visitor, found))
    if request.method != "POST":
        return render(request, "peers/close.html", {"entry": found})
    entries.close(found, by=request.visitor)
    return redirect("peers:mine")


@governed("E1a", GET="M", POST="M")
@get_and_post
@login_required
def take_down(request: HttpRequest, code: str) -> HttpResponse:
    """The coordinator takes an entry off the site, with reasons."""
    found = _seen(request, code)
    require(may_take_down(request.visitor))
    form = TakeDownForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        entries.take_down(found, by=request.visitor, words=form.cleaned_data["words"])
        return redirect("peers:board")
    return _take_down(request, form, found.title, found.language, found.get_absolute_url())


def _take_down(
    request: HttpRequest, form: TakeDownForm, title: str, language: str, back: str
) -> HttpResponse:
    context = {"form": form, "title": title, "title_language": language, "back": back}
    status = 422 if request.method == "POST" else 200
    return render(request, "peers/take_down.html", context, status=status)


@governed("E1b", GET="M", POST="M")
@get_and_post
@login_required
def take_down_person(request: HttpRequest, code: str) -> HttpResponse:
    """The coordinator takes a profile off, with reasons."""
    found = get_object_or_404(
        Profile.objects.seen_by(request.visitor).select_related("person"), code=code[:12]
    )
    require(may_take_down(request.visitor))
    form = TakeDownForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        profiles.take_down(found, by=request.visitor, words=form.cleaned_data["words"])
        return redirect("peers:people")
    return _take_down(request, form, found.name, found.language, found.get_absolute_url())


@governed("E9", GET="M", POST="M")
@get_and_post
@login_required
def take_down_exchange(request: HttpRequest, code: str) -> HttpResponse:
    """The coordinator takes the public part of an exchange off, with reasons."""
    found = get_object_or_404(Exchange.objects.public().seen_by(request.visitor), code=code[:12])
    require(may_take_down(request.visitor))
    form = TakeDownForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        exchanging.take_down(found, by=request.visitor, words=form.cleaned_data["words"])
        return redirect("peers:exchanges")
    return _take_down(request, form, found.title, found.language, found.get_absolute_url())
