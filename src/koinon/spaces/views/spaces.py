"""The list of open spaces, and a space: its page, its proposal, its settings, its end, its feed."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.exits import Entry, exit_name, feed_answer
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.practices import concepts
from koinon.spaces import telling
from koinon.spaces.actions import keeping
from koinon.spaces.finding import opened, space_for
from koinon.spaces.forms import NameForm, ReasonForm, SpaceForm, bodies_for, topic_words
from koinon.spaces.listing import LISTING, Hall, asked
from koinon.spaces.models import Member, Post, Space
from koinon.spaces.permissions import (
    may_change_proposal,
    may_join,
    may_moderate,
    may_open,
    may_propose,
    member_of,
)

A_PAGE = 30
get_and_post = require_http_methods(["GET", "HEAD", "POST"])
_FEEDS = {"atom": "atom", "json": "feed.json"}
MOST_IN_FEED = 50


@governed("N7")
@require_safe
def spaces(request: HttpRequest) -> HttpResponse:
    """Open spaces, by what was typed and ticked; above them one's own, closed ones too. The list leaves by `?format=`."""
    wanted = asked(request)
    found = Hall(wanted)
    if answer := LISTING.answer(request, found.found):
        return answer
    visitor = request.visitor
    mine = Space.objects.seen_by(visitor).joined_by(visitor).with_owner().order_by("name", "pk")[:100]
    waiting: list[Space] = []
    if visitor.is_signed_in:
        proposals = Space.objects.seen_by(visitor).filter(state=Space.State.PROPOSED)
        waiting = list(proposals.with_owner().order_by("made_at")[:50])
    context = {
        "asked": wanted,
        "page": page_of(request, found.found, A_PAGE),
        "count": len(found.found),
        "facets": found.facets(),
        "exits": [(exit_name(name), wanted.address(format=name)) for name in LISTING.formats],
        "mine": list(mine),
        "waiting": waiting,
        "may_propose": visitor.is_signed_in and bool(bodies_for(visitor)),
    }
    return render(request, "spaces/spaces.html", context)


@governed("N10", GET="C", POST="C")
@get_and_post
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Propose a space for a body."""
    visitor = request.visitor
    form = SpaceForm(request.POST if request.method == "POST" else None, by=visitor)
    require(bool(form.bodies))
    if request.method != "POST":
        return _form(request, form)
    require(request.POST.get("body", "") in form.bodies)
    if not form.is_valid():
        return _form(request, form, status=422)
    body = form.chosen_body
    require(may_propose(visitor, body))
    made = keeping.propose(form.described(), by=visitor, organisation=body, nonce=form.cleaned_data["nonce"])
    return redirect(made)


def _form(
    request: HttpRequest,
    form: SpaceForm,
    *,
    space: Space | None = None,
    there: Space | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "space": space,
        "there": there,
        "there_topics": topic_words(there.topics) if there is not None else "",
    }
    return render(request, "spaces/edit.html", context, status=status)


@governed("N7")
@require_safe
def space(request: HttpRequest, code: str) -> HttpResponse:
    """What the space is for, what is said in it, its dates and files; a proposal as its body's staff sees it."""
    return space_page(request, space_for(request, code))


def space_page(
    request: HttpRequest, found: Space, *, form: NameForm | None = None, trouble: str = "", status: int = 200
) -> HttpResponse:
    """The page of a space, with what went wrong before it was drawn again."""
    visitor = request.visitor
    mine = member_of(visitor, found)
    joins = mine is None and may_join(visitor, found)
    if joins and form is None:
        form = NameForm(name=getattr(getattr(visitor, "person", None), "name", ""))
    threads = found.threads.all().with_words().latest_first()
    coming = found.dates.shown().select_related("session").filter(ends_at__gte=timezone.now())
    past = found.dates.shown().select_related("session").filter(ends_at__lt=timezone.now())
    language = get_language() or "en"
    moderates = may_moderate(visitor, found)
    hosts = mine is not None and mine.is_host
    asking = Member.objects.filter(space=found, state=Member.State.ASKED, person__is_active=True)
    context: dict[str, Any] = {
        "space": found,
        "mine": mine,
        "joins": joins,
        "form": form if joins else None,
        "trouble": trouble,
        "topics": [(key, concepts.label(key, language)) for key in found.topics],
        "page": page_of(request, threads, A_PAGE),
        "coming": list(coming.soonest_first()[:50]),
        "past": list(past.order_by("-starts_at")[:10]),
        "files": list(found.files.standing().light().order_by("-step")[:200]),
        "hosts": list(Member.objects.hosts().filter(space=found).hosts_first()[:20]),
        "writes": mine is not None and found.is_running,
        "moderates": moderates,
        "is_host": hosts,
        "asking": asking.count() if hosts else 0,
        "address": telling.address_for(found, mine) if mine is not None and found.is_running else None,
        "may_open": may_open(visitor, found),
        "may_change_proposal": may_change_proposal(visitor, found),
    }
    return render(request, "spaces/space.html", context, status=status)


@governed("N10", POST="P")
@require_POST
@login_required
def open_(request: HttpRequest, code: str) -> HttpResponse:
    """The manager opens a proposal."""
    found = space_for(request, code)
    return redirect(keeping.open_(found, by=request.visitor))


@governed("N10", GET="D", POST="D")
@get_and_post
@login_required
def drop(request: HttpRequest, code: str) -> HttpResponse:
    """Asks once, then the proposal goes."""
    found = space_for(request, code)
    require(may_change_proposal(request.visitor, found))
    if request.method != "POST":
        return render(request, "spaces/drop.html", {"space": found})
    keeping.drop(found, by=request.visitor)
    return redirect("spaces:list")


@governed("N7", GET="M", POST="M")
@get_and_post
@login_required
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Say it otherwise. Of two at once, the second sees both texts."""
    found = space_for(request, code)
    visitor = request.visitor
    require(may_change_proposal(visitor, found) or may_moderate(visitor, found))
    if request.method != "POST":
        return _form(request, SpaceForm(by=visitor, of=found), space=found)
    form = SpaceForm(request.POST, by=visitor, of=found)
    if not form.is_valid():
        return _form(request, form, space=found, status=422)
    try:
        keeping.change(found, form.described(), by=visitor, edits=form.cleaned_data["edits"] or 0)
    except keeping.Changed as changed:
        now = space_for(request, changed.current.code)
        kept = request.POST.copy()
        kept["edits"] = str(now.edits)
        return _form(request, SpaceForm(kept, by=visitor, of=now), space=now, there=now, status=409)
    except keeping.NotNow:
        return space_page(request, space_for(request, code), trouble="ended", status=409)
    return redirect(found)


@governed("N7", GET="M", POST="M")
@get_and_post
@login_required
def end(request: HttpRequest, code: str) -> HttpResponse:
    """Asks why, then nothing is added any more; everything can be read on."""
    found = opened(request, code)
    require(may_moderate(request.visitor, found))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        keeping.end(found, by=request.visitor, because=form.cleaned_data["because"])
        return redirect(found)
    status = 422 if request.method == "POST" else 200
    return render(request, "spaces/end.html", {"space": found, "form": form}, status=status)


@governed("N7")
@require_safe
def feed(request: HttpRequest, code: str, ending: str) -> HttpResponse:
    """What was said last in an open space, as Atom or JSON Feed. A closed one has none: a program would keep it."""
    found = opened(request, code)
    if ending not in _FEEDS or found.is_closed or not found.is_public:
        raise Http404
    posts = Post.objects.standing().filter(thread__space=found).select_related("thread").order_by("-step")
    entries = []
    for post in posts[:MOST_IN_FEED]:
        post.thread.space = found
        entries.append(
            Entry(
                title=post.thread.shown_title,
                url=post.get_absolute_url(),
                updated=post.changed_at or post.at,
                text=f"{post.name}: {post.text}",
                language=post.language,
            )
        )
    return feed_answer(
        request, _FEEDS[ending], title=found.name, home=found.get_absolute_url(), entries=entries
    )
