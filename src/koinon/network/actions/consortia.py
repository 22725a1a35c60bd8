"""Consortia with their calls, coverage and successors; organisations with their memberships."""

from datetime import date
from typing import Any

from django.utils.dateparse import parse_datetime

from koinon.network.actions.keeping import Outcome, keep
from koinon.network.actions.reading import LoadError, Record, records_of
from koinon.network.models import Call, Coverage, Membership, Organisation

# Kinds an organisation of the file may have; the rest are made by other files.
_TYPES = [
    kind
    for kind in Organisation.Kind.values
    if kind not in {"centre", "european_centre", "consortium", "authority"}
]
# Words that stand where a name stands in an address.
_RESERVED = {"confirm", "corrections", "roles"}
_FIGURES = (
    "budget_eur",
    "eu_grant_eur",
    "eu_grant_note",
    "partners_stated",
    "organisations_stated",
    "grant_agreement",
    "project_number",
    "official_title",
    "non_eu",
    "unknown",
    "dates_note",
    "initiative_budget_note",
    "call",
    "role",
)


def by_slug(*kinds: str) -> dict[str, Organisation]:
    """The organisations in the house by slug, all or those of some kinds."""
    rows = Organisation.objects.filter(kind__in=kinds) if kinds else Organisation.objects.all()
    return {row.slug: row for row in rows}


def own_slug(record: Record, file: str, there: dict[str, Organisation]) -> str:
    """The record's id as a slug, refused where another file brought an organisation of that name."""
    slug = record.text("id", most=120, needed=True)
    if slug in _RESERVED:
        raise record.wrong("id is a word that addresses need")
    if not slug.replace("-", "").isalnum() or not slug.isascii() or slug != slug.lower():
        raise record.wrong("id is made of small letters, digits and hyphens")
    old = there.get(slug)
    if old and old.loaded and old.loaded.get("file") != file:
        raise record.wrong("id is taken by a record of another file")
    return slug


def own_words(record: Record) -> dict[str, Any]:
    """What an owner keeps, as `dump` writes it out: its words, when it was confirmed, when it was changed here."""
    edited = record.text("edited_at", most=40)
    when = parse_datetime(edited) if edited else None
    if edited and when is None:
        raise record.wrong("edited_at is no time")
    languages = record.texts("languages", most=3)
    return {
        "city": record.text("city", most=120),
        "contact": record.text("contact", most=254),
        "languages": languages,
        "lead_text": record.text("lead_text", most=2000, lines=True),
        "confirmed_on": record.day("confirmed_on"),
        "edited_at": when,
    }


def load_consortia(name: str, content: dict[str, Any], made: date, outcome: Outcome) -> int:
    """Calls, consortia, whom they cover and whom they follow."""
    calls = [_call(record, made) for record in records_of(name, content, "calls")]
    keep(outcome, Call, ["reference"], calls, among=Call.objects.all())
    there = by_slug()
    records = list(records_of(name, content, "consortia"))
    rows = [_consortium(record, made, there) for record in records]
    stand = keep(
        outcome, Organisation, ["slug"], rows, among=Organisation.objects.consortia(), ignore=["follows"]
    )
    now = {row.slug: row for row in stand}
    follow(outcome, records, by_slug())
    coverage = [
        Coverage(
            consortium=now[record.name],
            country=country,
            sources=now[record.name].sources,
            checked_on=made,
            certain=now[record.name].certain,
            loaded={"file": "consortia.json"},
            **dates_of(now[record.name]),
        )
        for record in records
        for country in record.countries("countries")
    ]
    keep(
        outcome,
        Coverage,
        ["consortium_id", "country"],
        coverage,
        among=Coverage.objects.filter(consortium__in=stand),
        remove=True,
    )
    _inherit(outcome, stand)
    return len(rows) + len(calls)


def follow(outcome: Outcome, records: list[Record], there: dict[str, Organisation]) -> None:
    """Tie each to the one it follows."""
    for record in records:
        before = record.text("follows", most=120)
        if before and before not in there:
            raise record.wrong(f"follows {before!r}, which is not there")
        row = there[record.text("centre", most=120) or record.name]
        target = there[before].pk if before else None
        if row.follows_id != target:
            Organisation.objects.filter(pk=row.pk).update(follows=target)
            outcome.changed += 1


def dates_of(row: Any) -> dict[str, Any]:
    """The dates of one thing, for another that holds as long."""
    return {
        "since": row.since,
        "until": row.until,
        "since_certain": row.since_certain,
        "until_certain": row.until_certain,
        "since_precision": row.since_precision,
        "until_precision": row.until_precision,
    }


def _inherit(outcome: Outcome, consortia: list[Organisation]) -> None:
    """Memberships without dates of their own hold as long as their consortium."""
    now = {row.pk: row for row in consortia}
    for tie in Membership.objects.filter(within__in=consortia, dates_inherited=True):
        dates = dates_of(now[tie.within_id])
        if any(getattr(tie, key) != value for key, value in dates.items()):
            Membership.objects.filter(pk=tie.pk).update(**dates)
            outcome.changed += 1


def _call(record: Record, made: date) -> Call:
    figures = {
        key: record.values[key]
        for key in (
            "eligibility",
            "duration_months",
            "selected",
            "supported",
            "organisations_total",
            "budget_eur",
            "grant_range_eur",
            "cofinancing",
            "expected_projects",
            "portal",
            "option_A_B_reading_certain",
        )
        if key in record.values
    }
    for part in record.records("countries_stated"):
        part.text("n", needed=True)
        part.text("by", needed=True)
    return Call(
        reference=record.name[:60],
        title=record.text("title", needed=True),
        published_on=record.day("published"),
        deadline=record.day("deadline"),
        deadline_note=record.text("deadline_note"),
        deadline_certain=record.yes("deadline_certain"),
        managed_by=record.text("managed_by", most=120),
        countries_stated=record.values.get("countries_stated") or [],
        figures=figures,
        sources=record.texts("sources"),
        certain=record.yes("certain"),
        checked_on=made,
        loaded={"file": "consortia.json", "record": record.values},
    )


def _consortium(record: Record, made: date, there: dict[str, Organisation]) -> Organisation:
    since = record.when("start_exact" if record.values.get("start_exact") else "start")
    until = record.when("end_exact" if record.values.get("end_exact") else "end", end=True)
    if since.day and until.day and until.day < since.day:
        raise record.wrong("it ends before it begins")
    agreed = record.yes("dates_certain") and not record.text("dates_note")
    generation = record.values.get("generation")
    if generation is not None and (not isinstance(generation, int) or not 0 < generation < 100):
        raise record.wrong("generation is no number")
    return Organisation(
        slug=own_slug(record, "consortia.json", there),
        kind=Organisation.Kind.CONSORTIUM,
        name=record.text("name", needed=True),
        acronym=record.text("acronym", most=40),
        website=record.url("website"),
        website_note=record.text("website_kind", most=200),
        lead_name=record.text("lead"),
        lead_certain=record.yes("lead_certain") and bool(record.values.get("lead")),
        generation=generation,
        did=record.texts("did", most=300),
        figures={key: record.values[key] for key in _FIGURES if record.values.get(key)},
        funding=record.text("funding"),
        since=since.day,
        until=until.day,
        since_precision=since.precision,
        until_precision=until.precision,
        since_certain=agreed,
        # A year alone says too little about an end.
        until_certain=agreed and until.precision != "year",
        sources=record.texts("sources"),
        certain=record.yes("certain"),
        note=record.text("note", most=2000, lines=True),
        checked_on=made,
        loaded={"file": "consortia.json", "record": record.values},
        **own_words(record),
    )


def load_organisations(name: str, content: dict[str, Any], made: date, outcome: Outcome) -> int:
    """Organisations, and to which consortia they belong."""
    there = by_slug()
    records = list(records_of(name, content, "organisations"))
    rows = [_organisation(record, made, there) for record in records]
    stand = keep(
        outcome,
        Organisation,
        ["slug"],
        rows,
        among=Organisation.objects.filter(slug__in=[row.slug for row in rows]),
        ignore=["follows"],
    )
    consortia = by_slug(Organisation.Kind.CONSORTIUM)
    ties = []
    for record, row in zip(records, stand, strict=True):
        for order, part in enumerate(record.records("memberships")):
            within = consortia.get(part.text("consortium", needed=True))
            if within is None:
                raise part.wrong(f"consortium {part.values['consortium']!r} is not there")
            ties.append(_membership(part, row, within, order, made, record))
    keep(
        outcome,
        Membership,
        ["member_id", "within_id", "role", "since"],
        ties,
        among=Membership.objects.filter(loaded__file="organisations.json"),
        remove=True,
    )
    return len(rows)


def _organisation(record: Record, made: date, there: dict[str, Organisation]) -> Organisation:
    return Organisation(
        slug=own_slug(record, "organisations.json", there),
        kind=record.choice("type", _TYPES),
        name=record.text("name", needed=True),
        name_local=record.text("name_local"),
        acronym=record.text("acronym", most=40),
        country=record.country(),
        city_certain=record.yes("city_certain"),
        website=record.url("website"),
        website_note=record.text("website_kind", most=200),
        sources=record.texts("sources"),
        certain=record.yes("certain"),
        note=record.text("note", most=2000, lines=True),
        checked_on=made,
        loaded={"file": "organisations.json", "record": record.values},
        **own_words(record),
    )


def _membership(
    part: Record, member: Organisation, within: Organisation, order: int, made: date, of: Record
) -> Membership:
    since, until = part.when("since"), part.when("until", end=True)
    own = since.day is not None or until.day is not None
    dates = (
        {
            "since": since.day,
            "until": until.day,
            "since_certain": part.yes("since_certain"),
            "until_certain": part.yes("until_certain"),
            "since_precision": since.precision,
            "until_precision": until.precision,
        }
        if own
        else dates_of(within)
    )
    role = part.choice("role", Membership.Role.values)
    return Membership(
        member=member,
        within=within,
        role=role,
        order=order,
        dates_inherited=not own,
        sources=of.texts("sources"),
        certain=part.yes("certain"),
        note=of.text("note", most=2000, lines=True) if not part.yes("certain") else "",
        checked_on=made,
        loaded={"file": "organisations.json"},
        **dates,
    )


def centre_or_fail(record: Record, there: dict[str, Organisation], key: str = "centre") -> Organisation:
    """The organisation that a record names, or what is wrong with the record."""
    slug = record.text(key, most=120, needed=True)
    if slug not in there:
        raise LoadError(record.file, record.name, f"{key} {slug!r} is not there")
    return there[slug]
