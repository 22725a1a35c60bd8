"""What the programme adds elsewhere: a body's page lists its sessions, the tick ends what is over and reminds of slides, and
session files are loaded and written out with the network's facts."""

from django.utils import timezone

from koinon.agenda.actions import inviting, load, publishing, speaking
from koinon.agenda.models import Session
from koinon.base import governance, ticking
from koinon.base.visitor import HttpRequest
from koinon.network.actions.dump import others as written_out
from koinon.network.actions.load import others as loaded
from koinon.network.models import Organisation
from koinon.network.panels import Panel, panels

_SHOWN = 5


def sessions_of(request: HttpRequest, organisation: Organisation) -> Panel | None:
    """What a body organises: the next ones, else the latest; nothing where it never organised one here."""
    rows = Session.objects.seen_by(request.visitor).filter(organiser=organisation, published=True)
    coming = list(rows.to_come(timezone.now()).soonest_first()[:_SHOWN])
    past = [] if coming else list(rows.latest_first()[:_SHOWN])
    if not coming and not past:
        return None
    return Panel(
        "agenda/_panel.html", {"coming": coming, "past": past, "this_year": timezone.localdate().year}
    )


def join_in() -> None:
    """Called once, when the agenda is ready."""
    panels.append(sessions_of)
    governance.mails.update(speaking.MAILS | inviting.MAILS)
    ticking.due.extend([_end_over, _remind_of_slides])
    loaded[load.SIGN] = load.load
    written_out.append(load.dump)


def _end_over() -> None:
    publishing.end_over()


def _remind_of_slides() -> None:
    speaking.remind()
