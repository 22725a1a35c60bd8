"""The Idempotency-Key of a request."""

import re

from django.http import HttpRequest
from ninja.errors import HttpError

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
KEY_HEADER = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "format": "uuid"},
        }
    ]
}


def key_of(request: HttpRequest) -> str:
    """The key in small letters; empty where there is none."""
    key = request.headers.get("Idempotency-Key", "")
    if key and not UUID.fullmatch(key):
        raise HttpError(422, "Idempotency-Key is a UUID.")
    return key.lower()
