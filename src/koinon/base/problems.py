"""When something goes wrong: plain pages for people, RFC 9457 for programs, never a bare status line."""

import logging
import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.exceptions import TemplateDoesNotExist

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
    return answer(request, 400)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours. The reference stands in the log, so that somebody can find what happened."""
    reference = secrets.token_hex(4)
    log.error("reference %s: %s %s", reference, request.method, request.path)
    return answer(request, 500, reference=reference)


class ProblemPages:
    """Dresses what a decorator answered bare (405, 429 …) in a page or a problem document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or not isinstance(response, HttpResponse) or response.content:
            return response
        dressed = answer(request, response.status_code)
        for name in ("Allow", "Retry-After"):
            if name in response.headers:
                dressed.headers[name] = response.headers[name]
        return dressed
