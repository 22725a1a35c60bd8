"""Recording what was done, and counting what was not there."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from koinon.base.visitor import Visitor
from koinon.journal import versions
from koinon.journal.models import Entry, Gap, Version


@transaction.atomic
def record(
    verb: str,
    *,
    by: Visitor | None,
    what: models.Model,
    details: Mapping[str, Any] | None = None,
    by_label: str = "",
    public: bool = True,
) -> Entry:
    """Write down that `by` did `verb` to `what`, in the transaction of the deed itself.

    `by` is None for what the house does by itself or an operator does on the server. The public data counts as changed,
    unless `public` says that no public page can show it (a sign-in, a role).
    """
    # The row of the version is the lock that keeps the chain in one line.
    Version.objects.select_for_update().get_or_create(pk=1)
    last = Entry.objects.order_by("-pk").values_list("hash", flat=True).first()
    entry = Entry(
        when=timezone.now(),
        verb=verb,
        actor=f"person:{by.person_id}" if by is not None and by.person_id else "",
        actor_label=by_label,
        thing=f"{what._meta.label_lower}:{what.pk}",
        thing_label=str(what)[:300],
        details=dict(details or {}),
        before=last or "",
    )
    entry.hash = entry.right_hash()
    entry.save()
    if public:
        versions.raise_()
    return entry


def forget(person: str, thing: str) -> None:
    """Erase a person's names from the past: `person` as the actor, `thing` as what was acted on. The chain still holds."""
    Entry.objects.filter(actor=person).update(actor_label="")
    Entry.objects.filter(thing=thing).update(thing_label="")


def first_broken() -> Entry | None:
    """The first entry that does not fit the one before it; None where the chain holds."""
    before = ""
    for entry in Entry.objects.order_by("pk").iterator():
        if entry.before != before or entry.hash != entry.right_hash():
            return entry
        before = entry.hash
    return None


@transaction.atomic
def count_gaps(seen: Mapping[tuple[date, str, str], int]) -> None:
    """Add to the counters of unmet demand: (day, place, shelf) → times. One statement, in one order for all processes."""
    table = Gap._meta.db_table
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (day, place, shelf, times) VALUES (%s, %s, %s, %s)"  # noqa: S608  our own table
            f" ON CONFLICT (day, place, shelf) DO UPDATE SET times = {table}.times + excluded.times",
            [(day.isoformat(), place, shelf, times) for (day, place, shelf), times in sorted(seen.items())],
        )
