"""A webhook that addresses can name; for tests/grounds.py."""

from koinon.webhooks.testing import make_hook
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something. Its server is nobody's: nothing is sent anywhere."""
    own = world.tenants["own"]
    hook = make_hook(own, "https://hooks.example.invalid/in", person=world.people["CMG"])
    right = {"address": "http://127.0.0.1:9/in", "body": own.slug, "topic": "", "place": ""}
    RIGHT["webhooks/new/"] = {"organisation": str(own.pk), **right}
    RIGHT["webhooks/<str:code>/edit/"] = {"version": "1", **right}
    return {"webhooks/": {"code": hook.code}}
