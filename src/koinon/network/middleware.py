"""Puts the visitor on each request. Without a session cookie nobody is asked for, so a public page costs no query here."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpResponseBase

from koinon.base.visitor import HttpRequest
from koinon.network.visitor import ANYONE, visitor_for


class VisitorOfRequest:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.visitor = ANYONE
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            request.visitor = visitor_for(request.user)
        return self.get_response(request)
