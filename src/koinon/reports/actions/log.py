"""Logging what a body did, correcting it, withdrawing it. Each deed stands in the journal."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.network.models import Organisation
from koinon.reports.models import Activity
from koinon.reports.models.activities import SAID, countries_of
from koinon.reports.permissions import may_change, may_log, may_withdraw
from koinon.reports.words import Origin


@dataclass(frozen=True)
class Said:
    """What somebody says of an activity, as a form gives it. `participants` is None where it is not known."""

    kind: str
    title: str
    language: str
    first_day: date
    last_day: date
    places: Sequence[str] = ()
    participants: int | None = None
    partners: Sequence[str] = ()
    link: str = ""
    note: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        names = ("kind", "title", "language", "first_day", "last_day", "participants", "link", "note")
        return {name: getattr(self, name) for name in names} | {
            "places": list(self.places),
            "countries": countries_of(self.places),
            "partners": list(self.partners),
            "at_least": False,
        }


class Changed(Exception):
    """Somebody else changed it meanwhile; `current` is how it stands."""

    def __init__(self, current: Activity) -> None:
        super().__init__()
        self.current = current


def mark_of(by: Visitor, nonce: str, organisation: Organisation, said: object) -> str:
    """What keeps a form that is sent twice from acting twice: a hash of who sent it, of its own number and of what it says.

    Whoever goes back and types something else into the same form has said something else; nothing of it is lost.
    """
    sent = f"{by.person_id}\x1f{nonce}\x1f{organisation.pk}\x1f{said!r}"
    return hashlib.sha256(sent.encode()).hexdigest() if nonce else ""


@transaction.atomic
def log(said: Said, *, by: Visitor, organisation: Organisation, nonce: str = "") -> Activity:
    """Type something that a body did. Sent twice with the same `nonce` and the same words it is one."""
    require(may_log(by, organisation))
    mark = mark_of(by, nonce, organisation, said)
    if mark and (before := Activity.objects.filter(nonce=mark).first()) is not None:
        return before
    try:
        with transaction.atomic():
            activity = Activity.objects.create(
                organisation=organisation, origin=Origin.TYPED, nonce=mark, **said.columns
            )
    except IntegrityError:
        return Activity.objects.get(nonce=mark)
    journal.record("activity.logged", by=by, what=activity, public=False)
    return activity


@transaction.atomic
def change(activity: Activity, said: Said, *, by: Visitor, version: int) -> Activity:
    """Correct it. What the house recorded is from then on as the person says, whatever becomes of what it records."""
    require(may_change(by, activity))
    now = _lock(activity, version)
    # A number that nobody touched says what it said: at least so many is not so many.
    at_least = now.at_least and said.participants == now.participants
    for name, value in said.columns.items():
        setattr(now, name, value)
    now.at_least = at_least
    if now.origin == Origin.HOUSE:
        now.corrected, now.house_then = True, now.house
    _save(now)
    journal.record("activity.changed", by=by, what=now, public=False)
    return now


@transaction.atomic
def follow_the_house(activity: Activity, *, by: Visitor, version: int) -> Activity:
    """Take what the house says of it instead of what a person corrected. Doing it twice changes nothing."""
    require(may_change(by, activity))
    if not activity.corrected:
        return activity
    now = _lock(activity, version)
    take_house(now)
    _save(now)
    journal.record("activity.followed", by=by, what=now, public=False)
    return now


@transaction.atomic
def withdraw(activity: Activity, *, by: Visitor, because: str) -> Activity:
    """It counts no more and stays in the log, with the reason. Doing it twice changes nothing."""
    now = Activity.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=activity.pk)
    if not now.is_counted:
        return now
    require(may_withdraw(by, now))
    now.withdrawn_at, now.withdrawn_because = timezone.now(), because
    _save(now)
    journal.record("activity.withdrawn", by=by, what=now, public=False)
    return now


def take_house(row: Activity) -> None:
    """Write down of a record what the house says of it. The caller saves."""
    for name in SAID:
        value = row.house[name]
        setattr(row, name, date.fromisoformat(value) if name in {"first_day", "last_day"} else value)
    row.countries = countries_of(row.places)
    row.corrected, row.house_then = False, {}


def _lock(activity: Activity, version: int) -> Activity:
    now = Activity.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=activity.pk)
    if now.version != version or not now.is_counted:
        raise Changed(now)
    return now


def _save(row: Activity) -> None:
    row.version += 1
    row.changed_at = timezone.now()
    row.save()
