"""What of the calls is new for those who follow: published, a deadline moved, opened, closed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koinon.base.languages import without_language
from koinon.calls.models import Call
from koinon.journal import fresh
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
    """Public calls with a deadline that lies ahead, for calendars."""
    now = timezone.now()
    for item in load([str(pk) for pk in Call.objects.public().values_list("pk", flat=True)]):
        on = item.on
        if on is not None and (on >= now if isinstance(on, datetime) else on >= now.date()):
            yield item


def load(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Public calls; three queries."""
    now = timezone.now()
    rows = Call.objects.public().filter(pk__in=[key for key in keys if key.isdecimal()])
    for row in rows.select_related("opener").prefetch_related("places", "cutoffs"):
        dates = row.dates
        following = row.next_date(now) or (dates[-1] if dates else None)
        parts = [row.opener_name]
        if following is not None:
            parts.append(_("closes %(day)s") % {"day": in_words(following.day)})
        codes = tuple(place.pk for place in row.places.all())
        on = None
        if following is not None:
            on = following.ends_at if following.at is not None else following.day
        yield fresh.Fresh(
            key=str(row.pk),
            title=row.title,
            address=without_language(row.get_absolute_url()),
            language=row.language,
            about=", ".join(part for part in parts if part),
            on=on,
            # Open to all of Europe, whatever else is named beside it.
            places=() if "EU" in codes else codes,
            topics=tuple(row.topics),
            objectives=tuple(row.objectives),
            organisations=(row.opener.slug,) if row.opener is not None else (),
            found=("call", row.slug),
        )
