"""Threads and posts: reading, beginning, writing, changing and withdrawing one's own, closing."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.spaces import telling
from koinon.spaces.actions import talking
from koinon.spaces.actions.pacing import SLOWLY, TooFast
from koinon.spaces.actions.talking import LONGEST
from koinon.spaces.finding import opened, post_for, reported_post, thread_for
from koinon.spaces.forms import ChangeForm, PostForm, ReasonForm, ThreadForm
from koinon.spaces.models import Post, Space, Thread
from koinon.spaces.models.talk import POSTS_A_PAGE
from koinon.spaces.permissions import (
    may_change_post,
    may_keep_membership,
    may_moderate,
    may_read_reported,
    may_withdraw_post,
    may_write,
    member_of,
)
from koinon.spaces.views.slowly import slowed

get_and_post = require_http_methods(["GET", "HEAD", "POST"])


def _spoken() -> str:
    return get_language() or "en"


@governed("N7", GET="C", POST="C")
@get_and_post
@login_required
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """Begin a thread."""
    space = opened(request, code)
    form = ThreadForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and not may_write(request.visitor, space):
        require(may_keep_membership(request.visitor, space))
        context = {"space": space, "form": form, "trouble": "ended"}
        return render(request, "spaces/begin.html", context, status=409)
    require(may_write(request.visitor, space))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            thread = talking.begin(
                space,
                by=request.visitor,
                title=data["title"],
                text=data["text"],
                language=_spoken(),
                nonce=data["nonce"],
            )
        except TooFast:
            form.add_error(None, str(SLOWLY))
            context = {"space": space, "form": form}
            return slowed(render(request, "spaces/begin.html", context, status=429))
        return redirect("spaces:thread", space.code, thread.code)
    status = 422 if request.method == "POST" else 200
    return render(request, "spaces/begin.html", {"space": space, "form": form}, status=status)


@governed("N7")
@require_safe
def thread(request: HttpRequest, code: str, thread: str) -> HttpResponse:
    """What was said under one title, the oldest first."""
    space = opened(request, code)
    return _page(request, space, thread_for(space, thread), PostForm())


def _page(
    request: HttpRequest, space: Space, found: Thread, form: PostForm, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    mine = member_of(request.visitor, space)
    writes = mine is not None and space.is_running
    page = page_of(request, found.posts.all().oldest_first(), POSTS_A_PAGE)
    context: dict[str, Any] = {
        "space": space,
        "thread": found,
        "page": page,
        "mine": mine,
        "writes": writes and found.closed_at is None,
        "is_member": writes,
        "moderates": may_moderate(request.visitor, space),
        "form": form,
        "trouble": trouble,
        "address": telling.address_for(found, mine) if mine is not None and writes else None,
    }
    return render(request, "spaces/thread.html", context, status=status)


@governed("N7", POST="C")
@require_POST
@login_required
def write(request: HttpRequest, code: str, thread: str) -> HttpResponse:
    """Write in a thread."""
    space = opened(request, code)
    found = thread_for(space, thread)
    form = PostForm(request.POST)
    if not may_write(request.visitor, space):
        require(may_keep_membership(request.visitor, space))
        return _page(request, space, found, form, trouble="ended", status=409)
    if not form.is_valid():
        return _page(request, space, found, form, status=422)
    try:
        post = talking.write(
            found,
            by=request.visitor,
            text=form.cleaned_data["text"],
            language=_spoken(),
            nonce=form.cleaned_data["nonce"],
        )
    except talking.ThreadClosed:
        return _page(request, space, thread_for(space, thread), form, trouble="closed", status=409)
    except TooFast:
        form.add_error(None, str(SLOWLY))
        return slowed(_page(request, space, found, form, status=429))
    return redirect(post.place())


@governed("N8")
@require_safe
@login_required
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """One post alone: for who sees its space, and for who handles a notice about it, who sees nothing else of the space."""
    found = reported_post(request, pk)
    context = {
        "post": found,
        "sees": Space.objects.seen_by(request.visitor).filter(pk=found.thread.space_id).exists(),
        "handles": may_read_reported(request.visitor, found),
    }
    # The title was said with the words that began the thread, so whoever decides about them reads it with them.
    context["is_first"] = context["handles"] and found.is_first()
    return render(request, "spaces/post.html", context)


@governed("N7", GET="U", POST="U")
@get_and_post
@login_required
def change(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Change one's own words within a day, or correct their language. Of two at once, the second sees both texts."""
    space = opened(request, code)
    found = post_for(space, pk)
    require(may_change_post(request.visitor, found))
    if not found.stands:
        return _change(request, space, found, ChangeForm(of=found), trouble="gone", status=409)
    if request.method != "POST":
        return _change(request, space, found, ChangeForm(of=found))
    form = ChangeForm(request.POST, of=found)
    if not form.is_valid():
        return _change(request, space, found, form, status=422)
    data = form.cleaned_data
    if any(
        name not in data
        and " ".join(request.POST.get(name, "").split()) not in {"", " ".join(stands.split())}
        for name, stands in (("text", found.text), ("title", found.thread.title))
    ):
        # The day went by between the look and the saving, or the title was taken off: nothing is thrown away without a word.
        return _change(request, space, found, form, trouble="late", status=409)
    try:
        now = talking.change(
            found,
            by=request.visitor,
            edits=data["edits"],
            text=data.get("text", found.text),
            language=data["language"],
            title=data.get("title") or None,
        )
    except talking.Changed as changed:
        there = post_for(space, changed.current.pk)
        kept = request.POST.copy()
        kept["edits"] = str(there.edits)
        return _change(request, space, there, ChangeForm(kept, of=there), there=there, status=409)
    except talking.TooLate:
        return _change(request, space, post_for(space, pk), form, trouble="late", status=409)
    return redirect(now.place())


def _change(
    request: HttpRequest,
    space: Space,
    found: Post,
    form: ChangeForm,
    *,
    there: Post | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "space": space,
        "post": found,
        "form": form,
        "there": there,
        "trouble": trouble,
        "kept": request.POST.get("text", "")[:LONGEST] if trouble else "",
    }
    return render(request, "spaces/change_post.html", context, status=status)


@governed("N7", GET="D", POST="D")
@get_and_post
@login_required
def withdraw(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Asks once, then a stone stays in the place of one's words."""
    space = opened(request, code)
    found = post_for(space, pk)
    require(may_withdraw_post(request.visitor, found))
    if request.method != "POST":
        return render(request, "spaces/withdraw_post.html", {"space": space, "post": found})
    return redirect(talking.withdraw(found, by=request.visitor).place())


@governed("N7", GET="M", POST="M")
@get_and_post
@login_required
def close(request: HttpRequest, code: str, thread: str) -> HttpResponse:
    """Close a thread, with a reason that stands there."""
    space = opened(request, code)
    found = thread_for(space, thread)
    require(may_moderate(request.visitor, space))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        talking.close(found, by=request.visitor, because=form.cleaned_data["because"])
        return redirect("spaces:thread", space.code, found.code)
    status = 422 if request.method == "POST" else 200
    context = {"space": space, "thread": found, "form": form}
    return render(request, "spaces/close_thread.html", context, status=status)


@governed("N7", POST="M")
@require_POST
@login_required
def reopen(request: HttpRequest, code: str, thread: str) -> HttpResponse:
    """Open a thread again."""
    space = opened(request, code)
    found = thread_for(space, thread)
    require(may_moderate(request.visitor, space))
    talking.reopen(found, by=request.visitor)
    return redirect("spaces:thread", space.code, found.code)


@governed("N7", GET="M", POST="M")
@get_and_post
@login_required
def take_title_off(request: HttpRequest, code: str, thread: str) -> HttpResponse:
    """Take a title off, with a reason that its author is told; what is said under it stays."""
    space = opened(request, code)
    found = thread_for(space, thread)
    require(may_moderate(request.visitor, space))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        talking.take_title_off(found, by=request.visitor, because=form.cleaned_data["because"])
        return redirect("spaces:thread", space.code, found.code)
    status = 422 if request.method == "POST" else 200
    context = {"space": space, "thread": found, "form": form}
    return render(request, "spaces/take_title_off.html", context, status=status)


@governed("N7", POST="M")
@require_POST
@login_required
def give_title_back(request: HttpRequest, code: str, thread: str) -> HttpResponse:
    """Put it back."""
    space = opened(request, code)
    found = thread_for(space, thread)
    require(may_moderate(request.visitor, space))
    talking.give_title_back(found, by=request.visitor)
    return redirect("spaces:thread", space.code, found.code)
