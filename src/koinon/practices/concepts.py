"""Topics of practices: keys of the field's vocabulary, and how somebody may type them."""

import re
from functools import cache

from koinon.base.languages import DEFAULT
from koinon.base.text import fold
from koinon.topics.concepts import by_label, concept, label

__all__ = ["is_key", "key_of", "label"]

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = 60


def is_key(text: str) -> bool:
    """Whether it is written as keys are."""
    return len(text) <= _LONGEST and _KEY.fullmatch(text) is not None


@cache
def _by_word(language: str) -> dict[str, str]:
    return {fold(word): key for key, word in by_label(language)}


def key_of(typed: str, language: str) -> str:
    """The key of what somebody typed: a key, or a preferred word in this language or English; empty where it is neither."""
    folded = fold(typed)
    for spoken in (language, DEFAULT):
        if key := _by_word(spoken).get(folded):
            return key
    key = folded.replace(" ", "-")
    return key if concept(key) is not None else ""
