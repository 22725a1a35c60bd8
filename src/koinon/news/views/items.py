"""What is new, one news item, and where items are written."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.exits import exit_name
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.news.actions import items as actions
from koinon.news.forms import ItemForm, ReasonForm, TranslationForm, body_named
from koinon.news.listing import LISTING, News, asked
from koinon.news.models import Item
from koinon.news.models.items import Reading
from koinon.news.permissions import (
    may_change,
    may_correct,
    may_delete,
    may_draft,
    may_publish,
    may_withdraw,
    may_write_news,
)
from koinon.practices import concepts

get_and_post = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE = 20


@governed("N1")
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """What is new, by kind, country, topic and place. The list leaves by `?format=`."""
    wanted = asked(request)
    found = News(wanted)
    if answer := LISTING.answer(request, found.found):
        return answer
    page = page_of(request, found.found, A_PAGE)
    context = {
        "asked": wanted,
        "page": page,
        "count": len(found.found),
        "facets": found.facets(),
        "only": found.only(),
        "exits": [(exit_name(name), wanted.address(format=name)) for name in LISTING.formats],
        "may_write": may_write_news(request.visitor),
    }
    response = render(request, "news/news.html", context)
    return response if request.GET or request.visitor.is_signed_in else shared(response)


def _seen(request: HttpRequest, slug: str) -> Item:
    rows = Item.objects.seen_by(request.visitor).select_related("organisation")
    item = rows.prefetch_related("places", "texts").filter(slug=slug[:120]).first()
    if item is None:
        raise Http404
    return item


@governed("N1")
@require_safe
def item(request: HttpRequest, slug: str) -> HttpResponse:
    """One item; withdrawn, its address says so and why (410). Who works on it sees drafts too."""
    gone = Item.objects.withdrawn().filter(slug=slug[:120]).select_related("organisation").first()
    if gone is not None and not may_draft(request.visitor, gone.organisation):
        return render(request, "news/gone.html", {"item": gone}, status=410)
    found = _seen(request, slug)
    response = _item(request, found)
    is_public = found.state == Item.State.PUBLISHED
    return (
        shared(response) if is_public and not request.GET and not request.visitor.is_signed_in else response
    )


def _item(
    request: HttpRequest,
    found: Item,
    *,
    form: ReasonForm | None = None,
    changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    by = request.visitor
    context: dict[str, Any] = {
        "item": found,
        "said": _read(request, found),
        "is_expired": found.has_expired(timezone.localdate()),
        "topics": [
            (key, concepts.label(key, getattr(request, "LANGUAGE_CODE", "en"))) for key in found.topics
        ],
        "places": list(found.places.all()),
        "texts": list(found.texts.all()),
        "changed": changed,
        "form": form or ReasonForm(),
        "may_publish": may_publish(by, found),
        "may_change": may_change(by, found),
        "may_delete": may_delete(by, found),
        "may_correct": may_correct(by, found),
        "may_withdraw": may_withdraw(by, found),
    }
    return render(request, "news/item.html", context, status=status)


def _read(request: HttpRequest, found: Item) -> Reading:
    """`?read=bg` reads the original or a translation, whatever the language of the page."""
    wanted = request.GET.get("read", "")
    for one in found.texts.all():
        if one.language == wanted:
            return Reading(one.language, one.title, one.lead, one.text, one.state_of(found))
    if wanted == found.language:
        return Reading(found.language, found.title, found.lead, found.text, "original")
    return found.read()


@governed("N2")
@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """What one's bodies write."""
    require(may_write_news(request.visitor), hidden=True)
    rows = (
        Item.objects.worked_on_by(request.visitor)
        .select_related("organisation")
        .order_by("-changed_at", "-pk")
    )
    return render(request, "news/mine.html", {"page": page_of(request, rows, A_PAGE)})


@governed("N2", GET="C", POST="C")
@get_and_post
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Begin an item."""
    require(may_write_news(request.visitor), hidden=True)
    form = ItemForm(request.POST if request.method == "POST" else None, by=request.visitor)
    body = body_named(request.POST.get("organisation", ""))
    # Who reads the drafts of a member is told that writing them is not its part; for the others there is nothing.
    reads = body is not None and body.pk in getattr(request.visitor, "led", frozenset())
    require(body is None or may_draft(request.visitor, body), hidden=not reads)
    if request.method != "POST":
        return render(request, "news/edit.html", {"form": form})
    if not form.is_valid():
        return render(request, "news/edit.html", {"form": form}, status=422)
    made = actions.draft(
        form.words(),
        by=request.visitor,
        organisation=form.organisations[form.cleaned_data["organisation"]],
        nonce=form.cleaned_data["nonce"],
    )
    return redirect("news:item", made.slug)


@governed("N2", GET="U", POST="U")
@get_and_post
@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Write on a draft; correct what is published. Of two at once the second sees what stands now and keeps its words."""
    found = _seen(request, slug)
    require(may_change(request.visitor, found) or may_correct(request.visitor, found))
    if request.method != "POST":
        return render(
            request, "news/edit.html", {"form": ItemForm(by=request.visitor, of=found), "item": found}
        )
    form = ItemForm(request.POST, by=request.visitor, of=found)
    if not form.is_valid():
        return render(request, "news/edit.html", {"form": form, "item": found}, status=422)
    version = form.cleaned_data["version"] or 0
    try:
        if found.state == Item.State.PUBLISHED:
            said = form.cleaned_data["correction"]
            actions.correct(found, form.words(), by=request.visitor, version=version, correction=said)
        else:
            actions.change(found, form.words(), by=request.visitor, version=version)
    except actions.Changed as changed:
        kept = request.POST.copy()
        kept["version"] = str(changed.current.version)
        context = {
            "form": ItemForm(kept, by=request.visitor, of=found),
            "item": found,
            "there": changed.current,
        }
        return render(request, "news/edit.html", context, status=409)
    return redirect("news:item", found.slug)


@governed("N2", POST="P")
@require_POST
@login_required
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Show it to all."""
    found = _seen(request, slug)
    require(may_publish(request.visitor, found) or may_correct(request.visitor, found))
    try:
        actions.publish(found, by=request.visitor, version=_version(request))
    except actions.Changed as changed:
        return _item(request, changed.current, changed=True, status=409)
    return redirect("news:item", found.slug)


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


@governed("N1", POST="D")
@require_POST
@login_required
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take it off, with a reason."""
    found = _seen(request, slug)
    if found.state != Item.State.WITHDRAWN:
        require(may_withdraw(request.visitor, found))
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return _item(request, found, form=form, status=422)
        actions.withdraw(found, by=request.visitor, because=form.cleaned_data["because"])
    return redirect("news:item", found.slug)


@governed("N2", POST="D")
@require_POST
@login_required
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Throw a draft away."""
    found = _seen(request, slug)
    require(may_delete(request.visitor, found))
    actions.delete(found, by=request.visitor)
    return redirect("news:mine")


@governed("N1", GET="U", POST="U")
@get_and_post
@login_required
def translate(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell it in another language."""
    found = _seen(request, slug)
    require(may_correct(request.visitor, found))
    if request.method != "POST":
        form = TranslationForm(initial=_translation(request, found))
        return render(request, "news/translate.html", {"form": form, "item": found})
    form = TranslationForm(request.POST)
    if form.is_valid() and form.cleaned_data["language"] == found.language:
        form.add_error("language", _own_language())
    if not form.is_valid():
        return render(request, "news/translate.html", {"form": form, "item": found}, status=422)
    try:
        actions.translate(found, by=request.visitor, **form.cleaned_data)
    except actions.ToldOtherwise as told:
        kept = request.POST.copy()
        kept["seen"] = told.current.mark
        context = {"form": TranslationForm(kept), "item": found, "there": told.current}
        return render(request, "news/translate.html", context, status=409)
    return redirect("news:item", found.slug)


def _own_language() -> str:
    from django.utils.translation import gettext

    return gettext("It is written in this language already.")


def _translation(request: HttpRequest, found: Item) -> dict[str, Any]:
    wanted = request.GET.get("language", "")
    for one in found.texts.all():
        if one.language == wanted:
            return {
                "language": one.language,
                "title": one.title,
                "lead": one.lead,
                "text": one.text,
                "of": found.words,
                "seen": one.mark,
            }
    return {"language": wanted, "of": found.words}
