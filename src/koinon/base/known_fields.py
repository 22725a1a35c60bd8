"""The API refuses what it does not know: a query field that an operation does not describe is an error, not ignored."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from koinon.base.governance import operations
from koinon.base.problems import problem


class KnownFieldsOnly:
    """Answers 422 with the names of the fields that are not known, before the operation runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not request.GET:
            return None
        known = _known(view).get("GET" if request.method == "HEAD" else request.method or "")
        unknown = sorted(set(request.GET) - known)[:20] if known is not None else []
        if not unknown:
            return None
        return problem(
            422,
            "Something that was sent is not as the API describes it.",
            errors=[{"field": name[:100], "wrong": "This field is not known here."} for name in unknown],
        )


@cache
def _known(view: Callable[..., Any]) -> dict[str, frozenset[str]]:
    """Method → the query fields that the operation behind a view describes; empty for a view that is none of the API's."""
    found: dict[str, frozenset[str]] = {}
    for operation in operations(view):
        names: set[str] = set()
        for model in operation.models:
            if model.__ninja_param_source__ == "query":
                names |= set(model.__ninja_flatten_map__)
        found |= {method: frozenset(names) for method in operation.methods}
    return found
