"""Who comes: everybody is a visitor, signed in or not, with the roles held at this moment."""

from typing import Protocol

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.http import HttpRequest as DjangoRequest


class Visitor(Protocol):
    """What a capability may ask of who comes. `network` makes it with its roles and puts it on each request."""

    @property
    def person_id(self) -> int | None:
        """The account's key; None for somebody not signed in."""

    @property
    def is_signed_in(self) -> bool: ...

    @property
    def is_operator(self) -> bool:
        """Holds the administrator's role: platform technics, not content."""

    @property
    def is_only_operator(self) -> bool:
        """Holds the administrator's role and no other."""


class HttpRequest(DjangoRequest):
    """A request as our views get it: with its visitor."""

    visitor: Visitor


def require(allowed: bool, *, hidden: bool = False) -> None:
    """Go on if allowed; else answer 403, or the 404 of what does not exist where existence itself is not public."""
    if not allowed:
        if hidden:
            raise Http404
        raise PermissionDenied
