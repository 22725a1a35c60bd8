"""Which language somebody wrote in: a guess among the official languages of the EU that says when it is not sure.

It is never more than a proposal; whoever wrote a text can correct it. Nothing leaves the machine: the model
comes with the library py3langid, is read once (about a second, see `warm`) and only when it is first needed.
"""

from functools import lru_cache
from threading import Lock
from typing import Final, Protocol

from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.text import visible

# More than this tells nothing new.
_MOST_LETTERS: Final = 2_000
# A word or two look alike in many languages.
_FEWEST_LETTERS: Final = 12
# How likely the best must be, next to all others together, to be taken as sure.
_SURE: Final = 0.9
# Letters of Cyrillic that Bulgarian does not have: another language, for which there is no better name here.
_NOT_BULGARIAN: Final = frozenset("ыэёіїєґјљњћђџќѓѕўәғқңөұүһ")
_lock: Final = Lock()


class _Identifier(Protocol):
    def rank(self, text: str, /) -> list[tuple[str, float]]:
        """The languages with how likely each is, best first."""


def guess_language(text: str, *, hint: str = DEFAULT) -> tuple[str, bool]:
    """The language of a text, one of the 24, and whether that is sure.

    Greek letters mean Greek and Cyrillic ones Bulgarian. Where the guess is not sure, `hint`, the language
    of the page, wins if it is among the best three. A text that says nothing (no letters, letters of none of the 24)
    is taken to be in the language of the page. Never raises.

    >>> guess_language("Wer berät unsere Gemeinde beim Antrag?")
    ('de', True)
    >>> guess_language("OK?", hint="it")[1]
    False
    """
    hint = hint if hint in ENDONYMS else DEFAULT
    said = _plain(text)
    letters = [letter for letter in said.lower() if letter.isalpha()]
    greek = sum(map(_is_greek, letters))
    cyrillic = sum(map(_is_cyrillic, letters))
    latin = sum(map(_is_latin, letters))
    if not letters or max(greek, cyrillic, latin) * 2 <= len(letters):
        return hint, False
    if greek > max(cyrillic, latin):
        return "el", greek >= _FEWEST_LETTERS
    if cyrillic > latin:
        return "bg", cyrillic >= _FEWEST_LETTERS and _NOT_BULGARIAN.isdisjoint(letters)
    ranked = _identifier().rank(said)
    best, likely = ranked[0]
    if latin >= _FEWEST_LETTERS and likely >= _SURE:
        return best, True
    return (hint if hint in [language for language, _likely in ranked[:3]] else best), False


def warm() -> None:
    """Read the model now, so that the first who asks need not wait for it."""
    _identifier()


def _plain(text: str) -> str:
    """The beginning of a text without what is in no language: control characters, web and mail addresses."""
    words = text[:_MOST_LETTERS].split()
    return visible(" ".join(word for word in words if "://" not in word and "@" not in word))


def _is_greek(letter: str) -> bool:
    return "\u0370" <= letter <= "\u03ff" or "\u1f00" <= letter <= "\u1fff"


def _is_cyrillic(letter: str) -> bool:
    return "\u0400" <= letter <= "\u052f"


def _is_latin(letter: str) -> bool:
    return letter <= "\u024f" or "\u1e00" <= letter <= "\u1eff"


def _identifier() -> _Identifier:
    with _lock:
        return _load()


@lru_cache(maxsize=1)
def _load() -> _Identifier:
    # Not at the top: library and model take a second, and starting must be quick.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(ENDONYMS))
    ready: _Identifier = identifier
    return ready
