"""What is done to a text before an encoder sees it. Done on our side, so that no text can do harm on the other."""

import unicodedata
from typing import Final, Literal

Kind = Literal["query", "passage"]

MOST: Final[dict[Kind, int]] = {"query": 600, "passage": 1000}
"""Characters of a text that are read."""


def wash(text: str, kind: Kind) -> str:
    """The text in NFKC, without controls and surrogates, white space made single, cut to what is read of its kind.

    It is cut before as well as after: NFKC makes eighteen characters of U+FDFA, and ten megabytes are not worth looking at.
    """
    most = MOST[kind]
    text = unicodedata.normalize("NFKC", _without_controls(text[: 2 * most]))
    return _without_controls(" ".join(text.split()))[:most].rstrip()


def _without_controls(text: str) -> str:
    """Line breaks and controls become a space; surrogates, private and unassigned characters go."""
    if text.isascii() and text.isprintable():
        return text
    made = []
    for letter in text:
        match unicodedata.category(letter):
            case "Cc":
                made.append(" ")
            case "Cs" | "Co" | "Cn" | "Cf":
                pass
            case _:
                made.append(letter)
    return "".join(made)
