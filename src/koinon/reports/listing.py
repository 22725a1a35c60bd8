"""The lists that leave the house as files: figures, unmet demand, the log, one report, all reports that were handed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from koinon.base.exits import Column, Listing
from koinon.reports.content import Account, Entry, Shown, no_title, whole_address
from koinon.reports.demand import Row
from koinon.reports.figures import Figure
from koinon.reports.models import Activity, PeriodReport

FIGURES: Listing[Figure] = Listing(
    name="figures",
    title=_("Figures of the network"),
    columns=(
        Column("key", lambda row: row.key),
        Column("label", lambda row: row.label),
        Column("value", lambda row: row.value),
        Column("unknown", lambda row: row.unknown),
        Column("note", lambda row: row.note),
        Column("definition", lambda row: row.definition),
        Column("source", lambda row: row.source),
        Column("source_url", lambda row: row.source_url),
        Column("cut_off", lambda row: row.cut_off),
    ),
    entry_title=lambda row: f"{row.label}: {'?' if row.value is None else row.value}",
    # Several figures have one source: what stands behind # tells one entry of a feed from another.
    entry_url=lambda row: f"{row.source_url}#{row.key}",
    entry_updated=lambda row: row.cut_off,
)

DEMAND: Listing[Row] = Listing(
    name="unmet",
    title=_("What was looked for and is not there"),
    columns=(
        Column("quarter", lambda row: row.quarter_words),
        Column("shelf", lambda row: row.shelf),
        Column("words", lambda row: row.shelf_words),
        Column("country", lambda row: row.country),
        Column("place", lambda row: row.place),
        Column("times", lambda row: row.times),
    ),
    entry_title=lambda row: f"{row.quarter_words} {row.shelf} {row.place}: {row.times}",
    entry_url=lambda row: (
        f"{reverse('reports:unmet')}#{row.quarter_words}.{row.shelf}.{row.country}.{row.place}"
    ),
    entry_updated=lambda row: row.quarter,
)

LOG: Listing[Activity] = Listing(
    name="activities",
    title=_("Log of activities"),
    columns=(
        Column("key", lambda row: row.pk),
        Column("body", lambda row: row.organisation.name),
        Column("kind", lambda row: row.kind),
        Column("title", lambda row: row.title or no_title(row.kind)),
        Column("language", lambda row: row.language),
        Column("first_day", lambda row: row.first_day),
        Column("last_day", lambda row: row.last_day),
        Column("places", lambda row: row.places),
        Column("countries", lambda row: row.countries),
        Column("participants", lambda row: row.participants),
        Column("at_least", lambda row: row.at_least),
        Column("partners", lambda row: row.partners),
        Column("note", lambda row: row.note),
        Column("where_from", lambda row: whole_address(row.link)),
        Column("source", lambda row: row.origin),
        Column("corrected", lambda row: row.corrected),
        Column("counted", lambda row: row.is_counted),
        Column("withdrawn_because", lambda row: row.withdrawn_because),
    ),
    entry_title=lambda row: row.title or no_title(row.kind),
    entry_url=lambda row: row.get_absolute_url(),
    entry_updated=lambda row: row.changed_at,
)

ACTIVITIES: Listing[Entry] = Listing(
    name="report",
    title=_("Periodic report"),
    columns=(
        Column("body", lambda row: row.body),
        Column("kind", lambda row: row.kind),
        Column("title", lambda row: row.called),
        Column("language", lambda row: row.language),
        Column("first_day", lambda row: row.first_day),
        Column("last_day", lambda row: row.last_day),
        Column("countries", lambda row: row.countries),
        Column("participants", lambda row: row.participants),
        Column("at_least", lambda row: row.at_least),
        Column("partners", lambda row: row.partners),
        Column("note", lambda row: row.note),
        Column("where_from", lambda row: whole_address(row.link)),
        Column("source", lambda row: row.origin),
        Column("corrected", lambda row: row.corrected),
    ),
    entry_title=lambda row: row.called,
    entry_url=lambda row: row.link,
    entry_updated=lambda row: datetime.combine(row.last_day, time(), UTC),
)


@dataclass(frozen=True)
class Handed:
    """One figure of one report that was handed in."""

    report: PeriodReport
    shown: Shown


HANDED_IN: Listing[Handed] = Listing(
    name="reports",
    title=_("Reports handed in"),
    columns=(
        Column("report", lambda row: row.report.pk),
        Column("body", lambda row: row.report.organisation.name),
        Column("title", lambda row: row.report.title),
        Column("from", lambda row: row.report.first_day),
        Column("to", lambda row: row.report.last_day),
        Column("state", lambda row: row.report.state),
        Column("handed_in", lambda row: row.report.submitted_at),
        Column("key", lambda row: row.shown.key),
        Column("figure", lambda row: str(row.shown.definition.label)),
        Column("value", lambda row: row.shown.value),
        Column("not_all_known", lambda row: row.shown.missing),
    ),
    entry_title=lambda row: row.report.title,
    entry_url=lambda row: row.report.get_absolute_url(),
    entry_updated=lambda row: row.report.changed_at,
)


def handed(reports: list[PeriodReport]) -> Iterator[Handed]:
    """All figures of these reports, one below the other."""
    for report in reports:
        for shown in Account(report).figures:
            yield Handed(report, shown)
