"""What of open spaces is new for those who follow a place, a topic or a body: a space, a thread, a date."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koinon.base.languages import without_language
from koinon.journal import fresh
from koinon.spaces.actions.known import FOUND
from koinon.spaces.models import Date, Post, Space, Thread


def join_in() -> None:
    """Called once, when spaces are ready."""
    fresh.sources += [
        fresh.Source(
            "spaces",
            gettext_lazy("Spaces"),
            "spaces.space",
            {"spaces.opened": gettext_lazy("New space")},
            load_spaces,
        ),
        fresh.Source(
            "talk",
            gettext_lazy("Talk in spaces"),
            "spaces.thread",
            {"spaces.thread_begun": gettext_lazy("New thread")},
            load_threads,
        ),
        fresh.Source(
            "dates",
            gettext_lazy("Dates of spaces"),
            "spaces.date",
            {"spaces.date_set": gettext_lazy("New date"), "spaces.date_changed": gettext_lazy("Changed")},
            load_dates,
            coming,
        ),
    ]


def _numbers(keys: Sequence[str]) -> list[int]:
    return [int(key) for key in keys if key.isdecimal()]


def _fresh(space: Space, key: str, title: str, address: str, language: str, **more: object) -> fresh.Fresh:
    country = space.place.code if space.place is not None else space.organisation.country
    told = {
        "key": key,
        "title": title,
        "address": without_language(address),
        "language": language,
        "places": (country,) if country else (),
        "topics": tuple(space.topics),
        "organisations": (space.organisation.slug,),
    }
    return fresh.Fresh(**(told | more))  # type: ignore[arg-type]


def load_spaces(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Open spaces; one query."""
    for row in Space.objects.public().running().filter(pk__in=_numbers(keys)).with_owner():
        about = _("A space of %(body)s.") % {"body": row.organisation.name}
        yield _fresh(
            row,
            str(row.pk),
            row.name,
            row.get_absolute_url(),
            row.language,
            about=about,
            found=(FOUND, row.code),
        )


def load_threads(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Threads of open spaces in which something stands, and whose title does; two queries."""
    rows = Thread.objects.filter(
        pk__in=_numbers(keys),
        title_removed_at__isnull=True,
        space__in=Space.objects.public().values("pk"),
        posts__in=Post.objects.standing().values("pk"),
    )
    for row in rows.select_related("space__organisation", "space__place").distinct():
        about = _("In the space “%(space)s”.") % {"space": row.space.name}
        yield _fresh(row.space, str(row.pk), row.title, row.get_absolute_url(), row.language, about=about)


def load_dates(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Dates of open spaces. A session of the programme is told by the programme."""
    return _dates(pk__in=_numbers(keys))


def _dates(**which: object) -> Iterable[fresh.Fresh]:
    rows = Date.objects.filter(session__isnull=True, space__in=Space.objects.public().values("pk"), **which)
    for row in rows.select_related("space__organisation", "space__place"):
        about = _("In the space “%(space)s”.") % {"space": row.space.name}
        yield _fresh(
            row.space,
            str(row.pk),
            row.title,
            row.get_absolute_url(),
            row.language,
            about=about,
            on=row.starts_at,
            until=row.ends_at,
            cancelled=row.cancelled_at is not None,
        )


def coming() -> Iterable[fresh.Fresh]:
    """Dates that lie ahead, for calendars; one query, however many there are."""
    return _dates(ends_at__gte=timezone.now())
