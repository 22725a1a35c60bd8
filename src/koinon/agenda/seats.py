"""Seats and the line of those who wait, for anything that has places: sessions and courses alike.

A seat is a row with `state`, `waiting_since` and `offer_until`; its state is one of `coming`, `waiting`, `offered`, `cancelled`,
`lapsed`. Who waits longest is offered first, an offer holds for a time, then it passes on. Whatever gives or takes a seat locks
the row of what has the seats first, so that two at once never overbook.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q

COMING, WAITING, OFFERED, CANCELLED, LAPSED = "coming", "waiting", "offered", "cancelled", "lapsed"
ACTIVE = (COMING, WAITING, OFFERED)
OFFER_HOLDS = timedelta(hours=24)
SHORTEST_OFFER = timedelta(minutes=30)
FEW = 5
"""From how few free seats on a page says that they are few."""

Seat = TypeVar("Seat", bound=models.Model)


class SeatSet(models.QuerySet[Seat]):
    def active(self) -> Self:
        """All that were not cancelled or let go."""
        return self.filter(state__in=ACTIVE)

    def taking_places(self) -> Self:
        """What counts against the capacity: who comes, and to whom a place is offered."""
        return self.filter(state__in=[COMING, OFFERED])

    def waiting(self) -> Self:
        """The waiting list in its order: who came first."""
        return self.filter(state=WAITING).order_by("waiting_since", "pk")

    def offers_over(self, now: datetime) -> Self:
        return self.filter(state=OFFERED, offer_until__lte=now)


def rank_of(row: Any, line: "SeatSet[Any]") -> int | None:
    """Which one a row is in its line; None where it does not wait."""
    if row.state != WAITING or row.waiting_since is None:
        return None
    since = row.waiting_since
    before = Q(waiting_since__lt=since) | Q(waiting_since=since, pk__lt=row.pk)
    return line.waiting().filter(before).count() + 1


def offer_until(now: datetime, *, begins: datetime, ends: datetime) -> datetime:
    """A day; near the beginning a quarter of the time that is left, but half an hour; never beyond the end."""
    holds = min(OFFER_HOLDS, max(SHORTEST_OFFER, (begins - now) / 4))
    return min(now + holds, ends)


def offer(row: Any, until: datetime) -> None:
    """A seat is offered to who waits, until then."""
    row.state, row.offer_until = OFFERED, until
    row.save(update_fields=["state", "offer_until"])


def lapse(line: "SeatSet[Any]", now: datetime, tell: Callable[[Any], None]) -> int:
    """Take back the offers that nobody answered in time, and tell each; returns how many. The caller holds the lock."""
    over = list(line.offers_over(now).select_for_update().order_by("pk"))
    for row in over:
        row.state, row.offer_until = LAPSED, None
        row.save(update_fields=["state", "offer_until"])
        tell(row)
    return len(over)
