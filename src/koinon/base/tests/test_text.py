"""Folding and hygiene of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koinon.base.text import fold, fold_long, is_plain, visible


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Saint-Étienne", "SAINT ETIENNE"),
        ("Łódź", "lodz"),
        ("Αθήνα", "αθηνα"),
        ("Πύργος", "ΠΥΡΓΟΣ"),
        ("Groß-Gerau", "gross gerau"),
        ("Ærøskøbing", "aeroskobing"),
        ("  Bologna \t ", "bologna"),
    ],
)
def test_spellings_of_the_same_name_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_a_long_text_folds_as_a_short_one(text: str) -> None:
    assert fold_long(text) == fold(text)
    assert fold_long(f"{text} {text}") == fold(f"{text} {text}")


def test_what_nobody_sees_is_dropped() -> None:
    assert visible("Bo\u202elogna\x00\ud800\u200b") == "Bologna"


@pytest.mark.parametrize("text", ["a\x00b", "a\u202eb", "a\ud800", "a\nb"])
def test_what_is_no_text_is_told(text: str) -> None:
    assert not is_plain(text)


def test_lines_are_allowed_where_lines_are_meant() -> None:
    assert is_plain("one\ntwo", lines=True)
    assert is_plain("Ünï, ‘code’ Ω")
