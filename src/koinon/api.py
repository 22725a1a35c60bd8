"""The API: one description, put together from what each capability offers. Errors are RFC 9457; unknown fields are refused."""

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from koinon import __version__
from koinon.agenda.api import router as agenda
from koinon.agenda.api_registration import router as registrations
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.problems import bad_request, problem
from koinon.calls.api import router as calls
from koinon.courses.api import router as courses
from koinon.desk.api import router as desk
from koinon.guide.api import router as guide
from koinon.home.api import router as search
from koinon.network.api import router as network
from koinon.news.api import router as news
from koinon.notices.api import router as notices
from koinon.peers.api import router as peers
from koinon.places.api import router as places
from koinon.practices.api import router as practices
from koinon.practices.exchange.api import router as practices_from_files
from koinon.questions.api import router as questions
from koinon.reports.api import router as reports
from koinon.room.api import router as room
from koinon.room.moderating_api import router as moderating
from koinon.spaces.api import router as spaces
from koinon.webhooks.api import router as webhooks

api = NinjaAPI(
    title="Koinon",
    version=__version__,
    description="Reading needs no key. Every fact carries its source and how sure it is.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
api.add_router("", guide)
api.add_router("", places)
api.add_router("", network)
api.add_router("", notices)
# Before what reads one practice by its slug.
api.add_router("", practices_from_files)
api.add_router("", practices)
api.add_router("", questions)
api.add_router("", desk)
api.add_router("", agenda)
api.add_router("", registrations)
api.add_router("", calls)
api.add_router("", courses)
api.add_router("", peers)
api.add_router("", spaces)
api.add_router("", room)
api.add_router("", moderating)
api.add_router("", news)
api.add_router("", webhooks)
api.add_router("", reports)
api.add_router("", search)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What was sent is not as described: each field with what is wrong about it, never with what was sent."""
    errors: list[dict[str, Any]] = [
        {"field": ".".join(str(part) for part in found["loc"][1:]), "wrong": found["msg"]}
        for found in error.errors
    ]
    return problem(422, "Something that was sent is not as the API describes it.", errors=errors)


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))


@api.exception_handler(AuthenticationError)
def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(401, "This needs a valid token: Authorization: Bearer TOKEN.")


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "There is nothing at this address.")


@api.exception_handler(PermissionDenied)
def denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(403, "This is not yours to see or do.")


@api.exception_handler(SuspiciousOperation)
def bad(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    return bad_request(request, error)


@require_safe
@governed("P1")
def openapi(request: HttpRequest) -> HttpResponse:
    """The API's own description, for programs."""
    return JsonResponse(api.get_openapi_schema())


@require_safe
@governed("P1")
def docs(request: HttpRequest) -> HttpResponse:
    """The API as a page, made from its own description."""
    schema = api.get_openapi_schema()
    operations = [
        _operation(method, path, described)
        for path, methods in schema["paths"].items()
        for method, described in methods.items()
    ]
    return shared(render(request, "api_docs.html", {"operations": operations}))


def _operation(method: str, path: str, described: dict[str, Any]) -> dict[str, Any]:
    """One operation of the OpenAPI description, as the page shows it."""
    return {
        "method": method.upper(),
        "path": path,
        "description": described.get("description") or described.get("summary", ""),
        "parameters": [
            {
                "name": parameter["name"],
                "in": parameter["in"],
                "type": _type(parameter.get("schema", {})),
                "required": parameter.get("required", False),
            }
            for parameter in described.get("parameters", [])
        ],
    }


def _type(schema: dict[str, Any]) -> str:
    kinds = [schema.get("type"), *(option.get("type") for option in schema.get("anyOf", []))]
    return " | ".join(kind for kind in kinds if kind and kind != "null") or "string"
