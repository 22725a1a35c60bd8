"""Keeping what was read: rows are made, changed or left alone, each model in a few statements.

A row that somebody changed here, that its owner confirmed on or after the day the file was made, or that was checked later
than the file was made, is left as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)
# What belongs to life in this house and is no matter of files.
_OWN = {"id", "version", "edited_at", "confirmed_on", "asked_on", "published"}
_BATCH = 100


@dataclass
class Outcome:
    """What a load did: how many rows are new, changed, gone, and which were kept as somebody here left them."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    kept: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.new or self.changed or self.gone)


def is_kept(row: Any, fresh: Any) -> bool:
    """Whether the row in the house outweighs the one of the file."""
    if getattr(row, "edited_at", None):
        return True
    confirmed = getattr(row, "confirmed_on", None)
    checked, made = getattr(row, "checked_on", None), getattr(fresh, "checked_on", None)
    if made is None or checked is None:
        return False
    return bool((confirmed and confirmed >= made) or checked > made)


def keep(
    outcome: Outcome,
    model: type[Row],
    key: Sequence[str],
    wanted: Iterable[Row],
    *,
    among: models.QuerySet[Row],
    ignore: Iterable[str] = (),
    remove: bool = False,
) -> list[Row]:
    """Make `among` hold the wanted rows, known again by `key`; with `remove`, nothing else that files brought.

    Returns the rows as they stand now, with their keys, in the order wanted.
    """
    names = [
        column.attname
        for column in model._meta.concrete_fields
        if column.name not in _OWN and column.name not in ignore and not column.primary_key
    ]
    known = {tuple(getattr(row, part) for part in key): row for row in among}
    stand: list[Row] = []
    fresh: list[Row] = []
    changed: list[Row] = []
    for row in wanted:
        old = known.pop(tuple(getattr(row, part) for part in key), None)
        if old is None:
            fresh.append(row)
            stand.append(row)
            continue
        stand.append(old)
        differs = [name for name in names if getattr(old, name) != getattr(row, name)]
        if not differs:
            continue
        if is_kept(old, row):
            outcome.kept.append(f"{model._meta.model_name} {old}")
            continue
        for name in differs:
            setattr(old, name, getattr(row, name))
        if hasattr(old, "version"):
            old.version += 1
        changed.append(old)
    model._default_manager.bulk_create(fresh, batch_size=_BATCH)
    if changed:
        columns = [name for name in names if name not in key]
        columns += ["version"] if any(f.name == "version" for f in model._meta.fields) else []
        model._default_manager.bulk_update(changed, columns, batch_size=_BATCH)
    outcome.new += len(fresh)
    outcome.changed += len(changed)
    if remove:
        gone = [row.pk for row in known.values() if not getattr(row, "edited_at", None)]
        if gone:
            outcome.gone += len(gone)
            model._default_manager.filter(pk__in=gone).delete()
    return stand
