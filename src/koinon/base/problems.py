"""When something goes wrong: plain pages for people, RFC 9457 for programs, never a bare status line."""

import logging
import secrets
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.exceptions import TemplateDoesNotExist
from django.utils.encoding import escape_uri_path

log = logging.getLogger("koinon.problems")


def problem(status: int, detail: str, **more: Any) -> JsonResponse:
    """A problem as RFC 9457 wants it: `application/problem+json` with type, title, status and detail."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JsonResponse(body | more, status=status, content_type="application/problem+json")


def is_for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith(("/api/", "/health/"))


_WORDS = {
    400: "The request could not be understood.",
    403: "This is not yours to see or do.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "That is too much at once.",
    414: "The address is too long.",
    429: "Too many requests. Wait a little and try again.",
    500: "Something broke on our side.",
    503: "Koinon is not available for a moment.",
}


def answer(request: HttpRequest, status: int, **more: Any) -> HttpResponse:
    """The right answer for this status, for whoever asks."""
    if is_for_programs(request):
        return problem(status, _WORDS.get(status, HTTPStatus(status).phrase), **more)
    context = {"status": status, **more}
    try:
        return render(request, f"errors/{status}.html", context, status=status)
    except TemplateDoesNotExist:
        return render(request, "errors/other.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What cannot be understood is 400, what is too much 413."""
    too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return answer(request, 413 if too_much else 400)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours, with a reference that stands in the log; or the database is away: then 503, and when to try again."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        log.error("the database does not answer: %s", sys.exc_info()[1])
        away = answer(request, 503)
        away.headers["Retry-After"] = "10"
        return away
    reference = secrets.token_hex(4)
    log.error("reference %s: %s %s", reference, request.method, escape_uri_path(request.path))
    return answer(request, 500, reference=reference)


class WithoutTraceback(logging.Filter):
    """For the log: says that something was refused, and leaves out where in the code."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        return True


class ProblemPages:
    """Dresses what somebody answered bare (a decorator, django-ninja: 405, 429 …) in a page or a problem document.

    There is nothing at an address with a NUL: PostgreSQL cannot even look for one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info:
            return answer(request, 404)
        response = self.get_response(request)
        if (
            response.status_code < 400
            or not isinstance(response, HttpResponse)
            or _is_dressed(request, response)
        ):
            return response
        dressed = answer(request, response.status_code)
        for name in ("Allow", "Retry-After"):
            if name in response.headers:
                dressed.headers[name] = response.headers[name]
        return dressed


def _is_dressed(request: HttpRequest, response: HttpResponse) -> bool:
    if is_for_programs(request):
        return response.headers.get("Content-Type", "").startswith(
            ("application/problem+json", "application/json")
        )
    return bool(response.content)
