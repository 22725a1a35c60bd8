"""Other ways to write the same: digraphs, saints, and one slip of the finger."""

import unicodedata
from collections.abc import Iterator

from koinon.places.gazetteer import words

_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"))
_ALPHABETS = {
    "GREEK": "αβγδεζηθικλμνξοπρστυφχψω ",
    "CYRILLIC": "абвгдежзиклмнопрстуфхцчшщъыьэюя ",
    "LATIN": "abcdefghijklmnopqrstuvwxyz ",
}


def spellings(folded: str) -> Iterator[str]:
    """Other ways to write the same: `koeln`, `aarhus`, `st polten`, `laquila`."""
    yield from _without_digraphs(folded)
    yield from words.saintly(folded)
    if folded.startswith(("l", "d")) and " " not in folded and len(folded) > 4:
        yield f"{folded[0]} {folded[1:]}"
    if " " in folded:
        yield folded.replace(" ", "")


def _without_digraphs(folded: str) -> Iterator[str]:
    """`koeln` → `koln`; with several, each alone and all."""
    every = folded
    for pair, one in _DIGRAPHS:
        if pair in folded:
            every = every.replace(pair, one)
            yield folded.replace(pair, one)
            if folded.count(pair) > 1:
                yield folded.replace(pair, one, 1)
    if every != folded:
        yield every


def one_slip(folded: str) -> Iterator[str]:
    """All words that are one letter more, less, other, or swapped away (Damerau-Levenshtein distance 1)."""
    script = next(
        (
            name
            for name in _ALPHABETS
            if any(unicodedata.name(letter, "").startswith(name) for letter in folded[:2])
        ),
        "",
    )
    alphabet = _ALPHABETS.get(script, "")
    for at in range(len(folded) + 1):
        before, behind = folded[:at], folded[at:]
        if behind:
            yield before + behind[1:]
            if len(behind) > 1 and behind[0] != behind[1]:
                yield before + behind[1] + behind[0] + behind[2:]
            for letter in alphabet:
                if letter != behind[0]:
                    yield before + letter + behind[1:]
        for letter in alphabet:
            yield before + letter + behind
