"""Pages of webhooks: what one's bodies have, one of them with its last deliveries, and what can be done with it."""

import secrets
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.journal.once import KeyUsed, once
from koinon.news import subjects
from koinon.webhooks import actions
from koinon.webhooks.forms import HookForm, body_named
from koinon.webhooks.kinds import TEST, known
from koinon.webhooks.models import OVERLAP, Delivery, Hook
from koinon.webhooks.permissions import may_add, may_add_any, may_change, may_have_webhooks, may_remove
from koinon.webhooks.words import TROUBLES

get_and_post = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE = 50
DELIVERIES = 50


@governed("H5", GET="R")
@require_safe
@login_required
def hooks(request: HttpRequest) -> HttpResponse:
    """The webhooks of the bodies one answers for; for who runs the machine, how all of them do."""
    require(may_have_webhooks(request.visitor), hidden=True)
    rows = Hook.objects.seen_by(request.visitor).select_related("organisation")
    context = {
        "page": page_of(request, rows.order_by("organisation__name", "label", "pk"), A_PAGE),
        "may_add": may_add_any(request.visitor),
    }
    return render(request, "webhooks/hooks.html", context)


@governed("H5", GET="C", POST="C")
@get_and_post
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Set one up. The answer shows its secret, this once; sent again it leads to the same webhook."""
    require(may_have_webhooks(request.visitor), hidden=True)
    require(may_add_any(request.visitor))
    if request.method != "POST":
        form = HookForm(by=request.visitor)
        return render(request, "webhooks/edit.html", {"form": form, "nonce": secrets.token_hex(16)})
    body = body_named(request.POST.get("organisation", ""))
    require(body is None or may_add(request.visitor, body), hidden=not request.visitor.is_operator)
    form = HookForm(request.POST, by=request.visitor)
    nonce = request.POST.get("nonce", "")[:64] or secrets.token_hex(16)
    context: dict[str, Any] = {"form": form, "nonce": nonce}
    if not form.is_valid():
        return render(request, "webhooks/edit.html", context, status=422)
    shown: list[str] = []

    def act() -> dict[str, Any]:
        made, secret = actions.add(
            form.wish,
            by=request.visitor,
            organisation=form.organisations[form.cleaned_data["organisation"]],
        )
        shown.append(secret)
        return {"code": made.code}

    try:
        sent = f"{form.cleaned_data['organisation']} {form.wish!r}"
        done = once(f"webhook:{request.visitor.person_id}:{nonce}", sent, act)
    except actions.Full:
        return render(request, "webhooks/edit.html", context | {"full": actions.MOST}, status=409)
    except KeyUsed:
        context["nonce"] = secrets.token_hex(16)
        return render(request, "webhooks/edit.html", context | {"again": True}, status=409)
    if not shown:
        return redirect("webhooks:hook", done["code"])
    return _hook(request, _seen(request, done["code"]), secret=shown[0], status=201)


def _seen(request: HttpRequest, code: str) -> Hook:
    rows = Hook.objects.seen_by(request.visitor).select_related("organisation", "answerable")
    found = rows.filter(code=code[:16]).first()
    if found is None:
        raise Http404
    return found


@governed("H5", GET="R")
@require_safe
@login_required
def hook(request: HttpRequest, code: str) -> HttpResponse:
    """One webhook: how it does, and what came of its last deliveries."""
    return _hook(request, _seen(request, code))


def _hook(
    request: HttpRequest,
    found: Hook,
    *,
    secret: str = "",
    tried: Delivery | None = None,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    kinds = known()
    rows = list(found.deliveries.latest_first()[:DELIVERIES])
    context = {
        "hook": found,
        "secret": secret,
        "overlap": int(OVERLAP.total_seconds() // 3600),
        "tried": tried,
        "trouble": TROUBLES.get(tried.trouble, "") if tried is not None else "",
        "said": said,
        "deliveries": [
            (row, kinds[row.kind].label if row.kind in kinds else row.kind, TROUBLES.get(row.trouble, ""))
            for row in rows
        ],
        "test_kind": TEST,
        "types": [kinds[name].label if name in kinds else name for name in found.types],
        "filters": _filters(found),
        "may_change": may_change(request.visitor, found),
        "may_remove": may_remove(request.visitor, found),
    }
    return render(request, "webhooks/hook.html", context, status=status)


def _filters(found: Hook) -> list[tuple[str, str]]:
    """What it is held to, by name; the bare key where there is nothing under it any more."""
    asked = (
        (subjects.PLACE, found.place),
        (subjects.TOPIC, found.topic),
        (subjects.ORGANISATION, found.body),
    )
    named = [(key, subjects.find(kind, key)) for kind, key in asked if key]
    return [
        (thing.label if thing is not None else key, "" if thing is not None else key) for key, thing in named
    ]


@governed("H5", GET="U", POST="U")
@get_and_post
@login_required
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change it. Of two at once the second sees that, and keeps what was typed."""
    found = _seen(request, code)
    require(may_change(request.visitor, found))
    if request.method != "POST":
        context = {"form": HookForm(by=request.visitor, of=found), "hook": found}
        return render(request, "webhooks/edit.html", context)
    form = HookForm(request.POST, by=request.visitor, of=found)
    if not form.is_valid():
        return render(request, "webhooks/edit.html", {"form": form, "hook": found}, status=422)
    try:
        actions.change(found, form.wish, by=request.visitor, version=form.cleaned_data["version"] or 0)
    except actions.Changed as changed:
        kept = request.POST.copy()
        kept["version"] = str(changed.current.version)
        context = {
            "form": HookForm(kept, by=request.visitor, of=found),
            "hook": found,
            "there": changed.current,
        }
        return render(request, "webhooks/edit.html", context, status=409)
    return redirect("webhooks:hook", found.code)


@governed("H5", POST="U")
@require_POST
@login_required
def pause(request: HttpRequest, code: str) -> HttpResponse:
    """Tell it nothing more for now."""
    found = _seen(request, code)
    actions.pause(found, by=request.visitor)
    return redirect("webhooks:hook", found.code)


@governed("H5", POST="U")
@require_POST
@login_required
def go_on(request: HttpRequest, code: str) -> HttpResponse:
    """Go on where it stopped; try again at once."""
    found = _seen(request, code)
    try:
        actions.go_on(found, by=request.visitor, version=_version(request))
    except actions.NoSecret:
        return _hook(request, _seen(request, code), said="no_secret", status=409)
    except actions.Changed:
        return _hook(request, _seen(request, code), said="changed", status=409)
    return redirect("webhooks:hook", found.code)


def _version(request: HttpRequest) -> int | None:
    """The version that a form was made of; None where it says none."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


@governed("H5", POST="U")
@require_POST
@login_required
def renew(request: HttpRequest, code: str) -> HttpResponse:
    """A new secret; the answer shows it, this once."""
    found = _seen(request, code)
    try:
        secret = actions.renew(found, by=request.visitor, version=_version(request) or 0)
    except actions.Changed:
        return _hook(request, _seen(request, code), said="changed", status=409)
    return _hook(request, _seen(request, code), secret=secret)


@governed("H5", POST="U")
@require_POST
@login_required
def try_out(request: HttpRequest, code: str) -> HttpResponse:
    """Send a test, and say what came of it."""
    found = _seen(request, code)
    try:
        tried = actions.try_out(found, by=request.visitor)
    except actions.NoSecret:
        return _hook(request, found, said="no_secret", status=409)
    except actions.TooSoon as soon:
        said = "busy" if isinstance(soon, actions.Busy) else "soon"
        return _hook(request, found, said=said, status=429)
    return _hook(request, found, tried=tried)


@governed("H5", GET="D", POST="D")
@get_and_post
@login_required
def remove(request: HttpRequest, code: str) -> HttpResponse:
    """Take it away, after a look at what goes."""
    found = _seen(request, code)
    require(may_remove(request.visitor, found), hidden=True)
    if request.method != "POST":
        return render(request, "webhooks/remove.html", {"hook": found})
    actions.remove(found, by=request.visitor)
    return redirect("webhooks:hooks")
