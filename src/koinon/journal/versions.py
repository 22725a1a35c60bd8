"""The version of the public data, known in this process without asking the database.

A change raises it in its own transaction. This process knows at once after the commit; others look each second
(`look`, called by the ticker of `koinon up`).
"""

from threading import Lock

from django.db import transaction
from django.db.models import F

from koinon.journal.models import Version

_lock = Lock()
_known = 0


def known() -> int:
    """The version this process knows of. Never touches the database."""
    return _known


def raise_() -> None:
    """Count one change of the public data. Call inside the transaction that makes the change."""
    if not Version.objects.filter(pk=1).update(number=F("number") + 1):
        Version.objects.create(pk=1, number=1)
    transaction.on_commit(look)


def look() -> int:
    """Ask the database which version holds now, and remember it."""
    global _known
    number = Version.objects.filter(pk=1).values_list("number", flat=True).first() or 0
    with _lock:
        _known = max(_known, number)
        return _known


def forget() -> None:
    """Know nothing again (for tests, whose changes are undone: the number in the database goes back with them)."""
    global _known
    with _lock:
        _known = 0
