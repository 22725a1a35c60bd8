"""Writing a call down: drafting it, correcting it, its dates, its conditions; each change of a public one is kept with what differs."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.text import slugify

from koinon.base.visitor import Visitor, require
from koinon.calls import found, hooks
from koinon.calls.models import Call, CallPlace, Change, Condition, Cutoff
from koinon.calls.permissions import may_change, may_confirm, may_create, may_delete, may_publish
from koinon.calls.words import Deed, Stage
from koinon.journal import actions as journal
from koinon.network.models import Organisation, Programme
from koinon.places.models import Place

MOST_DATES = 24
MOST_CONDITIONS = 40
# Words that are addresses of the calls themselves.
TAKEN = frozenset({"new", "mine", "article-14"})


_TOLD = frozenset({Deed.MOVED, Deed.CLOSED})


class Changed(Exception):
    """Somebody else changed it in the meantime: both texts are shown, neither is lost."""

    def __init__(self, current: Call) -> None:
        self.current = current
        super().__init__(f"{current.slug} is at version {current.version}")


class Full(Exception):
    """It holds as many dates, or conditions, as it can."""


class Over(Exception):
    """What everybody may read is withdrawn, not deleted; a draft is deleted, not withdrawn."""


@dataclass(frozen=True)
class Terms:
    """What is said of a call, but for its dates and conditions."""

    title: str
    language: str
    summary: str
    text: str
    opener: Organisation | None
    opener_text: str
    programme: Programme | None
    who: list[str]
    who_text: str
    places: tuple[Place, ...]
    places_says: str
    topics: list[str]
    objectives: list[str]
    under_priority: bool | None
    share: Decimal | None
    least: Decimal | None
    most: Decimal | None
    budget: Decimal | None
    currency: str
    opens_on: date | None
    no_deadline: str
    url: str
    sources: list[str]
    checked_on: date
    certain: bool
    note: str
    disagree: list[str]

    def columns(self) -> dict[str, Any]:
        """What stands in the row itself."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "places"}


@dataclass(frozen=True)
class When:
    """A cut-off date as it was announced."""

    day: date
    at: time | None
    zone: str
    fold: int = 0
    label: str = ""
    announced: str = ""
    certain: bool = True

    @property
    def is_past(self) -> bool:
        """Whether it has gone by; where only a day is said, by the clocks of its zone."""
        return Cutoff(day=self.day, at=self.at, zone=self.zone, fold=self.fold).instant < timezone.now()

    def put(self, row: Cutoff) -> None:
        for one in fields(self):
            setattr(row, one.name, getattr(self, one.name))


@dataclass(frozen=True)
class Asking:
    """A condition as it was typed."""

    kind: str
    says: str
    section: str = ""
    number: int | None = None
    day: date | None = None
    question: str = ""
    mendable: bool = False


@transaction.atomic
def draft(keeper: Organisation, *, by: Visitor, terms: Terms, when: When | None = None) -> Call:
    """Make a draft that only its keeper's people see. Its address is made from its title, and never changes. The same form sent
    twice is one draft."""
    require(may_create(by, keeper))
    # Two at the same moment wait for each other.
    Organisation.objects.select_for_update().get(pk=keeper.pk)
    newest = Call.objects.filter(keeper=keeper).order_by("-pk").first()
    if newest is not None and _is_just_made(newest, terms, when):
        return newest
    call = _new(keeper, terms)
    _put_places(call, terms.places)
    if when is not None:
        _add_date(call, when)
    journal.record("call.drafted", by=by, what=call, public=False)
    return call


def _is_just_made(call: Call, terms: Terms, when: When | None) -> bool:
    """Whether it is the draft that this very form has made a moment ago."""
    if call.state != Call.State.DRAFT or call.version != 1 or _differing(call, terms):
        return False
    dates = list(call.cutoffs.all())
    return not dates if when is None else len(dates) == 1 and _is_same(dates[0], when)


def _is_same(row: Cutoff | Condition, typed: "When | Asking") -> bool:
    return all(getattr(row, one.name) == getattr(typed, one.name) for one in fields(typed))


def _differing(call: Call, terms: Terms) -> dict[str, Any]:
    """What stands there now of all that is told otherwise."""
    wanted = terms.columns()
    found = {name: getattr(call, name) for name in wanted if getattr(call, name) != wanted[name]}
    places = sorted(CallPlace.objects.filter(call=call).values_list("place", flat=True))
    return found | ({} if places == _codes(terms) else {"places": places})


def _codes(terms: Terms) -> list[str]:
    return sorted(place.pk for place in terms.places)


def _new(keeper: Organisation, terms: Terms) -> Call:
    stem = slugify(terms.title)[:100].strip("-") or "call"
    for number in range(1, 200):
        slug = stem if number == 1 else f"{stem}-{number}"
        if slug in TAKEN or Call.objects.filter(slug=slug).exists():
            continue
        try:
            with transaction.atomic():
                return Call.objects.create(
                    slug=slug, keeper=keeper, changed_at=timezone.now(), **terms.columns()
                )
        except IntegrityError:
            if not Call.objects.filter(slug=slug).exists():
                raise
    raise Full


@transaction.atomic
def edit(call: Call, *, by: Visitor, version: int, terms: Terms, words: str = "") -> Call:
    """Correct what is said of it. `version` is the one that was read; another one now raises `Changed`.

    Of a public call the history keeps what differs. A confirmation by its opener holds for what it was given for: a
    correction by others takes it off.
    """
    require(may_change(by, call))
    row = locked(call)
    before = _differing(row, terms)
    if not before:
        # The same form sent twice, too.
        return row
    is_still(row, version)
    wanted = terms.columns() | {"places": _codes(terms)}
    differences = {name: [said(before[name]), said(wanted[name])] for name in before}
    for name in before.keys() - {"places"}:
        setattr(row, name, wanted[name])
    if row.stage() == Stage.COMING:
        # It opens later than was said: that is noted when it comes.
        row.opened = False
    row.confirmed_on = _confirmed(row, by)
    raise_version(row, version)
    _put_places(row, terms.places)
    note(row, by, Deed.CORRECTED, differences=differences, words=words)
    return row


@transaction.atomic
def delete(call: Call, *, by: Visitor) -> None:
    """Remove a draft. What was public is withdrawn instead, so that its address says so."""
    require(may_delete(by, call))
    row = locked(call)
    if row.state != Call.State.DRAFT:
        raise Over
    journal.record("call.deleted", by=by, what=row, public=False)
    found.changed(row)
    row.delete()


# Its dates.


@transaction.atomic
def add_date(call: Call, *, by: Visitor, version: int, when: When, words: str = "") -> Cutoff:
    """One more cut-off date. Of a public call those who follow it hear of it. The same form sent twice is one date."""
    row = _for_dates(call, by)
    newest = row.cutoffs.order_by("-pk").first()
    if newest is not None and row.version == version + 1 and _is_same(newest, when):
        return newest
    is_still(row, version)
    if row.cutoffs.count() >= MOST_DATES:
        raise Full
    made = _add_date(row, when)
    _dates_changed(row, by, version, {"date": [None, made.words]}, words)
    return made


@transaction.atomic
def move_date(cutoff: Cutoff, *, by: Visitor, version: int, when: When, words: str = "") -> Cutoff:
    """Another day or time. The earlier one stays with it; calendars move it, for its key stays."""
    row = _for_dates(cutoff.call, by)
    now = Cutoff.objects.select_for_update().filter(pk=cutoff.pk, call=row).first()
    if now is not None and _is_same(now, when):
        return now
    is_still(row, version)
    if now is None:
        raise Changed(row)
    earlier = _described(now)
    kept = [now.day.isoformat(), f"{now.at:%H:%M}" if now.at else "", now.zone]
    moved = (now.day, now.at, now.zone, now.fold) != (when.day, when.at, when.zone, when.fold)
    when.put(now)
    if moved and row.is_public:
        now.moved_from = [*now.moved_from, kept]
    now.save()
    # Other words beside the same moment are no new deadline: nobody who follows it is told of one.
    deed = Deed.MOVED if moved else Deed.CORRECTED
    _dates_changed(row, by, version, {"date": [earlier, _described(now)]}, words, deed)
    return now


def _described(cutoff: Cutoff) -> str:
    """A date with the words beside it, as the history keeps it."""
    return ", ".join(part for part in (cutoff.words, cutoff.label, cutoff.announced) if part)


@transaction.atomic
def remove_date(cutoff: Cutoff, *, by: Visitor, version: int, words: str = "") -> None:
    """Take a date off: calendars take it off too."""
    row = _for_dates(cutoff.call, by)
    is_still(row, version)
    now = Cutoff.objects.select_for_update().get(pk=cutoff.pk, call=row)
    earlier = now.words
    now.delete()
    _dates_changed(row, by, version, {"date": [earlier, None]}, words)


def _for_dates(call: Call, by: Visitor) -> Call:
    """Dates of a draft are words like others; those of a public call are moved by who may publish."""
    row = locked(call)
    require(may_publish(by, row) if row.is_public else may_change(by, row))
    return row


def _add_date(call: Call, when: When) -> Cutoff:
    made = Cutoff(call=call)
    when.put(made)
    made.save()
    _derive(call)
    return made


def _derive(call: Call) -> None:
    """When the call closes follows from its dates."""
    last = call.cutoffs.aggregate(last=Max("ends_at"))["last"]
    Call.objects.filter(pk=call.pk).update(closes_at=last)
    call.closes_at = last


def _dates_changed(
    row: Call,
    by: Visitor,
    version: int,
    differences: dict[str, Any],
    words: str,
    deed: Deed = Deed.MOVED,
) -> None:
    _derive(row)
    row.confirmed_on = _confirmed(row, by)
    # A later date opens again what had closed by itself; none at all does where it is said until when.
    is_open = row.closes_at >= timezone.now() if row.closes_at is not None else bool(row.no_deadline)
    if row.state == Call.State.CLOSED and is_open:
        row.state, row.closed_at = Call.State.PUBLISHED, None
    raise_version(row, version)
    note(row, by, deed, differences=differences, words=words)


# Its conditions.


@transaction.atomic
def add_condition(call: Call, *, by: Visitor, version: int, asking: Asking) -> Condition:
    """One more thing that it asks, at the end. The same form sent twice is one condition."""
    require(may_change(by, call))
    row = locked(call)
    newest = row.conditions.order_by("-pk").first()
    if newest is not None and row.version == version + 1 and _is_same(newest, asking):
        return newest
    is_still(row, version)
    if row.conditions.count() >= MOST_CONDITIONS:
        raise Full
    last = row.conditions.aggregate(last=Max("position"))["last"]
    made = Condition(call=row, position=0 if last is None else last + 1)
    _put(made, asking)
    made.save()
    _conditions_changed(row, by, version, {"condition": [None, _words(made)]})
    return made


@transaction.atomic
def change_condition(condition: Condition, *, by: Visitor, version: int, asking: Asking) -> Condition:
    """Set one right, in its place."""
    require(may_change(by, condition.call))
    row = locked(condition.call)
    now = Condition.objects.select_for_update().filter(pk=condition.pk, call=row).first()
    if now is not None and _is_same(now, asking):
        return now
    is_still(row, version)
    if now is None:
        raise Changed(row)
    before = _words(now)
    _put(now, asking)
    now.save()
    _conditions_changed(row, by, version, {"condition": [before, _words(now)]})
    return now


@transaction.atomic
def remove_condition(condition: Condition, *, by: Visitor, version: int) -> None:
    """It asks this no more."""
    require(may_change(by, condition.call))
    row = locked(condition.call, version)
    now = Condition.objects.select_for_update().get(pk=condition.pk, call=row)
    before = _words(now)
    now.delete()
    _conditions_changed(row, by, version, {"condition": [before, None]})


@transaction.atomic
def say_whole(call: Call, *, by: Visitor, version: int, whole: bool) -> Call:
    """Whether the conditions here are all that the text of the call has; without it the check never says yes."""
    require(may_change(by, call))
    row = locked(call, version)
    if row.conditions_whole != whole:
        row.conditions_whole = whole
        _conditions_changed(row, by, version, {"conditions_whole": [not whole, whole]})
    return row


def _put(condition: Condition, asking: Asking) -> None:
    for one in fields(asking):
        setattr(condition, one.name, getattr(asking, one.name))


def _words(condition: Condition) -> str:
    rest = [str(part) for part in (condition.number, condition.day) if part is not None]
    return " | ".join(
        part
        for part in (condition.kind, *rest, condition.question, condition.says, condition.section)
        if part
    )


def _conditions_changed(row: Call, by: Visitor, version: int, differences: dict[str, Any]) -> None:
    row.confirmed_on = _confirmed(row, by)
    raise_version(row, version)
    note(row, by, Deed.CONDITIONS, differences=differences)


# What all deeds share.


def locked(call: Call, version: int | None = None) -> Call:
    """The row as it is now, held until the deed is done; `Changed` where it is at another version than was read, 404 where it
    was withdrawn meanwhile."""
    row = Call.objects.select_for_update().get(pk=call.pk)
    require(row.state != Call.State.WITHDRAWN, hidden=True)
    is_still(row, version)
    return row


def is_still(row: Call, version: int | None) -> None:
    """Nothing, where it is at the version that was read, or no version was named; else `Changed`."""
    if version is not None and row.version != version:
        raise Changed(row)


def raise_version(row: Call, version: int | None = None) -> None:
    """Save a changed row as its next version. The version stands in a condition too: SQLite knows no row locks."""
    read = row.version if version is None else version
    if not Call.objects.filter(pk=row.pk, version=read).update(version=F("version") + 1):
        raise Changed(Call.objects.get(pk=row.pk))
    row.version, row.changed_at, row.edited_at = read + 1, timezone.now(), timezone.now()
    row.save()
    found.changed(row)


def _confirmed(row: Call, by: Visitor) -> date | None:
    """What its opener's own people write of a public call is confirmed by that; what others write is not."""
    return timezone.localdate() if may_confirm(by, row) else None


def note(
    row: Call,
    by: Visitor | None,
    deed: Deed,
    *,
    differences: Mapping[str, Any] | None = None,
    words: str = "",
) -> None:
    """Write a deed down: in the journal, and in the history that everybody reads once the call is public."""
    details = dict(differences or {})
    journal.record(f"call.{deed}", by=by, what=row, details=details, public=row.is_public)
    if row.is_public:
        Change.objects.create(
            call=row,
            version=row.version,
            at=row.changed_at,
            deed=deed,
            differences=details,
            words=words,
        )
    if deed in _TOLD and row.is_public:
        tell(row)


def tell(row: Call) -> None:
    """Others who stand on its dates hear of it, such as a search for partners that ends with it."""
    for hear in hooks.changed:
        hear(row)


def _put_places(call: Call, places: tuple[Place, ...]) -> None:
    CallPlace.objects.filter(call=call).exclude(place__in=places).delete()
    there = set(CallPlace.objects.filter(call=call).values_list("place", flat=True))
    CallPlace.objects.bulk_create(
        CallPlace(call=call, place=place) for place in places if place.pk not in there
    )


def said(value: Any) -> Any:
    """A value as the history keeps it."""
    if isinstance(value, str | int | list | bool) or value is None:
        return value
    return str(value)
