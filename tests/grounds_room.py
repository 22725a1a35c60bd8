"""One of each thing that the addresses of a room's audience can name; for tests/grounds.py."""

from django.utils import timezone

from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.live import tickets
from koinon.questions.actions.receipts import code_from
from koinon.room.models import Poll
from koinon.room.testing import make_contribution, make_room
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    session = make_session(organiser=world.tenants["own"], starts=timezone.now(), state=Session.State.LIVE)
    room = make_room(session)
    code = session.code
    shown, waiting = make_contribution(room), make_contribution(room, state="new")
    poll = Poll.objects.create(room=room, text="Who?", options=["A", "B"], state=Poll.State.OPEN)
    held: dict[str, object] = {"code": code, "receipt": code_from(waiting.seed)}
    RIGHT.update(
        {
            "sessions/<str:code>/room/say/": {
                "text": "Who pays?",
                "kind": "question",
                "place": "",
                "lang": "",
            },
            "sessions/<str:code>/room/polls/<int:pk>/": {"choice": "0", "words": ""},
            "sessions/<str:code>/room/vote/<int:pk>/": {"voted": "1", "order": "wanted"},
            "sessions/<str:code>/room/voice/": {"ticket": tickets.issue(room.channel, voice="a-voice")},
            "sessions/<str:code>/room/said/<str:receipt>/carry/": {"place": "BE", "picked": "", "chosen": ""},
            "sessions/<str:code>/room/said/<str:receipt>/reword/": {"text": "Who pays for it?"},
            "sessions/<str:code>/room/said/<str:receipt>/withdraw/": {"sure": "on"},
        }
    )
    return {
        "<str:code>/room/": {"code": code},
        "/room/vote/": {"code": code, "pk": shown.pk},
        "/room/polls/": {"code": code, "pk": poll.pk},
        "/room/said/": held,
        "api/v1/sessions/<code>/": {"code": code, "pk": shown.pk},
        "/polls/<pk>/ballot": {"code": code, "pk": poll.pk},
    }
