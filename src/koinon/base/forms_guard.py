"""Forms without cookies: who has no session has nothing a foreign page could ride on; who is signed in has Django's token.

A POST of a visitor who is not signed in (a pending sign-in code included) is taken when `Sec-Fetch-Site` or `Origin` say
same origin, and when both are absent and no cookie comes along, as from a script. As soon as somebody is signed in,
Django's CSRF token protects every form. The API never takes a session for an authority (`network.middleware`), so a
request with a token of its own, which no foreign page can send unasked, needs no second one.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render

from koinon.base.problems import is_for_programs, problem

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


def has_session(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


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

    def process_request(self, request: HttpRequest) -> None:
        """Django looks up the secret here; without a session there is none, and asking would make the page vary."""
        if has_session(request):
            super().process_request(request)

    def process_view(  # type: ignore[override]  # our page, not Django's
        self,
        request: HttpRequest,
        callback: Callable[..., Any],
        callback_args: Any,
        callback_kwargs: Any,
    ) -> HttpResponseBase | None:
        if request.method in SAFE:
            return None
        if is_for_programs(request):
            if "Authorization" in request.headers or is_same_origin(request):
                return None
            return _refused(request)
        if has_session(request) and request.user.is_authenticated:
            refused: HttpResponseBase | None = super().process_view(
                request, callback, callback_args, callback_kwargs
            )
            return refused
        if not is_same_origin(request):
            return _refused(request)
        return None

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return _refused(request)


def _refused(request: HttpRequest) -> HttpResponse:
    if is_for_programs(request):
        return problem(403, "This request came from another site.")
    return render(request, "errors/foreign_form.html", status=403)
