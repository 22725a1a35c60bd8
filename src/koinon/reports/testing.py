"""How to make an activity and a report, and how to count gaps, for tests."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from koinon.journal.actions import count_gaps
from koinon.network.models import Organisation
from koinon.network.testing import make_organisation
from koinon.reports import facts
from koinon.reports.actions import recording
from koinon.reports.models import Activity, PeriodReport
from koinon.reports.models.activities import countries_of
from koinon.reports.words import Kind


def make_activity(organisation: Organisation | None = None, **more: Any) -> Activity:
    """A meeting that somebody typed, a week ago in Italy."""
    day = timezone.localdate() - timedelta(days=7)
    values: dict[str, Any] = {
        "kind": Kind.MEETING,
        "title": "Round table with the province",
        "first_day": day,
        "last_day": day,
        "places": ["IT"],
        "participants": 12,
    } | more
    values.setdefault("countries", countries_of(values["places"]))
    return Activity.objects.create(organisation=organisation or make_organisation(), **values)


def make_report(organisation: Organisation | None = None, **more: Any) -> PeriodReport:
    """The draft of a report about the year up to yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    values: dict[str, Any] = {
        "title": "What we did",
        "first_day": yesterday - timedelta(days=365),
        "last_day": yesterday,
    }
    return PeriodReport.objects.create(organisation=organisation or make_organisation(), **(values | more))


def make_gaps(times: int, place: str = "IT", shelf: str = "money", day: date | None = None) -> None:
    """A page had to say so often on a day that something is not there."""
    count_gaps({(day or timezone.localdate(), place, shelf): times})


def forget() -> None:
    """What the process knows is asked anew."""
    facts.forget()
    recording.forget()
