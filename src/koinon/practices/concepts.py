"""Topics of practices: keys of the field's vocabulary, with the words a reader knows them by."""

import csv
import re
from functools import cache
from pathlib import Path

from koinon import topics
from koinon.base.languages import DEFAULT
from koinon.base.text import fold

DATA = Path(topics.__file__).with_name("data") / "concepts"
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST = 60


@cache
def _labels() -> dict[str, dict[str, str]]:
    """Language → concept → its preferred word."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(DATA.glob("*.tsv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                if line.get("concept") and line.get("label"):
                    found.setdefault(line["lang"], {})[line["concept"]] = line["label"]
    return found


def is_key(text: str) -> bool:
    """Whether it is written as keys are."""
    return len(text) <= LONGEST and _KEY.fullmatch(text) is not None


def label(key: str, language: str) -> str:
    """A concept in a language; in English, or as its key reads, where there is no word for it."""
    labels = _labels()
    word = labels.get(language, {}).get(key) or labels.get(DEFAULT, {}).get(key)
    return word or key.replace("-", " ")


@cache
def _by_word(language: str) -> dict[str, str]:
    return {fold(word): key for key, word in _labels().get(language, {}).items()}


def key_of(typed: str, language: str) -> str:
    """The key of what somebody typed: a key, or a preferred word in this language or English; empty where it is neither."""
    folded = fold(typed)
    for spoken in (language, DEFAULT):
        if key := _by_word(spoken).get(folded):
            return key
    key = folded.replace(" ", "-")
    return key if key in _labels().get(DEFAULT, {}) else ""
