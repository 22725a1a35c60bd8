"""How a desk keeps its promise, worked out once in ten minutes for each desk, because it reads a whole year of answers."""

from dataclasses import dataclass
from datetime import date

from django.core.cache import cache

from koinon.network.models import Organisation
from koinon.network.visitor import Visitor
from koinon.questions.register import Kept, promise_kept
from koinon.questions.routing import promise
from koinon.questions.staff import works_at

_SECONDS = 600


@dataclass(frozen=True)
class Promise:
    """What a desk promises, and how it was kept. `desk` None: the operators of this site."""

    desk: Organisation | None
    days: int
    take_days: int
    kept: Kept


def desks_of(visitor: Visitor) -> list[Organisation]:
    """The bodies at whose desk a visitor works, by name."""
    return list(Organisation.objects.filter(pk__in=works_at(visitor)).by_name())


def kept(desk: Organisation | None, today: date) -> Promise:
    """What was promised and how it was kept."""
    days, take_days = promise(desk)
    key = f"desk:kept:{desk.pk if desk else 0}:{today.isoformat()}:{days}"
    measured: Kept | None = cache.get(key)
    if measured is None:
        measured = promise_kept(desk.pk if desk else None, days, today)
        cache.set(key, measured, _SECONDS)
    return Promise(desk, days, take_days, measured)
