"""Forms without cookies: who has no session has nothing a foreign page could ride on; who is signed in has Django's token.

A POST of a visitor without a session is taken when `Sec-Fetch-Site` or `Origin` say same origin, and when both are absent
and no cookie comes along, as from a script. As soon as somebody is signed in, Django's CSRF token protects every form.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


def is_same_origin(request: HttpRequest) -> bool:
    """Whether the browser says that this request comes from one of our own pages; a contradiction is a no."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    if origin is not None and origin != f"{request.scheme}://{request.get_host()}":
        return False
    return site is not None or origin is not None or not request.COOKIES


class FormGuard(CsrfViewMiddleware):
    """Stands after the authentication middleware."""

    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., Any],
        callback_args: Any,
        callback_kwargs: Any,
    ) -> HttpResponseBase | None:
        if request.method in SAFE:
            return None
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            return super().process_view(request, callback, callback_args, callback_kwargs)
        if not is_same_origin(request):
            return _refused(request)
        return None


def _refused(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/foreign_form.html", status=403)
