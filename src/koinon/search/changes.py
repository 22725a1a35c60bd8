"""Saying that something changed: a row in the transaction of the deed, taken up by each index within two seconds."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from koinon.search.models import Change

wake: list[Callable[[], None]] = []
"""Called after the commit of a change; the indexer of this process puts itself in here."""


def touch(type: str, *keys: str) -> None:
    """The things with these keys are new, changed or gone. Call it in the transaction of the deed."""
    if not keys:
        return
    now = timezone.now()
    Change.objects.bulk_create([Change(type=type, key=key, at=now) for key in dict.fromkeys(keys)], 1000)
    transaction.on_commit(_wake)


def _wake() -> None:
    for call in wake:
        call()
