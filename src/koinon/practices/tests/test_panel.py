"""What the page of a body shows of its practices, and the library by body."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from koinon.network.models import Organisation
from koinon.network.testing import make_organisation
from koinon.practices.testing import make_adoption, make_practice, make_translation

pytestmark = pytest.mark.django_db


@pytest.fixture
def body() -> Organisation:
    return make_organisation("Centre of Belgium", country="BE")


def test_a_body_shows_what_it_did_took_over_and_looks_after(client: Client, body: Organisation) -> None:
    did = make_practice("Sen tekemä", organisation=body, kind="failed", language="fi")
    assert did.shown is not None
    make_translation(did.shown, "en", made="machine", service="LibreTranslate", texts={"title": "Done by it"})
    make_adoption(make_practice("Taken over"), adopter=body, adopter_text="")
    make_adoption(make_practice("Only said to be taken over"), adopter=body, adopter_text="", confirmed=False)
    make_practice("Looked after", centre=body)
    make_practice("Its draft", organisation=body, state="draft")
    make_practice("Of nobody")

    page = client.get(body.get_absolute_url()).content.decode()
    shelf = page[page.index('id="practices"') :].split("</section>")[0]
    listed = client.get(f"/practices/?format=json&body={body.slug}").json()["items"]

    order = [shelf.index(title) for title in ("Done by it", "Taken over", "Looked after")]
    assert order == sorted(order)
    assert "Of nobody" not in shelf
    assert "Its draft" not in shelf
    assert "Only said" not in shelf
    assert "An attempt that did not work" in shelf
    assert f'href="/practices/?body={body.slug}">3 practices in all' in shelf
    assert {row["title"] for row in listed} == {"Done by it", "Taken over", "Looked after"}
    assert {row["title"]: row["bodies"] for row in listed}["Done by it"] == [body.slug]
    assert "Translated by a machine from Finnish" in shelf


def test_the_library_says_whose_it_shows(client: Client, body: Organisation) -> None:
    make_practice("Done by it", organisation=body)

    page = client.get(f"/practices/?body={body.slug}").content.decode()

    assert f'name="body" value="{body.slug}" checked' in page
    assert "<bdi>Centre of Belgium</bdi>" in page
    assert 'name="body"' not in client.get("/practices/").content.decode()


def test_a_body_that_is_not_public_is_not_told(client: Client, body: Organisation) -> None:
    Organisation.objects.filter(pk=body.pk).update(published=False)
    make_practice("Done by it", organisation=body)

    assert client.get("/practices/?format=json").json()["items"][0]["bodies"] == []


def test_a_body_without_any_has_no_such_shelf(client: Client, body: Organisation) -> None:
    assert 'id="practices"' not in client.get(body.get_absolute_url()).content.decode()


def test_three_cost_the_page_of_a_body_no_more_than_one(
    client: Client, body: Organisation, count_queries: Callable[[], Any]
) -> None:
    make_practice("A", organisation=body)
    client.get("/practices/?q=")
    with count_queries() as one:
        client.get(f"{body.get_absolute_url()}?x=1")
    make_practice("B", organisation=body)
    make_practice("C", centre=body)
    client.get("/practices/?q=")
    with count_queries() as three:
        client.get(f"{body.get_absolute_url()}?x=2")

    assert len(three) == len(one)
