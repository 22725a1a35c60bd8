"""What was searched for and is not there: counted by place and by concept, never by the words that were typed.

Counts are kept in the process and written down by the tick, so that reading never writes.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from threading import Lock

from django.db import DatabaseError
from django.utils import timezone

from koinon.journal.actions import count_gaps

SHELF = "search"
ANYWHERE = "EU"
MOST = 5000

_lock = Lock()
_counts: Counter[tuple[date, str, str]] = Counter()


def count(places: Iterable[str], concepts: Iterable[str]) -> None:
    """A search found nothing: once for each place that it names (else for Europe), once for each concept of the field.

    A concept counts once, however many places are named: under the place where there is one, else under Europe.
    """
    day = timezone.localdate()
    named = list(places)[:3] or [ANYWHERE]
    one = named[0] if len(named) == 1 else ANYWHERE
    cells = [(day, place, SHELF) for place in named]
    cells += [(day, one, f"{SHELF}:{concept}") for concept in sorted(concepts)[:5]]
    with _lock:
        for cell in cells:
            if cell in _counts or len(_counts) < MOST:
                _counts[cell] += 1


def write() -> None:
    """For the tick: hand the counts to the journal; what could not be written is kept."""
    with _lock:
        taken = dict(_counts)
        _counts.clear()
    if not taken:
        return
    try:
        count_gaps(taken)
    except DatabaseError:
        with _lock:
            _counts.update(taken)
        raise
