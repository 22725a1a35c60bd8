"""What an address of the network asks: the day, the page, the filters. What is none of ours is refused in plain words."""

import re
from datetime import date

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.utils import timezone

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def day(request: HttpRequest) -> date:
    """The day of `?on=2022-06-01`; today where none is asked for; 400 for what is no day."""
    text = request.GET.get("on", "")
    if not text:
        return timezone.localdate()
    return as_day(text)


def as_day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise SuspiciousOperation("on is a day: 2022-06-01")
    try:
        found = date.fromisoformat(text)
    except ValueError as trouble:
        raise SuspiciousOperation("on is a day: 2022-06-01") from trouble
    if not EARLIEST <= found <= LATEST:
        raise SuspiciousOperation("on is a day of this century")
    return found


def among(request: HttpRequest, name: str, choices: set[str]) -> list[str]:
    """The values of a filter; 400 for one that is not offered."""
    values = [value for value in request.GET.getlist(name) if value]
    if not set(values) <= choices:
        raise SuspiciousOperation(f"{name} is one of those offered")
    return values


def text(request: HttpRequest, name: str = "q") -> str:
    """What was typed, short enough to look for."""
    return request.GET.get(name, "")[:200].replace("\x00", "")
