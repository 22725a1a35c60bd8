"""Text from outside: made comparable, and refused where it is no text."""

import re
import unicodedata
from functools import lru_cache


class _Plain(dict[int, int | str | None]):
    """For `str.translate`: marks go, what is listed is replaced, the rest stays; learnt letter by letter."""

    def __missing__(self, code: int) -> int | None:
        self[code] = plain = None if unicodedata.combining(chr(code)) else code
        return plain


# Latin letters that decomposition leaves alone, and the final sigma. Both sides of a comparison go through this.
_SPECIAL: dict[str, int | str | None] = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ς": "σ",
}
_PLAIN = _Plain(str.maketrans(_SPECIAL))
_NOT_WORD = re.compile(r"[\W_]+")
# Cc control, Cs surrogate, Cf format (right-to-left overrides and isolates, zero-width), Co private, Cn unassigned.
_HIDDEN = {"Cc", "Cs", "Cf", "Co", "Cn"}


def fold(text: str) -> str:
    """What two spellings have in common: no case, no accents, no punctuation, single blanks.

    >>> fold("Saint-Étienne"), fold("ŁÓDŹ"), fold("ΑΘΉΝΑΣ")
    ('saint etienne', 'lodz', 'αθηνασ')
    """
    if text.isascii():
        return _NOT_WORD.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return _NOT_WORD.sub(" ", decomposed.translate(_PLAIN)).strip()


_REMEMBERED = 50_000
_LONGEST_REMEMBERED = 40


@lru_cache(maxsize=_REMEMBERED)
def _fold_word(word: str) -> str:
    return fold(word)


def fold_word(word: str) -> str:
    """`fold` of one word, remembered unless it is no word by its length: words come again and again."""
    return _fold_word(word) if len(word) <= _LONGEST_REMEMBERED else fold(word)


def fold_long(text: str) -> str:
    """The same as `fold`, several times as quick where the text is long: it is made word by word."""
    return " ".join(filter(None, map(fold_word, text.split())))


def visible(text: str) -> str:
    """The same text without what nobody sees: control characters, lone surrogates, direction overrides, zero width."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in _HIDDEN)


def is_plain(text: str, *, lines: bool = False) -> bool:
    """Whether a text may be kept: no control characters (line breaks and tabs where `lines`), no surrogates, no overrides."""
    allowed = {"\n", "\r", "\t"} if lines else set()
    # Zero-width joiner and non-joiner are letters' business in some scripts.
    allowed |= {"\u200c", "\u200d"}
    return all(
        letter in allowed or unicodedata.category(letter) not in {"Cc", "Cs", "Cf", "Co", "Cn"}
        for letter in text
    )


def plain(text: str) -> str:
    """The same text; `ValueError` where it may not be kept: for what is looked up by a name that a program sent."""
    if not is_plain(text):
        raise ValueError("It holds characters that are no text.")
    return text
