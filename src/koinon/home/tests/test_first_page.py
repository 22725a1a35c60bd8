"""The first page: its figures are those of the lists they lead to. The head of every page: the way to the search."""

import re

import pytest
from django.test import Client

from koinon.practices.testing import make_practice

pytestmark = pytest.mark.django_db


def test_practices_are_counted_as_the_library_counts_them(client: Client) -> None:
    make_practice("One")
    make_practice("Two")
    make_practice("A draft", state="draft")
    make_practice("Withdrawn", state="withdrawn")

    page = client.get("/").content.decode()

    assert '<b class="num">2</b> practices told' in page
    assert client.get("/api/v1/practices").json()["total"] == 2


@pytest.mark.parametrize("path", ["/", "/places/MT/", "/practices/", "/about/privacy/", "/nothing/here/"])
@pytest.mark.parametrize("language", ["", "/de"])
def test_the_search_stands_in_the_head_of_every_page(client: Client, path: str, language: str) -> None:
    page = client.get(language + path).content.decode()
    head = re.search(r"<header class=\"masthead.*?</header>", page, re.DOTALL)

    assert head is not None
    assert f'<a class="button bare" href="{language}/search/">' in head[0]


def test_the_search_page_says_that_one_is_there(client: Client) -> None:
    page = client.get("/search/").content.decode()

    assert '<a class="button bare" href="/search/" aria-current="page">' in page
    assert "autofocus" in page
    assert "autofocus" not in client.get("/search/?q=door").content.decode()
