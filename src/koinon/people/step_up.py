"""Proving anew who one is, before what matters: with a passkey where the matrix asks for one, else as one can.

A mailed code is enough for the everyday work of a role. Granting roles asks for a passkey used within the last ten
minutes; changing how one signs in, making a token and closing the account ask for a fresh proof of any kind one has
(who has a passkey proves with it, see `people.allauth`).
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def has_passkey(request: HttpRequest) -> bool:
    keys = Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.WEBAUTHN)
    return bool(keys.exists())


def used_passkey_lately(request: HttpRequest) -> bool:
    """Whether this session saw its person's passkey within the time that a proof holds."""
    if not request.user.is_authenticated:
        return False
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(
        record.get("method") == "mfa" and record.get("type") == "webauthn" and record.get("at", 0) > since
        for record in get_authentication_records(request, request.user)
    )


def used_passkey(request: HttpRequest) -> bool:
    """Whether this session saw its person's passkey at all."""
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" and record.get("type") == "webauthn" for record in records)


def proved_lately(request: HttpRequest) -> bool:
    """Whether its person proved anew in this session, within the time that a proof holds."""
    return used_passkey_lately(request) or bool(did_recently_reauthenticate(request))


def with_passkey(view: View) -> View:
    """A POST to this view needs a passkey used lately; who has none is led to making one."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and request.user.is_authenticated and not used_passkey_lately(request):
            if not has_passkey(request):
                messages.warning(request, _("This needs a passkey. Make one here, then do it again."))
                return redirect("mfa_add_webauthn")
            return _prove(request, "mfa_reauthenticate_webauthn")
        return view(request, *args, **kwargs)

    return cast(View, guarded)


def with_proof(view: View) -> View:
    """A POST to this view needs a fresh proof: a passkey where there is one, else a mailed code."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and request.user.is_authenticated and not proved_lately(request):
            way = (
                "mfa_reauthenticate_webauthn"
                if has_passkey(request)
                else "account_request_reauthentication_code"
            )
            return _prove(request, way)
        return view(request, *args, **kwargs)

    return cast(View, guarded)


def _prove(request: HttpRequest, way: str) -> HttpResponseBase:
    """To the proof, and then back to the page that the form stood on."""
    messages.warning(request, _("Please prove once more that it is you, then do it again."))
    back = request.POST.get("back", "")
    here = back if back.startswith("/") and not back.startswith("//") else reverse("people:account")
    return redirect(f"{reverse(way)}?{urlencode({'next': here})}")
