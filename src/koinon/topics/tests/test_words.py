"""The objectives and the words of the field are there, each with its source."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from koinon.topics import actions
from koinon.topics.actions import DATA, FILES, LoadError, is_loaded, load_topics
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


@pytest.mark.parametrize(
    ("file", "change", "record"),
    [
        ("glossary.json", lambda content: content["terms"][-1].pop("meaning"), "meaning is missing"),
        ("glossary.json", lambda content: content["terms"].append("x"), "terms"),
        ("objectives.json", lambda content: content["objectives"][4].pop("short"), "e: short is missing"),
        ("objectives.json", lambda content: content.update(generated="never"), "generated"),
    ],
)
def test_a_broken_record_is_named_and_nothing_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, change: Callable[[Any], Any], record: str
) -> None:
    load_topics()
    before = list(Term.objects.values_list("slug", "meaning")), list(Objective.objects.values())
    for name in FILES:
        content = json.loads((DATA / name).read_text(encoding="utf-8"))
        if name == file:
            change(content)
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.setattr(actions, "DATA", tmp_path)

    with pytest.raises(LoadError, match=f"{file}, .*{record}"):
        load_topics()

    assert (list(Term.objects.values_list("slug", "meaning")), list(Objective.objects.values())) == before


def test_the_page_of_words(client: Client) -> None:
    load_topics()

    page = client.get("/about/glossary/")

    assert page.status_code == 200
    assert "Managing authority" in page.content.decode()
    assert not page.cookies
    assert client.get("/about/glossary/?format=csv").status_code == 200
