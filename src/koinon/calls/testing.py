"""How to make a call in each of its states, for tests and benches."""

from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from koinon.calls.actions.writing import Terms
from koinon.calls.models import Call, CallPlace, Condition, Cutoff
from koinon.network.models import Organisation
from koinon.network.testing import CHECKED, make_organisation
from koinon.places.models import Place

_number = count(1)


def make_terms(title: str = "", *, places: tuple[str, ...] = ("IT",), **more: Any) -> Terms:
    """Enough to be published, but for a date."""
    texts = dict.fromkeys(
        ("summary", "text", "opener_text", "who_text", "places_says", "no_deadline", "url", "note"), ""
    )
    values: dict[str, Any] = {
        **texts,
        "title": title or f"Services tried with residents, number {next(_number)}",
        "language": "en",
        "opener": None,
        "opener_text": "An authority of the tests",
        "programme": None,
        "who": ["municipality"],
        "places": tuple(Place.objects.filter(pk__in=places).order_by("pk")),
        "topics": [],
        "objectives": [],
        "under_priority": None,
        "share": None,
        "least": None,
        "most": None,
        "budget": None,
        "currency": "EUR",
        "opens_on": None,
        "sources": ["https://example.eu/call"],
        "checked_on": CHECKED,
        "certain": True,
        "disagree": [],
    }
    return Terms(**(values | more))


def make_call(
    title: str = "",
    *,
    keeper: Organisation | None = None,
    state: str = Call.State.PUBLISHED,
    places: tuple[str, ...] = ("IT",),
    closes: datetime | date | bool | None = True,
    zone: str = "Europe/Rome",
    conditions: tuple[dict[str, Any], ...] = (),
    **more: Any,
) -> Call:
    """A public call of a centre for Italy, which closes in thirty days unless said otherwise (`closes=None`: no date)."""
    keeper = keeper or make_organisation()
    terms = make_terms(title, places=places, **{k: v for k, v in more.items() if k in Terms.__annotations__})
    rest = {name: value for name, value in more.items() if name not in Terms.__annotations__}
    now = timezone.now()
    gone = state == Call.State.WITHDRAWN
    call = Call.objects.create(
        **{
            "slug": f"call-{next(_number)}",
            "keeper": keeper,
            "state": state,
            "changed_at": now,
            "published_at": None if state == Call.State.DRAFT else now,
            "opened": True,
            "conditions_whole": True,
            "withdrawn_because": "cancelled" if gone else "",
            "withdrawn_at": now if gone else None,
        }
        | terms.columns()
        | rest
    )
    CallPlace.objects.bulk_create(CallPlace(call=call, place=place) for place in terms.places)
    if closes is not None:
        when = now + timedelta(days=30) if isinstance(closes, bool) else closes
        make_date(call, when, zone=zone)
    for position, one in enumerate(conditions):
        Condition.objects.create(call=call, position=position, **({"says": "So it says."} | one))
    return call


def make_date(call: Call, when: datetime | date, *, zone: str = "Europe/Rome", **more: Any) -> Cutoff:
    """A cut-off date: a day, or a moment by the clocks of a zone."""
    day, at = when, None
    if isinstance(when, datetime):
        here = when.astimezone(ZoneInfo(zone))
        day, at = here.date(), time(here.hour, here.minute)
    made = Cutoff.objects.create(call=call, day=day, at=at, zone=zone, **more)
    last = max(one.ends_at for one in Cutoff.objects.filter(call=call))
    Call.objects.filter(pk=call.pk).update(closes_at=last)
    call.refresh_from_db()
    return made
