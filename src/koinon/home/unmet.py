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
from koinon.places.models import Place
from koinon.topics import concepts as vocabulary

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


def count_search(
    said: Iterable[str], meant: Iterable[str], countries: Iterable[str] = (), topics: Iterable[str] = ()
) -> None:
    """A search with words found nothing: `said` are the concepts in them, `meant` the places they name or are asked for.

    Where no place is meant it counts for the countries that were chosen, and the topics that were chosen count as concepts.
    Of both only what the house knows: what else somebody wrote there may be words.
    """
    places = list(meant)
    if not places and (codes := list(countries)):
        known = Place.objects.filter(kind=Place.Kind.COUNTRY, code__in=codes)
        there = set(known.values_list("code", flat=True))
        places = [code for code in codes if code in there]
    chosen = [topic for topic in topics if vocabulary.concept(topic) is not None]
    count(places, {*said, *chosen})


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
