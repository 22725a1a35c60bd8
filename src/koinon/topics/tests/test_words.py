"""The objectives and the words of the field are there, each with its source."""

from typing import Any

import pytest
from django.test import Client

from koinon.topics.actions import is_loaded, load_topics
from koinon.topics.models import Objective, Term

pytestmark = pytest.mark.django_db


def test_thirteen_objectives_and_each_word_with_a_source() -> None:
    load_topics()

    assert "".join(Objective.objects.values_list("code", flat=True)) == "abcdefghijklm"
    assert [row.code for row in Objective.objects.filter(article14=False)] == ["m"]
    assert all(word.sources and word.meaning for word in Term.objects.words())


def test_loading_again_costs_one_query(django_assert_num_queries: Any) -> None:
    load_topics()

    with django_assert_num_queries(1):
        assert not load_topics()
    assert is_loaded()


def test_the_page_of_words(client: Client) -> None:
    load_topics()

    page = client.get("/about/glossary/")

    assert page.status_code == 200
    assert "Managing authority" in page.content.decode()
    assert not page.cookies
    assert client.get("/about/glossary/?format=csv").status_code == 200
