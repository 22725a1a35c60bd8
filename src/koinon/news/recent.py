"""What was new lately: what pages and feeds show. Asked once for each version of the data, for all who ask."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils import timezone

from koinon.journal import fresh, versions
from koinon.journal.models import Entry
from koinon.news.gathering import Window

KEPT = timedelta(days=90)


def recent() -> Window:
    """Everything that happened in the last ninety days."""
    return _recent(versions.known(), timezone.localdate())


@lru_cache(maxsize=2)
def _recent(version: int, day: date) -> Window:
    first = _first_since(timezone.now() - KEPT)
    return Window(first - 1 if first is not None else 0, fresh.newest() if first is not None else 0)


@lru_cache(maxsize=2)
def too_old(day: date) -> int:
    """The number of the last entry that was older than ninety days on that day: nothing shows what happened up to it."""
    first = _first_since(timezone.make_aware(datetime.combine(day, time())) - KEPT)
    return first - 1 if first is not None else fresh.newest()


def _first_since(moment: datetime) -> int | None:
    return Entry.objects.filter(when__gte=moment).order_by("pk").values_list("pk", flat=True).first()


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _recent.cache_clear()
    too_old.cache_clear()
