"""Writing a session: drafting it, changing its words, its run of show, its material and the series it belongs to."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Sum
from django.utils import timezone
from django.utils.text import slugify

from koinon.agenda import found
from koinon.agenda.models import Material, Segment, Series, Session
from koinon.agenda.permissions import (
    may_add_material,
    may_change,
    may_create,
    may_publish,
    may_remove_material,
)
from koinon.base.visitor import Visitor, require
from koinon.base.when import Moment
from koinon.journal import actions as journal
from koinon.network.models import Organisation
from koinon.places.models import Place

MOST_SEGMENTS = 60
_KINDS = {
    Session.Format.INFORMATION: "INFO",
    Session.Format.CLINIC: "CLIN",
    Session.Format.WORKSHOP: "WORK",
    Session.Format.EXCHANGE: "EXCH",
    Session.Format.TRAINING: "TRAI",
    Session.Format.CONFERENCE: "CONF",
}


class Changed(Exception):
    """Somebody else changed it in the meantime: both texts are shown, neither is lost."""

    def __init__(self, current: Session) -> None:
        self.current = current
        super().__init__(f"{current.code} is at version {current.version}")


class TooLong(Exception):
    """The parts would take more minutes than the session has; `over` says how many more."""

    def __init__(self, over: int) -> None:
        self.over = over
        super().__init__(f"{over} minutes too many")


class NoCaptions(Exception):
    """A recording is not published without captions (WCAG 1.2.2)."""


@dataclass(frozen=True)
class Announcement:
    """What is said of a session, but for when it is."""

    title: str
    language: str
    lead: str
    format: str
    theme: str
    outline: str
    notes: list[list[str]]
    series: Series | None
    follows: Session | None
    places: tuple[Place, ...]
    spoken: list[str]
    interpreted: list[str]
    captioned: list[str]
    asked_in: list[str]
    audience: str
    takes_registrations: bool
    capacity: int | None
    here_capacity: int | None
    venue: str
    video: str
    votes_need_account: bool
    holds_questions: bool

    def columns(self) -> dict[str, Any]:
        """What stands in the row itself."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "places"}


@transaction.atomic
def draft(
    organiser: Organisation, *, by: Visitor, announcement: Announcement, moment: Moment, minutes: int
) -> Session:
    """Make a draft that only its organiser's people see. Its code is made from day and format, and never changes."""
    require(may_create(by, organiser))
    session = Session(
        organiser=organiser,
        code=new_code(moment, announcement.format),
        minutes=minutes,
        changed_at=timezone.now(),
        **_when(moment),
        **announcement.columns(),
    )
    session.save()
    session.places.set(announcement.places)
    journal.record("session.drafted", by=by, what=session, public=False)
    return session


@transaction.atomic
def edit(
    session: Session,
    *,
    by: Visitor,
    version: int,
    announcement: Announcement,
    moment: Moment | None = None,
    minutes: int | None = None,
) -> Session:
    """Change the words; of a draft the time too (what is published is moved, with word to all: `publishing.move`).

    `version` is the one that was read; another one now raises `Changed`. What was before stands in the journal.
    """
    require(may_change(by, session))
    row = locked(session, version)
    wanted = announcement.columns()
    if not row.published and moment is not None:
        wanted |= _when(moment) | {"minutes": minutes or row.minutes}
    before = {name: getattr(row, name) for name in wanted if getattr(row, name) != wanted[name]}
    places = sorted(place.pk for place in announcement.places)
    places_before = sorted(row.places.values_list("pk", flat=True))
    if not before and places == places_before:
        return row
    if (over := taken(row) - int(wanted.get("minutes", row.minutes))) > 0:
        raise TooLong(over)
    for name in before:
        setattr(row, name, wanted[name])
    raise_version(row, version)
    row.places.set(announcement.places)
    details = {name: [_said(before[name]), _said(wanted[name])] for name in before}
    if places != places_before:
        details["places"] = [places_before, places]
    journal.record("session.edited", by=by, what=row, details=details, public=row.published)
    return row


def locked(session: Session, version: int | None = None) -> Session:
    """The row as it is now, held until the deed is done; `Changed` where it is at another version than was read."""
    row = Session.objects.select_for_update().get(pk=session.pk)
    if version is not None and row.version != version:
        raise Changed(row)
    return row


def raise_version(row: Session, version: int | None = None) -> None:
    """Save a changed row as its next version. The version stands in a condition too: SQLite knows no row locks."""
    read = row.version if version is None else version
    if not Session.objects.filter(pk=row.pk, version=read).update(version=read + 1):
        raise Changed(Session.objects.get(pk=row.pk))
    row.version, row.changed_at = read + 1, timezone.now()
    row.save()
    found.changed(row)


def new_code(moment: Moment, kind: str) -> str:
    """A code such as 24WORK26012: the day of the month, the format, the year, and a number that is free."""
    stem = f"{moment.day:%d}{_KINDS.get(Session.Format(kind), 'SESS')}{moment.day:%y}"
    taken_codes = set(Session.objects.filter(code__startswith=stem).values_list("code", flat=True))
    for _try in range(50):
        code = f"{stem}{secrets.randbelow(1000):03}"
        if code not in taken_codes:
            return code
    return f"{stem}{secrets.randbelow(10**6):06}"


# The run of show.


def taken(session: Session) -> int:
    """How many minutes its parts take."""
    return int(session.segments.aggregate(all=Sum("minutes"))["all"] or 0)


@transaction.atomic
def add_segment(
    session: Session, *, by: Visitor, kind: str, title: str, text: str, minutes: int | None, who: str
) -> Segment:
    """Add a part at the end. Parts never take more minutes than the session has: `TooLong`."""
    require(may_change(by, session))
    row = locked(session)
    _fits(row, minutes or 0)
    last = row.segments.aggregate(last=Max("position"))["last"]
    segment = Segment.objects.create(
        session=row,
        position=0 if last is None else last + 1,
        kind=kind,
        title=title,
        text=text,
        minutes=minutes,
        who=who,
    )
    _note_programme(row, by)
    return segment


@transaction.atomic
def change_segment(
    segment: Segment, *, by: Visitor, kind: str, title: str, text: str, minutes: int | None, who: str
) -> Segment:
    """Change a part in its place."""
    require(may_change(by, segment.session))
    row = locked(segment.session)
    _fits(row, (minutes or 0) - (Segment.objects.get(pk=segment.pk).minutes or 0))
    Segment.objects.filter(pk=segment.pk).update(kind=kind, title=title, text=text, minutes=minutes, who=who)
    _note_programme(row, by)
    segment.refresh_from_db()
    return segment


@transaction.atomic
def move_segment(segment: Segment, *, by: Visitor, up: bool) -> None:
    """Change places with the part before, or after; the first and the last stay where they are."""
    require(may_change(by, segment.session))
    row = locked(segment.session)
    order = list(row.segments.order_by("position").values_list("pk", flat=True))
    if segment.pk not in order:
        return
    at = order.index(segment.pk)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(order):
        return
    order[at], order[to] = order[to], order[at]
    _in_order(row, order)
    _note_programme(row, by)


@transaction.atomic
def remove_segment(segment: Segment, *, by: Visitor) -> None:
    """Take a part out; those after it move up."""
    require(may_change(by, segment.session))
    row = locked(segment.session)
    Segment.objects.filter(pk=segment.pk).delete()
    _in_order(row, list(row.segments.order_by("position").values_list("pk", flat=True)))
    _note_programme(row, by)


def _fits(row: Session, more: int) -> None:
    if (over := taken(row) + more - row.minutes) > 0:
        raise TooLong(over)


def _in_order(row: Session, order: Sequence[int]) -> None:
    """Positions from 0 in this order. First all are moved out of the way: no two parts have one position, ever."""
    highest = int(row.segments.aggregate(last=Max("position"))["last"] or 0)
    row.segments.update(position=F("position") + highest + 1)
    for position, pk in enumerate(order):
        Segment.objects.filter(pk=pk).update(position=position)


def _note_programme(row: Session, by: Visitor) -> None:
    raise_version(row)
    journal.record("session.programme", by=by, what=row, public=row.published)


# Material and series.


@transaction.atomic
def add_material(
    session: Session, *, by: Visitor, kind: str, title: str, url: str, language: str
) -> Material:
    """Note where something lies that the session left. It is shown once it is published."""
    require(may_add_material(by, session))
    material = Material.objects.create(
        session=session, kind=kind, title=title, url=url, language=language, published=False
    )
    journal.record(
        "session.material_added", by=by, what=session, details={"kind": kind, "url": url}, public=False
    )
    return material


@transaction.atomic
def change_material(material: Material, *, by: Visitor, title: str, url: str, language: str) -> Material:
    """Set right what it is called and where it lies."""
    require(may_change(by, material.session))
    material.title, material.url, material.language = title, url, language
    material.save(update_fields=["title", "url", "language"])
    journal.record("session.material_changed", by=by, what=material.session, details={"url": url})
    return material


@transaction.atomic
def publish_material(material: Material, *, by: Visitor, published: bool) -> Material:
    """Show it to all who see the session, or take it back. A recording needs published captions: `NoCaptions`."""
    require(may_publish(by, material.session))
    row = Material.objects.select_for_update().get(pk=material.pk)
    if published and row.kind == Material.Kind.RECORDING and not has_captions(row.session):
        raise NoCaptions
    if row.published != published:
        row.published = published
        row.save(update_fields=["published"])
        verb = "session.material_published" if published else "session.material_withdrawn"
        journal.record(verb, by=by, what=row.session, details={"kind": row.kind, "url": row.url})
    return row


@transaction.atomic
def remove_material(material: Material, *, by: Visitor) -> None:
    """Forget where it lies. What lies there is not ours to delete."""
    require(may_remove_material(by, material.session))
    session = material.session
    journal.record("session.material_removed", by=by, what=session, details={"url": material.url})
    material.delete()


def has_captions(session: Session) -> bool:
    return session.material.filter(kind=Material.Kind.CAPTIONS, published=True).exists()


@transaction.atomic
def make_series(
    organiser: Organisation, *, by: Visitor, title: str, about: str = "", language: str = "en"
) -> Series:
    """A name under which sessions belong together; the same name of the same organiser is the same series."""
    require(may_create(by, organiser))
    there = Series.objects.filter(organiser=organiser, title=title).first()
    if there is not None:
        return there
    stem = slugify(title)[:100] or "series"
    for number in range(1, 100):
        slug = stem if number == 1 else f"{stem}-{number}"
        try:
            with transaction.atomic():
                series = Series.objects.create(
                    slug=slug, title=title, about=about, language=language, organiser=organiser
                )
        except IntegrityError:
            continue
        journal.record("series.made", by=by, what=series)
        return series
    raise Changed(Session(code=stem))


def notes_from(text: str) -> list[list[str]]:
    """Glossary notes as they are typed: on each line a word, a colon, and what it means."""
    rows = (re.split(r"\s*:\s+", line.strip(), maxsplit=1) for line in text.splitlines() if line.strip())
    return [row for row in rows if len(row) == 2]


def _when(moment: Moment) -> dict[str, Any]:
    return {"day": moment.day, "begins": moment.at, "zone": moment.zone, "fold": moment.fold}


def _said(value: Any) -> Any:
    """A value as the journal keeps it."""
    if isinstance(value, str | int | list | bool) or value is None:
        return value
    return str(value)
