"""What every answer says to the browser: run nothing inline, call nobody else, keep nothing unless told."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# For the few pages that are made to stand in frames of other sites.
POLICY_FRAMED = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
PERMISSIONS = "camera=(), microphone=(), geolocation=(self)"


def framed_by_anybody(response: HttpResponse) -> HttpResponse:
    """Let every site show this answer in a frame; it must read no session. The view also carries `xframe_options_exempt`."""
    response.headers["Content-Security-Policy"] = POLICY_FRAMED
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def read_by_anybody(response: HttpResponse) -> HttpResponse:
    """Let a script on every site read this answer, without credentials; it must be the same for all."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


class SecurityHeaders:
    """Adds the content policy, and `Cache-Control: no-store` where the view said nothing of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
