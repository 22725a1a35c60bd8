"""What the moderators' addresses and those of a report can name; for tests/grounds.py."""

from django.utils import timezone

from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.minutes import actions
from koinon.minutes.models import Pledge, Remark, Report
from koinon.room.models import Poll, Room
from koinon.room.testing import make_contribution, make_room
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    own = world.tenants["own"]
    room = make_room(make_session(organiser=own, starts=timezone.now(), state=Session.State.LIVE))
    waiting = make_contribution(room, state="new")
    poll = Poll.objects.create(room=room, text="Who?", options=["A", "B"])
    code = room.session.code
    report = _report(world)
    shared = report.lines.get(contribution__kind="experience")
    promise = Pledge.objects.create(report=report, text="A list", owner_text="We", due=timezone.localdate())
    remark = Remark.objects.create(report=report, text="Ruse.", nonce="a" * 8, at=timezone.now())
    room.refresh_from_db()
    RIGHT.update(
        {
            "sessions/<str:code>/moderate/<int:number>/<slug:deed>/": {"version": str(waiting.version)},
            "sessions/<str:code>/moderate/run/<slug:deed>/": {"version": str(room.version)},
            "sessions/<str:code>/moderate/poll/<int:number>/<slug:deed>/": {"version": str(room.version)},
            "sessions/<str:code>/report/edit/": {
                "version": str(report.version),
                "language": "en",
                "lead": "So it was.",
            },
            "sessions/<str:code>/report/remarks/": {"text": "It was Ruse.", "nonce": "12345678"},
            "sessions/<str:code>/report/remarks/<int:pk>/": {"decision": "taken", "reply": "Yes."},
            "sessions/<str:code>/report/promises/": {
                "text": "A list of desks",
                "owner": "",
                "owner_text": "We",
                "due": "2026-12-24",
            },
            "sessions/<str:code>/report/promises/<int:pk>/": {"state": "kept", "became": "It is there."},
        }
    )
    return {
        "/moderate/": {"code": code, "number": waiting.pk, "deed": "release"},
        "/moderate/run/": {"code": code, "deed": "stop"},
        "/moderate/poll/": {"code": code, "number": poll.pk, "deed": "open"},
        "/questions/<number>/": {"code": code, "number": waiting.pk},
        "/wall/": {"code": code},
        "/speaker/": {"code": code},
        "/report/": {"code": report.session.code},
        "/report/remarks/<int:pk>/": {"code": report.session.code, "pk": remark.pk},
        "/report/promises/<int:pk>/": {"code": report.session.code, "pk": promise.pk},
        "/report/practices/<int:pk>/": {"code": report.session.code, "pk": shared.pk},
    }


def _report(world: World) -> Report:
    """A report that is open for corrections."""
    session = make_session(organiser=world.tenants["own"], starts=timezone.now(), state=Session.State.ENDED)
    room = make_room(session, state=Room.State.CLOSED, closed_at=timezone.now())
    make_contribution(room, may_quote=True)
    make_contribution(room, "A letter was enough.", kind="experience", may_quote=True)
    report = actions.draft(room)
    if report is None:
        raise AssertionError("a room that is closed has a report")
    report.state, report.corrections_until = Report.State.CORRECTING, timezone.localdate()
    report.save()
    return report
