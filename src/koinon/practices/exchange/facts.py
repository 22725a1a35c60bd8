"""The public library in a folder of files, as `koinon dump` writes it and `koinon load` reads it back.

What is drafted, who wrote and who reviewed is no matter of facts and stays out. A practice that stands here already and says
something else than the file is left as it is.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from koinon.base import uploads
from koinon.base.languages import ENDONYMS
from koinon.journal import actions as journal
from koinon.network.actions.keeping import Outcome
from koinon.network.actions.reading import Record, generated_on, read_json, records_of
from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.practices.content import PLAIN, Content, content_of, write
from koinon.practices.exchange import tables
from koinon.practices.exchange.checking import read_row
from koinon.practices.exchange.columns import NAMES
from koinon.practices.life import State
from koinon.practices.models import Adoption, Picture, Practice, Translation, Version
from koinon.practices.words import TEXTS, Why
from koinon.search import changes

SIGN = "practices"
PICTURES = "pictures"
IN_A_FILE = 1000
_TOLD_OF_ADOPTION = ("adopter_text", "stage", "language", "changed", "result", "dropped_because")
_LONGEST = 12_000


def dump(folder: Path) -> list[Path]:
    """Write every public practice, and the tombstones of what was withdrawn, with translations, adoptions and pictures."""
    rows = Practice.objects.filter(state__in=[State.PUBLISHED, State.WITHDRAWN], is_demo=False)
    rows = rows.select_related("shown", "organisation", "centre").order_by("pk")
    rows = rows.prefetch_related(
        "shown__places",
        "shown__translations",
        Prefetch("adoptions", Adoption.objects.select_related("adopter", "place", "leads_to").order_by("pk")),
        Prefetch("pictures", Picture.objects.select_related("since", "until")),
    )
    practices, written = list(rows), list[Path]()
    for number, at in enumerate(range(0, len(practices), IN_A_FILE), start=1):
        records = [_written(row, folder, written) for row in practices[at : at + IN_A_FILE]]
        path = folder / (f"{SIGN}.json" if number == 1 else f"{SIGN}-{number}.json")
        content = {"generated": timezone.localdate().isoformat(), SIGN: records}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(path)
    return written


def _written(row: Practice, folder: Path, files: list[Path]) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": row.slug,
        "state": row.state,
        "organisation": row.organisation.slug if row.organisation else "",
        "centre": row.centre.slug if row.centre else "",
        "published_on": row.published_at.date().isoformat() if row.published_at else "",
        "checked_on": row.checked_on.isoformat() if row.checked_on else "",
    }
    if row.state == State.WITHDRAWN or row.shown is None:
        gone = row.withdrawn_at.date().isoformat() if row.withdrawn_at else ""
        return record | {"withdrawn_because": row.withdrawn_because, "withdrawn_on": gone}
    shown = row.shown
    return (
        record
        | {name: getattr(shown, name) for name in PLAIN}
        | {
            "version": shown.number,
            "targets": shown.targets,
            "objectives": shown.objectives,
            "topics": shown.topics,
            "links": shown.links,
            "places": sorted(place.key for place in shown.places.all()),
            "translations": [
                {"language": one.language, "made": one.made, "service": one.service, "texts": one.texts}
                for one in shown.translations.all()
            ],
            "adoptions": [_adoption(one) for one in row.adoptions.all() if one.confirmed_at is not None],
            "pictures": [_picture(one, folder, files) for one in row.pictures.all() if one.is_in(shown)],
        }
    )


def _adoption(one: Adoption) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _TOLD_OF_ADOPTION} | {
        "adopter": one.adopter.slug if one.adopter else "",
        "place": one.place.key,
        "since": one.since.isoformat(),
        "confirmed_on": one.confirmed_at.date().isoformat() if one.confirmed_at else "",
        "leads_to": one.leads_to.slug if one.leads_to and one.leads_to.is_public else "",
    }


def _picture(one: Picture, folder: Path, files: list[Path]) -> dict[str, str]:
    path = folder / PICTURES / f"{one.code}{Path(one.name).suffix}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes(one.content))
    files.append(path)
    return {
        "file": f"{PICTURES}/{path.name}",
        "name": one.name,
        "description": one.description,
        "credit": one.credit,
    }


@transaction.atomic
def load(path: Path) -> Outcome:
    """Read one such file, all or nothing. Raises `LoadError` with file and record."""
    content, _raw = read_json(path)
    generated_on(path.name, content)
    outcome, later = Outcome(), list[tuple[Adoption, str]]()
    for record in records_of(path.name, content, SIGN):
        _keep(record, path, outcome, later)
    for adoption, slug in later:
        if (target := Practice.objects.filter(slug=slug).first()) is not None:
            adoption.leads_to = target
            adoption.save(update_fields=["leads_to"])
    return outcome


def _keep(record: Record, path: Path, outcome: Outcome, later: list[tuple[Adoption, str]]) -> None:
    state = record.choice("state", [State.PUBLISHED, State.WITHDRAWN])
    content = None if state == State.WITHDRAWN else _content(record)
    there = Practice.objects.filter(slug=record.name).select_related("shown").first()
    if there is not None:
        shown = there.shown
        same = there.state == state and (
            content is None or (shown is not None and _as_sets(content_of(shown)) == _as_sets(content))
        )
        if not same:
            outcome.kept.append(record.name)
        return
    if not record.name.isascii() or not all(sign.isalnum() or sign in "-_" for sign in record.name):
        raise record.wrong("id is no address: letters, digits and hyphens")
    if len(record.name) > 120:
        raise record.wrong("id is longer than 120 characters")
    practice = Practice(
        slug=record.name,
        organisation=_body(record, "organisation"),
        centre=_body(record, "centre"),
        state=state,
        published_at=_instant(record.day("published_on")) or timezone.now(),
        checked_on=record.day("checked_on"),
        withdrawn_because=record.choice("withdrawn_because", Why.values, needed=content is None),
        withdrawn_at=(_instant(record.day("withdrawn_on")) or timezone.now()) if content is None else None,
    )
    practice.save()
    number = record.values.get("version", 1)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 10_000:
        raise record.wrong("version is no number of a version")
    version = Version(practice=practice, number=number, state=State.PUBLISHED, submitted_at=timezone.now())
    write(version, content or Content(title=record.name))
    if content is not None:
        practice.shown = version
        practice.save(update_fields=["shown"])
        _beside(record, path, practice, version, later)
    journal.record("practice.loaded", by=None, what=practice)
    changes.touch("practice", practice.slug)
    outcome.new += 1


def _as_sets(content: Content) -> dict[str, Any]:
    values = {name: getattr(content, name) for name in Content.__dataclass_fields__}
    return values | {"places": {place.pk for place in content.places}}


def _content(record: Record) -> Content:
    """What is told, looked at as every file of practices is."""
    item = {name: record.values[name] for name in NAMES if name in record.values}
    try:
        content, wrong = read_row(tables.of_items([item]))
    except tables.Refused as refused:
        raise record.wrong(str(refused)) from refused
    if content is None:
        raise record.wrong("; ".join(f"{one.heading}: {one.what}" for one in wrong))
    return content


def _beside(
    record: Record, path: Path, practice: Practice, version: Version, later: list[tuple[Adoption, str]]
) -> None:
    for part in record.records("translations"):
        texts = part.values.get("texts")
        if not isinstance(texts, dict) or not set(texts) <= set(TEXTS):
            raise part.wrong("texts is not a mapping of fields to texts")
        Translation.objects.create(
            version=version,
            language=part.choice("language", list(ENDONYMS)),
            made=part.choice("made", Translation.Made.values),
            service=part.text("service", most=40),
            texts=dict(_texts(Record(part.file, part.name, texts))),
        )
    for part in record.records("adoptions"):
        adoption = _adopted(part, practice)
        if slug := part.text("leads_to", most=120):
            later.append((adoption, slug))
    for part in record.records("pictures"):
        _take_picture(part, path, version)


def _texts(record: Record) -> Iterator[tuple[str, str]]:
    for name in record.values:
        yield name, record.text(name, most=_LONGEST, lines=True)


def _adopted(part: Record, practice: Practice) -> Adoption:
    place = Place.objects.find(part.text("place", most=200, needed=True))
    since = part.day("since")
    if place is None or since is None:
        raise part.wrong("place or since is not in the house" if since else "since is missing")
    adopter = _body(part, "adopter")
    told: dict[str, Any] = {
        name: part.text(name, most=4000, lines=True) for name in ("changed", "result", "dropped_because")
    }
    stage = part.choice("stage", Adoption.Stage.values)
    text = part.text("adopter_text", most=200)
    if adopter is None and not text:
        raise part.wrong("adopter or adopter_text is missing")
    if stage == Adoption.Stage.DROPPED and not told["dropped_because"]:
        raise part.wrong("dropped_because is missing")
    return Adoption.objects.create(
        practice=practice,
        adopter=adopter,
        adopter_text=text,
        place=place,
        since=since,
        stage=stage,
        language=part.choice("language", list(ENDONYMS)),
        confirmed_at=_instant(part.day("confirmed_on")) or timezone.now(),
        **told,
    )


def _take_picture(part: Record, path: Path, version: Version) -> None:
    name = part.text("file", most=200, needed=True)
    folder, _slash, last = name.partition("/")
    if folder != PICTURES or not last or "/" in last or "\\" in last or last.startswith("."):
        raise part.wrong(f"file does not lie in {PICTURES}/")
    try:
        content = (path.parent / PICTURES / last).read_bytes()
        clean = uploads.clean(part.text("name", most=100) or last, content)
    except OSError as trouble:
        raise part.wrong(f"{name}: {trouble.strerror}") from trouble
    except uploads.Refused as refused:
        raise part.wrong(f"{name}: {refused.reason}") from refused
    if not clean.kind.startswith("image/"):
        raise part.wrong(f"{name} is no picture")
    Picture.objects.create(
        practice=version.practice,
        since=version,
        description=part.text("description", most=300, needed=True),
        credit=part.text("credit", most=200),
        name=clean.name,
        kind=clean.kind,
        content=clean.content,
    )


def _body(record: Record, key: str) -> Organisation | None:
    slug = record.text(key, most=200)
    found = Organisation.objects.filter(slug=slug).first() if slug else None
    if slug and found is None:
        raise record.wrong(f"{key} is not in the house: {slug}")
    return found


def _instant(day: date | None) -> datetime | None:
    return datetime.combine(day, time(12), tzinfo=UTC) if day is not None else None


def join_in() -> None:
    """Called once, when practices are ready."""
    from koinon.network.actions.dump import others as written_out
    from koinon.network.actions.load import others as loaded

    written_out.append(dump)
    loaded[SIGN] = load
