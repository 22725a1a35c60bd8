"""An invented log and one invented report for `--demo`. Marked as invented in their titles, and removable.

What was invented below (sessions, courses, exchanges) records itself as everything does, and goes with what it records.
"""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from koinon.journal import versions
from koinon.network.actions import demo
from koinon.network.models import Organisation
from koinon.reports.models import Activity, PeriodReport
from koinon.reports.models.activities import countries_of
from koinon.reports.words import Kind

# Body, days ago, kind, what it says.
_ACTIVITIES: tuple[tuple[str, int, str, dict[str, Any]], ...] = (
    (
        "ncc-es",
        20,
        Kind.MEETING,
        {
            "title": "Demonstration: round table of seven towns on one door for the young (invented)",
            "language": "en",
            "places": ["ES24"],
            "participants": 31,
            "partners": ["Demonstration: Union of Small Towns (invented)"],
        },
    ),
    (
        "ncc-es",
        48,
        Kind.PUBLICATION,
        {
            "title": "Demostración: guía de contratos para ayuntamientos pequeños (inventado)",
            "language": "es",
            "places": ["ES"],
            "participants": None,
            "note": "Demonstration: how many read it is not known.",
        },
    ),
    (
        "ncc-de",
        35,
        Kind.MEETING,
        {
            "title": "Demonstration: Treffen der Coaches aus vier Ländern (erfunden)",
            "language": "de",
            "places": ["DE", "AT", "NL", "PL"],
            "participants": 44,
        },
    ),
    (
        "ncc-bg",
        61,
        Kind.OTHER,
        {
            "title": "Демонстрация: пътуващ ден за малки общини (измислено)",
            "language": "bg",
            "places": ["BG"],
            "participants": 18,
        },
    ),
)


def add() -> None:
    """Add what is not there yet."""
    if Activity.objects.filter(is_demo=True, thing="").exists():
        return
    today = timezone.localdate()
    for slug, days, kind, said in _ACTIVITIES:
        body = Organisation.objects.filter(slug=slug).first()
        if body is None:
            continue
        day = today - timedelta(days=days)
        Activity.objects.create(
            organisation=body,
            kind=kind,
            first_day=day,
            last_day=day,
            countries=countries_of(said["places"]),
            is_demo=True,
            **said,
        )
    centre = Organisation.objects.filter(slug="ncc-es").first()
    if centre is not None:
        PeriodReport.objects.create(
            organisation=centre,
            title="Demonstration: what we did in three months (invented)",
            first_day=today - timedelta(days=90),
            last_day=today - timedelta(days=1),
            text="Demonstration: small places asked more than before; most of them about contracts.",
            is_demo=True,
        )
    versions.raise_()


def remove() -> None:
    """Take all of it away again, and what the house recorded of what was invented below."""
    PeriodReport.objects.filter(is_demo=True).delete()
    Activity.objects.filter(is_demo=True).delete()
    versions.raise_()


def join_in() -> None:
    """Called once, when reports are ready."""
    demo.more.append((add, remove))
