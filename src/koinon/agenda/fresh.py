"""What of the agenda is new for those who follow: sessions announced, moved, cancelled, and what they left."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koinon.agenda import ics
from koinon.agenda.models import Session
from koinon.base.languages import without_language
from koinon.journal import fresh
from koinon.network.actions.roles import site


def join_in() -> None:
    """Called once, when the agenda is ready."""
    verbs = {
        "session.cancelled": gettext_lazy("Cancelled"),
        "session.published": gettext_lazy("New session"),
        "session.moved": gettext_lazy("Another time"),
        "session.material_published": gettext_lazy("New material"),
    }
    fresh.sources.append(
        fresh.Source("sessions", gettext_lazy("Coming up"), "agenda.session", verbs, load, coming)
    )


def coming() -> Iterable[fresh.Fresh]:
    """Every session to come that is announced to everybody."""
    rows = Session.objects.public().to_come(timezone.now())
    return load([str(pk) for pk in rows.values_list("pk", flat=True)])


def load(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Sessions that are announced to everybody, with the event that their own calendars have; two queries."""
    here, now = site(), timezone.now()
    rows = Session.objects.public().filter(pk__in=[int(key) for key in keys]).select_related("organiser")
    for row in rows.prefetch_related("places"):
        when = _("%(day)s, %(begin)s, %(zone)s") % {
            "day": date_format(row.day, "DATE_FORMAT"),
            "begin": f"{row.begins:%H:%M}",
            "zone": row.zone.replace("_", " "),
        }
        yield fresh.Fresh(
            key=str(row.pk),
            title=row.title,
            address=without_language(row.get_absolute_url()),
            language=row.language,
            about=f"{when}. {row.organiser_name}".rstrip(". ") + ".",
            on=row.starts_at,
            until=row.ends_at,
            places=tuple(place.code for place in row.places.all()),
            organisations=(row.organiser.slug,) if row.organiser is not None else (),
            found=("session", row.code),
            cancelled=row.state == Session.State.CANCELLED,
            event=tuple(ics.event_of(row, here, now)),
        )
