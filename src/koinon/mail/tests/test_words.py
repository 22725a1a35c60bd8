"""What a person wrote is kept; what mail programs add at the end is taken off, in any language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koinon.mail import words


@pytest.mark.parametrize(
    "tail",
    [
        "On Tue, 5 May 2026 at 10:00, Koinon <koinon@x.eu> wrote:\n> Your question\n>\n> More",
        "On Tue, 5 May 2026 at 10:00, Koinon <koinon@x.eu>\nwrote:\n\n> Your question",
        "Am 05.05.2026 um 10:00 schrieb Koinon\n<koinon@x.eu>:\n> Ihre Frage",
        "Le mar. 5 mai 2026 à 10:00, Koinon <k@x.eu> a écrit :\n> Votre question",
        "Il giorno mar 5 mag 2026 alle ore 10:00 Koinon ha scritto:\n> La domanda",
        "Στις Τρί 5 Μαΐ 2026, ο χρήστης Koinon έγραψε:\n> Η ερώτηση",
        "> Your question",
        "-- \nAna\nCity of Bologna",
        "-- \nAna\n\nOn 5 May 2026 Koinon wrote:\n> Your question",
        "-----Original Message-----\nFrom: Koinon <k@x.eu>\nSent: Tuesday\nTo: Ana\nSubject: Yours\n\nYour question",
        "Von: Koinon <k@x.eu>\nGesendet: Dienstag\nAn: Ana\nBetreff: Ihre Frage\n\nIhre Frage",
    ],
)
def test_the_quoted_letter_and_the_signature_go(tail: str) -> None:
    assert words.trimmed(f"Yes, on Monday.\nThank you!\n\n{tail}") == "Yes, on Monday.\nThank you!"


@pytest.mark.parametrize(
    "text",
    [
        "> Your question\nInline answer\n> More\nAnother answer",
        "The mayor wrote:\nwe will come.",
        "Reach me here:\nName: Ana\nPhone: 1\nMail: a@x.eu",
        "My house:\nNo: 5\nPhone: 1\nMail: a@x.eu",
        "From: Ana\nTo: Bo\nAt: noon\n-----",
        "> all quoted\n> nothing else",
        "-- \nonly a signature",
        "The list:",
        "",
    ],
)
def test_what_is_in_doubt_stays(text: str) -> None:
    assert words.trimmed(text) == text


@given(
    st.lists(
        st.sampled_from(["> q", "", "-- ", "On 5 May X wrote:", "From: a@b.eu", "To: x", "-----", "Text"])
    )
)
def test_nothing_is_taken_from_the_beginning_and_something_is_always_left(lines: list[str]) -> None:
    text = "\n".join(lines).strip("\n")

    kept = words.trimmed(text)

    assert text.startswith(kept)
    assert bool(kept.strip()) == bool(text.strip())


def test_the_line_before_a_quote_stays_where_it_is_no_introduction() -> None:
    assert words.trimmed("I ask about this:\n> a quote") == "I ask about this:"


def test_html_becomes_words_and_nothing_else() -> None:
    page = (
        "<html><head><title>T</title><style>p{}</style></head><body><!-- c --><p>Ciao&nbsp;<b>Ana</b> &lt;3</p>"
        "<script>alert(1)</script><div>One<br>Two</div><img src=x onerror=alert(1)>"
        "<div>On 5 May 2026 Koinon wrote:</div><blockquote><p>Your question</p></blockquote></body></html>"
    )

    text = words.clean(words.of_html(page))

    assert words.trimmed(text) == "Ciao Ana <3\n\nOne\nTwo"
    assert text.endswith("> Your question")


def test_what_nobody_sees_is_taken_out() -> None:
    assert words.clean("a\u202eb\x00c\u200bd\r\ne\u2028f") == "abcd\ne\nf"
