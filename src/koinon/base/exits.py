"""The exits of every list: the same rows as a page, JSON, CSV, XLSX, Atom and JSON Feed, by `?format=`;
as a calendar too, where there are dates. Feeds answer conditions: who has what holds is told so in a few bytes.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import SuspiciousOperation
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.utils import feedgenerator
from django.utils.cache import get_conditional_response
from django.utils.encoding import force_str
from django.utils.functional import Promise

from koinon.base.languages import of_address

Row = TypeVar("Row")
FORMATS = ("json", "csv", "xlsx", "atom", "feed.json")
FEEDS = {"atom": "application/atom+xml; charset=utf-8", "feed.json": "application/feed+json"}
_BY_DATE = {"HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"}


def exit_name(form: str) -> str:
    """What a form of `?format=` is called on a page: a name of its own, the same in every language."""
    return "JSON Feed" if form == "feed.json" else form.upper()


@dataclass(frozen=True)
class Entry:
    """One entry of a feed. `key` tells one thing from another for ever; without one its address does."""

    title: str
    url: str
    updated: datetime
    text: str = ""
    language: str = ""
    tags: Sequence[str] = ()
    key: str = ""


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
        listed = list(rows)
        if asked in FEEDS:
            return feed_answer(
                request,
                asked,
                title=force_str(self.title),
                home=request.path,
                entries=[
                    Entry(self.entry_title(row), self.entry_url(row), _instant(self.entry_updated(row)))
                    for row in listed
                ],
            )
        return self.file(listed, asked)

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

    def _file(self, content: str | bytes, kind: str, ending: str) -> HttpResponse:
        headers = {"Content-Disposition": f'attachment; filename="koinon-{self.name}.{ending}"'}
        return HttpResponse(content, content_type=kind, headers=headers)


def feed_answer(
    request: HttpRequest, kind: str, *, title: str, home: str, entries: Sequence[Entry]
) -> HttpResponse:
    """Entries as Atom or as JSON Feed (1.1), the newest first; 304 for who has it already, by its ETag.

    A condition that is broken is none: the whole feed is sent, as RFC 9110 wants it. A feed has no date of its own: the newest
    of its entries does not change when another is taken off, so whoever asks by a date alone gets the feed as it is now.
    """
    newest_first = sorted(entries, key=lambda entry: entry.updated, reverse=True)
    make = _atom if kind == "atom" else _json_feed
    body = make(request, title, home, newest_first)
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    whole = HttpResponse(body, content_type=FEEDS[kind])
    asked = copy(request)
    asked.META = {name: value for name, value in request.META.items() if name not in _BY_DATE}
    answer = get_conditional_response(asked, etag, None, whole) or whole
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _atom(request: HttpRequest, title: str, home: str, entries: Sequence[Entry]) -> bytes:
    here = request.build_absolute_uri()
    feed = feedgenerator.Atom1Feed(
        title=title, link=request.build_absolute_uri(home), description="", feed_url=here, feed_guid=here
    )
    for entry in entries:
        url = request.build_absolute_uri(entry.url)
        feed.add_item(
            title=entry.title,
            link=url,
            description=entry.text,
            unique_id=request.build_absolute_uri(entry.key) if entry.key else url,
            updateddate=entry.updated,
            categories=list(entry.tags),
        )
    if not entries:
        # Nothing is there: a feed says when that was so, but not each second anew.
        feed.latest_post_date = lambda: datetime(1970, 1, 1, tzinfo=UTC)  # type: ignore[method-assign]
    return feed.writeString("utf-8").encode()


def _json_feed(request: HttpRequest, title: str, home: str, entries: Sequence[Entry]) -> bytes:
    items = []
    for entry in entries:
        url = request.build_absolute_uri(entry.url)
        item: dict[str, Any] = {
            "id": request.build_absolute_uri(entry.key) if entry.key else url,
            "url": url,
            "title": entry.title,
            "content_text": entry.text or entry.title,
            "date_modified": entry.updated.isoformat(),
        }
        if entry.language:
            item["language"] = entry.language
        if entry.tags:
            item["tags"] = list(entry.tags)
        items.append(item)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": request.build_absolute_uri(home),
        "feed_url": request.build_absolute_uri(),
        "language": of_address(request.path),
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False).encode()


_BLANKS = ("\t", "\r", "\n")
# The broad ones too: where such letters are typed, spreadsheets read them as the narrow ones.
_RUNS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def harmless(value: Any) -> Any:
    """A cell that a spreadsheet would run as a formula, made text by a leading apostrophe.

    One that stands so already gets one more, so that who reads it back takes off one and has what was there.
    """
    if not isinstance(value, str):
        return value
    begins = value.lstrip("'")
    return "'" + value if begins[:1] in _BLANKS or begins.lstrip().startswith(_RUNS) else value


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
