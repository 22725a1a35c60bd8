"""The same as a digest, without mail: Atom, JSON Feed and a calendar of what is followed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from koinon.base import calendars as ics
from koinon.base import problems
from koinon.base.exits import Entry, feed_answer
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, in_language
from koinon.base.visitor import HttpRequest
from koinon.journal import fresh
from koinon.journal.fresh import Fresh
from koinon.network.actions.roles import site
from koinon.news import subjects
from koinon.news.gathering import Line
from koinon.news.models.follows import DEFAULT_LEVELS, Level
from koinon.news.recent import recent

MOST = 200
_KINDS = {"atom": "atom", "json": "feed.json"}


@governed("N1")
@require_safe
def feed(request: HttpRequest, ending: str) -> HttpResponse:
    """What is new about `?kind=…&key=…`, as `atom`, `json` (JSON Feed) or `ics`; of a place with `level` as a follower chooses."""
    if ending not in {*_KINDS, "ics"}:
        raise Http404
    kind, key = request.GET.get("kind", "")[:20], request.GET.get("key", "")[: subjects.LONGEST]
    named = subjects.find(kind, key)
    if named is None or kind == subjects.LETTER:
        raise Http404
    levels = request.GET.getlist("level")[:10] or DEFAULT_LEVELS
    if not set(levels) <= set(Level.values):
        return problems.answer(request, 400)
    title = _("New about %(thing)s") % {"thing": named.label}
    if ending == "ics":
        return _calendar(named, title, levels)
    lines = recent().lines(named.kind, named.key, levels=levels)[:MOST]
    language = get_language() or DEFAULT
    home = in_language(named.address, language)
    return feed_answer(
        request, _KINDS[ending], title=title, home=home, entries=[entry(line, language) for line in lines]
    )


def entry(line: Line, language: str) -> Entry:
    """A new thing as an entry: what happened to it stands in its text, and a second happening is a second entry."""
    address = in_language(line.item.address, language)
    return Entry(
        title=line.item.title,
        url=address,
        updated=line.when,
        text=" ".join(part for part in (f"{line.what}.", line.item.about, line.why) if part),
        language=line.item.language,
        tags=(str(line.source.heading),),
        key=f"{address}#{line.number}",
    )


def _calendar(named: subjects.Named, title: str, levels: list[str]) -> HttpResponse:
    """Sessions and deadlines to come, and what of them was cancelled. A thing keeps its UID, so that calendars move it."""
    site_now, now = site(), timezone.now()
    number = fresh.newest() % 2_000_000_000
    written = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Koinon//What is new//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{ics.escaped(title)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    ]
    fits = subjects.question(named.kind, named.key, levels)
    items = list(coming())
    there = subjects.where(items)
    for item in items:
        if item.on is not None and (why := fits(item, there)):
            written += item.event or _event(item, item.on, why, site_now, now, number)
    written.append("END:VCALENDAR")
    text = "".join(f"{ics.folded(one)}\r\n" for one in written)
    return ics.response(text, f"koinon-{named.kind}")


def coming() -> Iterable[Fresh]:
    """What lies ahead, and what was cancelled lately, so that calendars learn it; a thing once for each date that it has."""
    seen = set()
    for source in fresh.sources:
        for item in source.coming() if source.coming is not None else ():
            seen.add((source.name, item.key))
            yield item
    for thing, item in recent().items.items():
        if item.cancelled and thing not in seen:
            yield item


def _event(
    item: Fresh, on: date | datetime, why: str, site_now: str, now: datetime, number: int
) -> list[str]:
    address = site_now + in_language(item.address, get_language() or DEFAULT)
    if isinstance(on, datetime):
        # Without an end it is a moment.
        when = [
            f"DTSTART:{ics.utc(on)}",
            *([f"DTEND:{ics.utc(item.until)}"] if item.until is not None else []),
        ]
    else:
        when = [
            f"DTSTART;VALUE=DATE:{on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{on + timedelta(days=1):%Y%m%d}",
            "TRANSP:TRANSPARENT",
        ]
    kind, key = item.found or ("new", item.key)
    return [
        "BEGIN:VEVENT",
        f"UID:{ics.escaped(key)}@koinon.{kind}",
        f"DTSTAMP:{ics.utc(now)}",
        *when,
        f"SEQUENCE:{number}",
        f"SUMMARY:{ics.escaped(item.title)}",
        f"DESCRIPTION:{ics.escaped(' '.join(part for part in (item.about, why, address) if part))}",
        f"URL:{address}",
        f"STATUS:{'CANCELLED' if item.cancelled else 'CONFIRMED'}",
        "END:VEVENT",
    ]
