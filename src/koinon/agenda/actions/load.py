"""Sessions of the past as facts: the file that ships with the product, and those an operator brings, all or nothing.

The format: data/NOTES.md. Loading the same file again changes nothing. A session that somebody changed here is left alone.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date, time
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from koinon.agenda import found
from koinon.agenda.models import Segment, Session
from koinon.base.languages import ENDONYMS
from koinon.base.text import is_plain
from koinon.journal import actions as journal
from koinon.network.actions.keeping import Outcome
from koinon.network.actions.reading import LoadError, Record, generated_on, read_json, records_of
from koinon.network.models import Load, Organisation
from koinon.places import zones
from koinon.places.models import Place

DATA = Path(__file__).resolve().parent.parent / "data"
FILE = "sessions.json"
SIGN = "sessions"
# Raise it when loading itself changes, so that what is there is loaded anew.
LOADER = 1
LONGEST = 20_000
_CODE = re.compile(r"[A-Z0-9]{6,20}")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def load_sessions() -> Outcome:
    """Load the sessions that ship with the product. Costs one query and a short hash where they are there already."""
    raw = (DATA / FILE).read_bytes()
    there = Load.objects.filter(pk=FILE).values_list("shipped", flat=True).first()
    if there == _digest(raw):
        return Outcome()
    return load(DATA / FILE, shipped=True)


@transaction.atomic
def load(path: Path, *, shipped: bool = False) -> Outcome:
    """Load one file, all or nothing. Raises `LoadError` with file and record."""
    content, raw = read_json(path)
    made = generated_on(path.name, content)
    outcome = Outcome()
    records = list(records_of(path.name, content, SIGN))
    for record in records:
        _keep(record, made, outcome)
    digest = _digest(raw)
    head = {key: value for key, value in content.items() if key != SIGN}
    note = {"digest": digest, "records": len(records), "generated": made, "head": head}
    if shipped:
        note["shipped"] = digest
    Load.objects.update_or_create(pk=FILE, defaults=note | {"loaded_at": timezone.now()})
    return outcome


def dump(folder: Path) -> list[Path]:
    """Write the published sessions that are no longer to be moved or cancelled, in the format in which they are loaded.

    Who registered, who asked and what is drafted is no matter of facts, and stays out.
    """
    rows = Session.objects.public().filter(state=Session.State.ENDED, is_demo=False)
    records = [
        _written(row) for row in rows.select_related("organiser").prefetch_related("places", "segments")
    ]
    if not records:
        return []
    head = Load.objects.filter(pk=FILE).values_list("generated", flat=True).first()
    made = head if head and not any(row["edited"] for row in records) else timezone.localdate()
    for row in records:
        del row["edited"]
    path = folder / FILE
    content = {"generated": made.isoformat(), SIGN: records}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [path]


def _written(row: Session) -> dict[str, Any]:
    plain = (
        "title language lead format theme organiser_text outline notes unknown disagree minutes zone"
    ).split()
    more = "announced_time sources spoken interpreted captioned asked_in".split()
    return {
        "id": row.code,
        **{name: getattr(row, name) for name in [*plain, *more]},
        "organiser": row.organiser.slug if row.organiser else "",
        "day": row.day.isoformat(),
        "begins": f"{row.begins:%H:%M}",
        "announced_as": "" if row.time_certain else row.announced_as or "?",
        "state": row.state,
        "places": sorted(place.pk for place in row.places.all()),
        "segments": [
            {"kind": one.kind, "title": one.title, "text": one.text, "minutes": one.minutes, "who": one.who}
            for one in row.segments.all()
        ],
        "checked_on": (row.checked_on or row.day).isoformat(),
        "edited": row.version > 1,
    }


def _keep(record: Record, made: date, outcome: Outcome) -> None:
    wanted, places, segments = _read(record, made)
    row = Session.objects.filter(code=record.name).first()
    if row is None:
        row = Session(code=record.name, published=True, **wanted)
        row.save()
        outcome.new += 1
    elif row.version > 1:
        outcome.kept.append(record.name)
        return
    elif not (_differs(row, wanted) or _segments(row) != segments or _places(row) != places):
        return
    else:
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save()
        outcome.changed += 1
    row.places.set(Place.objects.filter(pk__in=places))
    row.segments.all().delete()
    Segment.objects.bulk_create(
        Segment(session=row, position=position, **segment) for position, segment in enumerate(segments)
    )
    journal.record("session.loaded", by=None, what=row)
    found.changed(row)


def _differs(row: Session, wanted: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in wanted.items())


def _segments(row: Session) -> list[dict[str, Any]]:
    rows = row.segments.order_by("position").values("kind", "title", "text", "minutes", "who")
    return [dict(values) for values in rows]


def _places(row: Session) -> list[str]:
    return sorted(row.places.values_list("pk", flat=True))


def _read(record: Record, made: date) -> tuple[dict[str, Any], list[str], list[dict[str, Any]]]:
    """What a record says: the fields of the session, its places, its segments."""
    if not _CODE.fullmatch(record.name):
        raise record.wrong("id is no code of a session: capital letters and digits, at most 20")
    announced_as = record.text("announced_as", most=20)
    slug = record.text("organiser", most=200)
    organiser = Organisation.objects.filter(slug=slug).first() if slug else None
    if slug and organiser is None:
        raise record.wrong(f"organiser is not in the house: {slug}")
    day = record.day("day")
    if day is None:
        raise record.wrong("day is missing")
    wanted: dict[str, Any] = {
        "title": record.text("title", most=200, needed=True),
        "language": _one_of(record, "language", set(ENDONYMS), "en"),
        "lead": record.text("lead", most=300),
        "format": _one_of(record, "format", set(Session.Format.values), Session.Format.INFORMATION),
        "theme": record.text("theme", most=120),
        "organiser": organiser,
        "organiser_text": record.text("organiser_text", most=200),
        "outline": _lines(record, "outline"),
        "notes": _pairs(record, "notes"),
        "unknown": _pairs(record, "unknown"),
        "disagree": record.texts("disagree"),
        "day": day,
        "begins": _time(record),
        "minutes": _minutes(record, "minutes") or 60,
        "zone": _zone(record),
        "announced_time": record.text("announced_time", most=120),
        "time_certain": not announced_as,
        "state": _one_of(record, "state", {"planned", "ended"}, "ended"),
        "sources": record.texts("sources"),
        "checked_on": record.day("checked_on") or made,
        "takes_registrations": False,
    }
    for name in ("spoken", "interpreted", "captioned", "asked_in"):
        wanted[name] = record.texts(name, most=2)
        if not set(wanted[name]) <= set(ENDONYMS):
            raise record.wrong(f"{name} holds something that is no language of ours")
    places = record.texts("places", most=200)
    known = Place.objects.filter(pk__in=places).count()
    if known != len(set(places)):
        raise record.wrong("places holds a code that is no place")
    segments = [
        {
            "kind": _one_of(part, "kind", set(Segment.Kind.values), Segment.Kind.TALK),
            "title": part.text("title", most=120, needed=True),
            "text": part.text("text", most=300),
            "minutes": _minutes(part, "minutes"),
            "who": part.text("who", most=200),
        }
        for part in record.records("segments")
    ]
    return wanted, sorted(set(places)), segments


def _one_of(record: Record, key: str, choices: Iterable[str], default: str) -> str:
    value = record.text(key, most=20) or default
    if value not in choices:
        raise record.wrong(f"{key} is none of {', '.join(sorted(choices))}")
    return value


def _lines(record: Record, key: str) -> str:
    value = record.values.get(key) or ""
    if not isinstance(value, str) or len(value) > LONGEST or not is_plain(value, lines=True):
        raise record.wrong(f"{key} is no text of at most {LONGEST} characters")
    return value


def _pairs(record: Record, key: str) -> list[list[str]]:
    value = record.values.get(key) or []
    fits = isinstance(value, list) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(part, str) and is_plain(part) and len(part) <= 1000 for part in pair)
        for pair in value
    )
    if not fits:
        raise record.wrong(f"{key} is no list of pairs of texts")
    return value


def _time(record: Record) -> time:
    found = _TIME.fullmatch(record.text("begins", most=5, needed=True))
    if not found:
        raise record.wrong("begins is no time such as 09:30")
    return time(int(found[1]), int(found[2]))


def _minutes(record: Record, key: str) -> int | None:
    value = record.values.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 14_400:
        raise record.wrong(f"{key} is no number of minutes")
    return value


def _zone(record: Record) -> str:
    name = record.text("zone", most=60, needed=True)
    if not zones.is_zone(name):
        raise record.wrong(f"zone is none: {name!r}")
    return name


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw + str(LOADER).encode()).hexdigest()


__all__ = ["DATA", "FILE", "SIGN", "LoadError", "dump", "load", "load_sessions"]
