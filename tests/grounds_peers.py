"""One of each thing that the addresses of peers can name; for tests/grounds.py."""

from datetime import timedelta

from django.utils import timezone

from koinon.network.testing import make_organisation
from koinon.peers.forms import topic_words
from koinon.peers.models import Exchange, Match, Message
from koinon.peers.testing import (
    make_entry,
    make_exchange,
    make_introduction,
    make_profile,
    make_public_exchange,
)
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    manager = world.people["CMG"]
    body, far = world.tenants["own"], make_organisation("Peers far away", country="BE")
    offer, need = make_entry(organisation=body), make_entry("need", organisation=far)
    said = make_entry("need", person=manager)
    profile = make_profile(manager, organisation=body)

    def met() -> Match:
        return make_introduction(make_entry(organisation=body), make_entry("need", organisation=far))

    def held(**more: object) -> Exchange:
        return make_exchange(met(), **more)

    match = met()
    message = Message.objects.create(match=match, side="second", text="Good morning.", language="en")
    public = make_public_exchange(met())
    running, half = held(), held(first_agreed=None)
    told = held(result_at=timezone.now(), outcome="helped", public_text="One door opens.", first_consent=None)
    _fill(running, half, told, profile.edits)
    return {
        "peers/": {"kind": "offer", "code": offer.code, "own": offer.code, "there": need.code},
        "peers/introductions/": {"code": match.code},
        "peers/messages/": {"pk": message.pk},
        "peers/exchanges/": {"code": public.code},
        "peers/exchanges/<str:code>/change/": {"code": running.code},
        "peers/exchanges/<str:code>/call-off/": {"code": running.code},
        "peers/exchanges/<str:code>/result/": {"code": running.code},
        "peers/exchanges/<str:code>/agree/": {"code": half.code},
        "peers/exchanges/<str:code>/consent/": {"code": told.code},
        "peers/people/": {"code": profile.code},
        "peers/people/said/": {"code": said.code},
    }


def _fill(running: Exchange, half: Exchange, told: Exchange, profile_edits: int) -> None:
    topics = topic_words(["homelessness"])
    entry = {
        "title": "Two days with our team",
        "topics": topics,
        "formats": "visit",
        "place": "",
        "until": "",
        "edits": "1",
        "body": "",
    }
    today = timezone.localdate()
    terms = {
        "title": "Two days",
        "format": "visit",
        "begins_on": str(today + timedelta(days=5)),
        "ends_on": str(today + timedelta(days=6)),
        "where": "Gent",
        "terms": "",
        "edits": str(running.edits),
    }
    RIGHT.update(
        {
            "peers/new/<str:kind>/": entry,
            "peers/entries/<str:code>/edit/": entry,
            "peers/matches/<str:own>/<str:there>/answer/": {"say": "yes"},
            "peers/introductions/<str:code>/exchange/": terms,
            "peers/exchanges/<str:code>/change/": terms,
            "peers/exchanges/<str:code>/agree/": {"edits": str(half.edits)},
            "peers/exchanges/<str:code>/consent/": {"edits": str(told.edits)},
            "peers/exchanges/<str:code>/result/": {
                "outcome": "helped",
                "result": "",
                "public_text": "",
                "consents": "",
                "edits": str(running.edits),
            },
            "peers/people/mine/": {
                "listed": "on",
                "organisation": "",
                "topics": topics,
                "about": "Ten years.",
                "formats": "visit",
                "availability": "some",
                "availability_text": "",
                "edits": str(profile_edits),
            },
        }
    )
