"""Invented content is marked on every page, and goes again without a trace."""

import pytest
from django.test import Client

from koinon.guide import stencils
from koinon.network import responsible
from koinon.network.actions import demo
from koinon.network.models import Membership, Organisation, Service

pytestmark = pytest.mark.django_db


def anew() -> None:
    demo.forget()
    stencils.forget()
    responsible.forget()


def test_every_page_says_that_there_is_invented_content(client: Client) -> None:
    assert "Invented content is loaded" not in client.get("/").content.decode()

    demo.add()
    anew()

    for path in ("/", "/places/MT/", "/network/", "/about/privacy/", "/nothing/"):
        assert "Invented content is loaded" in client.get(path).content.decode()


def test_what_is_invented_says_so_in_its_name_and_source(client: Client) -> None:
    demo.add()
    anew()

    page = client.get("/places/MT/").content.decode()

    assert "Demonstration House Malta (invented)" in page
    assert [o.sources for o in Organisation.objects.filter(slug__startswith="demo-")] == [[demo.SOURCE]] * 2


def test_adding_twice_adds_once_and_removing_leaves_nothing() -> None:
    before = (Organisation.objects.count(), Membership.objects.count(), Service.objects.count())

    assert (demo.add(), demo.add()) == (2, 0)
    assert (demo.remove(), demo.remove()) == (2, 0)

    assert (Organisation.objects.count(), Membership.objects.count(), Service.objects.count()) == before
