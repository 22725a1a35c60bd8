"""Programmes with their authorities and areas; Member States; what sources disagree about."""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from koinon import places
from koinon.base.text import fold
from koinon.network.actions.consortia import by_slug
from koinon.network.actions.keeping import Outcome, keep
from koinon.network.actions.reading import Record, records_of
from koinon.network.models import Contradiction, MemberState, Organisation, Programme, ProgrammeArea

_CHANGES = Path(places.__path__[0]) / "data" / "nuts2021_changes.csv"
# What the file says about a programme that is not to be shown yet.
_KEPT_BACK = "keep out of public pages"
# A district of 2021 counts as part of one of 2024 only where a good part of it went there; the rest is border work.
_ENOUGH = 0.15


@cache
def _districts() -> dict[str, list[str]]:
    """The NUTS 3 codes of 2024 that took the area of those of 2021 that are gone."""
    found: dict[str, list[str]] = {}
    with _CHANGES.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            shares = [float(share) for share in line["share_of_old"].split()]
            if line["level"] == "3":
                pairs = zip(line["new_codes"].split(), shares, strict=True)
                found[line["old_code"]] = [code for code, share in pairs if share >= _ENOUGH]
            else:
                found.setdefault(line["old_code"], [])
    return found


def in_2024(code: str) -> list[str]:
    """A NUTS code of 2021 in the codes of 2024: itself, or the districts that took its area.

    >>> in_2024("ITH5"), in_2024("PT17")
    (['ITH5'], ['PT1A0', 'PT1B0'])
    """
    gone = _districts()
    if code not in gone:
        return [code]
    if len(code) == 5:
        return sorted(gone[code])
    parts = {new for old, news in gone.items() if len(old) == 5 and old.startswith(code) for new in news}
    return sorted(parts) or [code]


def load_member_states(name: str, content: dict[str, Any], made: date, outcome: Outcome) -> int:
    rows = [
        MemberState(
            code=record.country("eu_code"),
            iso=record.text("iso", most=2, needed=True),
            name=record.text("name", most=60, needed=True),
            name_local=record.text("name_local", most=120, needed=True),
            official_languages=record.texts("official_languages", most=3),
            eu_official_languages=record.texts("eu_official_languages", most=3),
            regional_co_official=record.texts("regional_co_official", most=3),
            note=record.text("note", most=2000),
            certain=record.yes("certain"),
            sources=record.texts("sources"),
            checked_on=made,
            loaded={"file": "member_states.json", "record": record.values},
        )
        for record in records_of(name, content, "member_states", name="eu_code")
    ]
    keep(outcome, MemberState, ["code"], rows, among=MemberState.objects.all())
    return len(rows)


def load_contradictions(name: str, content: dict[str, Any], made: date, outcome: Outcome) -> int:
    rows = []
    for record in records_of(name, content, "contradictions"):
        for part in record.records("statements"):
            part.text("says", needed=True)
            part.text("by", needed=True)
        rows.append(
            Contradiction(
                slug=record.name[:60],
                subject=record.text("subject", most=200, needed=True),
                statements=record.values.get("statements") or [],
                ours=record.text("ours", most=1000),
                certain=record.yes("certain"),
                sources=record.texts("sources"),
                checked_on=made,
                loaded={"file": "contradictions.json", "record": record.values},
            )
        )
    keep(outcome, Contradiction, ["slug"], rows, among=Contradiction.objects.all(), remove=True)
    return len(rows)


def load_programmes(name: str, content: dict[str, Any], made: date, outcome: Outcome) -> int:
    """Programmes, the authorities that run them (one for each name and country), and where they hold."""
    records = list(records_of(name, content, "programmes"))
    authorities = _authorities(records, made, outcome)
    rows = [_programme(record, made, authorities) for record in records]
    cci: dict[str, Record] = {}
    for record, row in zip(records, rows, strict=True):
        if row.cci and row.cci in cci:
            raise record.wrong(f"CCI {row.cci} stands at {cci[row.cci].name} too")
        cci[row.cci] = record
    stand = keep(outcome, Programme, ["code"], rows, among=Programme.objects.all())
    _publish(outcome, records, stand)
    areas = []
    for record, row in zip(records, stand, strict=True):
        seen: set[str] = set()
        for former in record.texts("nuts", most=5):
            for code in in_2024(former):
                if code not in seen:
                    seen.add(code)
                    certain = record.yes("nuts_certain") or not record.text("nuts_note")
                    areas.append(ProgrammeArea(programme=row, nuts=code, former=former, certain=certain))
    keep(
        outcome,
        ProgrammeArea,
        ["programme_id", "nuts"],
        areas,
        among=ProgrammeArea.objects.filter(programme__in=[row.pk for row in stand]),
        remove=True,
    )
    return len(rows)


def _publish(outcome: Outcome, records: list[Record], stand: list[Programme]) -> None:
    """Keep back what the file says to keep back until it is confirmed."""
    for record, row in zip(records, stand, strict=True):
        shown = _KEPT_BACK not in record.text("note", most=2000, lines=True) or bool(row.confirmed_on)
        if row.published != shown:
            Programme.objects.filter(pk=row.pk).update(published=shown)
            if row.authority_id:
                others = Programme.objects.filter(authority=row.authority_id).exclude(pk=row.pk)
                Organisation.objects.filter(pk=row.authority_id).update(published=shown or others.exists())
            outcome.changed += 1


def _authorities(records: list[Record], made: date, outcome: Outcome) -> dict[str, Organisation]:
    """The authorities by the id of each programme they run."""
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        native = record.text("managing_authority")
        if native:
            groups[record.country("ma_country", needed=False) or record.country(), fold(native)].append(
                record
            )
    there = by_slug()
    taken: set[str] = set()
    rows, whose = [], []
    for (country, _), group in groups.items():
        first = group[0]
        native, english = first.text("managing_authority"), first.text("managing_authority_en")
        words = slugify(english or native)
        slug = f"{country.lower()}-authority-{words}"[:110].strip("-") if words else ""
        if not slug or slug in taken or (slug in there and there[slug].loaded.get("file") != first.file):
            slug = f"authority-{first.name}"
        taken.add(slug)
        sources = [record.text("ma_source", most=500) or record.text("source", most=500) for record in group]
        rows.append(
            Organisation(
                slug=slug,
                kind=Organisation.Kind.AUTHORITY,
                country=country,
                name=english or native,
                name_local=native if english else "",
                sources=list(dict.fromkeys(filter(None, sources))),
                certain=any(record.yes("ma_certain", False) for record in group),
                checked_on=first.day("ma_as_of") or made,
                loaded={"file": "programmes.json"},
            )
        )
        whose.append([record.name for record in group])
    stand = keep(
        outcome,
        Organisation,
        ["slug"],
        rows,
        among=Organisation.objects.of_kind("authority"),
        ignore=["follows"],
    )
    return {code: row for row, codes in zip(stand, whose, strict=True) for code in codes}


def _programme(record: Record, made: date, authorities: dict[str, Organisation]) -> Programme:
    known = record.values.get("art14") or {}
    if not isinstance(known, dict):
        raise record.wrong("art14 is not a record")
    art14 = Record(record.file, record.name, known)
    rate = art14.values.get("eu_rate_pct")
    if rate is not None and (
        isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 100
    ):
        raise record.wrong("art14.eu_rate_pct is no share")
    level = record.choice("level", Programme.Level.values)
    nuts = record.texts("nuts", most=5)
    if level == Programme.Level.REGIONAL and not nuts:
        raise record.wrong("a regional programme names no region in nuts")
    return Programme(
        code=record.name[:40],
        country=record.country(),
        name=record.text("name", needed=True),
        title_native=record.text("title_native"),
        title_native_certain=record.yes("title_native_certain", False),
        title_en=record.text("title_en"),
        cci=record.text("cci", most=20),
        cci_certain=record.yes("cci_certain", False),
        level=level,
        region=record.text("region", most=120),
        nuts_certain=record.yes("nuts_certain", False),
        nuts_note=record.text("nuts_note"),
        url=record.url("programme_url"),
        authority=authorities.get(record.name),
        authority_certain=record.yes("ma_certain", False),
        authority_as_of=record.day("ma_as_of"),
        authority_url=record.url("ma_url"),
        funds=record.texts("funds", most=20),
        funds_certain=record.yes("funds_certain", False),
        esf_plus_confirmed=record.yes("esf_plus_confirmed", False),
        art14_status=art14.choice("status", Programme.Article14.values, needed=False)
        or Programme.Article14.UNKNOWN,
        art14_priority=art14.text("priority"),
        art14_rate=Decimal(str(rate)) if rate is not None else None,
        art14_amount=art14.text("amount"),
        art14_source=art14.text("source", most=500),
        art14_note=art14.text("note", most=2000),
        art14_certain=art14.yes("certain", False),
        budget=_budget(record),
        sources=record.texts("sources"),
        certain=record.yes("certain"),
        note=record.text("note", most=2000, lines=True),
        checked_on=made,
        loaded={"file": "programmes.json", "record": record.values},
    )


def _budget(record: Record) -> str:
    for key, unit in (("budget_eur_m", "EUR {} m"), ("budget_eur_bn", "EUR {} bn")):
        value = record.values.get(key)
        if value is not None:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise record.wrong(f"{key} is no number")
            return unit.format(value)
    return ""
