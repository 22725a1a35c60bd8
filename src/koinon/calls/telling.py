"""The history of a call in words: what happened, when, and what differs, field by field."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from koinon.calls.models import Call, Change
from koinon.calls.words import Deed, Kind
from koinon.places.models import Place

_NAMES = {
    "title": lazy("Title"),
    "language": lazy("Language of these words"),
    "summary": lazy("In one sentence"),
    "text": lazy("What it is for"),
    "opener": lazy("Who opened the call"),
    "opener_text": lazy("Who opened the call"),
    "programme": lazy("Programme"),
    "who": lazy("Who may apply"),
    "who_text": lazy("Who may apply, in the words of the call"),
    "places": lazy("Where applicants have to be"),
    "places_says": lazy("Where, in the words of the call"),
    "topics": lazy("Topics"),
    "objectives": lazy("Objectives of the ESF+"),
    "under_priority": lazy("Under a priority of social innovation (Article 14)"),
    "share": lazy("EU share at most, in per cent"),
    "least": lazy("For one project at least"),
    "most": lazy("For one project at most"),
    "budget": lazy("For all projects together"),
    "currency": lazy("Currency"),
    "opens_on": lazy("Opens on"),
    "no_deadline": lazy("Without a deadline, until"),
    "url": lazy("Address of its text"),
    "sources": lazy("Other sources"),
    "checked_on": lazy("Held against its source on"),
    "certain": lazy("Sure: read in its own text"),
    "note": lazy("What is unsure"),
    "disagree": lazy("Where sources say different things"),
    "date": lazy("Date"),
    "condition": lazy("Condition"),
    "conditions_whole": lazy("All conditions stand here"),
}


@dataclass(frozen=True)
class Difference:
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """One thing that happened."""

    version: int
    at: datetime
    deed: str
    label: str
    words: str
    differences: list[Difference]


def history_of(call: Call) -> list[Told]:
    """The latest first; two queries."""
    changes = list(call.changes.all())
    codes = {
        code for change in changes for side in change.differences.get("places", ()) for code in side or ()
    }
    names = {place.pk: place.display_name() for place in Place.objects.filter(pk__in=codes)}
    return [_told(change, names) for change in changes]


def _told(change: Change, names: dict[str, str]) -> Told:
    differences = [
        Difference(str(_NAMES.get(name, name)), _said(name, before, names), _said(name, after, names))
        for name, (before, after) in change.differences.items()
    ]
    return Told(
        change.version, change.at, change.deed, str(Deed(change.deed).label), change.words, differences
    )


def _said(name: str, value: Any, names: dict[str, str]) -> str:
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(names.get(str(one), str(one)) if name == "places" else str(one) for one in value)
    if name == "condition":
        kind, _bar, rest = str(value).partition(" | ")
        return f"{Kind(kind).label}: {rest}" if kind in Kind.values else str(value)
    return str(value)
