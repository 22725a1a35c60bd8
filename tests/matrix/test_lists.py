"""I3: a list shows what the same visitor may read in detail, and everything of it; in every channel."""

import pytest
from django.urls import reverse

from koinon.network.models import Organisation
from koinon.people.actions import make_token
from tests.matrix.table import ACTORS
from tests.matrix.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]


@pytest.mark.parametrize("actor", ACTORS)
def test_lists_and_pages_agree_on_drafts(actor: str, world: World) -> None:
    """One draft in each tenant: whoever reads its page finds it in every list, and nobody else does."""
    for tenant in world.tenants.values():
        Organisation.objects.filter(pk=tenant.pk).update(published=False)
    ours = {tenant.slug for tenant in world.tenants.values()}
    client = world.client(actor)
    headers = {}
    if actor != "ANON":
        _, secret = make_token(world.people[actor], by=None, label="matrix", scopes=["read"])
        headers["Authorization"] = f"Bearer {secret}"

    readable = {
        slug for slug in ours if client.get(reverse("network:organisation", args=[slug])).status_code == 200
    }
    directory = reverse("network:directory")
    page = _text(client.get(directory, {"q": "of the matrix"}))
    exits = {
        form: _text(client.get(directory, {"kind": "centre", "format": form}))
        for form in ("json", "csv", "atom")
    }
    found = {
        "page": {slug for slug in ours if f"/network/{slug}/" in page},
        **{form: {slug for slug in ours if slug in text} for form, text in exits.items()},
        "api": {
            item["slug"]
            for item in client.get(reverse("api:organisations"), headers=headers).json()["items"]
            if item["slug"] in ours
        },
        "api detail": {
            slug
            for slug in ours
            if client.get(reverse("api:organisation", args=[slug]), headers=headers).status_code == 200
        },
    }

    assert found == dict.fromkeys(found, readable)


def _text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]
