"""Puts the visitor on each request. Without a session cookie nobody is asked for, so a public page costs no query here.

Pages know their visitor by the session, the API by the token: a session is no authority there, so that no foreign page
can act through the API with it. What a token may never do is refused here, before the operation is called.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase

from koinon.base.governance import named_row
from koinon.base.problems import problem
from koinon.base.visitor import HttpRequest
from koinon.live.tickets import looks_like_one
from koinon.network.visitor import ANYONE, visitor_by, visitor_for
from koinon.people import actions
from koinon.people.models import Token

NEVER_BY_TOKEN = frozenset({"C2", "C3", "C5", "H2", "H3"})
NEEDS_DESK = frozenset({"C1", "C4"})


class VisitorOfRequest:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.visitor = ANYONE
        if request.path_info.startswith("/api/"):
            given = request.headers.get("Authorization")
            # The ticket of a room is no person's: the room's own operations read it.
            if given is not None and not looks_like_one(given.partition(" ")[2].strip()):
                token = _token(given)
                if token is None:
                    refused = problem(401, "This token is not known, was revoked, or is none.")
                    refused.headers["WWW-Authenticate"] = "Bearer"
                    return refused
                request.visitor = visitor_by(token)
        elif settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            request.visitor = visitor_for(request.user)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """A token does what its scopes name, and some rows never."""
        scopes = getattr(request.visitor, "scopes", None)
        if scopes is None:
            return None
        row, right = named_row(request, view) or ("", "")
        if row in NEVER_BY_TOKEN:
            return problem(403, "No token reaches this; a person has to do it, signed in.")
        needed = {Token.Scope.READ if right == "R" else Token.Scope.WRITE}
        if row in NEEDS_DESK and right != "C":
            needed.add(Token.Scope.DESK)
        if not needed <= scopes:
            return problem(403, "The scopes of this token do not reach this.", needs=sorted(needed))
        return None


def _token(header: str) -> Token | None:
    scheme, _, secret = header.partition(" ")
    return actions.use_token(secret.strip()) if scheme.lower() == "bearer" else None
