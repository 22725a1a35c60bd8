"""Invented calls for `--demo`: one for each Member State, some for regions and for all of Europe; open, to come, unsure, closed.

Marked as invented in their titles and on their pages, and removable.
"""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from koinon.calls.models import Call, CallPlace, Change, Condition, Cutoff
from koinon.calls.words import Applicant, Currency, Deed, Kind
from koinon.journal import versions
from koinon.network.actions import demo
from koinon.network.models import Organisation
from koinon.places import tree, zones
from koinon.places.models import Place
from koinon.search import changes

PREFIX = demo.PREFIX
TYPE = "call"
_OWN = {
    "CZ": Currency.CZK,
    "DK": Currency.DKK,
    "HU": Currency.HUF,
    "PL": Currency.PLN,
    "RO": Currency.RON,
    "SE": Currency.SEK,
}
_RATES = {"CZK": 25, "DKK": 7, "HUF": 400, "PLN": 4, "RON": 5, "SEK": 11}


@dataclass(frozen=True)
class _Made:
    """What one invented call says. `closes`: in how many days from today; several where it has several dates."""

    title: str
    summary: str
    text: str
    who: tuple[Applicant, ...]
    who_text: str
    topics: tuple[str, ...]
    objectives: tuple[str, ...]
    least: int | None
    most: int
    closes: tuple[int, ...]
    at: time | None = time(17)
    opens: int | None = None
    share: int | None = 95
    under_priority: bool | None = True
    whole: bool = True
    conditions: tuple[dict[str, Any], ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


_WORDS = {2: "two", 3: "three"}


def _partner(number: int, section: str, kind: Kind = Kind.PARTNERS) -> dict[str, Any]:
    says = {
        Kind.PARTNERS: f"Applications come from {_WORDS[number + 1]} bodies at least.",
        Kind.ABROAD: "One of the partners at least has its seat in another Member State.",
    }[kind]
    return {"kind": kind, "number": number, "says": says, "section": section, "mendable": True}


_SHARE = {
    "kind": Kind.SHARE,
    "number": 5,
    "says": "Applicants bring five per cent of the costs; time of their own staff counts.",
    "section": "Section 5",
    "mendable": True,
}
_DEBTS = {
    "kind": Kind.UNCHECKED,
    "question": "Debts, state aid: only your own accounts can tell.",
    "says": "Applicants have no debts to social insurance and keep to the ceilings of state aid.",
    "section": "Section 6",
}

_KINDS: tuple[_Made, ...] = (
    _Made(
        title="neighbourhood services tried with residents",
        summary="Small services that residents and a municipality plan together, tried for a year.",
        text="Pays for planning with residents, for a year of trying, and for an evaluation from outside.\n\n"
        "Does not pay for buildings.",
        who=(Applicant.MUNICIPALITY, Applicant.SOCIAL),
        who_text="Municipalities, and social enterprises together with one.",
        topics=("co-creation", "one-stop-shop"),
        objectives=("h", "k"),
        least=40_000,
        most=120_000,
        closes=(26,),
        conditions=(_partner(1, "Section 3"), _SHARE, _DEBTS),
    ),
    _Made(
        title="first steps into work",
        summary="For young people out of work: one coach, one page, one door.",
        text="Pays for coaches and for the time of those who learn.",
        who=(Applicant.MUNICIPALITY, Applicant.PUBLIC, Applicant.ASSOCIATION),
        who_text="Public bodies and associations.",
        topics=("neet", "job-coaching"),
        objectives=("a", "f"),
        least=20_000,
        most=80_000,
        closes=(41, 132),
        conditions=(
            {
                "kind": Kind.START_FROM,
                "in_days": 160,
                "says": "Projects begin once all decisions are taken, not before.",
                "section": "Section 4",
            },
            {
                "kind": Kind.MONTHS_MOST,
                "number": 24,
                "says": "A project lasts two years at most.",
                "section": "Section 4",
            },
            _DEBTS,
        ),
    ),
    _Made(
        title="care near home",
        summary="New ways to care for older people where they live.",
        text="Pays for trying a new service in one place, and for telling others how it went.",
        who=(Applicant.SOCIAL, Applicant.ASSOCIATION, Applicant.MUNICIPALITY),
        who_text="Social enterprises, associations, municipalities.",
        topics=("older-people", "volunteering"),
        objectives=("k",),
        least=None,
        most=150_000,
        closes=(75,),
        at=None,
        opens=12,
        conditions=(
            {
                "kind": Kind.YEARS_LEAST,
                "number": 2,
                "says": "The body has been registered for two years.",
                "section": "Section 2",
            },
            {
                "kind": Kind.YES,
                "question": "Have the people who are to be cared for been asked?",
                "says": "The application shows how those concerned took part in planning.",
                "section": "Section 3",
                "mendable": True,
            },
        ),
    ),
    _Made(
        title="learning contracts with small firms",
        summary="Firms with fewer than ten people take one person each; a coach visits both.",
        text="Pays for the coach and for part of the wage in the first six months.",
        who=(Applicant.COMPANY, Applicant.PARTNERS, Applicant.ASSOCIATION),
        who_text="",
        topics=("apprenticeship", "job-coaching"),
        objectives=("a", "g"),
        least=15_000,
        most=15_000,
        closes=(19,),
        share=None,
        under_priority=None,
        whole=False,
        more={"certain": False, "note": "Only a notice was read, not the text of the call."},
    ),
)
_REGIONAL = _Made(
    title="paired visits of cities in the region",
    summary="Two municipalities visit each other and write down what each takes home.",
    text="Pays for travel, interpreters and the time of one person on each side.",
    who=(Applicant.MUNICIPALITY, Applicant.REGION),
    who_text="Municipalities and unions of municipalities.",
    topics=("mutual-learning",),
    objectives=("k", "l"),
    least=None,
    most=9_500,
    closes=(68,),
    conditions=(_partner(1, "Section 2"),),
)
_EUROPEAN = _Made(
    title="cities learning from cities",
    summary="A practice of one country is taken over in another, with the people who did it first.",
    text="Pays for visits, for translation, and for a first year in the new place.",
    who=(Applicant.MUNICIPALITY, Applicant.REGION, Applicant.SOCIAL, Applicant.ASSOCIATION),
    who_text="Any body of a city or region, with one in another Member State.",
    topics=("transfer-of-practice", "cooperative"),
    objectives=("h", "l"),
    least=50_000,
    most=250_000,
    closes=(54,),
    share=80,
    under_priority=False,
    conditions=(_partner(2, "Section 2.1"), _partner(1, "Section 2.1", Kind.ABROAD), _DEBTS),
)
_SPLIT = _Made(
    title="first steps for new cooperatives",
    summary="Advice and a first sum for cooperatives that are younger than three years.",
    text="Pays for advice, and for a first sum without interest.",
    who=(Applicant.SOCIAL,),
    who_text="Cooperatives under three years.",
    topics=("cooperative",),
    objectives=("a",),
    least=15_000,
    most=15_000,
    closes=(33,),
    conditions=(
        {
            "kind": Kind.YEARS_MOST,
            "number": 3,
            "says": "The cooperative was founded less than three years ago.",
            "section": "Section 2",
        },
    ),
    more={"disagree": ["The notice and the form name two dates, eleven days apart."]},
)
_CLOSED = _Made(
    title="a year of trying",
    summary="It ran before this day, and is kept so that one sees what it asked.",
    text="Paid for one year of trying a new service.",
    who=(Applicant.MUNICIPALITY,),
    who_text="Municipalities.",
    topics=("mutual-learning",),
    objectives=("h",),
    least=None,
    most=60_000,
    closes=(-90,),
)


def add() -> None:
    """Add what is not there yet: one for each Member State, in turn of the kinds; and some more."""
    if Call.objects.filter(is_demo=True).exists():
        return
    states = [place for place in tree.regions().values() if place.level == 0 and place.code != "EU"]
    for number, place in enumerate(sorted(states, key=lambda one: one.code)):
        _publish(place.code.lower(), place, _KINDS[number % len(_KINDS)], days=number % 9)
    for code, made in (("ITH5", _REGIONAL), ("EU", _EUROPEAN), ("IT", _SPLIT), ("BE", _CLOSED)):
        if code in tree.regions():
            _publish(f"{code.lower()}-more", tree.regions()[code], made)
    _touch()


def _publish(slug: str, place: Place, made: _Made, *, days: int = 0) -> None:
    keeper = _keeper(place)
    if keeper is None:
        return
    now, today = timezone.now(), timezone.localdate()
    currency = _OWN.get(place.country, Currency.EUR)
    rate = _RATES.get(currency, 1)
    is_over = made.closes[-1] < 0
    call = Call.objects.create(
        slug=f"{PREFIX}{slug}",
        title=f"Demonstration: {made.title}, {place.display_name()} (invented)",
        summary=made.summary,
        text=made.text,
        keeper=keeper,
        opener_text=f"Demonstration authority, {place.display_name()} (invented)",
        who=[str(kind.value) for kind in made.who],
        who_text=made.who_text,
        places_says="Applicants have their seat in the area of the programme." if place.code != "EU" else "",
        topics=list(made.topics),
        objectives=list(made.objectives),
        under_priority=made.under_priority,
        share=Decimal(made.share) if made.share is not None else None,
        least=Decimal(made.least * rate) if made.least is not None else None,
        most=Decimal(made.most * rate),
        currency=currency,
        opens_on=today + timedelta(days=made.opens) if made.opens is not None else None,
        sources=[demo.SOURCE],
        checked_on=today - timedelta(days=3),
        conditions_whole=made.whole,
        state=Call.State.CLOSED if is_over else Call.State.PUBLISHED,
        opened=made.opens is None,
        published_at=now - timedelta(days=120 if is_over else 20),
        changed_at=now - timedelta(days=120 if is_over else 20),
        closed_at=now + timedelta(days=made.closes[-1]) if is_over else None,
        is_demo=True,
        **made.more,
    )
    CallPlace.objects.create(call=call, place=place)
    zone = zones.zone_of(place) or zones.DEFAULT
    for in_days in made.closes:
        day = _working(today + timedelta(days=in_days + days))
        Cutoff.objects.create(call=call, day=day, at=made.at, zone=zone)
    last = max(one.ends_at for one in call.cutoffs.all())
    Call.objects.filter(pk=call.pk).update(closes_at=last)
    for position, one in enumerate(made.conditions):
        told = dict(one)
        if in_days := told.pop("in_days", None):
            told["day"] = today + timedelta(days=in_days)
        Condition.objects.create(call=call, position=position, **told)
    Change.objects.create(call=call, version=1, at=call.changed_at, deed=Deed.PUBLISHED)


def _keeper(place: Place) -> Organisation | None:
    """The centre of the country, or whatever body of the network is there first: somebody has to keep an entry."""
    rows = Organisation.objects.public().exclude(slug__startswith=PREFIX)
    own = rows.centres().filter(country=place.country).order_by("pk").first() if place.code != "EU" else None
    return own or rows.of_kind(Organisation.Kind.EUROPEAN_CENTRE).first() or rows.order_by("pk").first()


def _working(day: date) -> date:
    """No call closes on a Saturday or Sunday."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


def remove() -> None:
    """Take all of it away again."""
    _touch()
    Call.objects.filter(is_demo=True).delete()


def _touch() -> None:
    changes.touch(TYPE, *Call.objects.filter(is_demo=True).values_list("slug", flat=True))
    versions.raise_()


def join_in() -> None:
    """Called once, when the calls are ready."""
    demo.more.append((add, remove))
