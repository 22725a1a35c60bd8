"""What is promised of the library: what it lists, how it is filtered, sorted and taken along."""

import pytest
from django.test import Client

from koinon.practices.testing import make_practice

pytestmark = pytest.mark.django_db


def test_what_is_public_is_listed_and_nothing_else(client: Client) -> None:
    make_practice("Shown to all")
    make_practice("Still a draft", state="draft")
    make_practice("Looked at", state="submitted")
    make_practice("Taken away", state="withdrawn")

    found = client.get("/practices/?format=json").json()["items"]

    assert [row["title"] for row in found] == ["Shown to all"]
    page = client.get("/practices/").content.decode()
    assert "Shown to all" in page
    assert "Still a draft" not in page
