"""Which calls are open to a place, or will be: known in the process for the version of the data that holds."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone

from koinon.calls.models import Call
from koinon.calls.words import Stage
from koinon.journal import versions
from koinon.network.models import Stand
from koinon.places.models import Place

SHOWN = 8


@dataclass(frozen=True)
class Near:
    """A call as pages of places show it. `dates` are its cut-offs: (moment, day, time or "", zone)."""

    slug: str
    title: str
    language: str
    objectives: tuple[str, ...]
    topics: tuple[str, ...]
    who: tuple[str, ...]
    who_text: str
    least: Decimal | None
    most: Decimal | None
    currency: str
    opens_on: date | None
    zone: str
    dates: tuple[tuple[datetime, date, str, str], ...]
    no_deadline: str
    opener: str
    sources: tuple[str, ...]
    checked_on: date
    confirmed_on: date | None
    stand: Stand
    certain: bool

    def next_date(self, now: datetime) -> tuple[datetime, date, str, str] | None:
        return next((one for one in self.dates if one[0] >= now), None)

    def stage(self, now: datetime) -> Stage:
        if self.dates and self.dates[-1][0] < now:
            return Stage.CLOSED
        is_early = self.opens_on is not None and now.astimezone(ZoneInfo(self.zone)).date() < self.opens_on
        return Stage.COMING if is_early else Stage.OPEN


def calls_around(place: Place) -> list[tuple[str, Near]]:
    """Calls that are open or open later, of the nearest place first, then by date; each with the place it is open to.

    No query once the version is known: pages of places ask this each time. The tick closes what is over, which makes a new
    version; what is over is left out before that too.
    """
    around, now = _around(versions.known()), timezone.now()
    codes = [place.code, *place.ancestor_codes()]
    found: dict[str, tuple[str, Near]] = {}
    for code in codes if "EU" in codes else [*codes, "EU"]:
        for row in around.get(code, ()):
            if len(found) < SHOWN and row.stage(now) != Stage.CLOSED:
                found.setdefault(row.slug, (code, row))
    return list(found.values())


def calls_alive() -> list[Near]:
    """Every call that is open or opens later, once. No query once the version is known."""
    now = timezone.now()
    rows = {row.slug: row for around in _around(versions.known()).values() for row in around}
    return [row for row in rows.values() if row.stage(now) != Stage.CLOSED]


@lru_cache(maxsize=1)
def _around(version: int) -> dict[str, tuple[Near, ...]]:
    """Code of a place → calls open to it, those that close first first. Three queries."""
    found: dict[str, list[Near]] = {}
    rows = Call.objects.public().filter(state=Call.State.PUBLISHED).select_related("opener")
    for row in rows.prefetch_related("places", "cutoffs").closing_first():
        near = Near(
            slug=row.slug,
            title=row.title,
            language=row.language,
            objectives=tuple(row.objectives),
            topics=tuple(row.topics),
            who=tuple(row.who),
            who_text=row.who_text,
            least=row.least,
            most=row.most,
            currency=row.currency,
            opens_on=row.opens_on,
            zone=row.zone,
            dates=tuple(
                (one.ends_at, one.day, f"{one.at:%H:%M}" if one.at else "", one.zone) for one in row.dates
            ),
            no_deadline=row.no_deadline,
            opener=row.opener_name,
            sources=tuple(row.sources or ([row.url] if row.url else [])),
            checked_on=row.checked_on,
            confirmed_on=row.confirmed_on,
            stand=row.stand,
            certain=row.certain and row.dates_certain and not row.disagree,
        )
        for place in row.places.all():
            found.setdefault(place.pk, []).append(near)
    return {code: tuple(rows) for code, rows in found.items()}


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _around.cache_clear()
