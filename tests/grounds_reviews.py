"""One of each thing that the addresses of peers' reviews can name; for tests/grounds.py."""

from datetime import timedelta

from django.utils import timezone

from koinon.peers.reviews.testing import (
    make_application,
    make_draft,
    make_past_review,
    make_recommendation,
    make_review,
)
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    own, there = world.tenants["own"], world.tenants["foreign"]
    public, draft, past, elsewhere = (
        make_review(own),
        make_draft(own),
        make_past_review(own),
        make_review(there),
    )
    waits, comes = make_application(public), make_application(elsewhere, organisation=own, answer="accepted")
    item = public.agenda.create(nonce="12345678", day=public.first_day, begins="09:00", title="Coffee")
    recommended = make_recommendation(past)
    day = timezone.localdate() + timedelta(days=30)
    review = {
        "host": str(own.pk),
        "title": "Changed",
        "question": "Why?",
        "topics": "homelessness",
        "terms": "Each pays its own.",
        "place": "Malta",
        "first_day": day.isoformat(),
        "last_day": day.isoformat(),
        "wanted": "2",
        "call_until": day.isoformat(),
        "inner": "",
    }
    slot = {
        "day": public.first_day.isoformat(),
        "begins": "09:00",
        "ends": "10:00",
        "title": "Who we are",
        "who": "",
        "edits": "1",
    }
    said = {
        "text": "Call the next day.",
        "owner": "",
        "due": day.isoformat(),
        "progress": "open",
        "why": "",
        "edits": "1",
    }
    base = "peers/reviews/"
    RIGHT.update(
        {
            f"{base}new/<str:kind>/": review,
            f"{base}<str:code>/edit/": review,
            f"{base}<str:code>/agenda/": slot,
            f"{base}<str:code>/agenda/<int:pk>/": slot,
            f"{base}<str:code>/recommendations/": said,
            f"{base}<str:code>/recommendations/<int:pk>/": said,
            f"{base}<str:code>/apply/": {"body": "", "terms_version": "1"},
        }
    )
    return {
        base: {"code": public.code},
        f"{base}new/": {"kind": "visit"},
        f"{base}<str:code>/publish/": {"code": draft.code},
        f"{base}<str:code>/delete/": {"code": draft.code},
        f"{base}<str:code>/apply/": {"code": elsewhere.code},
        f"{base}<str:code>/agenda/<int:pk>/": {"pk": item.pk},
        f"{base}<str:code>/recommendations/": {"code": past.code, "pk": recommended.pk},
        f"{base}<str:code>/follow-up/": {"code": past.code},
        f"{base}<str:code>/applications/<int:pk>/answer/": {"code": public.code, "pk": waits.pk},
        f"{base}<str:code>/applications/<int:pk>/withdraw/": {"code": elsewhere.code, "pk": comes.pk},
        f"{base}<str:code>/applications/<int:pk>/named/": {"code": elsewhere.code, "pk": comes.pk},
    }
