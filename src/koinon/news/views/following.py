"""Following, the private page of who follows, and the way to stop."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.agenda.actions.registering import is_own_address
from koinon.base import problems
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, in_language
from koinon.base.visitor import HttpRequest
from koinon.mail.bounces import is_bouncing
from koinon.news import subjects
from koinon.news.actions import following
from koinon.news.codes import code_from
from koinon.news.forms import FollowForm, LanguageForm, WhatForm, rhythm_of, what_of
from koinon.news.models import Follow, Follower
from koinon.places import zones
from koinon.places.models import Place
from koinon.questions.actions.receipts import tidy_code
from koinon.questions.views.asking import too_many

_ZONE = "Europe/Brussels"


def asked_for(request: HttpRequest) -> tuple[str, str]:
    """The kind and the key that an address names: `?place=ITH5`, `?search=1&q=housing`; two empty texts where it names none."""
    if request.GET.get(subjects.SEARCH):
        pairs = [(name, value) for name in subjects.SEARCH_FIELDS for value in request.GET.getlist(name)[:20]]
        return subjects.SEARCH, subjects.search_key(pairs)
    for kind in subjects.kinds:
        if key := request.GET.get(kind, ""):
            return kind, key[: subjects.LONGEST]
    return "", ""


@governed("N3", GET="C", POST="C")
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Follow what the address names, by mail or by feed. Without a thing: what there is to follow."""
    kind, key = asked_for(request)
    if not kind:
        return render(request, "news/follow_what.html")
    named = subjects.find(kind, key)
    if named is None:
        return render(request, "news/follow_unknown.html", status=404)
    zone = _zone_of(named)
    if request.method != "POST":
        person = getattr(request.visitor, "person", None)
        initial = {"email": person.email if person else "", "zone": zone}
        return _page(request, named, FollowForm(kind=kind, zone=zone, initial=initial))
    if refused := too_many(request):
        return refused
    form = FollowForm(request.POST, kind=kind, zone=zone)
    if not form.is_valid():
        return _page(request, named, form, status=422)
    try:
        made = following.ask(
            form.cleaned_data["email"],
            named.kind,
            named.key,
            by=request.visitor,
            language=get_language() or DEFAULT,
            **form.told,
        )
    except following.Unknown:
        return render(request, "news/follow_unknown.html", status=404)
    except following.Full:
        form.add_error(
            None,
            _("This address follows %(most)s things already, the most there can be.")
            % {"most": following.MOST},
        )
        return _page(request, named, form, status=409)
    own = is_own_address(request.visitor, form.cleaned_data["email"])
    if own and made is not None:
        return redirect(reverse("news:follows_mine", args=[code_from(made.follower.seed)]) + "?said=followed")
    return redirect(f"{reverse('news:follow')}?{_query(named)}&sent=1")


def _zone_of(named: subjects.Named) -> str:
    place = Place.objects.find(named.key) if named.kind == subjects.PLACE else None
    return zones.zone_of(place) or _ZONE


def _query(named: subjects.Named) -> str:
    if named.kind == subjects.SEARCH:
        return f"{subjects.SEARCH}=1&{named.key}"
    return urlencode({named.kind: named.key})


def _page(request: HttpRequest, named: subjects.Named, form: FollowForm, status: int = 200) -> HttpResponse:
    context = {
        "named": named,
        "form": form,
        "kind": subjects.kinds[named.kind].word,
        "back": in_language(named.address, get_language() or DEFAULT),
        "sent": "sent" in request.GET,
        "feeds": feeds_of(named),
        "is_letter": named.kind == subjects.LETTER,
    }
    return render(request, "news/follow.html", context, status=status)


def feeds_of(named: subjects.Named) -> list[tuple[str, str]]:
    """The same as feeds: name and address. A newsletter has none."""
    if named.kind == subjects.LETTER:
        return []
    query = urlencode({"kind": named.kind, "key": named.key})
    return [
        (words, reverse("news:feed", args=[ending]) + "?" + query)
        for words, ending in (("Atom", "atom"), ("JSON Feed", "json"), (_("Calendar"), "ics"))
    ]


def _holder(code: str) -> Follower | None:
    """Who is reached by the code; the answer never tells a code that was from one that never was."""
    return following.by_code(tidy_code(code))


View = Callable[..., HttpResponse]


def _may_vanish(view: View) -> View:
    """Somebody may stop in another window at this very moment: then there is nothing any more, and that is said."""

    @wraps(view)
    def looked(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        try:
            return view(request, *args, **more)
        except Follower.DoesNotExist:
            return _nothing(request)

    return looked


def _nothing(request: HttpRequest, status: int = 404) -> HttpResponse:
    return render(request, "news/follows_nothing.html", status=status)


@governed("N3", GET="R")
@require_safe
def mine(request: HttpRequest, code: str) -> HttpResponse:
    """The private page: what is followed, what waits to be confirmed, how often mails come, and how to stop."""
    follower = _holder(code)
    return _mine(request, follower) if follower is not None else _nothing(request)


def _mine(
    request: HttpRequest,
    follower: Follower,
    form: LanguageForm | None = None,
    *,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    rows = list(follower.follows.order_by("kind", "pk"))
    there = subjects.find_all([(row.kind, row.key) for row in rows])
    told = [(row, _named(row, there.get((row.kind, row.key)))) for row in rows]
    context: dict[str, Any] = {
        "follower": follower,
        "code": code_from(follower.seed),
        "followed": [
            (row, named, WhatForm(kind=row.kind, initial=what_of(row), prefix=f"f{row.pk}"))
            for row, named in told
            if row.confirmed_at is not None
        ],
        "waiting": [(row, named) for row, named in told if row.confirmed_at is None],
        "form": form or LanguageForm(zone=follower.zone, initial=rhythm_of(follower)),
        "most": following.MOST,
        "bounces": is_bouncing(follower.address),
        "said": said or request.GET.get("said", "")[:20],
    }
    return render(request, "news/follows.html", context, status=status)


def _named(row: Follow, found: subjects.Named | None) -> subjects.Named:
    """What is followed; where it is not there any more, it is still named, so that it can be dropped."""
    if found is None:
        label = _("%(key)s (not there any more)") % {"key": row.key}
        return subjects.Named(row.kind, row.key, label, "")
    return replace(found, address=in_language(found.address, get_language() or DEFAULT))


def _back(follower: Follower, said: str) -> HttpResponse:
    return redirect(reverse("news:follows_mine", args=[code_from(follower.seed)]) + f"?said={said}")


@governed("N3", POST="U")
@require_POST
@_may_vanish
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """Who owns the address says yes to what is ticked, or to none of what is shown; the rest is dropped."""
    follower = _holder(code)
    if follower is None:
        return _nothing(request)
    wanted = [] if "none" in request.POST else _numbers(request, "follow")
    if not wanted and "none" not in request.POST and follower.follows.waiting().exists():
        # Nothing is ticked before somebody does, so that pressing the button alone is not yet a yes, nor a no.
        return _mine(request, follower, said="nothing_ticked", status=422)
    following.confirm(follower, wanted, _numbers(request, "shown"))
    if not Follower.objects.filter(pk=follower.pk).exists():
        return _nothing(request, status=200)
    return _back(follower, "confirmed")


def _numbers(request: HttpRequest, name: str) -> list[int]:
    return [
        int(text)
        for text in request.POST.getlist(name)[:300]
        if text.isascii() and text.isdigit() and len(text) < 18
    ]


@governed("N3", POST="U")
@require_POST
@_may_vanish
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Another rhythm, clock or language."""
    follower = _holder(code)
    if follower is None:
        return _nothing(request)
    form = LanguageForm(request.POST, zone=follower.zone)
    if not form.is_valid():
        return _mine(request, follower, form, status=422)
    try:
        following.change(
            follower,
            version=form.cleaned_data["version"],
            language=form.cleaned_data["language"],
            **form.told,
        )
    except following.Changed:
        form.add_error(
            None, _("This was changed meanwhile, in another window perhaps. Look at it and send it again.")
        )
        follower.refresh_from_db()
        data = request.POST.copy()
        data["version"] = str(follower.version)
        form.data = data
        return _mine(request, follower, form, status=409)
    return _back(follower, "changed")


@governed("N3", POST="U")
@require_POST
@_may_vanish
def refine(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What around a place, and which kinds of things."""
    follower = _holder(code)
    row = follower.follows.filter(pk=pk).first() if follower is not None else None
    if follower is None or row is None:
        return _nothing(request)
    form = WhatForm(request.POST, kind=row.kind, prefix=f"f{row.pk}")
    if not form.is_valid():
        return problems.answer(request, 400)
    following.refine(row, **form.told)
    return _back(follower, "changed")


@governed("N3", POST="D")
@require_POST
@_may_vanish
def drop(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Follow one thing no more."""
    follower = _holder(code)
    row = follower.follows.filter(pk=pk).first() if follower is not None else None
    if follower is None or row is None:
        return _nothing(request)
    return _back(follower, "dropped") if following.drop(row) else _nothing(request, status=200)


@csrf_exempt
@governed("N3", GET="R", POST="D")
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """The page with the one button, and what the button does; a mail program may press it by itself (RFC 8058).

    A GET stops nothing: scanners of mail follow every link. The unguessable code is the authority, so a POST from another
    site is none that a visitor could be made to send unknowingly. Stopping twice says the same as stopping once.
    """
    follower = _holder(code)
    if request.method == "POST":
        if follower is not None:
            following.stop(follower)
        return _nothing(request, status=200)
    if follower is None:
        return _nothing(request)
    return render(request, "news/follows_stop.html", {"follower": follower, "code": code_from(follower.seed)})


@governed("N3", GET="R", POST="D")
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: HttpRequest, code: str) -> HttpResponse:
    """It was somebody else: ask this address no more."""
    follower = _holder(code)
    if follower is None or follower.confirmed_at is not None:
        return _nothing(request) if follower is None else _mine(request, follower)
    if request.method == "POST":
        following.refuse(follower)
        return _nothing(request, status=200)
    return render(
        request, "news/follows_refuse.html", {"follower": follower, "code": code_from(follower.seed)}
    )
