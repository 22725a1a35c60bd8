"""The vocabulary of the field: concepts are found in every language, in compounds and phrases, and quickly."""

import csv
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from koinon.base.languages import ENDONYMS
from koinon.base.text import fold
from koinon.search import bridges
from koinon.topics import concepts

WORDS = """concept\tlang\tlabel\tpatterns
care-leaver\ten\tcare leaver\tcare leaver*|leaving care
care-leaver\tde\tCareleaver\tcareleaver*
homelessness\ten\thomelessness\thomeless*
homelessness\tde\tWohnungslosigkeit\twohnungslos*|*obdachlosen
homelessness\tbg\tбездомност\tбездомн*|без дом
outcome-contract\ten\toutcome contract\toutcome* based contract*|social impact bond*
e-learning\ten\te-learning\te-learning
"""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "few.tsv").write_text(WORDS, encoding="utf-8")
    monkeypatch.setattr(concepts, "DATA", tmp_path)
    concepts.forget()
    yield
    concepts.forget()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Support for young CARE LEAVERS in small towns", {"care-leaver"}),
        ("care for those who leave", set()),
        ("after leaving care", {"care-leaver"}),
        ("Hilfe für die Jungobdachlosen", {"homelessness"}),
        ("Obdachlosenhilfe", set()),
        ("Wohnungslosenhilfe", {"homelessness"}),
        ("хора без дом и Бездомни", {"homelessness"}),
        ("дом без хора", set()),
        ("An outcomes-based contract, or a social impact bond", {"outcome-contract"}),
        ("social impact", set()),
        ("E-Learning at home", {"e-learning"}),
        ("", set()),
        ("care", set()),
        ("\x00\ud800 homeless", {"homelessness"}),
    ],
)
def test_a_concept_is_found_by_its_words(small: None, text: str, found: set[str]) -> None:
    assert concepts.concepts_in(text) == found


def test_a_concept_is_called_in_the_readers_language(small: None) -> None:
    assert concepts.label("homelessness", "de") == "Wohnungslosigkeit"
    assert concepts.label("homelessness", "fi") == "homelessness"
    assert concepts.label("not-known", "fi") == "not known"
    assert concepts.by_label("en")[0] == ("care-leaver", "care leaver")


def test_the_search_asks_here() -> None:
    concepts.join_in()

    assert "homelessness" in bridges.concepts_in("Asunnottomuus Oulussa")


def rows() -> list[dict[str, str]]:
    found = []
    for file in sorted(concepts.DATA.glob("*.tsv")):
        with file.open(encoding="utf-8", newline="") as lines:
            found += [
                {"file": file.name, **row}
                for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            ]
    return found


def test_every_concept_is_called_in_every_language_once() -> None:
    counted = Counter((row["concept"], row["lang"]) for row in rows())
    named = {concept for concept, _ in counted}

    assert len(named) >= 280
    assert [key for key, times in counted.items() if times > 1] == []
    assert [(c, lang) for c in sorted(named) for lang in ENDONYMS if (c, lang) not in counted] == []


def test_a_star_has_letters_beside_it() -> None:
    """A star with few letters catches everything."""
    wrong = [
        (row["file"], row["concept"], row["lang"], word)
        for row in rows()
        for pattern in (row["patterns"] or "").split("|")
        for word in pattern.split()
        if "*" in word and len(fold(word.strip("*"))) < concepts.LEAST and len(pattern.split()) == 1
    ]

    assert wrong == []


def test_each_concept_is_found_by_its_own_name() -> None:
    """A name of one word or a phrase finds its concept in each language."""
    wrong = [
        (row["concept"], row["lang"], row["label"])
        for row in rows()
        if row["concept"] not in concepts.concepts_in(row["label"])
    ]

    assert wrong == []


def test_a_thousand_characters_take_two_milliseconds() -> None:
    text = " ".join(row["label"] for row in rows()[::97])[:1000]
    concepts.concepts_in(text)
    begun = time.thread_time()
    for _ in range(20):
        concepts.concepts_in(text)

    assert (time.thread_time() - begun) / 20 < 0.002
