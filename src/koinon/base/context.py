"""What every page's frame shows: languages, where we are."""

from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.translation import get_language

from koinon.base.languages import DEFAULT, ENDONYMS, in_language


def frame(request: HttpRequest) -> dict[str, Any]:
    """`languages`: code, own name, address of this same page in it. `signed_in`: whether the reader is."""
    language = get_language() or DEFAULT
    return {
        "language": language,
        "language_own_name": ENDONYMS.get(language, language),
        "languages": [
            {"code": code, "name": name, "url": in_language(request.path, code)}
            for code, name in ENDONYMS.items()
        ],
        "signed_in": _signed_in(request),
    }


def _signed_in(request: HttpRequest) -> bool:
    """Whether somebody is signed in; an error page must not fail for asking while the database is away."""
    try:
        return settings.SESSION_COOKIE_NAME in request.COOKIES and bool(request.user.is_authenticated)
    except (DatabaseError, AttributeError):
        return False
