"""The archive of newsletters, and where they are written, tried out, released and stopped."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.courses.figures import LEAST
from koinon.news.actions import letters as actions
from koinon.news.forms import LetterForm, body_named
from koinon.news.models import Letter
from koinon.news.permissions import (
    may_change_letter,
    may_draft_letter,
    may_release,
    may_release_others,
    may_stop,
    may_write_news,
)
from koinon.people.models import Person
from koinon.practices import concepts

get_and_post = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE = 20
State = Letter.State


@governed("N9")
@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """What was sent, the newest first."""
    rows = Letter.objects.sent().select_related("organisation").order_by("-released_at", "-pk")
    context = {"page": page_of(request, rows, A_PAGE), "may_write": may_write_news(request.visitor)}
    response = render(request, "news/letters.html", context)
    return response if request.GET or request.visitor.is_signed_in else shared(response)


@governed("N4")
@require_safe
@login_required
def drafts(request: HttpRequest) -> HttpResponse:
    """What one's bodies write and have sent."""
    require(may_write_news(request.visitor), hidden=True)
    rows = (
        Letter.objects.worked_on_by(request.visitor)
        .select_related("organisation")
        .order_by("-made_at", "-pk")
    )
    return render(request, "news/letters_mine.html", {"page": page_of(request, rows, A_PAGE)})


def _seen(request: HttpRequest, pk: int) -> Letter:
    rows = Letter.objects.seen_by(request.visitor).select_related("organisation", "place")
    letter = rows.filter(pk=pk).first()
    if letter is None:
        raise Http404
    return letter


@governed("N9")
@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One newsletter as it was sent; who works on it sees it before, with how many would get it."""
    return _letter(request, _seen(request, pk))


def _letter(request: HttpRequest, found: Letter, said: str = "", status: int = 200) -> HttpResponse:
    by = request.visitor
    works = may_change_letter(by, found)
    context: dict[str, Any] = {
        "letter": found,
        "paragraphs": [part.strip() for part in found.text.split("\n\n") if part.strip()],
        "may_change": works,
        "may_release": may_release(by, found),
        "may_stop": may_stop(by, found),
        "count": actions.count(found) if works or may_release(by, found) else None,
        "fewest": LEAST,
        "topic": concepts.label(found.topic, get_language() or DEFAULT) if found.topic else "",
        "has_segment": actions.has_segment(found),
        "said": said or request.GET.get("said", "")[:20],
    }
    return render(request, "news/letter.html", context, status=status)


@governed("N4", GET="C", POST="C")
@get_and_post
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Begin one."""
    require(may_write_news(request.visitor), hidden=True)
    form = LetterForm(request.POST if request.method == "POST" else None, by=request.visitor)
    body = body_named(request.POST.get("organisation", ""))
    # Who reads the drafts of a member is told that writing them is not its part; for the others there is nothing.
    reads = body is not None and body.pk in getattr(request.visitor, "led", frozenset())
    require(body is None or may_draft_letter(request.visitor, body), hidden=not reads)
    if request.method != "POST":
        return render(request, "news/letter_edit.html", {"form": form})
    if not form.is_valid():
        return render(request, "news/letter_edit.html", {"form": form}, status=422)
    made = actions.draft(
        by=request.visitor,
        organisation=form.organisations[form.cleaned_data["organisation"]],
        nonce=form.cleaned_data["nonce"],
        **form.told,
    )
    return redirect("news:letter", made.pk)


@governed("N4", GET="U", POST="U")
@get_and_post
@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write on; then it has to be handed over again."""
    found = _seen(request, pk)
    works = may_draft_letter(request.visitor, found.organisation)
    if works and _is_late(request, found) and not may_change_letter(request.visitor, found):
        # It was released while somebody wrote: nothing of theirs is lost, and nothing that goes out is changed.
        form = LetterForm(request.POST, by=request.visitor, of=found)
        context = {"form": form, "letter": found, "there": found, "is_over": True}
        return render(request, "news/letter_edit.html", context, status=409)
    require(may_change_letter(request.visitor, found))
    form = LetterForm(request.POST if request.method == "POST" else None, by=request.visitor, of=found)
    if request.method != "POST":
        return render(request, "news/letter_edit.html", {"form": form, "letter": found})
    if not form.is_valid():
        return render(request, "news/letter_edit.html", {"form": form, "letter": found}, status=422)
    try:
        actions.change(found, by=request.visitor, version=form.cleaned_data["version"] or 0, **form.told)
    except actions.Changed:
        kept = request.POST.copy()
        now = _seen(request, pk)
        context = {"letter": now, "there": now, "is_over": not may_change_letter(request.visitor, now)}
        if not context["is_over"]:
            kept["version"] = str(now.version)
        context["form"] = LetterForm(kept, by=request.visitor, of=found)
        return render(request, "news/letter_edit.html", context, status=409)
    return redirect("news:letter", pk)


def _is_late(request: HttpRequest, found: Letter) -> bool:
    """Whether somebody took it further since the page was made from which this comes.

    Then it is told that somebody was quicker, whatever it is by now: that is no question of rights.
    """
    return 0 < _version(request) != found.version


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


@governed("N4", POST="U")
@require_POST
@login_required
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """It is ready for the second person."""
    found = _seen(request, pk)
    if may_draft_letter(request.visitor, found.organisation) and _is_late(request, found):
        return _letter(request, found, "meanwhile", status=409)
    require(may_change_letter(request.visitor, found))
    try:
        actions.hand_over(found, by=request.visitor, version=_version(request))
    except actions.Changed:
        return _letter(request, _seen(request, pk), "meanwhile", status=409)
    return redirect("news:letter", pk)


@governed("N4", POST="U")
@require_POST
@login_required
def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    """A test to oneself."""
    found = _seen(request, pk)
    require(may_change_letter(request.visitor, found))
    person = getattr(request.visitor, "person", None)
    assert isinstance(person, Person)
    actions.try_out(found, by=request.visitor, person=person)
    return redirect(f"{found.get_absolute_url()}?said=tried")


@governed("N4", POST="P")
@require_POST
@login_required
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person has it sent, once."""
    found = _seen(request, pk)
    if found.state not in {State.SENDING, State.SENT} or not may_write_news(request.visitor):
        if may_release_others(request.visitor, found.organisation) and _is_late(request, found):
            return _letter(request, found, "meanwhile", status=409)
        require(may_release(request.visitor, found))
    try:
        actions.release(found, by=request.visitor, version=_version(request))
    except actions.TooFew:
        return _letter(request, found, "few", status=409)
    except actions.Changed:
        return _letter(request, _seen(request, pk), "meanwhile", status=409)
    return redirect("news:letter", pk)


@governed("N4", POST="D")
@require_POST
@login_required
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop it while it is being sent; before, throw it away."""
    found = _seen(request, pk)
    require(may_stop(request.visitor, found))
    was_sending = found.state == State.SENDING
    actions.stop(found, by=request.visitor)
    return redirect("news:letter", pk) if was_sending else redirect("news:letters_mine")
