"""The exits of every list: the same rows as a page, JSON, CSV, XLSX and Atom (and as a calendar, where there are dates), by `?format=`."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import SuspiciousOperation
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.utils import feedgenerator
from django.utils.encoding import force_str
from django.utils.functional import Promise

Row = TypeVar("Row")
FORMATS = ("json", "csv", "xlsx", "atom")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column: its name in files, and how a row gives its value (text, number, date, list of texts)."""

    name: str
    value: Callable[[Row], Any]


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """A list that can leave the house: `name` for files, `title` for feeds, and what an Atom entry is made of."""

    name: str
    title: str | Promise
    columns: Sequence[Column[Row]]
    entry_title: Callable[[Row], str]
    entry_url: Callable[[Row], str]
    entry_updated: Callable[[Row], date | datetime]
    # Lists with dates leave as a calendar too: what gives the text of the file.
    calendar: Callable[[list[Row]], str] | None = None

    @property
    def formats(self) -> tuple[str, ...]:
        """The exits of this list."""
        return (*FORMATS, "ics") if self.calendar else FORMATS

    def answer(self, request: HttpRequest, rows: Iterable[Row]) -> HttpResponse | None:
        """The list in the format asked for; None where a page is wanted; 400 where the format is none of ours."""
        asked = request.GET.get("format", "")
        if asked in {"", "html"}:
            return None
        if asked not in self.formats:
            raise SuspiciousOperation(f"format is one of {', '.join(self.formats)}")
        if asked == "ics" and self.calendar:
            return self._file(self.calendar(list(rows)), "text/calendar; charset=utf-8", "ics")
        if asked == "atom":
            return self._atom(request, list(rows))
        return self.file(list(rows), asked)

    def file(self, rows: list[Row], form: str) -> HttpResponse:
        """The list as JSON, CSV or XLSX, where no address asks for it."""
        return {"json": self._json, "csv": self._csv, "xlsx": self._xlsx}[form](rows)

    def _json(self, rows: list[Row]) -> HttpResponse:
        items = [{column.name: column.value(row) for column in self.columns} for row in rows]
        body = json.dumps({"items": items}, cls=DjangoJSONEncoder, ensure_ascii=False)
        return HttpResponse(body, content_type="application/json")

    def _csv(self, rows: list[Row]) -> HttpResponse:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([column.name for column in self.columns])
        for row in rows:
            writer.writerow([harmless(_cell(column.value(row))) for column in self.columns])
        # The mark at the start tells spreadsheet programs that this is UTF-8.
        return self._file("\ufeff" + out.getvalue(), "text/csv; charset=utf-8", "csv")

    def _xlsx(self, rows: list[Row]) -> HttpResponse:
        import xlsxwriter

        out = io.BytesIO()
        book = xlsxwriter.Workbook(
            out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        sheet = book.add_worksheet(self.name[:31])
        bold = book.add_format({"bold": True})
        for across, column in enumerate(self.columns):
            sheet.write_string(0, across, column.name, bold)
        for down, row in enumerate(rows, start=1):
            for across, column in enumerate(self.columns):
                value = _cell(column.value(row))
                if isinstance(value, int | float) and not isinstance(value, bool):
                    sheet.write_number(down, across, value)
                else:
                    sheet.write_string(down, across, force_str(harmless(value)))
        sheet.freeze_panes(1, 0)
        book.close()
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return self._file(out.getvalue(), kind, "xlsx")

    def _atom(self, request: HttpRequest, rows: list[Row]) -> HttpResponse:
        here = request.build_absolute_uri()
        feed = feedgenerator.Atom1Feed(
            title=force_str(self.title),
            link=request.build_absolute_uri(request.path),
            description="",
            feed_url=here,
            feed_guid=here,
        )
        newest_first = sorted(rows, key=lambda row: _instant(self.entry_updated(row)), reverse=True)
        for row in newest_first:
            url = request.build_absolute_uri(self.entry_url(row))
            feed.add_item(
                title=self.entry_title(row),
                link=url,
                description="",
                unique_id=url,
                updateddate=_instant(self.entry_updated(row)),
            )
        return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")

    def _file(self, content: str | bytes, kind: str, ending: str) -> HttpResponse:
        headers = {"Content-Disposition": f'attachment; filename="koinon-{self.name}.{ending}"'}
        return HttpResponse(content, content_type=kind, headers=headers)


def harmless(value: Any) -> Any:
    """A cell that a spreadsheet would run as a formula, made text by a leading apostrophe.

    One that stands so already gets one more, so that who reads it back takes off one and has what was there.
    """
    if isinstance(value, str) and value.lstrip("'").lstrip().startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, list | tuple | set | frozenset):
        return "; ".join(force_str(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | float) else force_str(value)


def _instant(when: date | datetime) -> datetime:
    if isinstance(when, datetime):
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    return datetime(when.year, when.month, when.day, tzinfo=UTC)
