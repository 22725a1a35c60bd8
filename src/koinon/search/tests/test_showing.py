"""What was found is shown in the reader's language where it can be, with a piece of text that is safe to print."""

import pytest

from koinon.search.documents import Document, Text
from koinon.search.showing import Eye, near, show, snippet


def two_texts(**more: str) -> Document:
    return Document(
        "thing",
        "1",
        "/things/1/",
        (
            Text("bg", "Споделен треньор", "Един треньор за две села."),
            Text("en", "A shared coach", "One coach for two villages.", more.get("state", "machine")),
        ),
    )


def test_the_readers_language_comes_first() -> None:
    text, piece, why = show(two_texts(), Eye(["треньор"]), "en")

    assert (text.language, text.state) == ("en", "machine")
    assert piece == "One coach for two villages."
    assert why == (("title", "треньор"), ("in", "bg"))


def test_else_the_text_in_which_it_was_found() -> None:
    text, piece, why = show(two_texts(), Eye(["coach"]), "fi")

    assert text.language == "en"
    assert piece == "One <mark>coach</mark> for two villages."
    assert why == (("title", "coach"),)


def test_else_the_original() -> None:
    assert show(two_texts(), Eye(["zzz"]), "fi")[0].language == "bg"
    assert show(two_texts(), Eye([]), "fi")[0].language == "bg"
    assert show(two_texts(), Eye(["zzz"]), "fi", best="en")[0].language == "en"


def test_a_piece_of_text_is_escaped_but_for_the_marks() -> None:
    body = "<script>alert(1)</script> & a coach's <b>“desk”</b>"

    piece = snippet(body, Eye(["coach", "script"]).matches(body))

    assert "<script>" not in piece
    assert "<b>" not in piece
    assert piece.count("<mark>") == piece.count("</mark>") == 3
    assert "&lt;<mark>script</mark>&gt;" in piece


def test_the_piece_is_where_the_words_are() -> None:
    body = "Nothing to see here at all. " * 40 + "Then a coach came to the village. " + "And more. " * 40

    piece = snippet(body, Eye(["coach", "village"]).matches(body))

    assert piece.startswith("… Then a <mark>coach</mark> came to the <mark>village</mark>.")
    assert len(piece) < 300


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ("coach", "coahc", True),
        ("coach", "coch", True),
        ("coach", "cooach", True),
        ("coach", "couch", True),
        ("coach", "roach", True),
        ("coach", "coach", True),
        ("coach", "cahoc", False),
        ("coach", "couches", False),
    ],
)
def test_one_slip(one: str, other: str, is_near: bool) -> None:
    assert near(one, other) is is_near
    assert near(other, one) is is_near
