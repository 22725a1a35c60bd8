"""What a session's page leads on to: the room when there is one to go to; for its hosts the desk as well."""

from django.urls import reverse
from django.utils.translation import gettext as _

from koinon.agenda.hooks import Way
from koinon.agenda.models import Session
from koinon.agenda.permissions import may_host
from koinon.base.visitor import HttpRequest
from koinon.room.models import Room


def ways(request: HttpRequest, session: Session) -> list[Way]:
    """Visitors without an account all get the same: the page is kept as the same bytes for them."""
    found = []
    room = Room.objects.filter(session=session).first()
    if session.state == Session.State.LIVE or (room is not None and room.is_open and not room.rehearsal):
        found.append(Way(_("To the room"), reverse("room:room", args=[session.code]), strong=True))
    elif session.state == Session.State.PLANNED:
        found.append(Way(_("The room, open with the session"), reverse("room:room", args=[session.code])))
    if (
        request.visitor.is_signed_in
        and may_host(request.visitor, session)
        and session.state != Session.State.CANCELLED
    ):
        found.append(Way(_("Moderator desk"), reverse("room:desk", args=[session.code])))
    return found
