"""Invented content, so that somebody can see what a full page looks like. Marked as such everywhere, and removable."""

from collections.abc import Callable
from functools import lru_cache

from django.db import transaction
from django.utils import timezone

from koinon.journal import actions as journal
from koinon.journal import versions
from koinon.network import found
from koinon.network.models import Membership, Organisation, Service

PREFIX = "demo-"
SOURCE = "Invented for demonstration"
# The national centres without a known host, which therefore show a gap: their page is filled with an invented one.
HOSTS = {
    "ncc-mt": ("MT", "Valletta", "Demonstration House Malta (invented)"),
    "ncc-nl": ("NL", "Utrecht", "Demonstration House Netherlands (invented)"),
}
SERVICES = (
    "Demonstration: first advice for municipalities, within five working days (invented)",
    "Demonstration: three workshops a year on measuring what changed (invented)",
)


more: list[tuple[Callable[[], None], Callable[[], None]]] = []
"""What other capabilities invent: how to add it, and how to take it away. Each adds its pair in its `apps.py`."""


@transaction.atomic
def add() -> int:
    """Add what is not there yet; returns how many organisations were added."""
    added = _add_organisations()
    for add_more, _remove in more:
        add_more()
    return added


def _add_organisations() -> int:
    today = timezone.localdate()
    added = 0
    for centre_slug, (country, city, name) in HOSTS.items():
        centre = Organisation.objects.filter(slug=centre_slug).first()
        if centre is None:
            continue
        fact = {"sources": [SOURCE], "note": SOURCE, "checked_on": today, "confirmed_on": today}
        host, is_new = Organisation.objects.get_or_create(
            slug=f"{PREFIX}host-{country.lower()}",
            defaults={
                "name": name,
                "kind": Organisation.Kind.OTHER,
                "country": country,
                "city": city,
                **fact,
            },
        )
        if not is_new:
            continue
        Membership.objects.create(
            member=host, within=centre, role=Membership.Role.HOST, since=today.replace(month=1, day=1), **fact
        )
        for order, text in enumerate(SERVICES, start=900):
            Service.objects.create(organisation=centre, text=text, order=order, **fact)
        journal.record("demo.added", by=None, what=host)
        found.changed(host.slug, centre.slug)
        added += 1
    return added


@transaction.atomic
def remove() -> int:
    """Take everything invented away again; returns how many organisations went."""
    for _add, remove_more in more:
        remove_more()
    invented = list(Organisation.objects.filter(slug__startswith=PREFIX))
    for host in invented:
        journal.record("demo.removed", by=None, what=host)
        found.changed(host.slug, *host.memberships.values_list("within__slug", flat=True))
        host.delete()
    Service.objects.filter(text__in=SERVICES).delete()
    return len(invented)


def is_there() -> bool:
    """Whether invented content is loaded; asked once for each version of the data."""
    return _is_there(versions.known())


@lru_cache(maxsize=1)
def _is_there(version: int) -> bool:
    return Organisation.objects.filter(slug__startswith=PREFIX).exists()


def forget() -> None:
    """Ask anew the next time (for tests)."""
    _is_there.cache_clear()
