"""Asking, and what may answer it already."""

import secrets

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from koinon.base import problems
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT
from koinon.base.visitor import HttpRequest
from koinon.network.limits import anonymous_writes
from koinon.places import tree
from koinon.places.models import Place
from koinon.questions import about, routing
from koinon.questions.actions import asking as actions
from koinon.questions.forms import LONGEST, AskForm
from koinon.questions.matching import offered
from koinon.questions.models import Answer
from koinon.questions.permissions import may_ask


def too_many(request: HttpRequest) -> HttpResponse | None:
    """429 with the seconds to wait, where one address without an account wrote too much; None where it may go on."""
    if request.visitor.is_signed_in:
        return None
    seconds = anonymous_writes.wait(request.META.get("REMOTE_ADDR", ""))
    if not seconds:
        return None
    answer = problems.answer(request, 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


@governed("C1", GET="C", POST="C")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask from a place; `?place=` and `?text=` fill the form in, and show what may answer it already.

    `?practice=` asks those who did one: it goes to the desk that answers for it. One that is not public counts as none.
    """
    if request.method != "POST":
        key = request.GET.get("place", "")[:200]
        place = Place.objects.find(key) if key else None
        given = request.GET.get("text", "")[:LONGEST]
        initial = {
            "text": given,
            "place": tree.in_full(place) if place is not None else key,
            "practice": about.as_slug(request.GET.get("practice", "")),
            "nonce": secrets.token_urlsafe(16),
        }
        return _page(request, AskForm(initial=initial), given, place)
    if not may_ask(request.visitor):
        return problems.answer(request, 403)
    if refused := too_many(request):
        return refused
    data = _with_key(request)
    if request.POST.get("look"):
        # Without script: what may answer it, before it is sent. Nothing is wrong yet, and nothing is written.
        place = Place.objects.find(data["place"][:200]) if data["place"] else None
        if place is not None:
            data["place"] = tree.in_full(place)
        return _page(request, AskForm(initial=data), data["text"][:LONGEST], place)
    form = AskForm(data)
    if not form.is_valid():
        return _page(request, form, form.data.get("text", "")[:LONGEST], None, status=422)
    _question, code = actions.ask(
        form.cleaned_data["place"],
        by=request.visitor,
        text=form.cleaned_data["text"],
        email=form.cleaned_data["email"],
        wish=form.cleaned_data["wish"],
        role=form.cleaned_data["role"],
        practice=form.cleaned_data["practice"],
        nonce=form.cleaned_data["nonce"] or secrets.token_urlsafe(16),
        page_language=get_language() or DEFAULT,
    )
    return redirect(reverse("receipts:receipt", args=[code]) + "?sent=1")


def _with_key(request: HttpRequest) -> "dict[str, str]":
    """What was typed; a place that was chosen from the list comes with its key, which is surer than its name."""
    data = {name: request.POST.get(name, "") for name in AskForm.base_fields}
    picked = request.POST.get("picked", "")[:200]
    chosen = request.POST.get("chosen", "")[:200]
    if picked:
        data["place"] = picked
    elif chosen and data["place"] == request.POST.get("shown", ""):
        # Somebody may have typed another place over the one that was chosen.
        data["place"] = chosen
    return data


def _page(
    request: HttpRequest, form: AskForm, text: str, place: Place | None, status: int = 200
) -> HttpResponse:
    found = offered(text, place=place)
    practice = about.named(form["practice"].value())
    way = about.way(practice, place, timezone.localdate()) if place is not None else None
    context = {
        "form": form,
        "matches": found.answers,
        "practices": found.practices,
        "found": len(found),
        "place": place,
        "way": way,
        "why": routing.reason_words(way.because) if way is not None and way.rung == routing.PRACTICE else "",
        "practice": practice,
        "shown": tree.in_full(place) if place is not None else "",
        "due": way.due(timezone.localdate()) if way is not None else None,
    }
    return render(request, "questions/ask.html", context, status=status)


@governed("C6", GET="R", POST="R")
@require_http_methods(["GET", "HEAD", "POST"])
def like(request: HttpRequest) -> HttpResponse:
    """A part of the page: published answers and practices that may fit what is being typed.

    The page's script sends it as a form, so that what nobody has asked yet stands in no address and no proxy's log.
    """
    typed = request.POST if request.method == "POST" else request.GET
    key = typed.get("place", "")[:200]
    place = Place.objects.find(key) if key else None
    found = offered(typed.get("text", "")[:LONGEST], place=place)
    context = {
        "matches": found.answers,
        "practices": found.practices,
        "found": len(found),
        "place": place,
    }
    response = render(request, "questions/_like.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@governed("C6", POST="R")
@require_POST
def helped(request: HttpRequest, pk: int) -> HttpResponse:
    """ "That answers mine": counted for the country of the place, and nothing else is kept."""
    if refused := too_many(request):
        return refused
    answer = Answer.objects.public().filter(pk=pk).first()
    if answer is None:
        return problems.answer(request, 404)
    place = Place.objects.find(request.POST.get("place", "")[:200]) or Place.objects.get(pk="EU")
    actions.that_answers_mine(answer, place=place)
    return redirect(answer.get_absolute_url() + "?helped=1")
