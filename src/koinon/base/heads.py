"""What can be read answers HEAD too: django-ninja takes only the methods that an operation names."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from koinon.base.problems import is_for_programs


class HeadAsGet:
    """Hands a HEAD of the API on as a GET. Django leaves the body out on the way to the wire."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD" or not is_for_programs(request):
            return self.get_response(request)
        request.method = "GET"
        try:
            return self.get_response(request)
        finally:
            request.method = "HEAD"
