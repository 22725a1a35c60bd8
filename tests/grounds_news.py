"""One of each thing that the addresses of news, follows and newsletters can name; for tests/grounds.py."""

from django.utils import timezone

from koinon.news.models import Item, Letter
from koinon.news.testing import code_of, make_follower
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    own = world.tenants["own"]

    def item(state: str) -> str:
        made = Item.objects.create(
            slug=f"hostile-{state}",
            organisation=own,
            state=state,
            language="en",
            title="A title",
            published_at=timezone.now() if state == "published" else None,
        )
        return made.slug

    def letter(state: str) -> int:
        return Letter.objects.create(
            organisation=own, state=state, language="en", title="A title", text="Words"
        ).pk

    follower = make_follower("hostile@example.eu", ("place", "MT"))
    follow = follower.follows.get()
    asked = make_follower("asked@example.eu", ("place", "MT"), confirmed=False)
    public, draft, written, ready = item("published"), item("draft"), letter("draft"), letter("ready")
    RIGHT["news/<str:slug>/edit/"] = {"title": "A title", "version": "1"}
    RIGHT["news/<str:slug>/translate/"] = {"language": "fi", "title": "Otsikko", "of": "1"}
    RIGHT["news/new/"] = {"organisation": str(own.pk), "title": "A title"}
    RIGHT["news/letters/new/"] = {"organisation": str(own.pk), "title": "A title", "text": "Words"}
    RIGHT["news/letters/<int:pk>/edit/"] = {"title": "A title", "text": "Words", "version": "1"}
    RIGHT["news/<str:slug>/withdraw/"] = {"because": "So it is."}
    return {
        "news/": {"slug": public, "ending": "atom", "pk": written},
        "news/<str:slug>/edit/": {"slug": draft},
        "news/<str:slug>/publish/": {"slug": draft},
        "news/<str:slug>/delete/": {"slug": draft},
        "news/letters/<int:pk>/release/": {"pk": ready},
        "news/follows/": {"code": code_of(follower), "pk": follow.pk},
        "news/follows/<str:code>/confirm/": {"code": code_of(asked)},
        "news/follows/<str:code>/refuse/": {"code": code_of(asked)},
    }
