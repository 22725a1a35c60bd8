"""Practices with all that is told of them, as a file: CSV, XLSX or JSON; or headed as SIM's form is.

All that is public; all of one's own; all of an organisation as far as one may read it, with drafts.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from koinon.base.exits import Column, Listing
from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor, require
from koinon.network.models import Organisation, Role
from koinon.places.models import Place
from koinon.practices.content import PLAIN
from koinon.practices.exchange.bounds import MOST_ROWS
from koinon.practices.exchange.columns import COLUMNS, ID, NAMES, SIM
from koinon.practices.exchange.permissions import may_export
from koinon.practices.life import State
from koinon.practices.models import Practice, Version
from koinon.practices.models.practices import PracticeSet, held
from koinon.practices.words import Cost, Evidence, EvidenceKind, Kind, Level, Stage, Target

FORMATS = ("csv", "xlsx", "json")
_CHOICES: dict[str, list[Any]] = {
    "language": list(ENDONYMS),
    "kind": Kind.values,
    "stage": Stage.values,
    "level": Level.values,
    "cost": Cost.values,
    "evidence": Evidence.values,
    "evidence_kind": EvidenceKind.values,
}


@dataclass(frozen=True)
class Told:
    """A practice with one of its versions, and what is asked of them more than once."""

    practice: Practice
    version: Version
    places: tuple[Place, ...]

    @property
    def address(self) -> str:
        return self.practice.get_absolute_url()

    @property
    def published_on(self) -> date | None:
        return self.practice.published_at.date() if self.practice.published_at else None


def public() -> list[Told]:
    """All public practices, the newest first; two queries."""
    rows = Practice.objects.public().filter(shown__isnull=False).select_related("shown", "organisation")
    found = []
    for practice in rows.prefetch_related("shown__places").newest_first():
        assert practice.shown is not None
        found.append(_told(practice, practice.shown))
    return found


def of_organisation(organisation: Organisation, by: Visitor) -> list[Told]:
    """All of an organisation's that `by` may read, each in the latest version that `by` may read."""
    require(may_export(by, organisation))
    rows = Practice.objects.seen_by(by).filter(organisation=organisation)
    reads_drafts = bool(held(by, Role.Kind.EDITOR, Role.Kind.MANAGER) & {organisation.pk})
    return _latest(rows, lambda practice: reads_drafts or practice.owner_id == by.person_id)


def of_person(by: Visitor) -> list[Told]:
    """All that somebody wrote, each in its latest version."""
    rows = Practice.objects.seen_by(by).owned_by(by.person_id)
    return _latest(rows, lambda practice: True)


def _latest(rows: PracticeSet, may_read_drafts: Callable[[Practice], bool]) -> list[Told]:
    found = []
    for practice in rows.select_related("organisation").prefetch_related("versions__places").order_by("-pk"):
        versions = [
            one
            for one in sorted(practice.versions.all(), key=lambda one: -one.number)
            if one.state != State.DRAFT or may_read_drafts(practice)
        ]
        if versions:
            found.append(_told(practice, versions[0]))
    return found


def _told(practice: Practice, version: Version) -> Told:
    return Told(practice, version, tuple(sorted(version.places.all(), key=lambda place: place.pk)))


def _value(name: str) -> Callable[[Told], Any]:
    if name == ID:
        return lambda row: row.practice.slug
    if name == "places":
        return lambda row: [place.key for place in row.places]
    if name == "links":
        return lambda row: [f"{label} | {address}" for label, address in row.version.links]
    if name in PLAIN:
        return lambda row: getattr(row.version, name)
    return lambda row: list(getattr(row.version, name))


def _lines(value: Callable[[Told], Any]) -> Callable[[Told], Any]:
    return lambda row: "\n".join(value(row))


_ABOUT: tuple[tuple[str, Callable[[Told], Any]], ...] = (
    ("address", lambda row: row.address),
    ("organisation_here", lambda row: row.practice.organisation.slug if row.practice.organisation else ""),
    ("state", lambda row: row.practice.state),
    ("version", lambda row: row.version.number),
    ("published_on", lambda row: row.published_on),
    ("checked_on", lambda row: row.practice.checked_on),
    ("invented", lambda row: row.practice.is_demo),
)


def _listing(columns: tuple[Column[Told], ...], name: str) -> Listing[Told]:
    return Listing(
        name=name,
        title=_("Practices, all that is told of them"),
        columns=columns,
        entry_title=lambda row: row.version.title,
        entry_url=lambda row: row.address,
        entry_updated=lambda row: row.practice.published_at or row.practice.made_at,
    )


def _columns(*, is_json: bool) -> tuple[Column[Told], ...]:
    own = []
    for name in NAMES:
        value = _value(name)
        # Links hold signs that part other lists: each stands on a line of its own.
        own.append(Column(name, _lines(value) if name == "links" and not is_json else value))
    return (*own, *(Column(name, value) for name, value in _ABOUT))


def full(form: str) -> Listing[Told]:
    """What is told, column by column, as an import takes it again."""
    return _listing(_columns(is_json=form == "json"), "practices-full")


def template(form: str) -> tuple[bytes, str]:
    """The headings alone, to be filled in, and the media type. In XLSX what may be chosen can be chosen, and a second
    sheet says what each column holds."""
    if form == "csv":
        return ("\ufeff" + ",".join(NAMES) + "\r\n").encode(), "text/csv; charset=utf-8"
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet, about = book.add_worksheet("practices"), book.add_worksheet("columns")
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for at, column in enumerate(COLUMNS):
        sheet.write_string(0, at, column.name, bold)
        about.write_string(at, 0, column.name, bold)
        about.write_string(at, 1, str(column.what), wrapped)
        if values := _CHOICES.get(column.name):
            sheet.data_validation(
                1, at, MOST_ROWS, at, {"validate": "list", "source": [str(one) for one in values]}
            )
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(COLUMNS) - 1, 18)
    about.set_column(0, 0, 18)
    about.set_column(1, 1, 80)
    book.close()
    return out.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sim() -> Listing[Told]:
    """The same under the headings of SIM's practice form: several of our columns beneath one of theirs."""
    return _listing(tuple(Column(heading, _beneath(names)) for heading, names in SIM), "practices-sim")


def _beneath(names: tuple[str, ...]) -> Callable[[Told], str]:
    def text(row: Told) -> str:
        if names == ("begun", "ended"):
            begun, ended = row.version.begun, row.version.ended
            return f"{begun or ''}–{ended or ''}" if begun or ended else ""
        return "\n\n".join(part for part in (_said(row, name) for name in names) if part)

    return text


def _said(row: Told, name: str) -> str:
    if name == "address":
        return row.address
    if name == "places":
        return "; ".join(place.display_name() for place in row.places)
    if name == "targets":
        return "; ".join(str(Target(one).label) for one in row.version.targets if one in Target.values)
    if name == "evidence":
        return str(Evidence(row.version.evidence).label)
    if name == "evidence_kind":
        return str(EvidenceKind(row.version.evidence_kind).label) if row.version.evidence_kind else ""
    value = _value(name)(row)
    return "\n".join(value) if isinstance(value, list) else str(value)
