"""How an operation of the API says that it needs a token: `@router.post("/…", auth=by_token)`."""

from django.http import HttpRequest as DjangoRequest
from ninja.security import HttpBearer

from koinon.network.visitor import Visitor


class ByToken(HttpBearer):
    """Who came with a valid token; the middleware has looked it up already. Without one the API answers 401."""

    def authenticate(self, request: DjangoRequest, token: str) -> Visitor | None:
        visitor = getattr(request, "visitor", None)
        return visitor if isinstance(visitor, Visitor) and visitor.is_signed_in else None


by_token = ByToken()
