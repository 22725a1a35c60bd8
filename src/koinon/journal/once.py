"""Doing a thing once for a key: a program that got no answer asks again, and nothing happens twice."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from koinon.journal.models import Once

KEPT_FOR = timedelta(days=7)


class KeyUsed(Exception):
    """The key came before, with another body."""


def once(key: str, body: str, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer of `do`, or the one it gave when this key came with this body before. An empty key acts each time.

    Key and deed are written in one transaction: what was not done has no key. Two at the same moment wait for each other.
    """
    if not key:
        return do()
    mark, content = _hash(key), _hash(body)
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = Once.objects.create(key=mark, body=content, at=timezone.now())
        except IntegrityError:
            before = Once.objects.get(key=mark)
            if before.body != content:
                raise KeyUsed from None
            return dict(before.answer)
        row.answer = do()
        row.save(update_fields=["answer"])
        return dict(row.answer)


def forget_old() -> int:
    """Keys are kept for a week."""
    gone, _ = Once.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    return gone


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
