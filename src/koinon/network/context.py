"""What every page must say when invented content is loaded."""

from django.db import DatabaseError
from django.http import HttpRequest

from koinon.network.actions import demo


def invented(request: HttpRequest) -> dict[str, bool]:
    """`has_invented`: whether `--demo` was used here. An error page must not fail for asking."""
    try:
        return {"has_invented": demo.is_there()}
    except DatabaseError:
        return {"has_invented": False}
