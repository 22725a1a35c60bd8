"""What of courses is new for those who follow: courses published, dates on which one begins."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT, without_language
from koinon.courses.listing import effort_words
from koinon.courses.models import Course
from koinon.courses.models.translations import mark_of
from koinon.courses.words import Pace
from koinon.journal import fresh


def join_in() -> None:
    """Called once, when courses are ready."""
    verbs = {
        "course.published": gettext_lazy("New course"),
        "course.dates_added": gettext_lazy("New dates"),
        "course.opened": gettext_lazy("Takes learners again"),
    }
    fresh.sources.append(fresh.Source("courses", gettext_lazy("Courses"), "courses.course", verbs, load))


def load(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Published courses, in the language that is spoken where they are told in it; four queries."""
    language, today = get_language() or DEFAULT, timezone.localdate()
    rows = Course.objects.public().filter(pk__in=[int(key) for key in keys]).select_related("organiser")
    for row in rows.prefetch_related("places", "cohorts", "translations"):
        told = next(
            (
                one
                for one in row.translations.all()
                if one.module_id is None
                and one.language == language
                and one.state_for(mark_of(row.texts, row.language)) != "outdated"
            ),
            None,
        )
        title = str(told.texts.get("title") or "") if told is not None else ""
        dates = sorted(one.starts_on for one in row.cohorts.all()) if row.pace == Pace.DATES else []
        ahead = [day for day in dates if day >= today]
        words = {"effort": effort_words(row.minutes), "organiser": row.organiser.name}
        yield fresh.Fresh(
            key=str(row.pk),
            title=title or row.title,
            address=without_language(row.get_absolute_url()),
            language=language if title else row.language,
            about=_("%(effort)s. %(organiser)s.") % words,
            # The next ones; where all have begun, the latest.
            on=next(iter(ahead or dates[-1:]), None),
            places=tuple(place.code for place in row.places.all()),
            topics=tuple(row.topics),
            organisations=(row.organiser.slug,),
            found=("course", row.slug),
        )
