"""One of each thing that the addresses of the programme and of hosts can name; for tests/grounds.py."""

from datetime import timedelta

from django.utils import timezone

from koinon.agenda.actions import feeds, speaking
from koinon.agenda.models import Material
from koinon.agenda.testing import make_session
from koinon.network.visitor import visitor_for
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    manager = visitor_for(world.people["CMG"])
    own = world.tenants["own"]
    session = make_session(organiser=own, starts=timezone.now() + timedelta(days=9))
    draft = make_session(organiser=own, published=False)
    speaker = speaking.add(session, by=manager, name="Ana", role="speaker", email="ana@example.org")
    slides = Material.objects.create(session=session, kind="slides", title="S", url="https://example.org/s")
    part = session.segments.all()[1]
    _fill(own.pk)
    return {
        "sessions/mine/<str:secret>.ics": {"secret": feeds.address_of(world.people["PART"])},
        "sessions/speakers/": {"secret": speaking.secret_of(speaker)},
        "sessions/<str:code>.ics": {"code": session.code},
        "sessions/<str:code>/": {"code": session.code},
        "sessions/<str:code>/edit/parts/<int:pk>/": {"pk": part.pk},
        "sessions/<str:code>/edit/speakers/<int:pk>/": {"pk": speaker.pk},
        "sessions/<str:code>/edit/material/<int:pk>/": {"pk": slides.pk},
        "sessions/<str:code>/publish/": {"code": draft.code},
        "sessions/<str:code>/delete/": {"code": draft.code},
        "v1/sessions/": {"code": session.code},
    }


def _fill(organiser: int) -> None:
    when = {"day": "2027-03-02", "begins": "10:00", "minutes": "60", "zone": "Europe/Athens", "fold": ""}
    words = {
        "title": "Changed",
        "language": "en",
        "format": "clinic",
        "theme": "",
        "outline": "What comes.",
        "notes": "ESF+: A fund.",
        "places": "Malta",
        "spoken": "en",
        "interpreted": "it",
        "captioned": "en",
        "asked_in": "en",
        "series": "Clinic",
        "follows": "",
        "audience": "public",
        "venue": "",
        "video": "",
        "capacity": "",
        "here_capacity": "",
        "takes_registrations": "on",
        "votes_need_account": "",
        "holds_questions": "on",
    }
    link = {"kind": "slides", "title": "Slides", "url": "https://example.org/s", "language": "en"}
    RIGHT.update(
        {
            "sessions/new/": words | when | {"organiser": str(organiser)},
            "sessions/<str:code>/edit/": words | when,
            "sessions/<str:code>/edit/parts/": {
                "kind": "qa",
                "title": "More",
                "minutes": "",
                "who": "",
                "text": "",
            },
            "sessions/<str:code>/edit/speakers/": {
                "role": "speaker",
                "email": "bo@example.org",
                "slides_due": "2027-03-02",
                "body": "",
                "invite": "yes",
            },
            "sessions/<str:code>/edit/invited/": {"emails": "cy@example.org", "take_back": ""},
            "sessions/<str:code>/edit/material/": link,
            "sessions/<str:code>/edit/material/<int:pk>/": link,
            "sessions/<str:code>/move/": when | {"words": "We move."},
            "sessions/<str:code>/cancel/": {"because": "It rains."},
            "sessions/speakers/<str:secret>/": {
                "do": "save",
                "body": "Here",
                "bio": "She does it.",
                "slides": "https://example.org/s",
            },
        }
    )
