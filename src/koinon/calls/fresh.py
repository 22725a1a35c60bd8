"""What of the calls is new for those who follow: published, a deadline moved, opened, other conditions.

A call whose time has gone by is no news; only where a date of it was moved is that told, so that nobody waits for another one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT, without_language
from koinon.calls import ics
from koinon.calls.models import Call, Change, Cutoff
from koinon.calls.models.calls import CallSet
from koinon.calls.words import Deed
from koinon.journal import fresh
from koinon.network.actions.roles import site
from koinon.network.dates import in_words


def join_in() -> None:
    """Called once, when the calls are ready."""
    verbs = {
        "call.moved": gettext_lazy("New deadline"),
        "call.published": gettext_lazy("New call"),
        "call.opened": gettext_lazy("Open now"),
        "call.conditions": gettext_lazy("Other conditions"),
    }
    fresh.sources.append(
        fresh.Source("calls", gettext_lazy("Calls and deadlines"), "calls.call", verbs, load, coming)
    )


def coming() -> Iterable[fresh.Fresh]:
    """Every date that lies ahead of public calls and of those withdrawn lately, for calendars; each is an event of its own."""
    now = timezone.now()
    yield from _ahead(Call.objects.public(), now)
    for item in _ahead(_withdrawn(now), now):
        words = _("This call was taken away")
        yield replace(item, title=words, language=get_language() or DEFAULT, about="", cancelled=True)


def _withdrawn(now: datetime) -> CallSet:
    """What went after a report is not passed on."""
    return Call.objects.withdrawn_lately(now).exclude(withdrawn_because=Call.Reason.NOTICE)


def _ahead(rows: CallSet, now: datetime) -> Iterable[fresh.Fresh]:
    """The calls once for each date to come, with the event that their own calendars have for it."""
    here = site()
    for row, item in _told(rows, now):
        for cutoff, event in ics.events_of(row, here, now):
            if cutoff.ends_at >= now:
                yield replace(item, on=_moment_of(cutoff), event=tuple(event))


def _moment_of(cutoff: Cutoff) -> date | datetime:
    """A deadline with a time of day is a moment, one without is a day."""
    return cutoff.ends_at if cutoff.at is not None else cutoff.day


def load(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Public calls, but for those that are over; three queries."""
    now = timezone.now()
    moved = Exists(Change.objects.filter(call=OuterRef("pk"), deed=Deed.MOVED))
    rows = Call.objects.public().filter(pk__in=[key for key in keys if key.isdecimal()])
    rows = rows.filter(Q(closes_at__isnull=True) | Q(closes_at__gte=now) | moved)
    return (item for _row, item in _told(rows, now))


def _told(rows: CallSet, now: datetime) -> Iterable[tuple[Call, fresh.Fresh]]:
    for row in rows.select_related("opener").prefetch_related("places", "cutoffs"):
        dates = row.dates
        following = row.next_date(now) or (dates[-1] if dates else None)
        parts = [row.opener_name]
        if following is not None:
            parts.append(_("closes %(day)s") % {"day": in_words(following.day)})
        codes = tuple(place.pk for place in row.places.all())
        item = fresh.Fresh(
            key=str(row.pk),
            title=row.title,
            address=without_language(row.get_absolute_url()),
            language=row.language,
            about=", ".join(part for part in parts if part),
            on=_moment_of(following) if following is not None else None,
            # Open to all of Europe, whatever else is named beside it.
            places=() if "EU" in codes else codes,
            topics=tuple(row.topics),
            objectives=tuple(row.objectives),
            organisations=(row.opener.slug,) if row.opener is not None else (),
            found=("call", row.slug),
        )
        yield row, item
