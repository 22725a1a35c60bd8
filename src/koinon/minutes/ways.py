"""What a session's page leads on to: the report of the hour, for those who may read it."""

from django.utils.translation import gettext as _

from koinon.agenda.hooks import Way
from koinon.agenda.models import Session
from koinon.base.visitor import HttpRequest
from koinon.minutes.models import Report
from koinon.room.models import Room


def ways(request: HttpRequest, session: Session) -> list[Way]:
    """Nothing while it is a draft, but for the hosts."""
    report = Report.objects.of(session)
    if report is None or not report.is_shown_to(request.visitor):
        return []
    return [Way(_("Report of the hour"), report.get_absolute_url(), strong=True)]


def is_published(room: Room) -> bool:
    """Whether the report of a room is out: what moderators did is no longer undone."""
    return Report.objects.filter(session=room.session_id, state=Report.State.PUBLISHED).exists()
