"""One of each thing that the addresses of registering can name; for tests/grounds.py."""

from datetime import timedelta

from django.utils import timezone

from koinon.agenda.actions import attendance
from koinon.agenda.models import Registration, Reminder, Session
from koinon.agenda.registration_codes import code_of
from koinon.agenda.testing import make_registration, make_session
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    session = make_session(organiser=world.tenants["own"], starts=timezone.now() + timedelta(days=5))
    mine, offered = make_registration(session, need="Captions"), make_registration(session)
    Registration.objects.filter(pk=offered.pk).update(
        state=Registration.State.OFFERED, offer_until=timezone.now() + timedelta(hours=5)
    )
    past = make_session(organiser=world.tenants["own"], starts=timezone.now())
    there = make_registration(past)
    attendance.attend(there)
    Session.objects.filter(pk=past.pk).update(state=Session.State.ENDED)
    certified = attendance.certify(there, name="Ana")
    live = make_session(organiser=world.tenants["own"], starts=timezone.now())
    here = make_registration(live)
    RIGHT["sessions/<str:code>/register/list/needs/"] = {"registration": str(mine.pk), "state": "met"}
    RIGHT["sessions/<str:code>/register/list/reminders/"] = {
        "reminder": str(Reminder.objects.filter(session=session)[0].pk),
        "minutes_before": "60",
    }
    RIGHT["sessions/<str:code>/register/"] = {"email": "ana@example.org", "nonce": "12345678"}
    return {
        "sessions/<str:code>/register/": {"code": session.code},
        "sessions/places/": {"receipt": code_of(mine)},
        "sessions/places/<str:receipt>/accept/": {"receipt": code_of(offered)},
        "sessions/places/<str:receipt>/here/": {"receipt": code_of(here)},
        "sessions/places/<str:receipt>/certificate/": {"receipt": code_of(certified)},
        "sessions/certificates/": {"number": certified.certificate or ""},
        "sessions/{code}/registrations": {"code": session.code},
        "sessions/<code>/registrations": {"code": session.code},
    }
