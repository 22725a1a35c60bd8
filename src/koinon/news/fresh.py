"""What of the news is new for those who follow: items published and corrected."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koinon.base.languages import without_language
from koinon.journal import fresh
from koinon.news.models import Item

_ORDER = ("news", "calls", "answers", "sessions", "courses", "practices", "reports")


def join_in() -> None:
    """Called once, when news are ready."""
    verbs = {"news.published": gettext_lazy("News"), "news.corrected": gettext_lazy("Corrected")}
    fresh.sources.append(fresh.Source("news", gettext_lazy("News"), "news.item", verbs, load))
    # All who know something new have said so by now: what has a date comes first, the directory last.
    fresh.sources.sort(key=lambda source: _ORDER.index(source.name) if source.name in _ORDER else len(_ORDER))


def load(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Published items that still hold; three queries."""
    day = timezone.localdate()
    rows = Item.objects.public().filter(pk__in=[int(key) for key in keys]).select_related("organisation")
    for row in rows.prefetch_related("places", "texts"):
        if row.has_expired(day):
            continue
        reading = row.read()
        yield fresh.Fresh(
            key=str(row.pk),
            title=reading.title,
            address=without_language(row.get_absolute_url()),
            language=reading.language,
            about=reading.lead or _("By %(body)s.") % {"body": row.organisation.name},
            places=tuple(place.code for place in row.places.all()),
            topics=tuple(row.topics),
            objectives=tuple(row.objectives),
            organisations=(row.organisation.slug,),
            found=("news", row.slug),
        )
