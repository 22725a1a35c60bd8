"""Numbers of rows as they come in addresses."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

LARGEST = 2**63 - 1
"""The largest key there can be; SQLite breaks at a larger one where it is asked for several."""


class KeysThatFit:
    """Where an address holds a number that is larger than any key, nothing is there: 404, before a view asks the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        if any(isinstance(part, int) and part > LARGEST for part in kwargs.values()):
            raise Http404
