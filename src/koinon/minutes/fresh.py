"""What of the reports is new for those who follow: a session's report, published."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koinon.base.languages import without_language
from koinon.journal import fresh
from koinon.minutes.models import Report


def join_in() -> None:
    """Called once, when minutes are ready."""
    verbs = {"report.published": gettext_lazy("Report published")}
    fresh.sources.append(fresh.Source("reports", gettext_lazy("Reports"), "minutes.report", verbs, load))


def load(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Published reports of sessions that everybody may see; two queries."""
    rows = Report.objects.public().filter(pk__in=[int(key) for key in keys])
    for row in rows.select_related("session", "session__organiser").prefetch_related("session__places"):
        session = row.session
        yield fresh.Fresh(
            key=str(row.pk),
            title=session.title,
            address=without_language(row.get_absolute_url()),
            language=session.language,
            about=_("What was asked, answered and promised."),
            places=tuple(place.code for place in session.places.all()),
            organisations=(session.organiser.slug,) if session.organiser is not None else (),
            found=("session", session.code),
        )
